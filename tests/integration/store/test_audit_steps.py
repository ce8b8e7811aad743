"""Events appended by the thousand, and told in steps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.auditing.events import Event, EventKind, NewEvent
from bot.domain.auditing.steps import StoryStep
from bot.errors import ChainBroken
from bot.store import AuditFilter, Store
from tests.integration.databases import Clock
from tests.integration.store.test_audit_log import named, tamper, verify
from tests.support.requests import add_request
from tests.support.tampering import run_raw

KINDS = (EventKind.ITEM_APPLIED, EventKind.ITEM_REFUSED, EventKind.REQUEST_REVIEWED)


def new_event(kind: EventKind, number: int, clock: Clock, *, request_id: int | None = 1) -> NewEvent:
    return NewEvent(
        kind=kind,
        actor=f"U{number % 3}",
        target=f"bad{number}.example",
        request_id=request_id,
        payload={"number": number, "text": "ü\0"},
        at=clock() + timedelta(seconds=number),
    )


def grouped(events: list[Event]) -> list[StoryStep]:
    """The steps, worked out from all events."""
    runs: list[list[Event]] = []
    for kind, each in groupby(events, key=lambda event: event.kind):
        run = list(each)
        runs += [[event] for event in run] if kind == EventKind.REQUEST_REVIEWED else [run]
    return [
        StoryStep(
            kind=run[0].kind,
            first=run[0].seq,
            last=run[-1].seq,
            count=len(run),
            actor=run[-1].actor,
            at=run[-1].at,
            targets=tuple(event.target for event in run[:50]),
        )
        for run in runs
    ]


async def test_many_are_appended_as_one_by_one(open_store: Callable[..., Store], clock: Clock) -> None:
    together, singly = open_store(tenant_id="contoso"), open_store(tenant_id="fabrikam")
    news = [new_event(KINDS[number % 3], number, clock) for number in range(7)]
    async with together.write() as uow:
        appended = await uow.audit.append_all(news)
        assert await uow.audit.append_all([]) == []
    async with singly.write() as uow:
        for new in news:
            await uow.audit.append(
                new.kind, actor=new.actor, target=new.target, request_id=new.request_id, payload=new.payload, at=new.at
            )
    async with together.read() as uow:
        assert await uow.audit.page() == appended[::-1]
    async with singly.read() as uow:
        ours = [(event.seq, event.kind, event.target, event.payload, event.at) for event in await uow.audit.page()]
    assert ours == [(event.seq, event.kind, event.target, event.payload, event.at) for event in appended[::-1]]
    assert (await verify(together)).intact
    assert (await verify(singly)).intact


async def test_writers_of_many_at_once_make_one_chain(open_store: Callable[..., Store], clock: Clock) -> None:
    stores = [open_store() for _ in range(3)]

    async def write(number: int) -> list[int]:
        news = [new_event(EventKind.ITEM_APPLIED, each, clock, request_id=number) for each in range(100)]
        async with stores[number % 3].write() as uow:
            return [event.seq for event in await uow.audit.append_all(news)]

    numbers = await asyncio.gather(*map(write, range(6)))
    findings = await verify(stores[0])
    assert findings.intact
    assert findings.events == 600
    # Each writer's events stand together.
    assert all(seqs == list(range(seqs[0], seqs[0] + 100)) for seqs in numbers)
    assert sorted(seq for seqs in numbers for seq in seqs) == list(range(1, 601))


async def test_a_log_that_goes_on_beyond_its_head_takes_none_of_them(
    store: Store, database_url: str, clock: Clock
) -> None:
    async with store.write() as uow:
        await uow.audit.append_all([new_event(EventKind.ITEM_APPLIED, each, clock) for each in range(5)])
    # The first of the new numbers is free, a later one is not.
    await tamper(database_url, "UPDATE audit_heads SET seq = 2", "DELETE FROM audit_events WHERE seq IN (3, 4)")
    with pytest.raises(ChainBroken):
        async with store.write() as uow:
            await uow.audit.append_all([new_event(EventKind.ITEM_APPLIED, each, clock) for each in range(5)])
    assert (await verify(store)).events == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_heads SET seq = seq + 1",
        "UPDATE audit_heads SET seq = seq + 5",
        "UPDATE audit_heads SET seq = seq",
        "UPDATE audit_heads SET hash = 'forged'",
    ],
)
async def test_a_head_moves_only_onto_a_row_that_is_there(
    store: Store, database_url: str, clock: Clock, statement: str
) -> None:
    async with store.write() as uow:
        await uow.audit.append_all([new_event(EventKind.ITEM_APPLIED, each, clock) for each in range(3)])
    with pytest.raises(Exception, match="append-only"):
        await run_raw(database_url, statement)
    assert (await verify(store)).intact


async def test_tampering_among_many_is_named(store: Store, database_url: str, clock: Clock) -> None:
    async with store.write() as uow:
        await uow.audit.append_all([new_event(EventKind.ITEM_APPLIED, each, clock) for each in range(10)])
    await tamper(database_url, "UPDATE audit_events SET actor = 'UFORGED' WHERE seq = 4")
    assert named(await verify(store)) == [(4, "changed")]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(st.tuples(st.sampled_from(KINDS), st.booleans()), max_size=30))
async def test_steps_are_runs_of_one_kind(store: Store, clock: Clock, events: list[tuple[EventKind, bool]]) -> None:
    async with store.write() as uow:
        ours, other = (await add_request(uow, store)).id, (await add_request(uow, store)).id
        # Another request's events, and those of none, lie in between and part nothing.
        appended = await uow.audit.append_all(
            [
                new_event(kind, number, clock, request_id=ours if is_ours else (other, None)[number % 2])
                for number, (kind, is_ours) in enumerate(events)
            ]
        )
        assert await uow.audit.steps(ours) == grouped([event for event in appended if event.request_id == ours])
        assert await uow.audit.steps(other) == grouped([event for event in appended if event.request_id == other])


@pytest.mark.parametrize("count", [1, 49, 50, 51, 120])
async def test_a_step_names_fifty_targets_at_most(
    store: Store, open_store: Callable[..., Store], clock: Clock, count: int
) -> None:
    news = [new_event(EventKind.ITEM_APPLIED, number, clock) for number in range(count)]
    news += [new_event(EventKind.REQUEST_APPLIED, count, clock)]
    async with store.write() as uow:
        await uow.audit.append_all(news)
        steps = await uow.audit.steps(1)
        events = await uow.audit.page(filters=AuditFilter(request_id=1, limit=500))
    assert steps == grouped(events[::-1])
    assert [(step.count, len(step.targets)) for step in steps] == [(count, min(count, 50)), (1, 1)]
    async with open_store(tenant_id="another").read() as uow:
        assert await uow.audit.steps(1) == []
