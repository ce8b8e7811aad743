"""The audit log on both databases: only inserts, one chain, and every kind of tampering named."""

# ruff: noqa: S608 - tampering is what these statements are for

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from bot.domain.auditing.chain import ChainFindings
from bot.domain.auditing.events import EventKind, NewEvent, chain_hash, compose, genesis
from bot.domain.auditing.query import TOPICS
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.narrower import narrower_than
from bot.domain.reading.lines import read_only
from bot.errors import ChainBroken, StoreError
from bot.store import AuditFilter, Store
from bot.store.audit_tables import AuditEventRow, AuditHeadRow
from bot.store.scope import ROWS_AT_ONCE
from tests.integration.databases import TENANT, Clock
from tests.support.requests import add_request
from tests.support.tampering import run_raw, triggers_off


async def write_events(store: Store, count: int) -> None:
    async with store.write() as uow:
        for number in range(1, count + 1):
            await uow.audit.append(
                EventKind.CHECK_ASKED,
                actor=f"U{number % 3}",
                target=f"target {number}",
                request_id=number,
                payload={"number": number, "text": "ü\0", "list": [1, None, True]},
                at=store.clock() + timedelta(seconds=number),
            )


async def verify(store: Store) -> ChainFindings:
    async with store.read() as uow:
        return await uow.audit.verify()


def named(findings: ChainFindings) -> list[tuple[int, str]]:
    return [(finding.seq, finding.problem.value) for finding in findings.findings]


async def tamper(url: str, *statements: str) -> None:
    """Do to the log what somebody with the database's password can do: triggers off, then anything."""
    await run_raw(url, *triggers_off(url), *statements)


async def test_events_come_back_as_they_were_appended(store: Store) -> None:
    at = store.clock()
    async with store.write() as uow:
        appended = [
            await uow.audit.append(EventKind.REQUEST_PROPOSED, actor="U1", target="evil.example", request_id=1, at=at),
            await uow.audit.append(EventKind.REQUEST_DENIED, actor="U2", payload={"why": "no\0", "at": at}, at=at),
        ]
    assert [event.seq for event in appended] == [1, 2]
    async with store.read() as uow:
        assert await uow.audit.page() == appended[::-1]


async def test_a_story_has_news_once_an_event_that_it_tells_comes_after_a_number(store: Store) -> None:
    async with store.write() as uow:
        for kind, request_id in (
            (EventKind.REQUEST_PROPOSED, 1),
            (EventKind.REQUEST_REVIEWED, 2),
            (EventKind.REQUEST_APPLIED, 1),
            (EventKind.CHECK_ASKED, 1),  # no part of any story
        ):
            await uow.audit.append(kind, actor="U1", request_id=request_id, at=store.clock())
    for requests, after, has_news in (
        ([1], 0, True),
        ([1], 2, True),
        ([1], 3, False),
        ([2], 1, True),
        ([2], 2, False),
        ([1, 2], 2, True),
        ([1, 2], 3, False),
        ([3], 0, False),
    ):
        async with store.read() as uow:
            assert await uow.audit.has_news(requests, after=after) is has_news, (requests, after)
            told = [step.last for number in requests for step in await uow.audit.story(number)]
            assert any(last > after for last in told) is has_news, (requests, after)
    async with store.read() as uow:
        assert not await uow.audit.has_news([1], after=0, but=(1, 3))
        assert await uow.audit.has_news([1, 2], after=0, but=(1, 3))
        assert await uow.audit.has_news([1], after=0, but=(1, 2))


async def test_which_was_approved_later_is_known_by_the_numbers_of_the_events(store: Store) -> None:
    at = store.clock()
    async with store.write() as uow:
        for request_id, kind, later in (
            (7, EventKind.REQUEST_PROPOSED, 0),
            (9, EventKind.REQUEST_APPROVED, 60),  # by a replica whose clock is ahead
            (7, EventKind.REQUEST_APPROVED, 0),
            (8, EventKind.REQUEST_REVIEWED, 0),
            (7, EventKind.REQUEST_TRIED_AGAIN, 90),
        ):
            await uow.audit.append(kind, actor="U1", request_id=request_id, at=at + timedelta(seconds=later))
    async with store.read() as uow:
        assert await uow.audit.approvals([7, 8, 9, 10]) == {9: 2, 7: 3}
        assert await uow.audit.approvals([]) == {}


