"""From what somebody typed to proposals: one for each list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.drafting import draft
from bot.domain.durations import NEVER, Lifetime
from bot.domain.indicators import read
from bot.domain.lists import Action, ListName, default_expiry
from bot.domain.policy import Proposal, Rules
from bot.domain.requests import Operation

NOW = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
RULES = Rules(ip_allow_max_days=5)


def drafted(
    *texts: str,
    operation: Operation = Operation.ADD,
    action: Action = Action.BLOCK,
    lifetime: Lifetime | None = None,
    acknowledged: bool = False,
) -> tuple[Proposal, ...]:
    return draft(
        operation,
        action,
        [read(text) for text in texts],
        lifetime=lifetime,
        reason="Phishing wave",
        rules=RULES,
        now=NOW,
        acknowledged=acknowledged,
    )


def test_one_proposal_for_each_list_in_the_order_of_first_mention() -> None:
    proposals = drafted("evil.example/login", "203.0.113.7", "evil.example", "other.example/x", "203.0.113.8")
    assert [(one.list, [each.value for each in one.indicators]) for one in proposals] == [
        (ListName.URL, ["evil.example/login", "other.example/x"]),
        (ListName.CONNECTION_FILTER, ["203.0.113.7", "203.0.113.8"]),
        (ListName.SENDER, ["evil.example"]),
    ]
    assert {(one.operation, one.action, one.reason) for one in proposals} == {
        (Operation.ADD, Action.BLOCK, "Phishing wave")
    }


def test_the_same_value_counts_once_however_it_was_spelled() -> None:
    [proposal] = drafted("evil.example", "EVIL[.]example", "evil.example.")
    assert [one.value for one in proposal.indicators] == ["evil.example"]


def test_nothing_makes_nothing() -> None:
    assert drafted() == ()


def test_without_a_lifetime_each_list_has_its_default() -> None:
    proposals = drafted("evil.example", "203.0.113.7", "2001:db8::1")
    ends = {one.list: default_expiry(one.list, Action.BLOCK, now=NOW, ip_allow_max_days=5) for one in proposals}
    assert {one.list: one.expires for one in proposals} == ends
    assert ends[ListName.SENDER] == NOW + timedelta(days=30)


def test_an_ip_allow_ends_when_the_operator_says() -> None:
    [proposal] = drafted("203.0.113.7", action=Action.ALLOW, acknowledged=True)
    assert proposal.expires == NOW + timedelta(days=5)
    assert proposal.acknowledged


@pytest.mark.parametrize(
    ("lifetime", "ends"),
    [
        (Lifetime(days=7), NOW + timedelta(days=7)),
        (Lifetime(until=date(2030, 1, 9)), datetime(2030, 1, 10, tzinfo=UTC)),
        (NEVER, None),
    ],
)
def test_a_lifetime_that_was_given_counts_for_every_list(lifetime: Lifetime, ends: datetime | None) -> None:
    assert [one.expires for one in drafted("evil.example", "203.0.113.7", lifetime=lifetime)] == [ends, ends]


def test_a_removal_has_no_end() -> None:
    [proposal] = drafted("evil.example", operation=Operation.REMOVE, lifetime=Lifetime(days=7))
    assert proposal.expires is None
