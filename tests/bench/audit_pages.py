"""How long a page of a long audit log takes, for all that can be asked for and any two of it, on both databases.

`python -m tests.bench.audit_pages [--folder FOLDER] [--events N …] [--only sqlite|postgresql]`; the logs are made once,
see `tests.bench.large_logs`. What is to be reached, of five million events: 95 of 100 pages of 50 within 5 ms on SQLite
and 10 ms on PostgreSQL, whatever is asked for, also where nothing answers it. Beside it stands the raw limit: one
statement of the driver's that reads the same number of rows by their numbers.

What counts is the processor's time of a page, this process's and that of the server's process that answers it: by the
clock a page on a busy machine takes as long as the others let it. The clock is told beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any

import asyncpg
from sqlalchemy import text

from bot.domain.lists.narrower import narrower_than
from bot.domain.lists.wider import wider_values
from bot.domain.reading.lines import read_as_logged
from bot.garbage import look_seldom
from bot.store import AuditFilter, Store
from tests.bench import large_logs as made
from tests.bench.growth_measured import worked

_ROUNDS = 20
_LIMIT = 50


def about(value: str, *, within: bool = False) -> dict[str, Any]:
    """What is asked for who names an indicator; `within`: with all that it covers, which is looked for in the log."""
    indicator = read_as_logged(value)
    narrower = narrower_than(indicator) if within or os.environ.get("WITHIN") else None
    return {"target": indicator.value, "wider": wider_values(indicator), "narrower": narrower}


def cases(count: int) -> dict[str, dict[str, dict[str, Any]]]:
    """What can be asked for, by its sort, each in some ways: often, seldom, never."""

    def window(first: float, last: float) -> dict[str, Any]:
        return {"since": made.BEGAN + first * count * made.EACH, "until": made.BEGAN + last * count * made.EACH}

    return {
        "person": {
            "frequent": {"actor": made.FREQUENT},
            "checks only": {"actor": made.CHECKER},
            "rare": {"actor": made.RARE},
            "nobody": {"actor": made.NOBODY},
        },
        "indicator": {
            "frequent": about(made.OFTEN),
            "rare": about(made.SELDOM),
            "never": about(made.NEVER),
            "an address": about("198.18.3.4"),
            "a network": about("198.18.3.0/24"),
        },
        "kind": {
            "frequent": {"kinds": frozenset({"check.asked"})},
            "several": {"kinds": frozenset({"request.applied", "request.partly_applied", "item.applied"})},
            "denied": {"kinds": frozenset({"request.denied"})},
            "never": {"kinds": frozenset({"request.emergency", "request.kept"})},
        },
        "request": {
            "small": {"proposal_id": 7},
            "large": {"proposal_id": made.LARGE_EVERY // 2},
            "none": {"proposal_id": 10**9},
        },
        "window": {
            "a day": window(0.5, 0.5 + 3_456 / count),
            "long ago": window(0.01, 0.2),
            "wide": window(0.001, 0.999),
            "before it began": window(-1.0, -0.5),
            "newest": {"since": made.BEGAN + count * made.EACH - timedelta(hours=1)},
        },
    }


def _places(count: int) -> tuple[tuple[str, dict[str, Any]], ...]:
    return ("first", {}), ("deep", {"before_seq": count // 3}), ("up", {"after_seq": count // 3})


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of some rounds, in the order of their lengths: of the processor, and by the clock."""

    worked: list[float]
    clock: list[float]

    @property
    def half(self) -> float:
        return self.worked[len(self.worked) // 2]

    @property
    def p95(self) -> float:
        return _p95(self.worked)


async def _timed(work: Callable[[], Awaitable[Any]], server: int | None = None) -> tuple[Took, Any]:
    computing: list[float] = []
    clock: list[float] = []
    given = None
    for _ in range(_ROUNDS):
        began, before = time.perf_counter(), worked(server)
        given = await work()
        computing.append((worked(server) - before) * 1000)
        clock.append((time.perf_counter() - began) * 1000)
        if sum(clock) > 2_000 and len(clock) > 4:
            break
    return Took(sorted(computing), sorted(clock)), given


async def server_of(store: Store) -> int | None:
    """The server's process that answers a store's only connection; None on SQLite, which has none."""
    async with store.read() as uow:
        scope = uow.audit._scope
        if scope.dialect.name != "postgresql":
            return None
        return int((await scope.connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())


def _p95(took: list[float]) -> float:
    return took[math.ceil(0.95 * len(took)) - 1]


async def raw(url: str, count: int) -> Took:
    """The least that a page costs: its rows by their numbers, by the driver alone."""
    first = count // 2
    query = "SELECT * FROM audit_events WHERE tenant_id = {} AND seq > {} ORDER BY seq LIMIT 50"
    if url.startswith("sqlite"):
        database = sqlite3.connect(url.removeprefix("sqlite:///"))

        async def one() -> object:
            return database.execute(query.format("?", "?"), (made.TENANT, first)).fetchall()

        took, _ = await _timed(one)
        database.close()
        return took
    connection = await asyncpg.connect(url)
    server = connection.get_server_pid()
    took, _ = await _timed(lambda: connection.fetch(query.format("$1", "$2"), made.TENANT, first), server)
    await connection.close()
    return took


async def measure(url: str, count: int, target: float, word: str, *, every: bool) -> None:
    """Ask for all of it, and print the slowest of each sort, or all."""
    store = Store(url, tenant_id=made.TENANT)
    sorts = cases(count)
    least = await raw(url, count)
    server = await server_of(store)
    sys.stdout.write(
        f"\n{url.partition(':')[0]}, {count:,} events, load {os.getloadavg()[0]:.1f}; raw {least.half:.2f} ms,"
        f" by the clock {_p95(least.clock):.2f} ms for 95 of 100\n"
    )
    asked: dict[str, dict[str, dict[str, Any]]] = {"all": {"": {}}, **sorts}
    for one, other in combinations(sorts, 2):
        asked[f"{one} and {other}"] = {
            f"{first}, {second}": {**sorts[one][first], **sorts[other][second]}
            for first in sorts[one]
            for second in sorts[other]
        }
    asked_for = missed = halves = 0
    for sort, ways in asked.items():
        if word not in sort:
            continue
        slowest = (0.0, 0.0, "", 0)
        for way, options in ways.items():
            for place, page in _places(count):
                filters = AuditFilter(**options, **page, limit=_LIMIT)

                async def look(filters: AuditFilter = filters) -> int:
                    async with store.read() as uow:
                        return len(await uow.audit.page(filters=filters))

                took, found = await _timed(look, server)
                asked_for += 1
                missed += took.p95 > target
                halves += took.half > target
                slowest = max(slowest, (took.p95, took.half, f"{way}, {place}", found))
                if every or took.p95 > target:
                    sys.stdout.write(
                        f"    {sort}: {way}, {place}: {took.half:.1f}, {took.p95:.1f} ms;"
                        f" by the clock {_p95(took.clock):.1f}; {found}\n"
                    )
                    sys.stdout.flush()
        p95, half, way, found = slowest
        sys.stdout.write(
            f"{sort:22} {half:7.2f} ms, 95 of 100 in {p95:7.2f}, {p95 / least.p95:5.1f} of raw: {way}; {found}\n"
        )
        sys.stdout.flush()
    sys.stdout.write(
        f"{missed} of {asked_for} missed {target:.0f} ms, {halves} of them by half of their pages;"
        f" load {os.getloadavg()[0]:.1f}\n"
    )
    await store.close()


async def run(given: argparse.Namespace) -> None:
    look_seldom()  # as the bot does
    kinds = [given.only] if given.only else ["sqlite", "postgresql"]
    async with made.large_logs(made.folder_of(given.folder), given.events, kinds) as urls:
        for kind, target in (("sqlite", 5.0), ("postgresql", 10.0)):
            for count, url in zip(given.events, urls.get(kind, ()), strict=False):
                await measure(url, count, target, given.sort, every=given.every)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="")
    parser.add_argument("--events", nargs="*", type=int, default=[made.USUAL, made.TIMES_10, made.TIMES_100])
    parser.add_argument("--only", default="")
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--sort", default="", help="only what has this word in its name")
    asyncio.run(run(parser.parse_args()))