async def test_a_transaction_that_fails_leaves_no_event(store: Store) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012 - the block is what fails
        async with store.write() as uow:
            await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", at=store.clock())
            raise RuntimeError
    await write_events(store, 2)
    findings = await verify(store)
    assert findings.intact
    assert findings.events == 2


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (AuditFilter(), [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        (AuditFilter(limit=2), [9, 8]),
        (AuditFilter(limit=2, before_seq=8), [7, 6]),
        (AuditFilter(limit=2, after_seq=3), [5, 4]),
        (AuditFilter(kinds=frozenset({"check.asked"}), limit=1), [9]),
        (AuditFilter(kinds=frozenset({"request.denied"})), []),
        (AuditFilter(decisions=frozenset({"approve"})), []),
        (AuditFilter(actor="U0"), [9, 6, 3]),
        (AuditFilter(actor="U0", before_seq=9, limit=1), [6]),
        (AuditFilter(target="target 4"), [4]),
        (AuditFilter(request_id=5), [5]),
        (AuditFilter(kind="check.asked", limit=1), [9]),
        (AuditFilter(kind="request.denied"), []),
        (AuditFilter(since=Clock().now + timedelta(seconds=8)), [9, 8]),
        (AuditFilter(until=Clock().now + timedelta(seconds=3)), [2, 1]),
        (AuditFilter(target="' OR 1=1 --"), []),
    ],
)
async def test_pages(store: Store, filters: AuditFilter, expected: list[int]) -> None:
    await write_events(store, 9)
    async with store.read() as uow:
        assert [event.seq for event in await uow.audit.page(filters=filters)] == expected


async def test_writers_at_once_make_one_chain(open_store: Callable[..., Store]) -> None:
    stores = [open_store() for _ in range(4)]
    await asyncio.gather(*(write_events(store, 1) for store in stores for _ in range(5)))
    findings = await verify(stores[0])
    assert findings.intact
    assert findings.events == 20


async def test_others_have_the_event_loop_while_many_events_are_appended(store: Store) -> None:
    events = [
        NewEvent(kind=EventKind.PORTAL_REMOVED, actor="portcullis", target=f"bad{number}.example", at=store.clock())
        for number in range(6_000)
    ]
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.0001)

    async with store.write() as uow:
        await uow.audit.head()
        beside = asyncio.create_task(take_turns())
        appended = await uow.audit.append_all(events)
        beside.cancel()
    # In one call of the driver's there would be a handful.
    assert turns > len(events) / ROWS_AT_ONCE
    assert [each.seq for each in appended] == list(range(1, 6_001))
    findings = await verify(store)
    assert (findings.intact, findings.events) == (True, 6_000)


async def test_what_fails_among_many_rows_leaves_none_of_them(store: Store) -> None:
    events = [NewEvent(kind=EventKind.CHECK_ASKED, actor="U1", at=store.clock()) for _ in range(600)]
    wrong = NewEvent(kind=EventKind.CHECK_ASKED, actor="U1", payload={"share": 0.5}, at=store.clock())

    async def append() -> None:
        async with store.write() as uow:
            await uow.audit.append_all(events)
            await uow.audit.append_all([*events, wrong])

    with pytest.raises(TypeError):
        await append()
    assert (await verify(store)).events == 0


async def test_each_tenant_has_its_own_chain(open_store: Callable[..., Store]) -> None:
    contoso, fabrikam = open_store(tenant_id="contoso"), open_store(tenant_id="fabrikam")
    for store in (contoso, fabrikam, contoso):
        await write_events(store, 2)
    assert (await verify(contoso)).events == 4
    assert (await verify(fabrikam)).events == 2
    async with contoso.read() as uow:
        assert await uow.audit.tenants() == ["contoso", "fabrikam"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'UFORGED' WHERE seq = 2",
        "UPDATE audit_events SET actor = actor",
        "DELETE FROM audit_events WHERE seq = 3",
        "DELETE FROM audit_events",
        "DELETE FROM audit_heads",
        "UPDATE audit_heads SET seq = 1",
        "UPDATE audit_heads SET tenant_id = 'another', seq = seq + 1",
        "INSERT INTO audit_heads (tenant_id, seq, hash) VALUES ('another', 9, '')",
        f"INSERT INTO audit_heads (tenant_id, seq, hash) VALUES ('{TENANT}', 0, '')",
    ],
)
async def test_triggers_refuse_every_change(store: Store, database_url: str, statement: str) -> None:
    await write_events(store, 3)
    with pytest.raises(Exception, match=r"append-only|duplicate key"):
        await run_raw(database_url, statement)
    assert (await verify(store)).intact


