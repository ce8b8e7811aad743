"""How long a verdict on a full tenant takes, and for how long it blocks the event loop.

`python -m tests.bench.checks [entries in each list]`, on SQLite. What a person waits for is the line "asked again".
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

from bot.domain.indicators.indicator import Indicator
from bot.domain.indicators.reader import read
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Rules
from bot.domain.requests.people import Person, Role
from bot.domain.verdict.judgement import Judgement
from bot.domain.verdict.verdict import judge
from bot.store import Store
from bot.store.migrate import migrate
from bot.workflow.asking.check import check
from bot.workflow.shared.context import Context
from tests.bench.snapshots import full_tenant, measured, save
from tests.support.stand_ins import unreached_tenant

_WHO = Person(user_id="U0AUDITOR1", roles=frozenset({Role.AUDITOR}))
_ROUNDS = 200
_DELIVERIES = count()


def asked() -> list[Indicator]:
    """One of each kind that is listed, and one that isn't."""
    typed = (
        "user77@bad77.example",
        "https://bad77.example/login/77/more",
        f"{77:064x}",
        "2001:db8:4d::1",
        "new.example",
    )
    return [read(text) for text in typed]


def compare(lists: Snapshot) -> None:
    """Judge with and without the index, and make sure that both say the same."""
    began = time.perf_counter()
    index = ListIndex(lists)
    sys.stdout.write(f"{'index, made':30} {(time.perf_counter() - began) * 1000:6.0f} ms, in a thread\n")
    for indicator in asked():
        slow = judge(indicator, lists, now=lists.as_of)
        took: list[float] = []
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            quick = judge(indicator, lists, now=lists.as_of, index=index)
            took.append((time.perf_counter() - began) * 1000)
        assert quick == slow
        assert (quick.judgement is Judgement.BLOCKED) == (indicator.value != "new.example")
        sys.stdout.write(
            f"{'verdict, ' + indicator.kind:30} {statistics.median(took):6.2f} ms, at most {max(took):.2f} ms\n"
        )


async def ask(context: Context, indicators: Sequence[Indicator]) -> None:
    found = await check(
        context,
        actor=_WHO,
        indicators=indicators,
        delivery=f"bench-{next(_DELIVERIES)}",
        response_url="",
    )
    assert len(found.verdicts) == len(indicators)


async def run(entries: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        await migrate(url)
        store = Store(url, tenant_id="bench")
        lists = replace(full_tenant(entries), as_of=store.clock())
        compare(lists)
        tenant = unreached_tenant()
        context = Context(store=store, tenant=tenant, rules=Rules())
        await save(store, lists)
        async with measured("asked for the first time"):
            await ask(context, asked())
        async with measured("asked again"):
            await ask(context, asked())
        await save(store, replace(lists, as_of=lists.as_of + timedelta(seconds=1)))
        async with measured("after another reading"):
            await ask(context, asked())
        new = Entry(list=ListName.URL, action=Action.BLOCK, value="new.example")
        changed = replace(lists, as_of=lists.as_of + timedelta(seconds=2), entries=(*lists.entries, new))
        await save(store, changed)
        async with measured("after one list changed"):
            await ask(context, asked())
        took: list[float] = []
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            await ask(context, asked()[:1])
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        most = took[-_ROUNDS // 20]
        sys.stdout.write(f"{'asked, one at a time':30} {statistics.median(took):6.1f} ms, 95 of 100 in {most:.1f} ms\n")
        began = time.perf_counter()
        await asyncio.gather(*(ask(context, asked()[:1]) for _ in range(_ROUNDS)))
        spent = (time.perf_counter() - began) * 1000
        sys.stdout.write(f"{'asked, all at once':30} {spent / _ROUNDS:6.1f} ms for each of {_ROUNDS}\n")
        await store.close()
        await tenant.close()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 15_000))
