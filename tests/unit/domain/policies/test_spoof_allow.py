"""Spoofed senders are allowed directly."""

from __future__ import annotations

import pytest

from bot.domain.lists.traits import Action
from bot.domain.policies.case import IpAllow, Rules
from tests.unit.domain.policies.proposals import assessed, propose, refusals, warning, warnings

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
    assert not assessment.needs_acknowledgement
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
    assessment = assessed(propose(ALLOW, "contoso.com, *", acknowledged=False), rules=Rules(ip_allow=IpAllow.DENY))
    assert refusals(assessment) == set()
