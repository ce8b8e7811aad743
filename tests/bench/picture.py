"""What the picture of a tenant's lists takes in a process: bytes for each entry, and how soon it can be asked.

Part of `python -m tests.bench.start`. The picture is the last snapshot, as a bot that starts reads it from the
database, with the index that answers a check. What is to be reached: loaded within 300 ms, indexed within 300 ms, a
verdict within 20 µs.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.indicators.reader import read
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.verdict.verdict import judge
from bot.garbage import look_seldom
from bot.store import Store
from bot.store.migrate import migrate
from tests.bench.snapshots import full_tenant, save

#: Entries in all, in four lists.
_SIZES = (6_000, 60_000)
_ROUNDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Times in milliseconds, the verdict's in microseconds; bytes for each entry."""

    what: str
    loaded: float
    indexed: float
    verdict: float
    bytes_held: float
    bytes_indexed: float

    @property
    def line(self) -> str:
        return (
            f"loaded in {self.loaded:5.0f} ms, indexed in {self.indexed:5.0f} ms, a verdict in {self.verdict:4.0f} µs, "
            f"{self.bytes_held:5.0f} + {self.bytes_indexed:.0f} bytes an entry"
        )


async def _loaded(url: str) -> Snapshot:
    store = Store(url, tenant_id="bench")
    async with store.read() as uow:
        lists = await uow.snapshots.load()
    await store.close()
    assert lists is not None
    return lists


async def _timed(url: str) -> tuple[Snapshot, float]:
    store = Store(url, tenant_id="bench")
    await store.ping()
    began = time.perf_counter()
    async with store.read() as uow:
        lists = await uow.snapshots.load()
    took = time.perf_counter() - began
    await store.close()
    assert lists is not None
    return lists, took


def _picture(entries: int) -> Picture:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        asyncio.run(_keep(url, entries))
        loading: list[float] = []
        indexing: list[float] = []
        for _ in range(3):
            lists, took = asyncio.run(_timed(url))
            loading.append(took)
            began = time.perf_counter()
            index = ListIndex(lists)
            indexing.append(time.perf_counter() - began)
        judging: list[float] = []
        asked = [read(text) for text in ("user77@bad77.example", f"{77:064x}", "2001:db8:4d::1", "new.example")]
        for _ in range(_ROUNDS):
            for indicator in asked:
                began = time.perf_counter()
                judge(indicator, lists, now=lists.as_of, index=index)
                judging.append(time.perf_counter() - began)
        del lists, index
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        held = asyncio.run(_loaded(url))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        indexed = ListIndex(held)
        gc.collect()
        last, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert indexed.entries is not None
    return Picture(
        what=f"the picture of {entries:,} entries",
        loaded=min(loading) * 1e3,
        indexed=min(indexing) * 1e3,
        verdict=statistics.median(judging) * 1e6,
        bytes_held=(after - before) / entries,
        bytes_indexed=(last - after) / entries,
    )


async def _keep(url: str, entries: int) -> None:
    await migrate(url)
    store = Store(url, tenant_id="bench")
    await save(store, full_tenant(entries // 4))
    await store.close()


def pictures() -> Iterator[Picture]:
    """The picture of a usual tenant, and of a full one."""
    look_seldom()  # as the bot does
    for entries in _SIZES:
        yield _picture(entries)
