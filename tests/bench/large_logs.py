"""Audit logs of any size with a chain that verifies, made fast and once: for measuring, on SQLite and PostgreSQL.

`python -m tests.bench.large_logs [folder] [events] …` makes them, some minutes for five million events, and keeps them
in the folder. What they tell of is made up by a fixed seed: people who check values, requests of one item and of ten
thousand, some people, values and kinds often and some hardly ever; clocks that differ by seconds, and some that were
months off. Rows go past the store, with the indexes made afterwards.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg

from bot.domain.auditing.events import genesis
from bot.store.audit_stretches import STRETCH
from bot.store.migrate import migrate
from tests.support.postgres import PostgresServer

TENANT = "11111111-2222-3333-4444-555555555555"
#: What one installation has in a year or so, ten times and a hundred times of it.
USUAL, TIMES_10, TIMES_100 = 50_000, 500_000, 5_000_000

BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
#: So long after each other the events are on average.
EACH = timedelta(seconds=25)

#: Of all people: who acts most, who checks often and does nothing else, who has hardly been there, who never was.
FREQUENT, CHECKER, RARE, NOBODY = "U0FREQUENT", "U0CHECKER0", "U00RARE000", "U00NOBODY0"
OFTEN, SELDOM, NEVER = "busy.example", "rare.example", "never.example"
#: So many items the large requests have, and each so many-th is one.
LARGE, LARGE_EVERY = 10_000, 40_000

_APPROVERS = tuple(f"U0APPROVER{number}" for number in range(5))
_PEOPLE = (FREQUENT, *(f"U0PERSON{number:03}" for number in range(200)))
_WEIGHTS = (40, *(1 for _ in range(200)))
_COLUMNS = ("tenant_id", "seq", "at", "kind", "actor", "target", "request_id", "payload", "previous_hash", "hash")
_BATCH = 20_000


@dataclass(slots=True)
class _Made:
    """What one event says, without its place: who, what, about what, of which request, with what payload as JSON."""

    actor: str
    kind: str
    target: str
    request_id: int | None
    payload: str


@dataclass(slots=True)
class Requests:
    """The requests and items that the events are about, as rows for their tables."""

    requests: list[tuple[Any, ...]] = field(default_factory=list)
    items: list[tuple[Any, ...]] = field(default_factory=list)


def _value(chance: random.Random) -> str:
    drawn = chance.random()
    if drawn < 0.01:
        return OFTEN
    if drawn < 0.2:
        return f"198.18.{int(256 * chance.random() ** 2)}.{chance.randrange(256)}"
    domain = int(40_000 * chance.random() ** 3)
    return f"h{int(20 * chance.random() ** 2)}.bad{domain}.example" if drawn < 0.6 else f"bad{domain}.example"


def _life(number: int, chance: random.Random, made: Requests) -> Iterator[_Made]:
    """A request from its proposal to its confirmation."""
    requester = chance.choices(_PEOPLE, _WEIGHTS)[0]
    count = LARGE if number % LARGE_EVERY == LARGE_EVERY // 2 else 1
    values = [_value(chance) for _ in range(count)]
    made.requests.append((number, requester))
    made.items.extend((number, value) for value in values)
    what = values[0] if count == 1 else f"{count} sender indicators"
    yield _Made(
        requester, "request.proposed", what, number,
        f'{{"action":"block","list":"sender","operation":"add","reason":"Phishing wave {number}"}}',
    )  # fmt: skip
    approver = chance.choice(_APPROVERS)
    decision = "deny" if chance.random() < 0.05 else "approve"
    yield _Made(
        approver, "request.reviewed", f"request {number}", number,
        f'{{"comment":"as asked","decision":"{decision}","version":{number}}}',
    )  # fmt: skip
    if decision == "deny":
        yield _Made(approver, "request.denied", f"request {number}", number, '{"comment":"no"}')
        return
    yield _Made(approver, "request.approved", f"request {number}", number, '{"approvals":1}')
    for value in values:
        yield _Made("portcullis", "item.applied", value, number, '{"outcome":"applied"}')
    yield _Made("portcullis", "request.applied", f"request {number}", number, f'{{"items":{count}}}')
    for value in values:
        yield _Made("portcullis", "item.confirmed", value, number, '{"outcome":"confirmed"}')


def _events(count: int, made: Requests) -> Iterator[_Made]:
    chance = random.Random(1)  # noqa: S311 - a seed, not a secret
    number = left = 0
    rare = {count // 7: RARE, count // 3: RARE, count // 2: RARE}
    seldom = {count // 5, count // 2 + 7}
    at = 0
    while at < count:
        if at in rare or at in seldom:
            yield _Made(rare.get(at, FREQUENT), "check.asked", SELDOM, None, '{"verdict":"not_listed"}')
            at += 1
            continue
        if chance.random() < 0.8:
            who = CHECKER if chance.random() < 0.2 else chance.choices(_PEOPLE, _WEIGHTS)[0]
            yield _Made(who, "check.asked", _value(chance), None, '{"fresh":false,"verdict":"not_listed"}')
            at += 1
            continue
        if chance.random() < 0.05:
            yield _Made(_APPROVERS[0], "audit.read", "audit log", None, '{"events":20,"query":"7d"}')
            at += 1
            continue
        number += 1
        for event in _life(number, chance, made):
            yield event
            left = at = at + 1
            if left in rare or left in seldom:
                yield _Made(rare.get(at, FREQUENT), "check.asked", SELDOM, None, '{"verdict":"not_listed"}')
                at += 1


def chained(count: int, made: Requests) -> Iterator[tuple[Any, ...]]:
    """Rows of a log of so many events, in the order of `_COLUMNS`; times are aware, payloads are JSON as text."""
    chance = random.Random(2)  # noqa: S311 - likewise
    last_hash, sha256 = genesis(TENANT), hashlib.sha256
    seconds = int(EACH.total_seconds())
    for seq, event in enumerate(_events(count, made), start=1):
        if seq > count:
            return
        at = BEGAN + timedelta(
            seconds=seq * seconds + chance.randrange(-5, 5), microseconds=chance.randrange(1_000_000)
        )
        if seq % 1_000_003 == 400_000:
            at += timedelta(days=90)  # somebody set a clock wrongly
        elif seq % 1_000_003 == 600_000:
            at -= timedelta(days=90)
        request = "null" if event.request_id is None else event.request_id
        canonical = (
            f'{{"actor":"{event.actor}","at":"{at:%Y-%m-%dT%H:%M:%S.%f}Z","kind":"{event.kind}",'
            f'"payload":{event.payload},"request_id":{request},"target":"{event.target}","tenant_id":"{TENANT}"}}'
        )
        previous, last_hash = last_hash, sha256(f"{last_hash}\n{canonical}".encode()).hexdigest()
        yield (
            TENANT, seq, at, event.kind, event.actor, event.target, event.request_id, event.payload, previous, last_hash
        )  # fmt: skip


def _batches(count: int, made: Requests) -> Iterator[list[tuple[Any, ...]]]:
    rows = chained(count, made)
    while batch := list(islice(rows, _BATCH)):
        yield batch


_STRETCHES = (
    "INSERT INTO audit_stretches (tenant_id, number, earliest, latest)"  # noqa: S608 - no input
    f" SELECT tenant_id, (seq - 1) / {STRETCH} + 1, min(at), max(at) FROM audit_events"
    f" GROUP BY tenant_id, (seq - 1) / {STRETCH} + 1 HAVING count(*) = {STRETCH}"
)
_REQUEST = {
    "operation": "add", "action": "block", "list": "sender", "reason": "Phishing wave", "status": "applied",
    "approvals_needed": 1, "warnings": "[]", "failure": "",
}  # fmt: skip


async def make_sqlite(path: Path, count: int) -> None:
    """A SQLite file with such a log, migrated to the newest form."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    await migrate(f"sqlite:///{unfinished}")
    database = sqlite3.connect(unfinished, isolation_level=None)
    kept = database.execute(
        "SELECT name, sql, type FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('index', 'trigger')"
        " AND tbl_name IN ('audit_events', 'audit_heads')"
    ).fetchall()
    for name, _, sort in kept:
        database.execute(f"DROP {sort} {name}")
    database.execute("PRAGMA synchronous=OFF")
    database.execute("PRAGMA cache_size=-400000")
    made, last = Requests(), (0, "")
    database.execute("BEGIN")
    for rows in _batches(count, made):
        database.executemany(
            f"INSERT INTO audit_events ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",  # noqa: S608
            [(*row[:2], row[2].strftime("%Y-%m-%d %H:%M:%S.%f"), *row[3:]) for row in rows],
        )
        last = rows[-1][1], rows[-1][9]
    database.execute("INSERT INTO audit_heads (tenant_id, seq, hash) VALUES (?, ?, ?)", (TENANT, *last))
    at = BEGAN.strftime("%Y-%m-%d %H:%M:%S.%f")
    database.executemany(
        f"INSERT INTO requests (id, proposal_id, tenant_id, requester, created_at, lapses_at, {', '.join(_REQUEST)})"  # noqa: S608
        f" VALUES (?, ?, ?, ?, ?, ?, {', '.join('?' * len(_REQUEST))})",
        ((number, number, TENANT, who, at, at, *_REQUEST.values()) for number, who in made.requests),
    )
    database.executemany(
        "INSERT INTO items (tenant_id, request_id, kind, value, state, outcome)"
        " VALUES (?, ?, 'domain', ?, 'confirmed', '')",
        ((TENANT, number, value) for number, value in made.items),
    )
    for _, sql, _ in kept:
        database.execute(sql)
    database.execute(_STRETCHES)
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    unfinished.rename(path)


