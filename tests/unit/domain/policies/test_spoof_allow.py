"""Spoofed senders are allowed directly."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import IpAllow, Rules
from bot.domain.requests.request import GRAVE_SPOOF_ALLOWS
from tests.unit.domain.policies.proposals import assessed, propose, refusals, warning, warnings
from tests.unit.domain.tenant_lists import entry, in_days, tenant

ALLOW = Action.ALLOW

SPOOF = [
    ("contoso.com, 203.0.113.0/24", set()),
    ("contoso.com, *", {"spoof_allow_any_source"}),
    ("*, contoso.com", {"spoof_allow_any_sender"}),
    ("fabrikam.com, contoso.com", {"spoof_allow_own_domain"}),
    ("ceo@fabrikam.com, *", {"spoof_allow_own_domain", "spoof_allow_any_source"}),
]


@pytest.mark.parametrize(("text", "codes"), SPOOF)
def test_a_spoofed_sender_is_allowed_directly_with_a_warning(text: str, codes: set[str]) -> None:
    assessment = assessed(propose(ALLOW, text))
    assert assessment.may_proceed
    assert assessment.approvals_needed == (2 if codes else 1)
    assert assessment.needs_acknowledgement is bool(codes)
    assert "spoof_allow" in warnings(assessment)
    assert {code for code in warnings(assessment) if code.startswith("spoof_allow_")} == codes
    assert all(warning(assessment, code).serious for code in codes)


@pytest.mark.parametrize("text", ["contoso.com, *", "*, contoso.com", "ceo@fabrikam.com, contoso.com"])
def test_one_approver_is_enough_where_the_operator_says_so_of_ip_allows(text: str) -> None:
    assert assessed(propose(ALLOW, text), rules=Rules(ip_allow=IpAllow.WARN)).approvals_needed == 1


#: The infrastructure of a pair, and whether it is said to be a host's name.
INFRASTRUCTURES = [
    ("contoso.com", False),
    ("smtp.inbound.contoso.com", True),
    ("mail.contoso.co.uk", True),
    ("contoso.co.uk", False),
    ("203.0.113.0/24", False),
    ("*", False),
]


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize(("infrastructure", "is_host"), INFRASTRUCTURES)
def test_a_hosts_name_is_said_to_stand_for_its_domain(action: Action, infrastructure: str, is_host: bool) -> None:
    assessment = assessed(propose(action, f"evil.example, {infrastructure}"))
    assert ("spoof_host_name" in warnings(assessment)) is is_host
    if infrastructure == "smtp.inbound.contoso.com":
        said = warning(assessment, "spoof_host_name")
        assert "propose it with contoso[.]com" in said.text
        assert said.serious


def test_switching_ip_allows_off_leaves_spoofed_senders() -> None:
    assessment = assessed(propose(ALLOW, "contoso.com, *"), rules=Rules(ip_allow=IpAllow.DENY))
    assert refusals(assessment) == set()


#: Who gets in by it, whether it is ticked, for how many days (None: never), and what is refused.
STRANGERS = [
    ("contoso.com, *", True, 7, set()),
    ("contoso.com, *", False, 7, {"not_acknowledged"}),
    ("*, contoso.com", True, 7.01, {"end_too_late"}),
    ("fabrikam.com, contoso.com", True, None, {"end_required"}),
    ("ceo@fabrikam.com, *", False, None, {"end_required", "not_acknowledged"}),
    ("contoso.com, 203.0.113.0/24", False, None, set()),
    ("contoso.com, 203.0.113.0/24", False, 90, set()),
]


@pytest.mark.parametrize("operation", [Operation.ADD, Operation.EXTEND])
@pytest.mark.parametrize(("text", "ticked", "days", "codes"), STRANGERS)
def test_a_pair_that_lets_strangers_in_takes_what_an_ip_allow_takes(
    operation: Operation, text: str, ticked: bool, days: float | None, codes: set[str]
) -> None:
    """To begin with, and to go on: otherwise one approver could make a short one endless."""
    proposal = propose(ALLOW, text, operation=operation, days=days, acknowledged=ticked)
    listed = [entry(ListName.SPOOF, ALLOW, text)] if operation is Operation.EXTEND else []
    assessment = assessed(proposal, tenant(*listed))
    assert refusals(assessment) == codes
    lets_strangers_in = bool(warnings(assessment) & GRAVE_SPOOF_ALLOWS)
    assert lets_strangers_in is ("203.0.113" not in text)
    assert (assessment.approvals_needed, assessment.needs_acknowledgement) == (
        (2, True) if lets_strangers_in else (1, False)
    )
    if lets_strangers_in:
        assert assessment.latest_expiry == in_days(7)


@pytest.mark.parametrize("operation", [Operation.REMOVE, Operation.ANNOTATE])
def test_to_take_such_a_pair_out_or_to_note_something_takes_one_approver(operation: Operation) -> None:
    proposal = propose(ALLOW, "contoso.com, *", operation=operation, days=None, acknowledged=False)
    assessment = assessed(proposal, tenant(entry(ListName.SPOOF, ALLOW, "contoso.com, *")))
    assert (assessment.approvals_needed, assessment.needs_acknowledgement) == (1, False)
