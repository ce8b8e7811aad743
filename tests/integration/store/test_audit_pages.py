"""Pages of the audit log, whatever is asked for together: the events that a look at each of them would find."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from bot.domain.auditing.chain import ChainProblem
from bot.domain.auditing.events import Event, EventKind, NewEvent
from bot.domain.indicators.indicator import Kind
from bot.store import AuditFilter, Store, audit_naming, audit_stretches
from bot.store.audit_tables import AuditStretchRow
from bot.workflow.asking.audit_batches import batches
from tests.integration.databases import Clock
from tests.support.requests import add_request

#: Small, so that a log of some events has many of them.
STRETCH = 7

KINDS = (
    EventKind.CHECK_ASKED,
    EventKind.REQUEST_PROPOSED,
    EventKind.REQUEST_APPLIED,
    EventKind.ITEM_APPLIED,
    EventKind.SUBMISSION_UNNAMED,
)
ACTORS = ("U1", "U2", "portcullis")
TARGETS = ("evil.example", "other.example", "*.example", "request 1")
#: Which values each request has as its items.
ITEMS = {1: ("evil.example",), 2: ("other.example", "evil.example"), 3: ("third.example",)}
BEGAN = Clock().now


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_stretches, "STRETCH", STRETCH)


async def write_log(store: Store, count: int = 60) -> list[Event]:
    """A log with all sorts of events whose clocks differ, and some of which were set wrongly by days."""
    chance = random.Random(7)  # noqa: S311 - a seed, not a secret
    events: list[Event] = []
    async with store.write() as uow:
        for values in ITEMS.values():
            await add_request(uow, store, indicators=[(Kind.DOMAIN, value) for value in values])
    while len(events) < count:
        new = [_any_event(chance, len(events)) for _ in range(chance.choice((1, 1, 2, 20)))]
        async with store.write() as uow:
            events += await uow.audit.append_all(new)
    return events


def _any_event(chance: random.Random, number: int) -> NewEvent:
    off = chance.choice([timedelta(seconds=chance.randrange(-90, 90))] * 15 + [timedelta(days=30), timedelta(days=-30)])
    return NewEvent(
        kind=chance.choice(KINDS),
        actor=chance.choice(ACTORS),
        target=chance.choice(TARGETS),
        request_id=chance.choice((None, *ITEMS)),
        at=BEGAN + number * timedelta(minutes=1) + off,
    )


def lets_through(of: Event, filters: AuditFilter) -> bool:
    """What a filter says, by a look at the event alone."""
    values = {filters.target, *filters.wider}
    named = values & set(ITEMS.get(of.request_id or 0, ()))
    of_item = of.kind.startswith(("item.", "submission."))
    return all(
        (
            filters.actor in (None, of.actor),
            not filters.kinds or of.kind in filters.kinds,
            filters.kind in (None, of.kind),
            filters.request_id in (None, of.request_id),
            filters.proposal_id in (None, of.request_id),
            filters.target is None or of.target in values or (named and not of_item),
            filters.since is None or of.at >= filters.since,
            filters.until is None or of.at < filters.until,
            filters.before_seq is None or of.seq < filters.before_seq,
            filters.after_seq is None or of.seq > filters.after_seq,
        )
    )


def combinations() -> Iterator[AuditFilter]:
    many = tuple(f"value{number}.example" for number in range(40))
    whats: list[dict[str, Any]] = [{}, {"kinds": frozenset({"item.applied"})}]
    whats += [{"kind": "check.asked"}, {"kinds": frozenset({"request.proposed", "check.asked", "request.denied"})}]
    abouts: list[dict[str, Any]] = [{}, {"target": "evil.example"}, {"target": "evil.example", "wider": ("*.example",)}]
    abouts += [{"target": "other.example", "wider": many}, {"target": "never.example"}]
    abouts += [{"target": "*.example", "wider": (*many[:count], "evil.example")} for count in (2, 8)]
    requests: list[dict[str, Any]] = [{}, {"proposal_id": 2}, {"request_id": 1}, {"proposal_id": 99}]
    windows: list[dict[str, Any]] = [{}, {"since": BEGAN + timedelta(minutes=20)}, {"until": BEGAN}]
    windows += [{"since": BEGAN + timedelta(minutes=15), "until": BEGAN + timedelta(minutes=40)}]
    windows += [{"since": BEGAN - timedelta(hours=1), "until": BEGAN + timedelta(minutes=57)}]
    for actor, what, about, request, window in product((None, "U1", "nobody"), whats, abouts, requests, windows):
        yield AuditFilter(actor=actor, **what, **about, **request, **window, limit=8)


@pytest.mark.parametrize("few", [50, 4, 1])
async def test_a_page_has_what_a_look_at_each_event_finds(
    store: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever way a window's stretches are found: by those that touch it, that aren't within it, or all of them."""
    monkeypatch.setattr(audit_stretches, "_FEW", few)
    events = await write_log(store)
    async with store.read() as uow:
        for filters in random.Random(few).sample(list(combinations()), 60):  # noqa: S311 - a seed, not a secret
            for place in ({}, {"before_seq": 31}, {"after_seq": 17}):
                asked = replace(filters, **place)
                right = [event.seq for event in events if lets_through(event, asked)]
                expected = right[: asked.limit][::-1] if asked.after_seq is not None else right[::-1][: asked.limit]
                assert [event.seq for event in await uow.audit.page(filters=asked)] == expected, asked