async def make_postgresql(server: PostgresServer, name: str, count: int) -> None:
    """A database with such a log, migrated to the newest form, and analysed as autovacuum would do it."""
    create = f'CREATE DATABASE "{name}" TEMPLATE template0'
    await asyncio.to_thread(server.run, f'DROP DATABASE IF EXISTS "{name}"', create)
    url = server.url(name)
    await migrate(url)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET maintenance_work_mem = '512MB'")
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'audit_events' AND indexname LIKE 'ix_%'"
        )
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['indexname']}")
        made, last = Requests(), (0, "")
        for rows in _batches(count, made):
            await connection.copy_records_to_table("audit_events", records=rows, columns=_COLUMNS)
            last = rows[-1][1], rows[-1][9]
        await connection.execute("INSERT INTO audit_heads (tenant_id, seq, hash) VALUES ($1, 0, '')", TENANT)
        await connection.execute("UPDATE audit_heads SET seq = $1, hash = $2", *last)
        await connection.copy_records_to_table(
            "requests",
            columns=("id", "proposal_id", "tenant_id", "requester", "created_at", "lapses_at", *_REQUEST),
            records=((number, number, TENANT, who, BEGAN, BEGAN, *_REQUEST.values()) for number, who in made.requests),
        )
        await connection.copy_records_to_table(
            "items",
            columns=("tenant_id", "request_id", "kind", "value", "state", "outcome"),
            records=((TENANT, number, "domain", value, "confirmed", "") for number, value in made.items),
        )
        for index in indexes:
            await connection.execute(index["indexdef"])
        await connection.execute(_STRETCHES)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


