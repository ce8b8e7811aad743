"""The safe-list switch: it may be turned off where it is on, and is never turned on."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import FilterPolicy
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Rules
from bot.domain.policies.drafting import safe_list_off
from bot.domain.policies.safe_list import refuse_safe_list_on
from bot.domain.requests.proposal import Proposal
from tests.unit.domain.policies.proposals import GOOD_REASON, assessed, refusals, warnings
from tests.unit.domain.tenant_lists import NOW, tenant

POLICIES = ("Default", "Second")


def proposal(on: Iterable[str], *, reason: str = GOOD_REASON) -> Proposal:
    """To switch it off, with these policies' safe lists on when the proposal was drafted."""
    policies = [FilterPolicy(identity=name, safe_list=name in on) for name in POLICIES]
    return safe_list_off(policies, reason=reason)


def test_the_proposal_names_the_policies_whose_safe_list_is_on() -> None:
    drafted = proposal({"Second"})
    assert [indicator.value for indicator in drafted.indicators] == ["Second"]
    assert (drafted.operation, drafted.list, drafted.action, drafted.expires) == (
        Operation.SAFE_LIST_OFF,
        ListName.CONNECTION_FILTER,
        Action.ALLOW,
        None,
    )


SWITCHES = [
    # on when it was drafted, on now, refused: code and policy
    ({"Default"}, {"Default"}, []),
    ({"Default", "Second"}, {"Default", "Second"}, []),
    (set(), set(), [("safe_list_is_off", "")]),
    ({"Default"}, set(), [("safe_list_is_off", "Default")]),
    ({"Default", "Second"}, {"Second"}, [("safe_list_is_off", "Default")]),
]


@pytest.mark.parametrize(("drafted", "now", "refused"), SWITCHES)
def test_it_is_turned_off_where_it_is_on(drafted: set[str], now: set[str], refused: list[tuple[str, str]]) -> None:
    assessment = assessed(proposal(drafted), tenant(policies=POLICIES, safe_lists=now))
    assert [(refusal.code, refusal.indicator) for refusal in assessment.refusals] == refused


def test_people_are_told_what_changes() -> None:
    assessment = assessed(proposal({"Default"}), tenant(policies=POLICIES, safe_lists={"Default"}))
    assert warnings(assessment) == {"filtering_resumes", "safe_list_reserved"}
    assert (assessment.approvals_needed, assessment.needs_acknowledgement) == (1, False)


def test_a_policy_that_is_gone_is_refused() -> None:
    assert refusals(assessed(proposal({"Second"}), tenant(policies=["Default"]))) == {"no_such_policy"}


def test_a_reason_is_needed() -> None:
    lists = tenant(policies=POLICIES, safe_lists={"Default"})
    assert refusals(assessed(proposal({"Default"}, reason=""), lists)) == {"reason_missing"}


@pytest.mark.parametrize("on", [set(), {"Default"}])
def test_what_is_not_known_is_not_touched(on: set[str]) -> None:
    assert refusals(assess(proposal(on), None, Rules(), now=NOW)) == {"safe_list_unknown"}
    unread = assessed(proposal(on), tenant(unreadable={ListName.CONNECTION_FILTER: "HTTP 403"}))
    assert refusals(unread) == {"safe_list_unknown"}
    assert "HTTP 403" in unread.refusals[0].text


def test_turning_it_on_is_refused_with_the_baselines_reason() -> None:
    refusal = refuse_safe_list_on()
    assert refusal.code == "safe_list_on"
    for name in ("MS.EXO.12.2v1", "MS.SECURITYSUITE.8.2v1", "CIS 2.1.13", "SHOULD NOT"):
        assert name in refusal.text
    assert "/allow" in refusal.remedy
