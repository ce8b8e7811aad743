"""What is told of a new proposal: its card and the requester's copy, each once, whatever happens in between."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import Action
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.calling import Calling
from bot.domain.requests.request import Decision, Request, Status
from bot.playground.slack.faults import Fault
from bot.store import Store
from bot.store import awaited as awaited_deliveries
from bot.workflow.shared import early_clicks
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.workflow.conftest import Stage
from tests.integration.workflow.dying import Killed, dying
from tests.integration.workflow.taken import Counted
from tests.support.deciding import decide_on
from tests.support.installation import APPROVALS
from tests.support.jobs import Jobs
from tests.support.people import REQUESTER, SECOND

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

POST = "chat.postMessage"
_LEASE = 30

#: What follows a proposal until both stand: a figure that goes down is written down here.
STATEMENTS, WRITING, READING = 26, 4, 4


def fault(stage: Stage, error: str, channel: str, *, times: int = 1) -> None:
    stage.playground.slack.state.faults.add(POST, Fault(error=error, times=times, retry_after=0, channel=channel))


def copies(stage: Stage) -> list[str]:
    return [message.text for message in stage.messages("D0REQUEST1")]


async def on_record(stage: Stage, request: Request) -> list[tuple[str, int]]:
    """What is on record of a request's messages: what each is, and the version that it shows."""
    async with stage.context.store.read() as uow:
        posted = await uow.messages.of_request(request.id)
    return sorted((message.purpose, message.version) for message in posted)


async def assert_told(stage: Stage, request: Request) -> None:
    """Both stand, once, and are on record in the version of now; nothing is in doubt, and nobody works on it."""
    version = (await stage.request(request)).version
    assert [len(stage.cards()), len(copies(stage))] == [1, 1]
    assert await on_record(stage, request) == [(Purpose.CARD, version), (Purpose.COPY, version)]
    async with stage.context.store.read() as uow:
        assert await uow.posts.in_doubt([f"{purpose}:{request.id}:" for purpose in (Purpose.CARD, Purpose.COPY)]) == []
    assert not await stage.waiting(JobKind.NOTIFY)
    assert not await stage.waiting(JobKind.TELL_REQUESTER)


async def test_the_card_and_the_copy_stand_and_a_click_on_the_card_counts(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    await assert_told(stage, request)
    await decide_on(stage.context, request, Decision.DENY)


async def test_the_copy_leads_to_its_card(stage: Stage) -> None:
    stage.context.card_links.workspace_at("https://example.slack.example/")
    await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    [copy] = stage.messages("D0REQUEST1")
    link = f"https://example.slack.example/archives/{APPROVALS}/p{card.ts.replace('.', '')}"
    assert link in str(copy.blocks)


async def test_a_click_before_the_card_is_on_record_waits_for_that_and_is_not_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is awaited goes first, but not before what they are waiting for."""
    monkeypatch.setattr(awaited_deliveries, "GIVEN_WAY", 3600.0)
    monkeypatch.setattr(early_clicks, "PATIENCE", 30.0)
    request = await stage.propose("evil.example")
    posting = asyncio.create_task(stage.run())
    while not stage.cards():  # noqa: ASYNC110 - Slack tells nobody
        await asyncio.sleep(0)
    [card] = stage.cards()
    seen = ShownCard(channel=APPROVALS, ts=card.ts, version=request.version)
    with awaited_deliveries.awaited("click", within=60.0):
        decided = await decide_on(stage.context, request, Decision.DENY, seen=seen)
    assert decided.status is Status.DENIED
    await posting


async def test_nor_is_a_click_on_a_card_that_is_brought_up_to_date(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await stage.propose("203.0.113.7", end="1d", action=Action.ALLOW)
    await stage.run()
    [card] = stage.cards()
    before = card.blocks
    once = await decide_on(stage.context, request)
    monkeypatch.setattr(awaited_deliveries, "GIVEN_WAY", 3600.0)
    monkeypatch.setattr(early_clicks, "PATIENCE", 30.0)
    updating = asyncio.create_task(stage.run())
    while card.blocks == before:
        await asyncio.sleep(0)
        [card] = stage.cards()
    seen = ShownCard(channel=APPROVALS, ts=card.ts, version=once.version)
    with awaited_deliveries.awaited("click", within=60.0):
        decided = await decide_on(stage.context, request, who=SECOND, seen=seen)
    assert decided.status is Status.APPROVED
    await updating


@sqlite_only
async def test_what_a_proposal_takes_of_the_database(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.propose("first.example")
    await stage.run()
    await stage.propose("evil.example")
    counted = Counted(monkeypatch)
    await stage.run()
    taken = counted.taken()
    assert taken["statements"] <= STATEMENTS, taken
    assert taken["write"] <= WRITING, taken
    assert taken["read"] <= READING, taken


async def test_a_card_that_slack_keeps_waiting_keeps_the_copy_for_a_moment(stage: Stage) -> None:
    fault(stage, "silent", APPROVALS)
    await stage.propose("evil.example")
    posting = asyncio.create_task(stage.run())
    while not await stage.waiting(JobKind.TELL_REQUESTER):  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(0)
    other = Jobs(stage.context, stage.playground).worker
    await other.run_due()
    assert copies(stage) == []
    stage.clock.advance(seconds=2)
    await other.run_due()
    assert len(copies(stage)) == 1
    assert stage.cards() == []
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)


@pytest.mark.parametrize("error", ["drop_before", "drop_after", "internal_error", "ratelimited", "channel_not_found"])
@pytest.mark.parametrize("channel", [APPROVALS, REQUESTER.user_id])
async def test_one_call_that_comes_to_nothing_keeps_neither_for_long(stage: Stage, error: str, channel: str) -> None:
    fault(stage, error, channel)
    request = await stage.propose("evil.example")
    await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    if (error, channel) == ("channel_not_found", REQUESTER.user_id):
        assert [len(stage.cards()), copies(stage)] == [1, []], "nobody can be written to who has left"
    elif error == "channel_not_found":
        # What was refused is told of, to the requester as well.
        assert [len(stage.cards()), len(copies(stage))] == [1, 3]
    else:
        await assert_told(stage, request)


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_a_process_that_ends_in_between_leaves_nothing_untold_and_nothing_twice(
    stage: Stage, store: Store, monkeypatch: pytest.MonkeyPatch, at: int, committed: bool
) -> None:
    request = await stage.propose("evil.example")
    async with store.write() as uow:
        claimed = await uow.jobs.claim("one", stage.clock(), _LEASE, 10)
    [job] = [job for job in claimed if job.kind == JobKind.NOTIFY]
    async with dying(store, monkeypatch, at=at, committed=committed):
        with pytest.raises(Killed):
            await stage.jobs.do(job)
    stage.clock.advance(seconds=_LEASE + 1)
    await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    await assert_told(stage, request)


async def test_whoever_is_called_by_the_card_is_called_once_and_it_ends_there(stage: Stage) -> None:
    object.__setattr__(stage.context, "calling", Calling(first=("U0APPROVE1", "S0ONCALL01")))
    request = await stage.propose("evil.example")
    await stage.run()
    await assert_told(stage, request)
    assert (await stage.kinds(request)).count(EventKind.APPROVERS_CALLED) == 2
    [card] = stage.cards()
    assert "<@U0APPROVE1>" in str(card.blocks)
