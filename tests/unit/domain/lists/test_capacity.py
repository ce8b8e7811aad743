"""How many entries the lists hold."""

from __future__ import annotations

import pytest

from bot.domain.lists.capacity import capacity
from bot.domain.lists.traits import Action, ListName, Plan

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
TABL_ITEMS = [ListName.SENDER, ListName.URL, ListName.FILE, ListName.IP]


@pytest.mark.parametrize("name", TABL_ITEMS)
@pytest.mark.parametrize(
    ("plan", "allows", "blocks"), [(Plan.NONE, 500, 500), (Plan.PLAN1, 1000, 1000), (Plan.PLAN2, 5000, 10000)]
)
def test_capacity_by_plan(name: ListName, plan: Plan, allows: int, blocks: int) -> None:
    assert capacity(name, ALLOW, plan).limit == allows
    assert capacity(name, BLOCK, plan).limit == blocks
    assert capacity(name, BLOCK, plan).counted == {BLOCK}
    assert not capacity(name, BLOCK, plan).per_policy


@pytest.mark.parametrize("plan", list(Plan))
def test_capacity_that_no_plan_changes(plan: Plan) -> None:
    connection_filter = capacity(ListName.CONNECTION_FILTER, ALLOW, plan)
    assert (connection_filter.limit, connection_filter.counted) == (1273, {ALLOW})
    assert connection_filter.per_policy
    spoof = capacity(ListName.SPOOF, BLOCK, plan)
    assert (spoof.limit, spoof.counted) == (1024, {ALLOW, BLOCK})