@pytest.mark.parametrize("wider", [tuple(f"value{number}.example" for number in range(count)) for count in (0, 2, 8)])
async def test_of_many_requests_that_name_a_value_a_page_looks_at_the_newest_and_an_export_at_all(
    store: Store, wider: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = store.clock()
    async with store.write() as uow:
        for _ in range(3):
            request = await add_request(uow, store, indicators=[(Kind.DOMAIN, "evil.example")])
            await uow.audit.append(EventKind.REQUEST_APPLIED, actor="U1", request_id=request.id, at=at)
    filters = AuditFilter(target="evil.example", wider=wider)

    async def found(filters: AuditFilter) -> tuple[list[int], int | None]:
        async with store.read() as uow:
            events, most = await uow.audit.bounded_page(filters=filters)
        return [event.seq for event in events], most

    for most, expected in ((2, ([3, 2], 2)), (3, ([3, 2, 1], None)), (4, ([3, 2, 1], None))):
        monkeypatch.setattr(audit_naming, "MOST_REQUESTS", most)
        assert await found(filters) == expected
        assert await found(replace(filters, request_id=1)) == ([1], None)
        assert await found(replace(filters, every_request=True)) == ([3, 2, 1], None)
        assert [event.seq async for some in batches(store, filters, size=1) for event in some] == [1, 2, 3]


async def times(store: Store) -> list[tuple[int, datetime, datetime]]:
    rows = AuditStretchRow
    async with store.read() as uow:
        found = await uow.audit._scope.rows(select(rows.number, rows.earliest, rows.latest).order_by(rows.number))
    return [(row.number, row.earliest, row.latest) for row in found]


async def test_each_full_stretch_has_its_times(store: Store) -> None:
    events = await write_log(store)
    expected = []
    for number in range(1, len(events) // STRETCH + 1):
        of_it = [event.at for event in events[(number - 1) * STRETCH : number * STRETCH]]
        expected.append((number, min(of_it), max(of_it)))
    assert await times(store) == expected


async def test_a_stretch_of_which_nothing_is_kept_is_looked_through(store: Store) -> None:
    events = await write_log(store)
    window = AuditFilter(since=BEGAN + timedelta(minutes=10), until=BEGAN + timedelta(minutes=50))
    right = [event.seq for event in events if lets_through(event, window)][::-1][: window.limit]
    async with store.write() as uow:
        await uow.audit._scope.session.execute(delete(AuditStretchRow).where(AuditStretchRow.number.in_([2, 3, 6])))
    async with store.read() as uow:
        assert [event.seq for event in await uow.audit.page(filters=window)] == right
        assert await uow.audit.count(filters=window) == len([each for each in events if lets_through(each, window)])


async def test_the_last_event_before_a_time_is_found_whatever_the_clocks_said(store: Store) -> None:
    events = await write_log(store)
    async with store.read() as uow:
        for minutes in (-100_000, 5, 30, 55, 100_000):
            at = BEGAN + timedelta(minutes=minutes)
            first = min((event.seq for event in events if event.at >= at), default=len(events) + 1)
            assert await uow.audit.last_before(at) == first - 1
        assert await uow.audit._scope.session.scalar(select(func.count()).select_from(AuditStretchRow))


async def test_a_verification_says_where_other_times_are_kept(store: Store) -> None:
    """What they say is believed where a window of time is asked for: events could be hidden by them."""
    await write_log(store)
    async with store.read() as uow:
        assert (await uow.audit.verify()).intact
    later = BEGAN + timedelta(days=400)
    async with store.write() as uow:
        wrong = update(AuditStretchRow).where(AuditStretchRow.number == 3).values(earliest=later, latest=later)
        await uow.audit._scope.session.execute(wrong)
    async with store.read() as uow:
        [finding] = (await uow.audit.verify()).findings
    assert (finding.seq, finding.problem) == (2 * STRETCH + 1, ChainProblem.CHANGED)
    assert f"{2 * STRETCH + 1} to {3 * STRETCH}" in finding.details


async def test_times_that_somebody_kept_before_hold_up_no_event(store: Store) -> None:
    """A row of that table is nothing that is proved: whoever has put one there must not keep the log from going on."""
    later = BEGAN + timedelta(days=400)
    async with store.write() as uow:
        planted = [
            {"tenant_id": store.tenant_id, "number": number, "earliest": later, "latest": later} for number in (1, 2)
        ]
        await uow.audit._scope.session.execute(insert(AuditStretchRow), planted)
    events = await write_log(store)
    assert len(await times(store)) == len(events) // STRETCH
    async with store.read() as uow:
        assert (await uow.audit.verify()).intact


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_sqlite_looks_up_what_leaves_the_fewest_events(store: Store, database_url: str) -> None:
    """It knows nothing of how often a value is there, and took the index of whatever else was asked for."""
    await write_log(store, 30)
    ran: list[str] = []
    async with store.read() as uow:
        # What reaches SQLite, whichever way it goes there, with the values in their places.
        uow.audit._scope.driver._driver.driver.set_trace_callback(ran.append)
        some = random.Random(6).sample(list(combinations()), 60)  # noqa: S311 - a seed, not a secret
        for filters in (AuditFilter(actor="U1"), AuditFilter(kind="check.asked"), *some):
            await uow.audit.page(filters=filters)
        uow.audit._scope.driver._driver.driver.set_trace_callback(None)
    plans: set[str] = set()
    ends: set[str] = set()
    with contextlib.closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as database:
        for statement in ran:
            if "FROM audit_events" in statement:
                rows = database.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
                of = ends if " AS first_0" in statement else plans
                of.update(row[3] for row in rows if "audit_events" in row[3])

    def looked_up(plans: set[str]) -> set[str]:
        return {plan.partition("(")[2].removesuffix(")").removeprefix("tenant_id=? AND ") for plan in plans}

    among = " AND seq>? AND seq<?"
    assert looked_up(ends) == {"actor=?", "kind=?", "request_id=?"}
    assert looked_up(plans) == {
        "seq=?",
        among.removeprefix(" AND "),
        *(f"{by}{among}" for by in ("actor=?", "kind=?", "actor=? AND kind=?", "target=?", "request_id=?")),
    }
