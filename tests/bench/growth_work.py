"""How cost grows with the indicators of a proposal and an import; what a command costs beside long lists and logs."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from bot.domain.indicators.reader import read
from bot.domain.lists.traits import Plan
from bot.domain.policies.case import Rules
from bot.domain.reading.import_lines import read_plain_lines
from bot.store import Store
from bot.store.migrate import migrate
from bot.workflow.asking.check import check
from bot.workflow.shared.context import Context
from tests.bench import large_logs as made
from tests.bench.growth_lists import ENTRIES
from tests.bench.growth_log import EVENTS
from tests.bench.growth_measured import TIMES, Growth, grown, in_turn, in_turn_there
from tests.bench.imports import judging
from tests.bench.snapshots import full_tenant, save
from tests.support.people import REQUESTER
from tests.support.proposing import drafted, propose_all
from tests.support.stand_ins import unreached_tenant

#: What one incident brings; a hundred times of it is the most that one import takes.
INDICATORS = tuple(100 * times for times in TIMES)

_RULES = Rules(plan=Plan.PLAN2)
_NUMBERS = count()
_WORD = re.compile(r"[a-z0-9.-]+\.[a-z]{2,}")
_ROW = "one row inserted and committed by the driver"


def of_imports() -> Iterator[Growth]:
    """The row of reading and judging the lines of a file, beside a full tenant's lists."""
    lists = full_tenant(ENTRIES[-1] // 4)
    listed = {entry.value for entry in lists.entries}

    def one(indicators: int) -> tuple[float, float]:
        text = "\n".join(f"new{number}.example" for number in range(indicators))
        return in_turn(
            lambda: judging(read_plain_lines(text), lists),
            lambda: [line for line in text.splitlines() if _WORD.fullmatch(line) and line not in listed],
            rounds=3,
        )

    yield grown(
        "lines of an import read and judged", "indicators", "each line matched and looked for among the entries",
        INDICATORS, map(one, INDICATORS),
    )  # fmt: skip


async def of_proposals() -> AsyncIterator[Growth]:
    """The row of a proposal, from its indicators to what is committed."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/proposals.sqlite3"
        await migrate(url)
        async with _context(url, "bench") as context:
            # Nothing is on the lists yet: ten thousand is what they take.
            await save(context.store, replace(full_tenant(0), as_of=context.now()))
            for indicators in INDICATORS:

                async def ours(indicators: int = indicators) -> None:
                    number = next(_NUMBERS)
                    await _propose(context, *(f"bad{number}x{each}.example" for each in range(indicators)))

                with _rows_by_driver(Path(folder) / "rows.sqlite3") as insert:
                    limit = _awaited(insert, indicators)
                    found.append(await in_turn_there(ours, limit, rounds=3))
    yield grown(
        "proposal written down", "indicators", "as many rows inserted and committed by the driver", INDICATORS, found
    )


async def beside_lists() -> AsyncIterator[Growth]:
    """The rows of one check and one proposed block, beside lists of each size."""
    found: dict[str, list[tuple[float, float]]] = {"check": [], "block": []}
    for entries in ENTRIES:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/lists.sqlite3"
            await migrate(url)
            async with _context(url, "bench") as context:
                await save(context.store, replace(full_tenant(entries // 4), as_of=context.now()))
                await _both(context, Path(folder), found)
    for what, times in found.items():
        yield grown(f"one {what}, beside the lists", "entries", _ROW, ENTRIES, times)


async def beside_logs(urls: Sequence[str]) -> AsyncIterator[Growth]:
    """The same beside logs of each size, which are copied: what is measured writes."""
    found: dict[str, list[tuple[float, float]]] = {"check": [], "block": []}
    for url in urls:
        log = Path(url.removeprefix("sqlite:///"))
        with tempfile.TemporaryDirectory(dir=log.parent) as folder:
            copied = Path(folder) / "log.sqlite3"
            await asyncio.to_thread(shutil.copyfile, log, copied)
            async with _context(f"sqlite:///{copied}", made.TENANT) as context:
                await save(context.store, replace(full_tenant(ENTRIES[1] // 4), as_of=context.now()))
                await _both(context, Path(folder), found)
    for what, times in found.items():
        yield grown(f"one {what}, beside the log", "events", _ROW, EVENTS, times)


async def _both(context: Context, folder: Path, found: dict[str, list[tuple[float, float]]]) -> None:
    async def one_check() -> None:
        number = next(_NUMBERS)
        indicators = [read(f"host{number}.example")]
        answer = await check(
            context, actor=REQUESTER, indicators=indicators, delivery=f"check {number}", response_url=""
        )
        assert answer.verdicts

    async def one_block() -> None:
        number = next(_NUMBERS)
        # Of a list that isn't full yet, whatever the tenant has.
        await _propose(context, f"198.18.{number // 256}.{number % 256}")

    with _rows_by_driver(folder / "rows.sqlite3") as insert:
        for what, ours in (("check", one_check), ("block", one_block)):
            found[what].append(await in_turn_there(ours, _awaited(insert, 1), rounds=60))


async def _propose(context: Context, *values: str) -> None:
    done = await propose_all(context, actor=REQUESTER, proposals=drafted(context, *values), most=INDICATORS[-1])
    assert done.requests


@asynccontextmanager
async def _context(url: str, tenant_id: str) -> AsyncIterator[Context]:
    store, tenant = Store(url, tenant_id=tenant_id), unreached_tenant()
    yield Context(store=store, tenant=tenant, rules=_RULES, now=lambda: datetime.now(UTC))
    await store.close()
    await tenant.close()


@contextmanager
def _rows_by_driver(path: Path) -> Iterator[Callable[[int], None]]:
    """A way to insert and commit so many rows, with a disk that is waited for as the bot waits for it."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, value TEXT, state TEXT, said TEXT)")

    def insert(rows: int) -> None:
        database.execute("BEGIN IMMEDIATE")
        said = ((f"bad{each}.example", "pending", "Phishing wave") for each in range(rows))
        database.executemany("INSERT INTO rows (value, state, said) VALUES (?, ?, ?)", said)
        database.execute("COMMIT")

    yield insert
    database.close()


def _awaited(insert: Callable[[int], None], rows: int) -> Callable[[], Awaitable[None]]:
    async def awaited() -> None:
        insert(rows)

    return awaited
