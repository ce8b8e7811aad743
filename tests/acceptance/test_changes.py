"""Changing what is listed already, and asking what is: as the people involved see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.playground.page_client import Json, PageClient, buttons, shown
from bot.workflow.shared.job_kinds import JobKind
from tests.acceptance.steps import approved, defanged, entry, installation, looking
from tests.support.installation import (
    APPROVALS,
    APPROVER,
    AUDITOR,
    GENERAL,
    REQUESTER,
    SECOND,
    Installation,
)


@pytest.fixture(scope="module", params=["http-sqlite", "socket-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Two ways: what differs between all four is the main job's, which goes them all."""
    with installation(request.param, request=request, folder=tmp_path_factory.mktemp("changes")) as here:
        yield here


async def seen(page: PageClient, here: Installation) -> None:
    """Wait until the bot's snapshot of the lists has been taken anew."""

    async def look() -> bool | None:
        async with looking(here) as uow:
            waiting = await uow.jobs.waiting(kind=JobKind.WATCH)
        return all(job.run_at > datetime.now(UTC) for job in waiting) or None

    await page.until("the snapshot of the lists to be taken anew", look)


async def from_snapshot(page: PageClient, name: str) -> Json:
    """The answer of the snapshot. While that is being taken anew the tenant answers: then ask again."""

    async def look() -> Json | None:
        await page.type(AUDITOR, f"/check {name}")
        newest = (await page.messages(AUDITOR, GENERAL))[-1]
        words = ("Blocked", defanged(name), "Lists as of")
        return newest if all(word in shown(newest) for word in words) else None

    return await page.until("a check to be answered from the snapshot", look)


async def test_a_block_gets_another_end_and_another_note(page: PageClient, here: Installation, name: str) -> None:
    await approved(page, f"/block {name} 7d Phishing wave", defanged(name))
    await seen(page, here)
    before = await entry(page, name)

    await approved(page, f"/extend {name} 60d It goes on", "New expiry date", defanged(name))
    longer = await entry(page, name)
    assert longer["ExpirationDate"] > before["ExpirationDate"]
    await seen(page, here)
    await approved(page, f"/extend {name} 1d It is nearly over", "New expiry date", defanged(name), "nearly over")
    shorter = await entry(page, name)
    assert shorter["ExpirationDate"] < before["ExpirationDate"]
    await seen(page, here)

    await approved(page, f"/note {name} Invoice fraud, case 4711", "New note", defanged(name))
    assert (await entry(page, name))["Notes"].startswith("Invoice fraud, case 4711 (Portcullis request ")
    assert (await entry(page, name))["ExpirationDate"] == shorter["ExpirationDate"]


async def allowed_ip(page: PageClient, command: str, *words: str) -> Json:
    """Propose what concerns an IP allow: its form, its warning, its tick, and two approvers. Its card, applied."""
    await page.type(REQUESTER, command)
    form = await page.view(REQUESTER)
    assert "skip" in shown({"blocks": form["blocks"]})
    answer = await page.submit(REQUESTER, form, {"acknowledged": ["acknowledged"]})
    assert answer["errors"] is None
    card = await page.message(APPROVER, APPROVALS, *words, "0 of 2")
    await page.approve(APPROVER, APPROVALS, card)
    once = await page.message(APPROVER, APPROVALS, *words, "1 of 2")
    await page.approve(SECOND, APPROVALS, once)
    return await page.message(APPROVER, APPROVALS, *words, "Applied")


async def test_an_ip_allow_gets_another_end_by_two_and_never_a_late_one(
    page: PageClient, here: Installation, address: str
) -> None:
    shown_as = defanged(address)
    await allowed_ip(page, f"/allow {address} 3d Scanner", "IP ALLOW", shown_as, "Scanner")
    await seen(page, here)
    await allowed_ip(page, f"/extend {address} 6d Scanner stays", shown_as, "Scanner stays")
    await seen(page, here)
    await page.type(REQUESTER, f"/extend {address} 30d Scanner for ever")
    form = await page.view(REQUESTER)
    assert "7 days" in shown({"blocks": form["blocks"]})
    await page.post("/api/close", {"as": REQUESTER, "view_id": form["id"]})
    # An earlier end is no less an IP allow.
    await allowed_ip(page, f"/extend {address} 1d Scanner goes", shown_as, "Scanner goes")
    await page.type(AUDITOR, f"/check now {address}")
    verdict = await page.message(AUDITOR, GENERAL, "Allowed", shown_as, "Read from the tenant")
    assert "when Portcullis removes it" in shown(verdict)


async def test_a_check_is_answered_from_the_snapshot_and_read_now_asks_the_tenant(page: PageClient, name: str) -> None:
    await approved(page, f"/block {name} 7d Phishing wave", defanged(name))
    quick = await from_snapshot(page, name)
    assert [button.text for button in buttons(quick)] == ["Details", "Read now"]
    assert f"<@{REQUESTER}>" in shown(quick)
    await page.click(AUDITOR, GENERAL, quick, "Read now")
    await page.message(AUDITOR, GENERAL, "Blocked", defanged(name), "Read from the tenant", after=quick["ts"])
    await page.type(AUDITOR, f"/check now {name}")
    follows = await page.message(AUDITOR, GENERAL, "the answer follows", after=quick["ts"])
    await page.message(AUDITOR, GENERAL, "Blocked", defanged(name), "Read from the tenant", after=follows["ts"])


async def test_the_safe_list_is_shown_and_never_switched_on(page: PageClient, here: Installation) -> None:
    await seen(page, here)
    await page.type(AUDITOR, "/safelist")
    await page.message(AUDITOR, GENERAL, "The safe list is", "Lists as of")
    await page.type(SECOND, "/safelist on")
    await page.message(SECOND, GENERAL, "doesn't turn the safe list on", "8.2v1")


async def test_the_safe_list_is_switched_off(page: PageClient, here: Installation, name: str) -> None:
    await page.post(
        "/api/tenant/edit",
        {
            "cmdlet": "Set-HostedConnectionFilterPolicy",
            "parameters": {"Identity": "Default", "EnableSafeList": True},
        },
    )
    # A check of the tenant has the lists read anew.
    await page.type(AUDITOR, f"/check now {name}")
    await page.message(AUDITOR, GENERAL, "Not listed", defanged(name))
    await page.type(AUDITOR, "/safelist")
    await page.message(AUDITOR, GENERAL, "The safe list is on")
    await approved(page, "/safelist off The baseline says so", "Safe list off", "The baseline says so")
    [policy] = (await page.lists())["policies"]
    assert policy["EnableSafeList"] is False
