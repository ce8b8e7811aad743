"""The main job, as the people involved see it."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.policies.ip_allow import SKIPS_FILTERING
from bot.playground.page_client import Json, PageClient, buttons, shown
from bot.slack.command_table import COMMANDS
from tests.support.installation import (
    ALERTS,
    APPROVALS,
    APPROVER,
    AUDITOR,
    DIRECT,
    GENERAL,
    REQUESTER,
    SECOND,
    VISITOR,
    Installation,
)


def defanged(value: str) -> str:
    head, _, tail = value.rpartition(".")
    return f"{head}[.]{tail}"


async def sender(page: PageClient, value: str) -> Json | None:
    return next((item for item in (await page.lists())["items"]["Sender"] if item["Value"] == value), None)


async def allowed_ips(page: PageClient) -> list[str]:
    return [value for policy in (await page.lists())["policies"] for value in policy["IPAllowList"] or []]


async def propose_block(page: PageClient, name: str, *, who: str = REQUESTER) -> Json:
    """A pending block; its card."""
    answer = await page.type(who, f"/block {name} 30d Phishing wave")
    assert answer["problem"] is None
    return await page.message(APPROVER, APPROVALS, defanged(name), "Phishing wave")


async def test_a_block_is_requested_approved_applied_read_back_and_confirmed(page: PageClient, name: str) -> None:
    card = await propose_block(page, name)
    assert [button.text for button in buttons(card)] == ["Approve", "Deny…", "Details"]
    assert await sender(page, name) is None
    await page.click(APPROVER, APPROVALS, card, "Approve")
    applied = await page.message(APPROVER, APPROVALS, defanged(name), "Applied")
    assert applied["ts"] == card["ts"], "the card is updated in place"
    assert [button.text for button in buttons(applied)] == ["Details"]
    entry = await sender(page, name)
    assert entry is not None
    assert entry["Action"] == "Block"
    assert "Portcullis request" in entry["Notes"]
    assert entry["ExpirationDate"] is not None
    ended = await page.message(APPROVER, APPROVALS, "Applied", after=card["ts"])
    assert ended["thread_ts"] == card["ts"], "the story is in the card's thread"
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied and confirmed")
    await page.message(REQUESTER, DIRECT, defanged(name), "Applied and confirmed")


async def test_the_requester_sees_the_answer_alone_and_keeps_a_copy_with_withdraw(page: PageClient, name: str) -> None:
    await propose_block(page, name)
    answer = await page.message(REQUESTER, GENERAL, defanged(name))
    assert answer["ephemeral"] is True
    copy = await page.message(REQUESTER, DIRECT, defanged(name))
    await page.click(REQUESTER, DIRECT, copy, "Withdraw")
    card = await page.message(APPROVER, APPROVALS, defanged(name), "Withdrawn")
    assert [button.text for button in buttons(card)] == ["Details"]


async def test_a_denial_changes_nothing_and_is_told(page: PageClient, name: str) -> None:
    card = await propose_block(page, name)
    await page.deny(SECOND, APPROVALS, card, "Too wide")
    await page.message(APPROVER, APPROVALS, defanged(name), "Denied", SECOND, "Too wide")
    told = await page.message(REQUESTER, DIRECT, "Your request", "Denied", "Too wide")
    await page.click(REQUESTER, DIRECT, told, "Propose again")
    again = await page.view(REQUESTER)
    assert (await page.submit(REQUESTER, again, {}))["errors"] is None
    await page.message(APPROVER, APPROVALS, defanged(name), "Phishing wave", "Waits for approval", after=card["ts"])
    assert await sender(page, name) is None


@pytest.mark.parametrize("here", ["http-postgresql"], indirect=True)
async def test_an_approver_asks_back_and_decides_from_the_details(page: PageClient, name: str) -> None:
    card = await propose_block(page, name)
    await page.click(SECOND, APPROVALS, card, "Details")
    await page.click_in_view(SECOND, await page.view(SECOND), "Ask the requester…")
    form = await page.view(SECOND)
    assert (await page.submit(SECOND, form, {"text": "Which mail?"}))["errors"] is None
    await page.no_view(SECOND)
    asked = await page.message(REQUESTER, DIRECT, "A question", defanged(name), "Which mail?")
    await page.click(REQUESTER, DIRECT, asked, "Answer")
    assert (await page.submit(REQUESTER, await page.view(REQUESTER), {"text": "The one of Monday"}))["errors"] is None
    card = await page.message(SECOND, APPROVALS, defanged(name), "Which mail?", "Answered: “The one of Monday”")
    await page.message(SECOND, APPROVALS, "Answered", SECOND, "The one of Monday")
    await page.click(SECOND, APPROVALS, card, "Details")
    await page.click_in_view(SECOND, await page.view(SECOND), "Decide…")
    assert (await page.submit(SECOND, await page.view(SECOND), {}))["problem"] is None
    await page.no_view(SECOND)
    await page.message(APPROVER, APPROVALS, "Blocked", defanged(name))


async def test_nobody_reviews_their_own_request(page: PageClient, name: str) -> None:
    card = await propose_block(page, name, who=APPROVER)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    refusal = await page.message(APPROVER, APPROVALS, "nobody reviews their own request")
    assert refusal["ephemeral"] is True
    await page.click(SECOND, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied")


@pytest.mark.parametrize("who", [VISITOR, AUDITOR, REQUESTER])
async def test_only_approvers_approve(page: PageClient, name: str, who: str) -> None:
    card = await propose_block(page, name)
    await page.click(who, APPROVALS, card, "Approve")
    await page.message(who, APPROVALS, "Only approvers decide", after=card["ts"])
    assert await sender(page, name) is None
    still = await page.message(APPROVER, APPROVALS, defanged(name), "Phishing wave")
    assert "Approve" in [button.text for button in buttons(still)]


async def test_who_may_not_propose_is_refused(page: PageClient, name: str) -> None:
    await page.type(VISITOR, f"/block {name} 30d I would like this")
    await page.message(VISITOR, GENERAL, "may not propose")
    assert not [message for message in await page.messages(APPROVER, APPROVALS) if defanged(name) in shown(message)]


async def test_roles_are_read_at_the_click(page: PageClient, here: Installation, name: str) -> None:
    card = await propose_block(page, name)
    await page.post("/api/groups", {"id": "S0APPROVERS", "members": [SECOND]})
    try:
        await page.click(APPROVER, APPROVALS, card, "Approve")
        await page.message(APPROVER, APPROVALS, "Only approvers decide", after=card["ts"])
    finally:
        await page.post("/api/groups", {"id": "S0APPROVERS", "members": [APPROVER, SECOND]})
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied")


async def test_an_ip_allow_is_warned_about_ticked_approved_by_two_and_ends(page: PageClient, address: str) -> None:
    await page.type(REQUESTER, f"/allow {address} 7d Scanner at the head office")
    form = await page.view(REQUESTER)
    text = shown({"blocks": form["blocks"]})
    assert SKIPS_FILTERING in text
    assert "Better ways" in text
    refused = await page.submit(REQUESTER, form, {"acknowledged": []})
    assert "acknowledged" in refused["errors"]
    refused = await page.submit(REQUESTER, form, {"acknowledged": ["acknowledged"], "reason": "ab"})
    assert "reason" in refused["errors"]
    taken = await page.submit(REQUESTER, form, {"acknowledged": ["acknowledged"]})
    assert taken["errors"] is None
    await page.no_view(REQUESTER)
    await page.message(APPROVER, ALERTS, "IP ALLOW", defanged(address))
    card = await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "0 of 2")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    everything = await page.view(APPROVER)
    text = shown({"blocks": everything["blocks"]})
    for told in (defanged(address), "Scanner at the head office", f"<@{REQUESTER}>", SKIPS_FILTERING, "0 of 2"):
        assert told in text
    assert (await page.submit(APPROVER, everything, {}))["errors"] is None
    once = await page.message(APPROVER, APPROVALS, defanged(address), "1 of 2")
    await page.click(APPROVER, APPROVALS, once, "Approve")
    await page.message(APPROVER, APPROVALS, "You approved #", after=card["ts"])
    assert address not in await allowed_ips(page)
    await page.approve(SECOND, APPROVALS, once)
    await page.message(APPROVER, APPROVALS, defanged(address), "Applied")
    assert address in await allowed_ips(page)

    await page.type(AUDITOR, f"/check {address}")
    await page.message(AUDITOR, GENERAL, defanged(address), "Allowed", "IP Allow List", f"<@{REQUESTER}>")

    await page.type(REQUESTER, f"/unallow {address} The scanner is retired")
    removal = await page.message(APPROVER, APPROVALS, defanged(address), "scanner is retired")
    await page.click(SECOND, APPROVALS, removal, "Approve")
    await page.message(APPROVER, APPROVALS, defanged(address), "scanner is retired", "Applied")
    assert address not in await allowed_ips(page)


async def test_a_spoof_allow_that_lets_strangers_in_takes_what_an_ip_allow_takes(page: PageClient, name: str) -> None:
    pair = f"{name}, *"
    await page.type(REQUESTER, f"/allow spoof {pair} 5d The supplier's many newsletters")
    form = await page.view(REQUESTER)
    assert "anybody at all may pretend to be this sender" in shown({"blocks": form["blocks"]})
    assert "acknowledged" in (await page.submit(REQUESTER, form, {"acknowledged": []}))["errors"]
    assert (await page.submit(REQUESTER, form, {"acknowledged": ["acknowledged"]}))["errors"] is None
    await page.message(APPROVER, ALERTS, "SPOOF ALLOW", defanged(name))
    card = await page.message(APPROVER, APPROVALS, "SPOOF ALLOW", defanged(name), "0 of 2")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    everything = await page.view(APPROVER)
    assert "Do you know who sends like this" in shown({"blocks": everything["blocks"]})
    await page.submit(APPROVER, everything, {})
    once = await page.message(APPROVER, APPROVALS, "SPOOF ALLOW", defanged(name), "1 of 2")
    await page.approve(SECOND, APPROVALS, once)
    await page.message(APPROVER, APPROVALS, "SPOOF ALLOW", defanged(name), "Applied")


async def test_an_empty_command_opens_a_form_and_errors_stand_at_their_fields(page: PageClient, name: str) -> None:
    await page.type(REQUESTER, "/block")
    form = await page.view(REQUESTER)
    answer = await page.submit(REQUESTER, form, {"indicators": "0x7f.1", "reason": "Phishing wave"})
    assert "0x7f.1" in answer["errors"]["indicators"]
    answer = await page.submit(REQUESTER, form, {"indicators": f"hxxp://{defanged(name)}/login", "reason": "Phish"})
    assert answer["errors"] is None
    await page.message(APPROVER, APPROVALS, defanged(name), "Phish")


async def test_a_command_without_a_reason_opens_the_form_with_what_was_given(page: PageClient, name: str) -> None:
    await page.type(REQUESTER, f"/block {defanged(name)} 7d")
    form = await page.view(REQUESTER)
    fields = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    assert fields["indicators"]["initial_value"] == defanged(name)
    assert fields["end"]["initial_option"]["value"] == "7d"
    await page.post("/api/close", {"as": REQUESTER, "view_id": form["id"]})


async def test_a_domain_is_not_allowed_directly_but_by_submission(page: PageClient, name: str) -> None:
    await page.type(REQUESTER, f"/allow {name} 7d Our newsletter partner")
    await page.message(REQUESTER, GENERAL, "security.microsoft.com/reportsubmission")


async def test_details_show_the_exact_cmdlet(page: PageClient, name: str) -> None:
    card = await propose_block(page, name)
    await page.click(AUDITOR, APPROVALS, card, "Details")
    view = await page.view(AUDITOR)
    text = shown({"blocks": view["blocks"]})
    assert "New-TenantAllowBlockListItems" in text
    assert f"'{name}'" in text
    await page.post("/api/close", {"as": AUDITOR, "view_id": view["id"]})


async def test_help_for_every_command(page: PageClient) -> None:
    for command in (command.name for command in COMMANDS):
        before = (await page.messages(VISITOR, GENERAL))[-1:]
        await page.type(VISITOR, f"{command} help")
        await page.message(VISITOR, GENERAL, command, after=before[0]["ts"] if before else "")


async def test_requests_and_audit_answer_those_who_may_ask(page: PageClient, name: str) -> None:
    card = await propose_block(page, name)
    await page.type(REQUESTER, "/requests mine")
    await page.message(REQUESTER, GENERAL, "Your requests", defanged(name))
    await page.type(AUDITOR, f"/audit {name}")
    await page.message(AUDITOR, GENERAL, "Audit log", "proposed", after=card["ts"])
    await page.type(REQUESTER, "/audit")
    await page.message(REQUESTER, GENERAL, "may not query the audit log")


async def test_the_log_is_intact_and_tells_the_story(page: PageClient, here: Installation, name: str) -> None:
    card = await propose_block(page, name)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied")
    listed = await asyncio.to_thread(here.command, "audit", "list", "--target", name, "--json")
    assert '"item.applied"' in listed.stdout, listed.stderr
    verified = await asyncio.to_thread(here.command, "audit", "verify", "--json")
    assert verified.returncode == 0, verified.stdout