async def test_triggers_refuse_what_only_one_database_has(store: Store, database_url: str) -> None:
    await write_events(store, 3)
    if database_url.startswith("sqlite"):
        columns = "tenant_id, seq, at, kind, actor, target, request_id, payload, previous_hash, hash"
        statements = [
            f"INSERT OR REPLACE INTO audit_events (id, {columns}) SELECT id, {columns} FROM audit_events WHERE seq = 2",
            f"REPLACE INTO audit_events ({columns}) SELECT {columns} FROM audit_events WHERE seq = 2",
            f"INSERT OR REPLACE INTO audit_heads (tenant_id, seq, hash) VALUES ('{TENANT}', 9, '')",
            f"INSERT OR REPLACE INTO audit_heads (tenant_id, seq, hash) VALUES ('{TENANT}', 0, '')",
            f"REPLACE INTO audit_heads (tenant_id, seq, hash) VALUES ('{TENANT}', 0, '')",
        ]
    else:
        statements = [
            "TRUNCATE audit_events",
            "TRUNCATE audit_heads",
            "TRUNCATE audit_events CASCADE",
            f"INSERT INTO audit_heads VALUES ('{TENANT}', 0, '') ON CONFLICT (tenant_id) DO UPDATE SET seq = 0",
        ]
    for statement in statements:
        with pytest.raises(Exception, match="append-only"):
            await run_raw(database_url, statement)
    assert (await verify(store)).events == 3


async def test_a_refusal_reaches_the_caller_as_a_store_error(store: Store) -> None:
    await write_events(store, 1)
    with pytest.raises(StoreError, match="takes only new rows"):
        async with store.write() as uow:
            await uow.audit._scope.session.execute(text("DELETE FROM audit_events"))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE audit_events SET actor = 'UFORGED' WHERE seq = 4"], [(4, "changed")]),
        (["UPDATE audit_events SET kind = 'request.denied' WHERE seq = 10"], [(10, "changed")]),
        (["UPDATE audit_events SET request_id = NULL WHERE seq = 1"], [(1, "changed")]),
        (["UPDATE audit_events SET tenant_id = 'another' WHERE seq = 6"], [(6, "missing")]),
        (["UPDATE audit_events SET hash = previous_hash WHERE seq = 3"], [(3, "changed")]),
        (["""UPDATE audit_events SET payload = '{"number":5}' WHERE seq = 5"""], [(5, "changed")]),
        (["""UPDATE audit_events SET payload = '{"number":5.5}' WHERE seq = 5"""], [(5, "changed")]),
        (["""UPDATE audit_events SET payload = '[]' WHERE seq = 5"""], [(5, "changed")]),
        (["DELETE FROM audit_events WHERE seq = 1"], [(1, "missing")]),
        (["DELETE FROM audit_events WHERE seq IN (4, 5)"], [(4, "missing"), (5, "missing")]),
        (["DELETE FROM audit_events WHERE seq > 8"], [(9, "missing"), (10, "missing")]),
        (["DELETE FROM audit_events"], [(seq, "missing") for seq in range(1, 11)]),
        (["DELETE FROM audit_heads"], [(0, "missing")]),
        (
            [f"UPDATE audit_events SET seq = {to} WHERE seq = {seq}" for seq, to in ((3, 99), (4, 3), (99, 4))],
            [(3, "reordered"), (4, "reordered")],
        ),
        (["UPDATE audit_events SET seq = 99 WHERE seq = 7"], [(99, "reordered")]),
        (
            [
                """INSERT INTO audit_events
                (tenant_id, seq, at, kind, actor, target, request_id, payload, previous_hash, hash)
                SELECT tenant_id, 11, at, kind, 'UFORGED', target, request_id, payload, hash, 'forged'
                FROM audit_events WHERE seq = 10"""
            ],
            [(11, "changed"), (11, "added")],
        ),
    ],
    ids=lambda value: value[0][:60] if value and isinstance(value[0], str) else "",
)
async def test_tampering_is_named(
    store: Store, database_url: str, statements: list[str], expected: list[tuple[int, str]]
) -> None:
    await write_events(store, 10)
    assert (await verify(store)).intact
    await tamper(database_url, *statements)
    assert named(await verify(store)) == expected


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        "payload = 'no JSON'",
        "payload = x'ff'",
        # Reads the same in Python, and another value in SQL.
        """payload = '{"number":666,"list":[1,null,true],"number":5,"text":"ü�"}'""",
        "at = 'yesterday'",
        "at = substr(at, 1, 19)",
        "actor = x'00'",
        "hash = 12",
        # The same value, in other words.
        """payload = '{"list":[1,null,true],"number":5.0,"text":"ü�"}'""",
        """payload = '{"number":5,"list":[1,null,true],"text":"ü�"}'""",
        """payload = payload || ' '""",
        "at = substr(at, 1, 10) || 'T' || substr(at, 12)",
        "at = at || '+00:00'",
        "request_id = 1.5",
        "kind = CAST(kind AS BLOB)",
        "target = target || char(0)",
    ],
)
async def test_what_sqlite_lets_into_a_column_is_a_changed_row(store: Store, database_url: str, change: str) -> None:
    await write_events(store, 10)
    await tamper(database_url, f"UPDATE audit_events SET {change} WHERE seq = 5")
    assert named(await verify(store)) == [(5, "changed")]


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        # The same day and time, 4,059 years earlier.
        "at = (to_char(timezone('UTC', at), 'YYYY-MM-DD HH24:MI:SS.US') || '+00 BC')::timestamptz",
        "at = 'infinity'",
        "at = '-infinity'",
        "at = at + interval '10000 years'",
        "at = at + interval '1 microsecond'",
        """payload = jsonb_set(payload, '{number}', '5.0')""",
        """payload = to_jsonb(payload::text)""",
    ],
)
async def test_what_postgresql_lets_into_a_column_is_a_changed_row(
    store: Store, database_url: str, change: str
) -> None:
    await write_events(store, 10)
    await tamper(database_url, f"UPDATE audit_events SET {change} WHERE seq = 5")
    assert named(await verify(store)) == [(5, "changed")]


