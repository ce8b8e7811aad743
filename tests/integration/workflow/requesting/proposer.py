"""A process of its own that proposes a large block, and is killed as by a power cut after so many of its commits:
the arguments are the database's URL, the delivery and that number.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.domain.lists.traits import Plan
from bot.domain.policies.case import Rules
from bot.store import Store, UnitOfWork
from bot.workflow.shared.context import Context
from tests.support.people import REQUESTER
from tests.support.proposing import drafted, propose_all
from tests.support.stand_ins import unreached_tenant

TENANT = "portioned"

#: Two portions of items, and one of lines that were set aside.
VALUES = tuple(f"bad{number}.example" for number in range(400))


def context_of(store: Store) -> Context:
    return Context(store=store, tenant=unreached_tenant(), rules=Rules(plan=Plan.PLAN2))


def dies_after(store: Store, commits: int) -> None:
    """Have this process killed once so many transactions have committed."""
    write, left = store.write, [commits]

    @asynccontextmanager
    async def counted() -> AsyncIterator[UnitOfWork]:
        async with write() as uow:
            yield uow
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    store.write = counted  # type: ignore[method-assign]


async def propose(url: str, delivery: str, commits: int) -> None:
    store = Store(url, tenant_id=TENANT)
    dies_after(store, commits)
    context = context_of(store)
    await propose_all(
        context, actor=REQUESTER, proposals=drafted(context, *VALUES), delivery=delivery, most=len(VALUES)
    )
    await store.close()


def main() -> None:
    """Propose it, and be killed."""
    url, delivery, commits = sys.argv[1:]
    asyncio.run(propose(url, delivery, int(commits)))
