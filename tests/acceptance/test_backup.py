"""A backup made while the bot works, and the bot gone back to it: nothing is sent twice, and the log says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.domain.requests.request import Status
from bot.playground.page_client import PageClient, shown
from tests.acceptance.steps import (
    approved,
    changes,
    clear_faults,
    defanged,
    fault,
    idle,
    installation,
    listed,
    looking,
    only_request,
    propose,
    requests_for,
    status,
)
from tests.support.installation import ALERTS, APPROVALS, APPROVER, Installation


@pytest.fixture(scope="module")
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation("socket-sqlite", request=request, folder=tmp_path_factory.mktemp("backup")) as here:
        yield here


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        yield client


async def test_the_bot_goes_on_from_a_backup(page: PageClient, here: Installation, name: str) -> None:
    before, called, left, decided, later = (f"{word}-{name}" for word in ("a", "b", "c", "d", "e"))
    await approved(page, f"/block {before} 30d Phishing wave", defanged(before))
    for waiting in (left, decided):
        await propose(page, waiting)
    card = await propose(page, called)
    await idle(page, here)
    await fault(page, "delay", delay=12, times=1)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await status(page, here, called, Status.APPLYING)

    file = here.folder / "backup.sqlite3"
    made = await asyncio.to_thread(here.command, "backup", str(file), "--json")
    assert made.returncode == 0, made.stderr
    [backed_up] = json.loads(made.stdout)["tenants"]
    numbers = {each: (await only_request(here, each)).id for each in (left, called, decided)}
    assert backed_up["under_way"] == [numbers[called]]
    assert set(backed_up["pending"]) == {numbers[left], numbers[decided]}

    # What comes after it: one is applied, one is decided, one is new.
    await clear_faults(here)
    await status(page, here, called, Status.APPLIED)
    card = await page.message(APPROVER, APPROVALS, defanged(decided), "Waits for approval")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await status(page, here, decided, Status.APPLIED)
    await approved(page, f"/block {later} 30d Phishing wave", defanged(later))
    await idle(page, here)

    while_it_runs = await asyncio.to_thread(here.command, "restore", str(file), "--replace")
    assert (while_it_runs.returncode, "Another Portcullis" in while_it_runs.stderr) == (2, True)
    await asyncio.to_thread(here.stop_bot)
    restored = await asyncio.to_thread(here.command, "restore", str(file), "--replace")
    assert restored.returncode == 0, restored.stderr
    assert f"sends what it lacks, also what was taken out since: #{numbers[called]}." in restored.stdout
    await asyncio.to_thread(here.start_bot)
    await idle(page, here)

    told = await page.message(APPROVER, ALERTS, "The database was restored from a backup")
    assert f"ends with event {backed_up['head']['seq']} of " in shown(told)
    # What was under way is settled by reading, what was decided since isn't, and what came since isn't known.
    await status(page, here, called, Status.APPLIED)
    assert (await only_request(here, before)).status is Status.APPLIED
    assert (await only_request(here, decided)).status is Status.PENDING
    assert await requests_for(here, later) == []
    for applied in (before, called, decided, later):
        assert (len(await changes(page, applied, taken=True)), await listed(page, applied)) == (1, 1), applied
    # What was pending all the time is decided by the card that it has.
    card = await page.message(APPROVER, APPROVALS, defanged(left), "Waits for approval")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await status(page, here, left, Status.APPLIED)
    await idle(page, here)
    verified = await asyncio.to_thread(here.command, "audit", "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    async with looking(here) as uow:
        event = await uow.audit.find(backed_up["head"]["seq"] + 1)
        assert event is not None
        assert (event.target, event.payload["last_event"]) == ("restore", backed_up["head"]["seq"])
        assert await uow.jobs.dead() == []