async def test_no_row_is_appended_to_a_log_whose_head_was_moved(store: Store, database_url: str) -> None:
    await write_events(store, 5)
    await tamper(database_url, "UPDATE audit_heads SET seq = 3")
    with pytest.raises(ChainBroken, match="goes on beyond its recorded end, row 3"):
        await write_events(store, 1)
    assert (await verify(store)).events == 5


async def test_a_long_log_is_verified_in_batches(store: Store, database_url: str) -> None:
    previous, rows = genesis(TENANT), []
    for seq in range(1, 2_101):
        event = compose(seq=seq, tenant_id=TENANT, at=store.clock(), kind=EventKind.CHECK_ASKED, actor="U1")
        fields = {name: getattr(event, name) for name in event.__dataclass_fields__}
        rows.append({**fields, "previous_hash": previous, "hash": (previous := chain_hash(previous, event))})
    async with store.write() as uow:
        await uow.audit._scope.session.execute(insert(AuditEventRow), rows)
        await uow.audit._scope.session.execute(insert(AuditHeadRow), [{"tenant_id": TENANT, "seq": 0, "hash": ""}])
    await tamper(database_url, f"UPDATE audit_heads SET seq = 2100, hash = '{previous}'")
    findings = await verify(store)
    assert findings.intact
    assert findings.events == 2_100


async def test_an_indicator_is_found_in_what_is_about_a_request_that_names_it(store: Store) -> None:
    """Also where the proposal names several, and in requests from before: by the items, which an index finds."""
    at = store.clock()
    names = ["evil.example", "other.example"]
    async with store.write() as uow:
        request = await add_request(uow, store, indicators=[(Kind.DOMAIN, name) for name in names])
        another = await add_request(uow, store, indicators=[(Kind.DOMAIN, "*.example")])
        third = await add_request(uow, store, indicators=[(Kind.DOMAIN, "third.example")])
        for kind, target, about in (
            (EventKind.REQUEST_PROPOSED, "2 sender indicators", request),
            (EventKind.REQUEST_PROPOSED, "*.example", another),
            (EventKind.REQUEST_PROPOSED, "third.example", third),
            (EventKind.ITEM_APPLIED, "evil.example", request),
            (EventKind.ITEM_APPLIED, "other.example", request),
            (EventKind.REQUEST_APPLIED, f"request {request.id}", request),
            (EventKind.CHECK_ASKED, "evil.example", None),
        ):
            number = None if about is None else about.id
            await uow.audit.append(kind, actor="U1", target=target, request_id=number, at=at)

    async def found(**options: Any) -> list[int]:  # noqa: ANN401 - a filter's
        async with store.read() as uow:
            return [event.seq for event in await uow.audit.page(filters=AuditFilter(**options))]

    assert await found(target="evil.example") == [7, 6, 4, 1]
    assert await found(target="evil.example", limit=2) == [7, 6]
    assert await found(target="evil.example", limit=2, before_seq=6) == [4, 1]
    assert await found(target="evil.example", kind="request.proposed") == [1]
    assert await found(target="evil.example", wider=("*.example",)) == [7, 6, 4, 2, 1]
    assert await found(target="other.example") == [6, 5, 1]
    assert await found(target="nobody.example") == []


