"""How long entries last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.ends import (
    EndRule,
    days_on_offer,
    default_expiry,
    end_rule,
    ended_by_portcullis,
    may_last_until,
)
from bot.domain.lists.entries import Entry, has_ended
from bot.domain.lists.traits import Action, ListName

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ALLOW, BLOCK = Action.ALLOW, Action.BLOCK


LIFETIMES = [
    # list, action, the service keeps an end (of at most so many days), endless, most days, default
    (ListName.SENDER, BLOCK, 90, True, None, 30),
    (ListName.URL, BLOCK, 90, True, None, 30),
    (ListName.FILE, BLOCK, 90, True, None, 30),
    (ListName.IP, BLOCK, 90, True, None, 30),
    (ListName.SENDER, ALLOW, 30, False, 30, 30),
    (ListName.URL, ALLOW, 30, False, 30, 30),
    (ListName.FILE, ALLOW, 30, False, 30, 30),
    (ListName.IP, ALLOW, 90, False, 7, 7),
    (ListName.CONNECTION_FILTER, ALLOW, None, False, 7, 7),
    (ListName.CONNECTION_FILTER, BLOCK, None, True, None, 30),
    (ListName.SPOOF, ALLOW, None, True, None, 30),
    (ListName.SPOOF, BLOCK, None, True, None, 30),
]


@pytest.mark.parametrize(("name", "action", "kept", "endless", "most", "default"), LIFETIMES)
def test_end_rule(
    name: ListName, action: Action, kept: int | None, endless: bool, most: int | None, default: int
) -> None:
    assert end_rule(name, action) == EndRule(
        service_keeps_end=kept is not None,
        service_most_days=kept,
        may_be_endless=endless,
        most_days=most,
        default_days=default,
    )


ENDED_BY_PORTCULLIS = [
    # where the service keeps no end date
    (ListName.CONNECTION_FILTER, BLOCK, timedelta(days=1), True),
    (ListName.CONNECTION_FILTER, ALLOW, timedelta(days=1), True),
    (ListName.SPOOF, ALLOW, timedelta(days=400), True),
    (ListName.CONNECTION_FILTER, BLOCK, None, False),
    (ListName.SPOOF, BLOCK, None, False),
    # where it keeps one, up to 90 days
    (ListName.SENDER, BLOCK, timedelta(days=1), False),
    (ListName.SENDER, BLOCK, timedelta(days=90), False),
    (ListName.SENDER, BLOCK, timedelta(days=90, seconds=59), False),
    (ListName.SENDER, BLOCK, timedelta(days=90, seconds=61), True),
    (ListName.FILE, BLOCK, timedelta(days=365), True),
    (ListName.IP, BLOCK, timedelta(days=365), True),
    (ListName.URL, BLOCK, None, False),
    # an allow that may not be endless is never told to be
    (ListName.URL, ALLOW, timedelta(days=365), False),
    (ListName.IP, ALLOW, timedelta(days=365), False),
]


@pytest.mark.parametrize(("name", "action", "lasts", "ours"), ENDED_BY_PORTCULLIS)
def test_whose_end_it_is(name: ListName, action: Action, lasts: timedelta | None, ours: bool) -> None:
    expires = None if lasts is None else NOW + lasts
    assert ended_by_portcullis(name, action, expires=expires, since=NOW) is ours


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


@pytest.mark.parametrize(
    ("name", "action", "most_ip_days", "offered"),
    [
        (ListName.SENDER, BLOCK, 7, (1, 7, 30, 90)),
        (ListName.SPOOF, ALLOW, 7, (1, 7, 30, 90)),
        (ListName.URL, ALLOW, 7, (1, 7, 30)),
        (ListName.CONNECTION_FILTER, ALLOW, 7, (1, 7)),
        (ListName.CONNECTION_FILTER, ALLOW, 3, (1, 3)),
        (ListName.CONNECTION_FILTER, ALLOW, 14, (1, 7, 14)),
        (ListName.CONNECTION_FILTER, ALLOW, 120, (1, 7, 30, 90)),
        (ListName.IP, ALLOW, 1, (1,)),
    ],
)
def test_only_lengths_that_policy_lets_through_are_offered(
    name: ListName, action: Action, most_ip_days: int, offered: tuple[int, ...]
) -> None:
    assert days_on_offer(end_rule(name, action, ip_allow_max_days=most_ip_days), (1, 7, 30, 90)) == offered


@pytest.mark.parametrize(
    ("name", "action", "days", "may"),
    [
        (ListName.SENDER, BLOCK, None, True),
        (ListName.SENDER, BLOCK, 400, True),
        (ListName.SENDER, BLOCK, 0, False),
        (ListName.SENDER, BLOCK, -1, False),
        (ListName.URL, ALLOW, 30, True),
        (ListName.URL, ALLOW, 31, False),
        (ListName.URL, ALLOW, None, False),
        (ListName.IP, ALLOW, 7, True),
        (ListName.IP, ALLOW, 8, False),
    ],
)
def test_which_end_an_entry_may_have(name: ListName, action: Action, days: int | None, may: bool) -> None:
    expires = None if days is None else NOW + timedelta(days=days)
    assert may_last_until(end_rule(name, action, ip_allow_max_days=7), expires, now=NOW) is may
