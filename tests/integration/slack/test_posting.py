"""What is posted stands once, whatever became of the call: on both databases, against the stand-in for Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.domain.policies.case import Rules
from bot.errors import DestinationGone, SlackUnanswered, SlackUnavailable, StoreError, TryLater
from bot.playground.server import Playground
from bot.playground.slack.conversations import Message as Said
from bot.playground.slack.faults import Fault
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.jobs.posting import AGAIN_AFTER, PlaceOfPost, Posting
from bot.slack.pace import SlackPace
from bot.store import Store, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.databases import Clock
from tests.support.installation import APPROVALS, REQUESTER, installed_workspace
from tests.support.jobs import Jobs
from tests.support.stand_ins import SameClock, client_of, unreached_tenant

POST = "chat.postMessage"
READING = frozenset({"channels:history", "groups:history", "im:history", "im:write"})

#: A call of these may have taken effect, and the bot isn't told.
LOST = ("drop_after", "slow", "silent_after")
#: A call of these took no effect, and the bot isn't told.
NOTHING = ("drop_before", "silent", "http_500", "internal_error", "fatal_error")


def message(text: str = "Waits for approval") -> Message:
    return Message.build(name="card-1", text=text, blocks=[elements.section(text)])


@dataclass
class Bench:
    """Two posters, one of which loses its patience soon, and what stands in Slack."""

    poster: Posting
    hasty: Posting
    playground: Playground
    context: Context
    clock: Clock
    jobs: Jobs

    def fault(self, error: str, *, times: int = 1, seconds: float = 1.0, method: str = POST) -> None:
        self.playground.slack.state.faults.add(method, Fault(error=error, times=times, retry_after=0, seconds=seconds))

    def said(self, channel: str = APPROVALS) -> list[Said]:
        conversation = self.playground.slack.state.conversations.find(channel)
        return [] if conversation is None else conversation.messages

    def calls(self, method: str = POST) -> int:
        return [call.method for call in self.playground.slack.state.ledger.calls].count(method)

    async def post(self, text: str = "Waits for approval", **more: Any) -> PlaceOfPost | None:  # noqa: ANN401 - post's
        return await self.poster.post("card:1", message(text), **{"to": APPROVALS, **more})

    async def lose(self, text: str = "Waits for approval", **more: Any) -> None:  # noqa: ANN401 - likewise
        """A post whose answer is lost."""
        with pytest.raises(SlackUnanswered):
            await self.hasty.post("card:1", message(text), **{"to": APPROVALS, **more})

    async def until_posted(self, **more: Any) -> PlaceOfPost | None:  # noqa: ANN401 - likewise
        """Attempt after attempt, as a job's are, each after the time that the one before asked for."""
        for _ in range(6):
            try:
                return await self.post(**more)
            except TryLater as later:
                self.clock.advance(seconds=later.seconds)
            except SlackUnanswered:
                pass
        raise AssertionError("it is never posted")

    def takes_effect_late(self) -> None:
        """What was called for first stands after all."""
        state = self.playground.slack.state
        called = next(call for call in state.ledger.calls if call.method == POST).params
        conversation = state.conversations.find(str(called["channel"]))
        assert conversation is not None
        said = Said(
            ts=state.conversations.next_ts(), user=state.workspace.bot.id, text="x", metadata=called["metadata"]
        )
        state.say(conversation, said)


class Busy(SlackPace):
    """Slack takes no call now."""

    @asynccontextmanager
    async def turn(self, *_: Any, **__: Any) -> AsyncIterator[None]:  # noqa: ANN401 - turn's
        raise TryLater(1.0, "Slack takes no more.")
        yield


class StoodStill(SlackPace):
    """Between the look and the call something `happens`."""

    def __init__(self, happens: Callable[[], Awaitable[None]]) -> None:
        super().__init__(None)
        self._happens = happens

    @asynccontextmanager
    async def turn(self, *_: Any, **__: Any) -> AsyncIterator[None]:  # noqa: ANN401 - turn's
        await self._happens()
        yield