@asynccontextmanager
async def large_logs(folder: Path, counts: Sequence[int], kinds: Sequence[str]) -> AsyncIterator[dict[str, list[str]]]:
    """The addresses of such logs, by the kind of database, in the order of their sizes; made if they aren't there."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a measurement's
    server = PostgresServer(folder=folder / "pg", keeps=True) if "postgresql" in kinds else None
    urls: dict[str, list[str]] = {kind: [] for kind in kinds}
    if server is not None:
        await asyncio.to_thread(server.start)
    try:
        for count in counts:
            if "sqlite" in kinds:
                path = folder / f"log-{count}.sqlite3"
                if not path.exists():
                    await _told(f"{count:,} events on SQLite", make_sqlite(path, count))
                urls["sqlite"].append(f"sqlite:///{path}")
            if server is not None:
                done = folder / f"log-{count}.postgresql"
                if not done.exists():
                    await _told(f"{count:,} events on PostgreSQL", make_postgresql(server, f"log_{count}", count))
                    done.touch()
                urls["postgresql"].append(server.url(f"log_{count}"))
        for each in urls.values():
            for url in each:
                await migrate(url)
        yield urls
    finally:
        if server is not None:
            await asyncio.to_thread(server.stop)


async def _told(what: str, work: Any) -> None:  # noqa: ANN401 - any coroutine
    began = time.monotonic()
    await work
    sys.stdout.write(f"{what}: made in {time.monotonic() - began:.0f} s\n")
    sys.stdout.flush()


def folder_of(named: str) -> Path:
    """Where such logs are kept."""
    return Path(named) if named else Path(tempfile.gettempdir()) / "portcullis-bench"


async def _make(named: str, counts: Sequence[int]) -> None:
    async with large_logs(folder_of(named), counts, ("sqlite", "postgresql")):
        pass


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(_make(given[0] if given else "", [*map(int, given[1:])] or [USUAL, TIMES_10, TIMES_100]))
