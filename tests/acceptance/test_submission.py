"""A submission to Microsoft, from the command to the entry that came of it, with everything it brings along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import pytest

from bot.playground.page_client import Json, PageClient, shown
from tests.acceptance.steps import defanged, entry, idle, installation, only_request
from tests.support.installation import ALERTS, APPROVALS, APPROVER, AUDITOR, DIRECT, GENERAL, REQUESTER, Installation

RECIPIENT = "user@contoso.example"
MESSAGE_URL = f"https://graph.microsoft.com/v1.0/users/{RECIPIENT}/messages/AAMkAGI2"
MESSAGE = (
    b"Received: from mail.northwind.example\r\nMessage-ID: <0042@northwind.example>\r\n"
    b"From: billing@northwind.example\r\nSubject: Your invoice\r\n\r\nHere it is.\r\n"
)


@pytest.fixture(scope="module", params=["http-sqlite", "socket-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("submission")
    with installation(request.param, request=request, folder=folder, settings={"PORTCULLIS_SUBMISSIONS": "on"}) as here:
        yield here


async def asked(page: PageClient, command: str) -> Json:
    """The form that a command opens: that of a submission."""
    await page.type(REQUESTER, command)
    form = await page.view(REQUESTER)
    assert form["callback_id"] == "submission_form"
    return form


async def filed(page: PageClient, written: str) -> Json:
    """Approve the submission of a value, as it is written; its card, once Microsoft has it."""
    words = ("Submit", written)
    card = await page.message(APPROVER, APPROVALS, *words, "Waits for approval")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    return await page.message(APPROVER, APPROVALS, *words, "Filed with Microsoft")


async def test_what_was_blocked_wrongly_is_submitted_and_let_through(page: PageClient, here: Installation) -> None:
    # By the address of the message, of which Microsoft knows what blocked it: the domain.
    await page.post(
        "/api/tenant/known",
        {
            "name": MESSAGE_URL,
            "sender": "billing@fabrikam.example",
            "blocked_by": [{"list_type": "Sender", "value": "fabrikam.example"}],
        },
    )
    form = await asked(page, "/allow fabrikam[.]example 7d Invoices of a supplier")
    refused = await page.submit(REQUESTER, form, {"message_url": MESSAGE_URL})
    assert "recipient" in refused["errors"]["file"], "the message is told where it is given"
    answer = await page.submit(REQUESTER, form, {"message_url": MESSAGE_URL, "recipient": RECIPIENT})
    assert answer["errors"] is None
    await filed(page, "fabrikam[.]example")

    # By the message as a file, whose sender it is.
    form = await asked(page, "/allow billing@northwind.example 7d Another supplier")
    file = await page.choose(REQUESTER, "blocked.eml", MESSAGE)
    answer = await page.submit(REQUESTER, form, {"file": [file], "recipient": RECIPIENT})
    assert answer["errors"] is None
    await filed(page, "billing@northwind[.]example")

    # A URL by itself: asked for the message once, and filed without. No entry comes of that, and the card says so.
    form = await asked(page, "/allow https://pay.fabrikam.example/invoice 7d The supplier's page")
    assert "no allow entry" in shown({"blocks": form["blocks"]})
    answer = await page.submit(REQUESTER, form, {})
    assert answer["errors"] is None
    card = await filed(page, "pay[.]fabrikam[.]example/invoice")
    assert "Microsoft took no allow with it" in shown(card)
    await idle(page, here)

    here.pass_time(timedelta(minutes=3))
    for value in ("fabrikam.example", "billing@northwind.example"):
        news = await page.message(REQUESTER, DIRECT, "Heard from Microsoft", defanged(value), "Allowed now")
        assert "clean" in shown(news)
        allowed = await entry(page, value)
        assert (allowed["Action"], allowed["ListSubType"]) == ("Allow", "Submission")
        await page.type(AUDITOR, f"/check now {value}")
        await page.message(AUDITOR, GENERAL, "Allowed", defanged(value), f"<@{REQUESTER}>", "Read from the tenant")
    submitted = await page.get("/api/tenant/submissions")
    assert sorted(submission["contentType"] for submission in submitted) == ["email", "email", "url"], (
        "each was filed once"
    )


SPOOFED = (
    b"Return-Path: <bounce@evil.example>\r\nReceived: from mail.evil.example\r\nMessage-ID: <0043@evil.example>\r\n"
    b'Date: Wed, 2 Jan 2030 03:04:05 +0000\r\nFrom: "accounts@adatum.example" <ceo@evil.example>\r\n'
    b"Subject: Your <!channel> invoice\r\n\r\nPay at https://evil.example/pay\r\n"
)


async def test_an_allow_for_another_sender_than_named_is_told_and_taken_out(
    page: PageClient, here: Installation
) -> None:
    form = await asked(page, "/allow adatum.example 7d Invoices of a third supplier")
    file = await page.choose(REQUESTER, "blocked.eml", SPOOFED)
    answer = await page.submit(REQUESTER, form, {"file": [file], "recipient": RECIPIENT})
    assert answer["errors"] is None
    card = await page.message(APPROVER, APPROVALS, "Submit", "adatum[.]example", "Waits for approval")
    for words in (
        "This message is from ceo@evil[.]example, not from adatum[.]example.",
        "*Return-Path:* `bounce@evil[.]example`",
        "*Subject:* `Your &lt;!channel&gt; invoice`",
        f"*SHA-256:* `{sha256(SPOOFED).hexdigest()}`",
        RECIPIENT.replace(".", "[.]"),
    ):
        assert words in shown(card)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, "Submit", "adatum[.]example", "Filed with Microsoft")
    await idle(page, here)

    # Microsoft allows whom the message is from. The card is no success, and the alert channel hears of it.
    here.pass_time(timedelta(minutes=3))
    alert = await page.message(APPROVER, ALERTS, "Allowed, and nobody asked for it", "ceo@evil[.]example")
    card = await page.message(APPROVER, APPROVALS, "adatum[.]example", "allowed what nobody asked for")
    assert "white_check_mark" not in shown(card)
    request = await only_request(here, "adatum.example")
    await page.type(AUDITOR, "/check now ceo@evil.example")
    await page.message(AUDITOR, GENERAL, "nobody asked for it", f"submission of #{request.id}", f"<@{REQUESTER}>")
    await page.type(AUDITOR, "/audit ceo@evil.example")
    await page.message(AUDITOR, GENERAL, "saw an allow that nobody asked for", f"submission of #{request.id}")

    # Who may propose makes a request of it with a click; who may not, doesn't.
    await page.click(AUDITOR, ALERTS, alert, "Propose removal")
    await page.message(AUDITOR, ALERTS, "may not propose")
    await page.click(REQUESTER, ALERTS, alert, "Propose removal")
    removal = await page.message(APPROVER, APPROVALS, "Unallow", "ceo@evil[.]example", "Waits for approval")
    await page.click(APPROVER, APPROVALS, removal, "Approve")
    await page.message(APPROVER, APPROVALS, "Unallow", "ceo@evil[.]example", "read back from the tenant")
    senders = (await page.lists())["items"]["Sender"]
    assert "ceo@evil.example" not in {item["Value"] for item in senders}
