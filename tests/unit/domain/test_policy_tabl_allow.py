"""Allows in the Tenant Allow/Block List: by submission, except for spoofed senders."""

from __future__ import annotations

import pytest

from bot.domain.lists import Action
from bot.domain.policy import IpAllow, Rules
from tests.unit.domain.proposals import assessed, propose, refusals, warning, warnings

ALLOW = Action.ALLOW

BY_SUBMISSION = [
    ("contoso.com", "Emails", "spoof intelligence"),
    ("someone@contoso.com", "Emails", "an allow for the sender"),
    ("https://contoso.com/a", "URLs", "variations"),
    ("ab" * 32, "Email attachments", "an allow for the file"),
]


@pytest.mark.parametrize(("text", "tab", "creates"), BY_SUBMISSION)
def test_allow_by_submission(text: str, tab: str, creates: str) -> None:
    assessment = assessed(propose(ALLOW, text))
    (refusal,) = assessment.refusals
    assert refusal.code == "allow_by_submission"
    assert refusal.indicator
    assert "https://security.microsoft.com/reportsubmission" in refusal.remedy
    assert f"tab {tab}" in refusal.remedy
    assert "should not have been blocked" in refusal.remedy
    ways = " ".join(assessment.better_ways)
    assert creates in ways
    assert "30 days" in ways


def test_each_indicator_is_refused_by_its_name() -> None:
    assessment = assessed(propose(ALLOW, "contoso.com", "evil.example"))
    assert [refusal.indicator for refusal in assessment.refusals] == ["contoso.com", "evil.example"]


def test_phishing_simulations_are_sent_to_advanced_delivery() -> None:
    assert any("advanced delivery" in way for way in assessed(propose(ALLOW, "https://contoso.com/a")).better_ways)
    assert not any("advanced delivery" in way for way in assessed(propose(ALLOW, "contoso.com")).better_ways)


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
