"""A large proposal is written in portions: all of it is seen, or nothing, whatever ends it in between."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from math import ceil

import pytest
from sqlalchemy import func, select

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import ItemState, Request, SetAside, Status
from bot.errors import Conflict, InvalidInput
from bot.store import AuditFilter, Store, UnitOfWork
from bot.store.request_rows import NewRequest
from bot.store.tables import ItemRow, RequestRow, SetAsideRow, UnfinishedRequestRow
from bot.store.unfinished import UNFINISHED, UnfinishedRequests
from bot.workflow.requesting.portions import LEFT_BEHIND, drop_left_behind
from bot.workflow.requesting.propose import Proposed
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import RECORDED_AT_ONCE
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.databases import Clock
from tests.integration.workflow.requesting.proposer import TENANT, VALUES, context_of
from tests.support import forks
from tests.support.deciding import decide_on
from tests.support.people import REQUESTER
from tests.support.proposing import drafted, propose_all
from tests.support.requests_made import newest_requests

PROPOSER = "tests.integration.workflow.requesting.proposer"

#: The request's own row, the portions of its items, and what proposes it.
COMMITS = 1 + ceil(len(VALUES) / RECORDED_AT_ONCE) + 1

ASIDE = tuple(
    SetAside(line=1_000 + number, typed="?", code="unreadable", reason="It reads as no indicator.")
    for number in range(RECORDED_AT_ONCE + 7)
)


@pytest.fixture
async def portioned(database_url: str, clock: Clock) -> AsyncIterator[Store]:
    """A store of the tenant for which the process proposes."""
    store = Store(database_url, tenant_id=TENANT, clock=clock)
    yield store
    await store.close()


async def proposed(store: Store, delivery: str, *values: str, aside: bool = False) -> Proposed:
    context = context_of(store)
    return await propose_all(
        context,
        actor=REQUESTER,
        proposals=drafted(context, *(values or VALUES)),
        delivery=delivery,
        most=len(VALUES),
        set_aside={ListName.SENDER: ASIDE} if aside else None,
    )


async def killed_after(commits: int, url: str) -> None:
    """Have another process propose it all, and be killed after so many commits."""
    arguments = (url, "an import", str(commits))
    ended = await asyncio.to_thread(forks.run, *arguments, environment=os.environ, module=PROPOSER)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


async def rows(store: Store) -> dict[str, int]:
    """How many rows there are in each table, whoever sees them."""
    tables = (RequestRow, ItemRow, SetAsideRow, UnfinishedRequestRow)
    async with store.read() as uow:
        session = uow._scope.session
        return {
            table.__tablename__: await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        }


async def is_whole(store: Store, request: Request) -> None:
    """Everybody sees all of it, its event and its jobs, once; and the log proves it."""
    async with store.read() as uow:
        whole = await uow.requests.get(request.id)
        assert [item.value for item in whole.items] == list(VALUES)
        assert {item.state for item in whole.items} == {ItemState.PROPOSED}
        assert [each.id for each in await newest_requests(uow)] == [request.id]
        assert (whole.status, whole.proposal_id) == (Status.PENDING, request.id)
        events = await uow.audit.page(filters=AuditFilter(kind="request.proposed"))
        assert [event.request_id for event in events] == [request.id]
        assert [job.payload["request_id"] for job in await uow.jobs.waiting(kind=JobKind.NOTIFY)] == [request.id]
        assert (await uow.audit.verify()).intact
        assert (await uow.audit.verify_requests()).findings == ()


async def is_unseen(store: Store) -> None:
    """Nobody sees anything of it, by whatever they look."""
    async with store.read() as uow:
        assert await newest_requests(uow) == []
        assert await uow.requests.count_pending(REQUESTER.user_id) == 0
        assert await uow.requests.naming(ListName.SENDER, VALUES[:3]) == []
        assert await uow.requests.proposals_that_are(Status) == ()
        assert await uow.audit.page() == []
        assert await uow.jobs.waiting() == []
        assert await uow.approvers.waiting(limit=10) == []
        assert (await uow.audit.verify_requests()).requests == 0


@pytest.mark.parametrize("commits", range(1, COMMITS + 1))
async def test_a_process_that_is_killed_between_its_portions_leaves_nothing_or_all_of_it(
    portioned: Store, database_url: str, commits: int
) -> None:
    await killed_after(commits, database_url)
    if commits < COMMITS:
        await is_unseen(portioned)
        left = await rows(portioned)
        assert (left["requests"], left["unfinished_requests"]) == (1, 1)
        assert left["items"] == min((commits - 1) * RECORDED_AT_ONCE, len(VALUES))
    made = await proposed(portioned, "an import")
    [request] = made.requests
    await is_whole(portioned, request)
    assert await rows(portioned) == {
        "requests": 1, "items": len(VALUES), "set_aside_lines": 0, "unfinished_requests": 0
    }, "what the dead process had written is gone"  # fmt: skip


async def test_what_nobody_comes_back_for_is_dropped_after_a_while(
    portioned: Store, database_url: str, clock: Clock
) -> None:
    await killed_after(COMMITS - 1, database_url)
    async with portioned.read() as uow:
        [begun] = await uow._scope.session.scalars(select(UnfinishedRequestRow.begun_at))
    clock.now = begun + LEFT_BEHIND
    await drop_left_behind(context_of(portioned))
    assert (await rows(portioned))["items"] == len(VALUES), "somebody may be at it"
    clock.advance(seconds=1)
    await drop_left_behind(context_of(portioned))
    assert set((await rows(portioned)).values()) == {0}


async def test_another_persons_block_in_the_midst_of_it_goes_through(portioned: Store) -> None:
    between: list[Request] = []
    write = portioned.write

    @asynccontextmanager
    async def interrupted() -> AsyncIterator[UnitOfWork]:
        async with write() as uow:
            yield uow
        portioned.write = write  # type: ignore[method-assign]
        between.extend((await proposed(portioned, f"small {len(between)}", f"small{len(between)}.example")).requests)
        portioned.write = interrupted  # type: ignore[method-assign]

    portioned.write = interrupted  # type: ignore[method-assign]
    made = await proposed(portioned, "an import", aside=True)
    portioned.write = write  # type: ignore[method-assign]
    [request] = made.requests
    assert len(between) > COMMITS, "one after each portion"
    assert [each.version < request.version for each in between] == [*[True] * (len(between) - 1), False], (
        "it is proposed when all of it is there"
    )
    async with portioned.read() as uow:
        assert len(await uow.requests.set_aside(request.id)) == len(ASIDE)
        assert (await uow.audit.verify()).intact
        assert (await uow.audit.verify_requests()).findings == ()
    await decide_on(context_of(portioned), request)


async def test_delivered_twice_at_once_it_is_made_once(portioned: Store) -> None:
    first, second = await asyncio.gather(proposed(portioned, "an import"), proposed(portioned, "an import"))
    [request] = first.requests
    assert [each.id for each in second.requests] == [request.id]
    await is_whole(portioned, request)
    assert (await rows(portioned))["unfinished_requests"] == 0
    assert (await rows(portioned))["items"] == len(VALUES)


async def test_delivered_again_it_writes_nothing(portioned: Store) -> None:
    [request] = (await proposed(portioned, "an import")).requests
    again = await proposed(portioned, "an import")
    assert [each.id for each in again.requests] == [request.id]
    assert (await rows(portioned))["requests"] == 1


async def test_what_there_is_no_room_for_is_not_even_begun(portioned: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("rows are written that nobody will see")

    monkeypatch.setattr(UnfinishedRequests, "begin", never)
    with pytest.raises(InvalidInput, match="One person may have"):
        await propose_all(
            having_room_for(0, portioned), actor=REQUESTER, proposals=drafted(context_of(portioned), *VALUES), most=400
        )
    assert set((await rows(portioned)).values()) == {0}


async def test_where_the_room_is_taken_meanwhile_nothing_is_left(portioned: Store) -> None:
    context = having_room_for(1, portioned)
    write = portioned.write

    @asynccontextmanager
    async def interrupted() -> AsyncIterator[UnitOfWork]:
        portioned.write = write  # type: ignore[method-assign]
        await proposed(portioned, "a command", "small.example")
        async with write() as uow:
            yield uow

    portioned.write = interrupted  # type: ignore[method-assign]
    with pytest.raises(InvalidInput, match="One person may have"):
        await propose_all(context, actor=REQUESTER, proposals=drafted(context, *VALUES), most=len(VALUES))
    assert await rows(portioned) == {"requests": 1, "items": 1, "set_aside_lines": 0, "unfinished_requests": 0}


def having_room_for(requests: int, store: Store) -> Context:
    context = context_of(store)
    return replace(context, limits=replace(context.limits, open_requests=requests))


async def test_a_small_one_is_written_at_once(portioned: Store) -> None:
    commits = 0
    write = portioned.write

    @asynccontextmanager
    async def counted() -> AsyncIterator[UnitOfWork]:
        nonlocal commits
        async with write() as uow:
            yield uow
        commits += 1

    portioned.write = counted  # type: ignore[method-assign]
    await proposed(portioned, "a command", *VALUES[:3])
    assert commits == 1


def large(count: int = 5, aside: int = 0) -> NewRequest:
    return NewRequest(
        operation=Operation.ADD,
        action=Action.BLOCK,
        list=ListName.SENDER,
        reason="Phishing wave",
        expires=None,
        requester="U1",
        approvals_needed=1,
        indicators=[(Kind.DOMAIN, f"bad{number}.example", number) for number in range(count)],
        set_aside=ASIDE[:aside],
    )


async def begun(store: Store, new: NewRequest, *, upto: int, at_once: int = 2) -> Request:
    now = store.clock()
    async with store.write() as uow:
        request = await uow.unfinished.begin(new, delivery="d", lapses_at=now + timedelta(days=1), at=now)
    so_far = 0
    while so_far < upto:
        async with store.write() as uow:
            so_far = await uow.unfinished.write(new, request.id, so_far=so_far, most=at_once)
    return request


@pytest.mark.parametrize(
    ("written", "said", "drops"),
    [(4, 5, False), (5, 4, False), (5, 5, True)],
    ids=["less than was said", "more than was said", "dropped"],
)
async def test_only_what_is_all_there_is_shown(store: Store, written: int, said: int, drops: bool) -> None:
    new = large()
    request = await begun(store, new, upto=written, at_once=1)
    if drops:
        async with store.write() as uow:
            assert not await uow.unfinished.drop(request.id, most=1)
    with pytest.raises(Conflict):
        async with store.write() as uow:
            await uow.unfinished.finish(request, written=said, lapses_at=store.clock(), at=store.clock())
    async with store.read() as uow:
        assert await newest_requests(uow) == []


async def test_rows_are_written_by_one_in_their_order(store: Store) -> None:
    new = large(count=3, aside=4)
    request = await begun(store, new, upto=4, at_once=2)
    with pytest.raises(Conflict):
        async with store.write() as uow:
            await uow.unfinished.write(new, request.id, so_far=2, most=2)
    async with store.write() as uow:
        assert await uow.unfinished.write(new, request.id, so_far=4, most=50) == 7
    async with store.write() as uow:
        await uow.unfinished.finish(request, written=7, lapses_at=store.clock(), at=store.clock())
    async with store.read() as uow:
        whole = await uow.requests.get(request.id)
        assert [(item.value, item.line) for item in whole.items] == [
            (value, line)
            for _, value, line in new.indicators  # type: ignore[misc]
        ]
        assert await uow.requests.set_aside(request.id) == list(ASIDE[:4])
    with pytest.raises(Conflict):
        async with store.write() as uow:
            await uow.unfinished.write(new, request.id, so_far=7, most=1)


async def test_what_is_seen_is_never_dropped(store: Store) -> None:
    new = large()
    request = await begun(store, new, upto=5)
    async with store.write() as uow:
        await uow.unfinished.finish(request, written=5, lapses_at=store.clock(), at=store.clock())
        assert await uow.unfinished.of("d") == []
        assert await uow.unfinished.drop(request.id)
    async with store.read() as uow:
        assert (await uow.requests.get(request.id)).total == 5


@pytest.mark.parametrize("drops_first", [True, False])
async def test_of_two_that_finish_and_drop_at_once_the_first_has_it(store: Store, drops_first: bool) -> None:
    """All of it is seen, or nothing is left: whoever comes second waits, and finds what the first has made of it."""
    request = await begun(store, large(), upto=5)
    first_is_at_it = asyncio.Event()

    async def finishes() -> bool:
        async with store.write() as uow:
            await uow.unfinished.finish(request, written=5, lapses_at=store.clock(), at=store.clock())
            first_is_at_it.set()
        return True

    async def drops() -> bool:
        async with store.write() as uow:
            is_gone = await uow.unfinished.drop(request.id)
            first_is_at_it.set()
        return is_gone

    async def second(does: Callable[[], Awaitable[bool]]) -> bool:
        await first_is_at_it.wait()
        return await does()

    one, other = (drops, finishes) if drops_first else (finishes, drops)
    found = await asyncio.gather(one(), second(other), return_exceptions=True)
    assert [type(each) for each in found] == [bool, Conflict if drops_first else bool]
    async with store.read() as uow:
        assert [each.total for each in await newest_requests(uow)] == ([] if drops_first else [5])
    assert (await rows(store))["items"] == (0 if drops_first else 5)


async def test_one_tenants_are_not_another_ones(store: Store, database_url: str) -> None:
    new = large()
    request = await begun(store, new, upto=5)
    other = Store(database_url, tenant_id="another", clock=store.clock)
    async with other.write() as uow:
        assert await uow.unfinished.of("d") == []
        assert await uow.unfinished.begun_before(store.clock() + timedelta(days=1)) == []
        assert await uow.unfinished.drop(request.id)
    await other.close()
    async with store.read() as uow:
        assert await uow.unfinished.of("d") == [request.id]
        hidden = await uow._scope.session.scalar(select(RequestRow.tenant_id).where(RequestRow.id == request.id))
    assert hidden == UNFINISHED
