"""What may be blocked at once, with nobody's approval."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Rules
from bot.domain.policies.drafting import draft
from bot.domain.policies.emergency import MOST_AT_ONCE, refuse_emergency
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.lines import read_as_logged
from bot.domain.requests.emergency import Emergencies
from tests.unit.domain.policies.proposals import OWN
from tests.unit.domain.tenant_lists import NOW, entry, tenant

BLOCK, ALLOW = Action.BLOCK, Action.ALLOW


def codes(
    *values: str,
    operation: Operation = Operation.ADD,
    action: Action = BLOCK,
    end: str = "3d",
    emergencies: Emergencies | None = None,
    reason: str = "Phishing wave",
    knows_own_domains: bool = True,
) -> list[str]:
    """What is refused of it: by policy, and as an emergency."""
    proposals = draft(
        operation,
        action,
        [read_as_logged(value) for value in values],
        lifetime=read_lifetime(end, today=NOW.date()),
        reason=reason,
        rules=Rules(),
        now=NOW,
    )
    lists = tenant(accepted_domains=OWN if knows_own_domains else frozenset())
    found: list[str] = []
    for proposal in proposals:
        assessment = assess(proposal, lists, Rules(), now=NOW)
        found += [refusal.code for refusal in assessment.refusals]
        found += [
            refusal.code
            for refusal in refuse_emergency(
                proposal, assessment, emergencies or Emergencies(), knows_own_domains=knows_own_domains, now=NOW
            )
        ]
    return found


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ("evil.example", []),
        ("someone@evil.example", []),
        ("someone@gmail.com", []),
        ("https://evil.example/login", []),
        ("203.0.113.7", []),
        ("203.0.113.0/28", []),
        ("2001:db8::1", []),
        ("2001:db8:1:2::/64", []),
        ("a" * 64, []),
        # what is wider than one owner
        ("203.0.113.0/24", ["emergency_warned"]),
        ("198.51.0.0/24", ["emergency_warned"]),
        ("2001:db8::/48", ["emergency_warned"]),
        ("sharepoint.com", ["emergency_warned"]),
        ("https://docs.google.com", ["emergency_warned"]),
        ("*.top", ["emergency_wildcard", "emergency_warned"]),
        ("*.evil.example", ["emergency_wildcard"]),
        ("https://evil.example/*", ["emergency_wildcard"]),
        ("spoof *, 203.0.113.0/24", ["emergency_wildcard", "emergency_warned"]),
        ("https://fabrikam.com/hacked/page", ["emergency_warned"]),
        # what policy refuses anyway
        ("fabrikam.com", ["own_domain"]),
        ("gmail.com", ["public_provider"]),
        ("co.uk", ["public_suffix"]),
        ("10.0.0.1", ["private"]),
    ],
)
def test_only_what_has_one_owner_and_no_serious_warning(value: str, refused: list[str]) -> None:
    assert codes(value) == refused


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ("fabrikam.com", ["emergency_own_unknown"]),  # which is the tenant's own
        ("https://evil.example/login", ["emergency_own_unknown"]),
        ("203.0.113.7", []),
        ("2001:db8::1", []),
        ("a" * 64, []),
    ],
)
def test_no_name_while_nobody_knows_which_domains_are_the_tenant_s(value: str, refused: list[str]) -> None:
    assert codes(value, knows_own_domains=False) == refused


@pytest.mark.parametrize(
    ("operation", "action", "value"),
    [
        (Operation.ADD, ALLOW, "203.0.113.7"),
        (Operation.ADD, ALLOW, "spoof user@evil.example, 203.0.113.0/24"),
        (Operation.REMOVE, BLOCK, "evil.example"),
        (Operation.REMOVE, ALLOW, "203.0.113.7"),
        (Operation.EXTEND, BLOCK, "evil.example"),
        (Operation.ANNOTATE, BLOCK, "evil.example"),
    ],
)
def test_nothing_but_a_block(operation: Operation, action: Action, value: str) -> None:
    assert "emergency_no_block" in codes(value, operation=operation, action=action)


@pytest.mark.parametrize(
    ("end", "most_days", "is_refused"),
    [("3d", 7, False), ("7d", 7, False), ("8d", 7, True), ("never", 7, True), ("30d", 30, False), ("2d", 1, True)],
)
def test_it_lasts_some_days_at_most(end: str, most_days: int, is_refused: bool) -> None:
    found = codes("evil.example", end=end, emergencies=Emergencies(most_days=most_days))
    assert found == (["emergency_too_long"] if is_refused else [])


@pytest.mark.parametrize("count", [MOST_AT_ONCE, MOST_AT_ONCE + 1])
def test_a_few_at_once(count: int) -> None:
    found = codes(*(f"h{number}.example" for number in range(count)))
    assert found == ([] if count == MOST_AT_ONCE else ["emergency_too_many"])


@pytest.mark.parametrize("reason", ["", "x"])
def test_a_reason_is_required(reason: str) -> None:
    assert len(codes("evil.example", reason=reason)) == 1


def test_what_would_contradict_an_allow_waits_for_an_approval() -> None:
    [proposal] = draft(
        Operation.ADD,
        BLOCK,
        [read_as_logged("evil.example")],
        lifetime=read_lifetime("3d", today=NOW.date()),
        reason="Phishing wave",
        rules=Rules(),
        now=NOW,
    )
    lists = tenant(entry(proposal.list, ALLOW, "evil.example", days=9))
    assessment = assess(proposal, lists, Rules(), now=NOW)
    [refusal] = [
        *assessment.refusals,
        *refuse_emergency(proposal, assessment, Emergencies(), knows_own_domains=True, now=NOW),
    ]
    assert refusal.remedy


def test_a_length_is_held_to_the_limit_with_a_moment_s_patience() -> None:
    [proposal] = draft(
        Operation.ADD,
        BLOCK,
        [read_as_logged("evil.example")],
        lifetime=read_lifetime("7d", today=NOW.date()),
        reason="Phishing wave",
        rules=Rules(),
        now=NOW,
    )
    assessment = assess(proposal, tenant(), Rules(), now=NOW)
    for late, count in ((timedelta(seconds=30), 0), (timedelta(minutes=2), 1)):
        found = refuse_emergency(proposal, assessment, Emergencies(), knows_own_domains=True, now=NOW - late)
        assert len(found) == count