async def test_a_target_is_found_with_what_lies_within_it(store: Store) -> None:
    async with store.write() as uow:
        request = await add_request(uow, store, indicators=[(Kind.ADDRESS, "ceo@evil.example")])
        await uow.audit.append(EventKind.REQUEST_APPLIED, actor="U1", request_id=request.id, at=store.clock())
        for target in ("a.evil.example", "notevil.example", "evil.example/login", "203.0.113.7", "203.0.114.7"):
            await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", target=target, at=store.clock())

    async def found(text: str) -> list[int]:
        indicator = read_only(text)
        filters = AuditFilter(target=indicator.value, narrower=narrower_than(indicator))
        async with store.read() as uow:
            return [event.seq for event in await uow.audit.page(filters=filters)]

    assert await found("evil.example") == [4, 2, 1]
    assert await found("203.0.113.0/24") == [5]


async def test_what_lies_within_is_looked_for_next_to_where_the_page_begins(store: Store, clock: Clock) -> None:
    for number in range(1, 9):
        async with store.write() as uow:
            await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", target=f"a{number}.evil.example", at=clock())
        clock.advance(hours=1)
    began = clock() - timedelta(hours=8)

    async def found(**options: Any) -> list[int]:  # noqa: ANN401 - a filter's
        indicator = read_only("evil.example")
        filters = AuditFilter(target=indicator.value, narrower=narrower_than(indicator), look_among=3, **options)
        async with store.read() as uow:
            return [event.seq for event in await uow.audit.page(filters=filters)]

    assert await found() == [8, 7, 6]
    assert await found(before_seq=6) == [5, 4, 3]
    assert await found(after_seq=2) == [5, 4, 3]
    assert await found(until=began + timedelta(hours=4, minutes=30)) == [5, 4, 3]


async def test_events_are_found_by_what_was_decided_and_by_the_sort_of_request(store: Store) -> None:
    async with store.write() as uow:
        block = await add_request(uow, store, indicators=[(Kind.DOMAIN, "evil.example")])
        for decision in ("approve", "deny"):
            await uow.audit.append(
                EventKind.REQUEST_REVIEWED,
                actor="U1",
                request_id=block.id,
                payload={"decision": decision},
                at=store.clock(),
            )
        payload = {"operation": "add", "action": "allow", "list": "connection_filter"}
        await uow.audit.append(EventKind.REQUEST_REFUSED, actor="U1", payload=payload, at=store.clock())
        await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", target="evil.example", at=store.clock())

    async def found(**options: Any) -> list[int]:  # noqa: ANN401 - a filter's
        async with store.read() as uow:
            return [event.seq for event in await uow.audit.page(filters=AuditFilter(**options))]

    assert await found(decisions=frozenset({"deny"})) == [2]
    assert await found(decisions=frozenset({"deny"}), kinds=frozenset({"check.asked"})) == [4, 2]
    blocks, ip_allows = (TOPICS[tuple(words.split())].subject for words in ("blocks", "ip allow"))
    assert await found(subjects=frozenset({blocks})) == [2, 1]
    assert await found(subjects=frozenset({ip_allows})) == [3]
    assert await found(subjects=frozenset({blocks, ip_allows})) == [3, 2, 1]


async def test_a_long_target_is_found_by_what_a_row_has_of_it(store: Store) -> None:
    long = "evil.example/" + "a" * 700
    async with store.write() as uow:
        await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", target=long, at=store.clock())
    async with store.read() as uow:
        assert len(await uow.audit.page(filters=AuditFilter(target=long))) == 1
