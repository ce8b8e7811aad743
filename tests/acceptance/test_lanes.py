"""One person can't fill the queue, and one that doesn't answer can't hold up the others.

What is asserted is mostly order: what mustn't wait is done while what it mustn't wait for still is under way. How long
it takes depends on the machine.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from bot.domain.requests.request import Status
from bot.playground.page_client import PageClient, shown
from bot.slack.jobs.import_reader import READ_IMPORT
from bot.workflow.asking.check import SILENT
from bot.workflow.importing.previews import IMPORT_KINDS
from bot.workflow.shared.job_kinds import JobKind
from tests.acceptance.steps import (
    approved,
    cards,
    changes,
    clear_faults,
    defanged,
    fault,
    idle,
    installation,
    looking,
    only_request,
    propose,
    slack_fault,
    status,
)
from tests.support.ahead import PATIENCE
from tests.support.floods import fill_queue
from tests.support.installation import ALERTS, APPROVALS, APPROVER, GENERAL, REQUESTER, Installation

#: For as long as a test wants it.
ALWAYS = 10_000

#: So many seconds are silence here: a test waits for several of them, one after the other.
SOON = "4"


@pytest.fixture(scope="module", params=["http-sqlite", "socket-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("lanes")
    with installation(request.param, request=request, folder=folder, settings={PATIENCE: SOON}) as here:
        yield here


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        yield client
        assert await client.violations() == []


async def waiting(here: Installation, *kinds: str) -> int:
    async with looking(here) as uow:
        return sum(job.kind in kinds for job in await uow.jobs.waiting())


async def test_an_approved_block_is_applied_while_imports_wait(page: PageClient, here: Installation, name: str) -> None:
    card = await propose(page, name)
    await idle(page, here)
    await fill_queue(here)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await status(page, here, name, Status.APPLIED)
    assert await waiting(here, READ_IMPORT, *IMPORT_KINDS) > 0, "the imports were not to be done by then"
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied")
    assert await waiting(here, READ_IMPORT, *IMPORT_KINDS) > 0
    await idle(page, here)
    assert await waiting(here, JobKind.CHECK) == 0


async def test_a_tenant_that_is_silent_holds_up_no_card_and_no_check_and_is_told_of(
    page: PageClient, here: Installation, name: str
) -> None:
    await approved(page, f"/block {name} 30d Phishing wave", defanged(name))
    await idle(page, here)
    card = await propose(page, f"next-{name}")
    await idle(page, here)
    await fault(page, "delay", None, delay=600, times=ALWAYS)  # type: ignore[arg-type]
    try:
        await page.click(APPROVER, APPROVALS, card, "Approve")
        for number in range(8):  # more than any lane has places
            await page.type(REQUESTER, f"/check now host{number}.example")
        await propose(page, f"new-{name}")
        # Everything that is asked of the tenant has begun to wait by now; after a while that is silence.
        for command in (f"/check now {name}", f"/check {name}"):

            async def told(command: str = command) -> bool | None:
                typed = await page.type(REQUESTER, command)
                assert typed["problem"] is None
                said = shown((await page.messages(REQUESTER, GENERAL))[-1])
                return ("Blocked" in said and SILENT in said) or None

            await page.until(f"{command} to be answered from the snapshot", told)
        waits = await only_request(here, f"next-{name}")
        here.skip(timedelta(minutes=1))  # after which what is approved and not applied is late
        await page.message(APPROVER, ALERTS, f"#{waits.id}", "could not be applied yet")
        assert await changes(page, f"next-{name}", taken=True) == []
    finally:
        await clear_faults(here)


async def test_a_slack_that_is_silent_holds_up_no_approved_change(
    page: PageClient, here: Installation, name: str
) -> None:
    card = await propose(page, name)
    await idle(page, here, but_for_retries=True)
    await slack_fault(page, "chat.postMessage", "silent", times=ALWAYS)
    await slack_fault(page, "chat.update", "silent", times=ALWAYS)
    try:
        for number in range(5):  # more than the lane has places
            await page.type(REQUESTER, f"/block other{number}-{name} 30d Phishing wave")
        await page.click(APPROVER, APPROVALS, card, "Approve")
        await status(page, here, name, Status.APPLIED)
        assert len(await changes(page, name, taken=True)) == 1
        assert await waiting(here, JobKind.NOTIFY) > 0
        assert all("Applied" not in shown(card) for card in await cards(page, name)), "Slack has taken nothing yet"
    finally:
        here.playground.slack.state.faults.clear()
    await idle(page, here)
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied")
    for number in range(5):
        await page.message(APPROVER, APPROVALS, defanged(f"other{number}-{name}"), "Waits for approval")
