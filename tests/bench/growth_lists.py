"""How cost grows with the entries of the tenant's lists: their picture, its index, a verdict, which entry is meant."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.domain.indicators.reader import read
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.policies.drafting import which_action
from bot.domain.verdict.verdict import judge
from bot.store import Store
from bot.store.migrate import migrate
from tests.bench.growth_measured import TIMES, Growth, grown, in_turn, in_turn_there
from tests.bench.snapshots import full_tenant, save

#: A usual tenant's; a hundred times of it is a full one.
ENTRIES = tuple(600 * times for times in TIMES)

_ASKED = tuple(read(text) for text in ("user7@bad7.example", f"{7:064x}", "2001:db8:7::1", "bad7.example/login/7"))


def of_lists() -> Iterator[Growth]:
    """The rows over entries."""
    tenants = [full_tenant(entries // 4) for entries in ENTRIES]
    yield grown(
        "picture loaded at start", "entries", "its text read by the driver and parsed as JSON", ENTRIES,
        map(_loaded, tenants),
    )  # fmt: skip
    yield grown("index of it", "entries", "each value put into one dictionary", ENTRIES, map(_indexed, tenants))
    yield grown("verdict by it", "entries", "one look into that dictionary", ENTRIES, map(_judged, tenants))
    yield grown("which entry is meant", "entries", "one look into that dictionary", ENTRIES, map(_meant, tenants))


@contextmanager
def kept(lists: Snapshot) -> Iterator[str]:
    """The address of a database with this picture, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/lists.sqlite3"
        asyncio.run(_keep(url, lists))
        yield url


async def _keep(url: str, lists: Snapshot) -> None:
    await migrate(url)
    store = Store(url, tenant_id="bench")
    await save(store, lists)
    await store.close()


def _loaded(lists: Snapshot) -> tuple[float, float]:
    with kept(lists) as url:

        async def measured() -> tuple[float, float]:
            stores = [Store(url, tenant_id="bench") for _ in range(4)]
            for store in stores:
                await store.ping()
            unused = iter(stores)

            async def ours() -> None:
                async with next(unused).read() as uow:
                    found = await uow.snapshots.load()
                assert found is not None
                assert len(found.entries) == len(lists.entries)

            async def limit() -> None:
                with sqlite3.connect(Path(url.removeprefix("sqlite:///"))) as database:
                    texts = database.execute("SELECT records FROM snapshots").fetchall()
                for (text,) in texts:
                    json.loads(f"[{text.replace(chr(10), ',')}]")

            found = await in_turn_there(ours, limit, rounds=len(stores))
            for store in stores:
                await store.close()
            return found

        return asyncio.run(measured())


def _by_value(lists: Snapshot) -> dict[tuple[str, str], object]:
    return {(entry.list.value, entry.value): entry for entry in lists.entries}


def _indexed(lists: Snapshot) -> tuple[float, float]:
    return in_turn(lambda: ListIndex(lists), lambda: _by_value(lists), rounds=5)


def _judged(lists: Snapshot) -> tuple[float, float]:
    index, by_value = ListIndex(lists), _by_value(lists)

    def ours() -> None:
        for indicator in _ASKED:
            judge(indicator, lists, now=lists.as_of, index=index)

    def limit() -> None:
        for indicator in _ASKED:
            by_value.get(("sender", indicator.value))

    found = in_turn(ours, limit, rounds=20, each=50)
    return found[0] / len(_ASKED), found[1] / len(_ASKED)


def _meant(lists: Snapshot) -> tuple[float, float]:
    index, by_value, indicator = ListIndex(lists), _by_value(lists), _ASKED[0]
    return in_turn(
        lambda: which_action([indicator], lists, index=index),
        lambda: by_value.get(("sender", indicator.value)),
        rounds=20,
        each=50,
    )