async def opened(store: Store, clock: Clock, scopes: frozenset[str]) -> AsyncIterator[Bench]:
    workspace = installed_workspace()
    given = replace(workspace, scopes=workspace.scopes - READING | scopes)
    async with Playground(port=0, workspace=given, clock=SameClock(clock)) as playground:
        context = Context(store=store, tenant=unreached_tenant(), rules=Rules(), now=clock)
        client = client_of(playground)
        yield Bench(
            poster=Posting(context=context, client=client),
            hasty=Posting(context=context, client=client, answered_within=0.4),
            playground=playground,
            context=context,
            clock=clock,
            jobs=Jobs(context, playground),
        )
        await context.tenant.close()


@pytest.fixture
async def bench(store: Store, clock: Clock) -> AsyncIterator[Bench]:
    async for each in opened(store, clock, READING):
        yield each


@pytest.fixture
async def blind(store: Store, clock: Clock) -> AsyncIterator[Bench]:
    """Without the scopes to read."""
    async for each in opened(store, clock, frozenset()):
        yield each


sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.mark.parametrize("fault", LOST)
async def test_a_message_whose_answer_was_lost_is_found(bench: Bench, fault: str) -> None:
    bench.fault(fault)
    await bench.lose("As it was")
    place = await bench.post("As it is now")
    [said] = bench.said()
    assert place == PlaceOfPost(channel=APPROVALS, ts=said.ts)
    assert said.text == "As it is now", "what was found is brought up to date"
    assert await bench.post() == place
    assert bench.calls() == 1


@sqlite_only
@pytest.mark.parametrize("error", ["cant_update_message", "edit_window_closed"])
async def test_one_that_is_found_and_takes_no_change_is_not_posted_again(bench: Bench, error: str) -> None:
    bench.fault("drop_after")
    await bench.lose()
    bench.fault(error, method="chat.update", times=9)
    place = await bench.until_posted()
    [said] = bench.said()
    assert place == PlaceOfPost(channel=APPROVALS, ts=said.ts)


@sqlite_only
@pytest.mark.parametrize("fault", NOTHING)
async def test_what_surely_is_not_there_is_posted(bench: Bench, fault: str) -> None:
    bench.fault(fault)
    await bench.lose()
    with pytest.raises(TryLater):
        await bench.post()
    assert await bench.until_posted() is not None
    assert len(bench.said()) == 1


@sqlite_only
async def test_a_call_that_takes_effect_late_is_no_second_message(bench: Bench) -> None:
    bench.fault("drop_before")
    await bench.lose()
    with pytest.raises(TryLater) as later:
        await bench.post()
    assert bench.said() == [], "it isn't there yet, and nobody posts another one"
    bench.takes_effect_late()
    bench.clock.advance(seconds=later.value.seconds)
    assert await bench.post() == PlaceOfPost(channel=APPROVALS, ts=bench.said()[0].ts)
    assert bench.calls() == 1


@sqlite_only
async def test_one_that_takes_effect_when_nobody_expects_it_any_more_is_deleted(bench: Bench) -> None:
    bench.fault("drop_before")
    place = await bench.until_posted()
    bench.takes_effect_late()
    assert len(bench.said()) == 2
    bench.clock.advance(seconds=120)
    await bench.jobs.worker.run_due()
    assert [said.ts for said in bench.said()] == [place.ts if place else ""]
    assert bench.jobs.dead == []


@sqlite_only
async def test_one_that_takes_effect_after_its_successor_had_to_wait_is_deleted(bench: Bench) -> None:
    bench.fault("drop_before")
    await bench.lose()
    bench.clock.advance(seconds=60)
    with pytest.raises(TryLater):  # it surely isn't there, and Slack takes no more just now
        await Posting(context=bench.context, client=client_of(bench.playground), pace=Busy(None)).post(
            "card:1", message(), to=APPROVALS
        )
    place = await bench.post()
    bench.takes_effect_late()
    assert len(bench.said()) == 2
    bench.clock.advance(seconds=120)
    await bench.jobs.worker.run_due()
    assert [said.ts for said in bench.said()] == [place.ts if place else ""]


