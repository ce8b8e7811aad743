"""What time brings: the reminder and its button, the ends that the service keeps, and those that Portcullis keeps.

The bot is stopped and started again with its clock, and the tenant's, days ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.playground.page_client import PageClient, buttons, shown
from tests.acceptance.steps import approved, defanged, entry, idle, installation, looking
from tests.support.installation import APPROVALS, APPROVER, DIRECT, REQUESTER, Installation


@pytest.fixture(scope="module", params=["socket-sqlite", "http-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(request.param, request=request, folder=tmp_path_factory.mktemp("time")) as here:
        yield here


async def blocked_ips(page: PageClient) -> list[str]:
    return [value for policy in (await page.lists())["policies"] for value in policy["IPBlockList"] or []]


async def test_a_week_goes_by(page: PageClient, here: Installation) -> None:
    kept_by_service, extended, kept_by_us = "evil.example", "worse.example", "203.0.113.7"
    for value in (kept_by_service, extended, kept_by_us):
        await approved(page, f"/block {value} 7d Phishing wave", defanged(value))
    await idle(page, here)
    before = await entry(page, extended)

    here.pass_time(timedelta(days=6, hours=6))
    reminders = {
        value: await page.message(REQUESTER, DIRECT, "Ends soon", defanged(value))
        for value in (kept_by_service, extended, kept_by_us)
    }
    assert all(
        [button.text for button in buttons(reminder)] == ["New expiry date…", "Details"]
        for reminder in reminders.values()
    )
    await page.click(REQUESTER, DIRECT, reminders[extended], "New expiry date…")
    form = await page.view(REQUESTER)
    fields = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    assert fields["indicators"]["initial_value"] == extended
    answer = await page.submit(REQUESTER, form, {"end": "30d", "reason": "It goes on"})
    assert answer["errors"] is None
    card = await page.message(APPROVER, APPROVALS, "New expiry date", defanged(extended), "Waits for approval")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, "New expiry date", defanged(extended), "Applied")
    after = await entry(page, extended)
    assert after["ExpirationDate"] > before["ExpirationDate"]
    assert kept_by_us in await blocked_ips(page)
    await idle(page, here)

    here.pass_time(timedelta(days=1, hours=1))
    ended = await page.message(REQUESTER, DIRECT, "Ended", defanged(kept_by_service))
    assert "by Microsoft." in shown(ended)
    ended = await page.message(REQUESTER, DIRECT, "Ended", defanged(kept_by_us))
    assert "by Portcullis." in shown(ended)
    assert kept_by_us not in await blocked_ips(page)
    assert (await entry(page, extended))["ExpirationDate"] == after["ExpirationDate"]
    await idle(page, here)
    told = [shown(message) for message in await page.messages(REQUESTER, DIRECT)]
    assert not any("Ended" in text and defanged(extended) in text for text in told)
    async with looking(here) as uow:
        assert await uow.jobs.dead() == []
