"""How cost grows with the events of the audit log: its pages, on both databases, and verifying its chain."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from bot.store import AuditFilter, Store
from tests.bench import large_logs as made
from tests.bench.audit_pages import about, cases, server_of
from tests.bench.growth_measured import Growth, grown, in_turn_there
from tests.bench.verify import raw as raw_chain
from tests.bench.verify import verified

EVENTS = (made.USUAL, made.TIMES_10, made.TIMES_100)

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_PAGE = 50
_ROUNDS = 40
_SAME_PAGE = "50 rows by their numbers, by the driver"


def _asked(count: int) -> Mapping[str, Mapping[str, Any]]:
    of = cases(count)
    often, hour = of["indicator"]["frequent"], of["window"]["newest"]
    return {
        "all of it": {},
        "a person": of["person"]["frequent"],
        "a frequent value": often,
        "a day": of["window"]["a day"],
        "that value, in an hour": {**often, **hour},
    }


async def of_pages(kind: str, urls: Sequence[str]) -> AsyncIterator[Growth]:
    """The rows of pages of the log, on the kind of database that stands at these addresses, by their sizes."""
    for what in _asked(EVENTS[0]):
        found = []
        for count, url in zip(EVENTS, urls, strict=True):
            store = Store(url, tenant_id=made.TENANT)
            page, mine = _page(store, _asked(count)[what]), await server_of(store)
            async with _by_numbers(url, count) as (limit, its):
                found.append(await in_turn_there(page, limit, rounds=_ROUNDS, servers=(mine, its)))
            await store.close()
        yield grown(f"page: {what}, {_NAMES[kind]}", "events", _SAME_PAGE, EVENTS, found)


async def of_within(kind: str, urls: Sequence[str]) -> AsyncIterator[Growth]:
    """The row of what the command line asks: everything within a domain, however old."""
    found = []
    for count, url in zip(EVENTS, urls, strict=True):
        store = Store(url, tenant_id=made.TENANT)
        page, mine = _page(store, about(made.OFTEN, within=True)), await server_of(store)
        async with _by_numbers(url, count) as (limit, its):
            found.append(await in_turn_there(page, limit, rounds=3, servers=(mine, its)))
        await store.close()
    yield grown(f"page: all within a domain, {_NAMES[kind]}", "events", _SAME_PAGE, EVENTS, found)


async def of_verifying(urls: Sequence[str]) -> AsyncIterator[Growth]:
    """The row of verifying the chain on SQLite, all of which this process does."""
    found = []
    for count, url in zip(EVENTS, urls, strict=True):
        taken = []
        for _ in range(1 if count > made.TIMES_10 else 3):
            _, limit = await raw_chain(url)
            _, ours = await verified(url, count)
            taken.append((ours, limit))
        found.append((min(ours for ours, _ in taken), min(limit for _, limit in taken)))
    yield grown("chain verified, SQLite", "events", "all rows read by the driver and hashed", EVENTS, found)


def _page(store: Store, options: Mapping[str, Any]) -> Callable[[], Awaitable[None]]:
    filters = AuditFilter(**options, limit=_PAGE)

    async def page() -> None:
        async with store.read() as uow:
            await uow.audit.page(filters=filters)

    return page


@asynccontextmanager
async def _by_numbers(url: str, count: int) -> AsyncIterator[tuple[Callable[[], Awaitable[None]], int | None]]:
    """The least that a page costs, and the server's process that answers it, where there is one."""
    query = "SELECT * FROM audit_events WHERE tenant_id = {} AND seq > {} ORDER BY seq LIMIT {}"
    said = made.TENANT, count // 2, _PAGE
    if url.startswith("sqlite"):
        database = sqlite3.connect(url.removeprefix("sqlite:///"))

        async def here() -> None:
            database.execute(query.format("?", "?", "?"), said).fetchall()

        yield here, None
        database.close()
        return
    connection = await asyncpg.connect(url)

    async def there() -> None:
        await connection.fetch(query.format("$1", "$2", "$3"), *said)

    yield there, connection.get_server_pid()
    await connection.close()
