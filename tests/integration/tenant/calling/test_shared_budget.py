"""Two replicas and one tenant, which counts the calls of both: on PostgreSQL, where there can be two.

Nothing is timed: what counts is how many calls the tenant refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import pytest

from bot.domain.lists.traits import ListName
from bot.errors import Throttled
from bot.playground.tenant.faults import Fault
from bot.store import Store
from bot.store.shared_budgets import SharedBudgets
from bot.tenant.exchange.tenant import Tenant
from tests.integration.tenant.conftest import QUICK, Stage

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)

#: So many calls a second, and twice as many at once.
PER_SECOND = 5.0
CALLS = 15


@dataclass
class Replicas:
    stage: Stage
    first: Tenant
    second: Tenant

    def refused(self) -> int:
        return sum(call["status"] == 429 for call in self.stage.standin.calls())


@pytest.fixture
async def replicas(stage: Stage, open_store: Callable[..., Store]) -> AsyncIterator[Replicas]:
    tenants = [
        Tenant(
            replace(
                stage.settings,
                calls_per_second=PER_SECOND,
                patience=replace(QUICK, total=120),
                budgets=SharedBudgets(open_store()),
            )
        )
        for _ in range(2)
    ]
    yield Replicas(stage, *tenants)
    for tenant in tenants:
        await tenant.close()


async def test_together_they_call_no_more_often_than_the_tenant_takes(replicas: Replicas) -> None:
    # Two more, because calls that were made one after the other can arrive at once.
    replicas.stage.standin.limit_calls(PER_SECOND, burst=round(PER_SECOND) * 2 + 2)
    both = (replicas.first, replicas.second)
    await asyncio.gather(*(tenant.read_list(ListName.URL) for tenant in both for _ in range(CALLS)))
    assert replicas.refused() == 0
    assert len(replicas.stage.standin.calls()) == 2 * CALLS


async def test_what_one_is_told_to_wait_the_other_waits_too(replicas: Replicas) -> None:
    replicas.stage.standin.arm(Fault(kind="429", times=99, retry_after=600))
    with pytest.raises(Throttled):
        await replicas.first.read_list(ListName.URL)
    assert replicas.refused() == 1
    for tenant in (replicas.second, replicas.first):
        with pytest.raises(Throttled, match="left alone for") as error:
            await tenant.read_list(ListName.URL)
        assert error.value.retry_after is not None
        assert error.value.retry_after > 500
    assert replicas.refused() == 1
