"""An emergency block with the whole bot: in the tenant at once, reviewed afterwards, and taken out again."""

from __future__ import annotations

import pytest

from bot.playground.page_client import PageClient, buttons, shown
from tests.acceptance.steps import defanged, entry, listed, requests_for
from tests.support.installation import ALERTS, APPROVALS, APPROVER, DIRECT, GENERAL, REQUESTER, Installation

pytestmark = pytest.mark.parametrize("here", ["http-sqlite"], indirect=True)


async def test_it_is_blocked_at_once_and_taken_out_after_its_review(
    page: PageClient, here: Installation, name: str
) -> None:
    async def taken() -> bool | None:
        answer = await page.type(REQUESTER, f"/block emergency {name} because of a phishing wave")
        assert answer["problem"] is None
        said = [shown(message) for message in await page.messages(REQUESTER, GENERAL)]
        return any("being applied now" in each for each in said) or None

    # Which domains are our own is known by the first reading, which a bot that has just begun may still be at.
    await page.until("the emergency block to be taken", taken)
    # It is confirmed a second later, which changes the card: what is decided is what it shows then.
    card = await page.message(APPROVER, APPROVALS, "Emergency block, applied at once by", "confirmed", "Take out")
    assert "to be reviewed" in shown(card)
    assert [button.text for button in buttons(card)] == ["Details", "Keep", "Take out…"]
    assert (await entry(page, name))["Action"] == "Block"
    await page.click(APPROVER, APPROVALS, card, "Take out…")
    form = await page.view(APPROVER)
    answer = await page.submit(APPROVER, form, {"decision": "deny", "reason": "Our own newsletter"})
    assert answer["errors"] is None
    await page.message(APPROVER, APPROVALS, defanged(name), "taken out by", "Our own newsletter")
    await page.message(APPROVER, APPROVALS, "Unblocked", defanged(name))
    await page.message(REQUESTER, DIRECT, "Your emergency block", "Our own newsletter")
    assert await listed(page, name) == 0
    assert len(await requests_for(here, name)) == 2
    assert here.command("audit", "verify").returncode == 0
    assert not [each for each in await page.messages(APPROVER, ALERTS) if defanged(name) in shown(each)]
