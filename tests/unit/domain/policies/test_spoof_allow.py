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
    assert assessment.approvals_needed == 1
    assert not assessment.needs_acknowledgement
    assert "spoof_allow" in warnings(assessment)
    assert {code for code in warnings(assessment) if code.startswith("spoof_allow_")} == codes
    assert all(warning(assessment, code).serious for code in codes)


def test_the_rule_for_ip_allows_does_not_touch_spoofed_senders() -> None:
    assessment = assessed(propose(ALLOW, "contoso.com, *", acknowledged=False), rules=Rules(ip_allow=IpAllow.DENY))
    assert refusals(assessment) == set()
