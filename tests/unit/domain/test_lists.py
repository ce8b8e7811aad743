"""What the lists hold, and how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.indicators import Kind
from bot.domain.lists import (
    LIST_OF_KIND,
    Action,
    Entry,
    ListName,
    Plan,
    capacity,
    default_expiry,
    end_rule,
    has_ended,
    list_for,
    stronger_action,
    title,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
TABL_ITEMS = [ListName.SENDER, ListName.URL, ListName.FILE, ListName.IP]


def test_every_kind_has_a_list() -> None:
    assert set(LIST_OF_KIND) == set(Kind)
    assert list_for(Kind.IPV6) is ListName.IP
    assert list_for(Kind.IPV4_RANGE) is ListName.CONNECTION_FILTER


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


LIFETIMES = [
    (ListName.SENDER, BLOCK, True, True, 90, 30),
    (ListName.URL, BLOCK, True, True, 90, 30),
    (ListName.FILE, BLOCK, True, True, 90, 30),
    (ListName.IP, BLOCK, True, True, 90, 30),
    (ListName.SENDER, ALLOW, True, False, 30, 30),
    (ListName.IP, ALLOW, True, False, 7, 7),
    (ListName.CONNECTION_FILTER, ALLOW, False, False, 7, 7),
    (ListName.CONNECTION_FILTER, BLOCK, False, True, None, 30),
    (ListName.SPOOF, ALLOW, False, True, None, 30),
    (ListName.SPOOF, BLOCK, False, True, None, 30),
]


@pytest.mark.parametrize(("name", "action", "kept", "endless", "most", "default"), LIFETIMES)
def test_end_rule(name: ListName, action: Action, kept: bool, endless: bool, most: int | None, default: int) -> None:
    rule = end_rule(name, action)
    assert (rule.service_keeps_end, rule.may_be_endless, rule.most_days, rule.default_days) == (
        kept,
        endless,
        most,
        default,
    )


def test_the_operators_limit_sets_the_lifetime_of_ip_allows() -> None:
    assert end_rule(ListName.CONNECTION_FILTER, ALLOW, ip_allow_max_days=120).most_days == 120
    assert end_rule(ListName.IP, ALLOW, ip_allow_max_days=120).most_days == 90, "the service's own limit stands"
    assert default_expiry(ListName.IP, ALLOW, now=NOW, ip_allow_max_days=2) == NOW + timedelta(days=2)
    assert default_expiry(ListName.URL, BLOCK, now=NOW, ip_allow_max_days=2) == NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("expires", "ended"),
    [(None, False), (NOW, True), (NOW - timedelta(days=1), True), (NOW + timedelta(seconds=1), False)],
)
def test_has_ended(expires: datetime | None, ended: bool) -> None:
    assert has_ended(Entry(list=ListName.URL, action=BLOCK, value="x.example", expires=expires), NOW) is ended


def test_allow_wins_in_the_connection_filter_only() -> None:
    assert [name for name in ListName if stronger_action(name) is ALLOW] == [ListName.CONNECTION_FILTER]


def test_titles() -> None:
    assert title(ListName.CONNECTION_FILTER) == "connection filter"
    assert title(ListName.CONNECTION_FILTER, ALLOW) == "IP Allow List"
    assert title(ListName.URL, BLOCK) == "Tenant Allow/Block List's blocked URLs"
    assert title(ListName.SPOOF) == "Tenant Allow/Block List for spoofed senders"