@pytest.mark.parametrize("was_lost", [False, True])
async def test_who_stood_still_posts_nothing_that_another_has_posted(bench: Bench, was_lost: bool) -> None:
    """Between the look and the call a process stood still, and its job was taken over."""
    if was_lost:
        bench.fault("drop_before")
        await bench.lose()
        bench.clock.advance(seconds=60)

    async def taken_over() -> None:
        await bench.post()

    still = Posting(context=bench.context, client=client_of(bench.playground), pace=StoodStill(taken_over))
    with pytest.raises(TryLater):
        await still.post("card:1", message("Waits for approval"), to=APPROVALS)
    [said] = bench.said()
    assert await bench.post() == PlaceOfPost(channel=APPROVALS, ts=said.ts)


@sqlite_only
async def test_of_two_that_are_found_one_is_deleted(bench: Bench) -> None:
    """Both answers were lost, and the first call took effect when nobody expected it any more."""
    bench.fault("drop_before")
    await bench.lose()
    with pytest.raises(TryLater) as later:
        await bench.post()
    bench.clock.advance(seconds=later.value.seconds)
    bench.fault("drop_after")
    await bench.lose()
    bench.takes_effect_late()
    assert len(bench.said()) == 2
    place = await bench.until_posted()
    bench.clock.advance(seconds=120)
    await bench.jobs.worker.run_due()
    assert [said.ts for said in bench.said()] == [place.ts if place else ""]


@pytest.mark.parametrize("where", ["channel", "thread", "direct"])
async def test_one_that_could_not_be_put_on_record_is_found(bench: Bench, where: str) -> None:
    """A full disk, a kill, a database that is away: the message stands, and nobody has written down where."""
    to, place = (REQUESTER, f"D{REQUESTER[1:]}") if where == "direct" else (APPROVALS, APPROVALS)
    more: dict[str, Any] = {"to": to}
    if where == "thread":
        above = await bench.poster.post("card:0", message(), to=APPROVALS)
        assert above is not None
        more["thread"] = above.ts

    async def full(uow: UnitOfWork, channel: str, ts: str) -> None:
        raise StoreError("The disk is full.")

    with pytest.raises(StoreError):
        await bench.post(record=full, **more)
    recorded: list[tuple[str, str]] = []

    async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
        recorded.append((channel, ts))

    await bench.post(record=record, **more)
    said = bench.said(place)[-1]
    assert recorded == [(place, said.ts)]
    assert len(bench.said(place)) == (2 if where == "thread" else 1)


@sqlite_only
@pytest.mark.parametrize("to", [APPROVALS, REQUESTER])
async def test_where_it_may_not_look_it_posts_once_more_and_no_more(blind: Bench, to: str) -> None:
    blind.fault("drop_after", times=5)
    place = await blind.until_posted(to=to)
    assert place is None
    assert len(blind.said(to if to == APPROVALS else f"D{to[1:]}")) == 2
    assert await blind.post(to=to) is None, "it is taken to stand, and nobody knows where"
    assert blind.calls() == 2


@sqlite_only
async def test_what_people_wait_for_is_called_for_again_after_a_while(blind: Bench) -> None:
    blind.fault("drop_after", times=2)
    for _ in range(2):
        await blind.lose(is_awaited=True)
    with pytest.raises(SlackUnavailable) as wait:
        await blind.post(is_awaited=True)
    assert wait.value.retry_after is not None
    assert 0 < wait.value.retry_after - AGAIN_AFTER.total_seconds() <= 10
    blind.clock.advance(seconds=wait.value.retry_after)
    place = await blind.post(is_awaited=True)
    assert place == PlaceOfPost(channel=APPROVALS, ts=blind.said()[-1].ts)
    assert blind.calls() == 3


@sqlite_only
@pytest.mark.parametrize("error", ["not_in_channel", "is_archived", "ratelimited"])
async def test_a_call_that_was_refused_leaves_no_doubt(bench: Bench, error: str) -> None:
    bench.fault(error)
    with pytest.raises(SlackUnavailable if error == "ratelimited" else DestinationGone):
        await bench.post()
    assert await bench.post() is not None
    assert (bench.calls(), bench.calls("conversations.history")) == (2, 0)


@sqlite_only
@pytest.mark.parametrize("change", ["token", "author"])
async def test_what_somebody_else_wrote_is_not_taken_for_it(bench: Bench, change: str) -> None:
    bench.fault("drop_after")
    await bench.lose()
    [said] = bench.said()
    if change == "token":
        said.metadata = {"event_type": "portcullis_message", "event_payload": {"key": "another"}}
    else:
        said.user = "U0SOMEBODY"
    place = await bench.until_posted()
    assert place == PlaceOfPost(channel=APPROVALS, ts=bench.said()[1].ts)


@sqlite_only
async def test_it_is_found_among_many(bench: Bench) -> None:
    bench.fault("drop_after")
    await bench.lose()
    [said] = bench.said()
    state = bench.playground.slack.state
    bench.said().extend(replace(said, ts=state.conversations.next_ts(), metadata=None) for _ in range(250))
    assert await bench.post() == PlaceOfPost(channel=APPROVALS, ts=said.ts)
    assert bench.calls("conversations.history") == 3


@sqlite_only
async def test_of_too_many_to_look_through_nothing_is_concluded(bench: Bench) -> None:
    bench.fault("drop_before")
    await bench.lose()
    state = bench.playground.slack.state
    other = Said(ts="", user="U0SOMEBODY", text="x")
    bench.said().extend(replace(other, ts=state.conversations.next_ts()) for _ in range(1_001))
    assert await bench.post() is not None, "it may stand, and is posted once more"


@sqlite_only
async def test_a_slack_that_cannot_be_read_just_now_is_asked_again(bench: Bench) -> None:
    bench.fault("drop_after")
    bench.fault("ratelimited", method="conversations.history")
    await bench.lose()
    with pytest.raises(SlackUnavailable):
        await bench.post()
    assert await bench.post() == PlaceOfPost(channel=APPROVALS, ts=bench.said()[0].ts)


async def test_a_message_that_is_gone_is_posted_anew_once(bench: Bench) -> None:
    for count in (1, 2):
        place = await bench.post()
        assert place is not None
        assert len(bench.said()) == count
        async with bench.context.store.write() as uow:
            await uow.posts.lost(place.channel, place.ts)
    assert await bench.post() is None
    assert await bench.post(most_lost=2) is not None
    assert len(bench.said()) == 3


@sqlite_only
async def test_one_in_place_of_another_is_not_taken_for_that(bench: Bench) -> None:
    """The first can't be changed any more, and stands all the same."""
    first = await bench.post()
    assert first is not None
    async with bench.context.store.write() as uow:
        await uow.posts.lost(first.channel, first.ts)
    bench.fault("drop_after")
    place = await bench.until_posted()
    assert place == PlaceOfPost(channel=APPROVALS, ts=bench.said()[1].ts)
    assert len(bench.said()) == 2


def times(told: list[str], *, fails: Callable[[int], Exception | None]) -> Callable[[], object]:
    async def tell() -> None:
        told.append("told")
        if (error := fails(len(told))) is not None:
            raise error

    return tell


@sqlite_only
@pytest.mark.parametrize(
    ("error", "attempts", "expected"),
    [
        (None, 3, 1),
        (SlackUnanswered("Slack was silent."), 5, 2),
        (SlackUnavailable("Slack is limited."), 3, 3),
        (DestinationGone("It is used up."), 3, 3),
    ],
)
async def test_what_only_its_reader_sees_is_told_twice_at_most(
    bench: Bench, error: Exception | None, attempts: int, expected: int
) -> None:
    told: list[str] = []
    for _ in range(attempts):
        with suppress(SlackUnavailable, DestinationGone):
            await bench.poster.tell("answer:1", times(told, fails=lambda _: error))
    assert len(told) == expected


@sqlite_only
async def test_a_look_for_strays_leaves_everything_else_alone(bench: Bench) -> None:
    other = await bench.poster.post("card:2", message("Another"), to=APPROVALS)
    bench.fault("drop_before")
    place = await bench.until_posted()
    async with bench.context.store.read() as uow:
        [job] = await uow.jobs.waiting(kind=JobKind.STRAYS)
    bench.clock.now = job.run_at
    await bench.jobs.worker.run_due()
    assert other is not None
    assert place is not None
    assert {said.ts for said in bench.said()} == {other.ts, place.ts}
