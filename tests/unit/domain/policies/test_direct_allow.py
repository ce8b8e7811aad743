"""Allows without a submission, where the operator permits them: with a serious warning, and never for files."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Rules
from tests.unit.domain.policies.proposals import OWN, assessed, propose, refusals, warning, warnings
from tests.unit.domain.tenant_lists import entry, tenant

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
SENDER, URL = ListName.SENDER, ListName.URL
ON = Rules(direct_allow=True, accepted_domains=OWN)


@pytest.mark.parametrize("text", ["contoso.com", "someone@contoso.com", "https://contoso.com/a"])
def test_the_risk_is_a_serious_warning(text: str) -> None:
    assessment = assessed(propose(ALLOW, text), rules=ON)
    assert assessment.may_proceed
    said = warning(assessment, "direct_allow")
    assert said.serious
    assert "high-confidence phishing are still stopped" in said.text
    assert any("https://security.microsoft.com/reportsubmission" in way for way in assessment.better_ways)
    assert refusals(assessed(propose(ALLOW, text))) == {"allow_by_submission"}


def test_files_come_by_submission_only() -> None:
    assert refusals(assessed(propose(ALLOW, "ab" * 32), rules=ON)) == {"allow_by_submission"}


@pytest.mark.parametrize(
    ("days", "code"), [(30, None), (31, "end_too_late"), (None, "end_required"), (0, "end_passed")]
)
def test_thirty_days_at_most(days: float | None, code: str | None) -> None:
    assert refusals(assessed(propose(ALLOW, "contoso.com", days=days), rules=ON)) == ({code} if code else set())


def test_a_reason_is_needed() -> None:
    assert refusals(assessed(propose(ALLOW, "contoso.com", reason=""), rules=ON)) == {"reason_missing"}


SENDERS = [
    ("contoso.com", None, None),
    ("gmail.com", None, "allow_shared"),
    ("someone@gmail.com", None, None),
    ("fabrikam.com", None, "allow_own_domain"),
    ("ceo@fabrikam.com", None, "allow_own_domain"),
    ("mail.fabrikam.com", None, "allow_own_domain"),
    ("co.uk", "public_suffix", None),
    ("*.com", "public_suffix", None),
    ("urldefense.com", "wrapper_host", None),
    ("*.protection.outlook.com", "wrapper_host", None),
]


@pytest.mark.parametrize(("value", "refused", "told"), SENDERS)
def test_whose_mail_is_allowed(value: str, refused: str | None, told: str | None) -> None:
    kind = Kind.ADDRESS if "@" in value else Kind.DOMAIN
    assessment = assessed(propose(ALLOW, value, kind=kind), rules=ON)
    assert refusals(assessment) == ({refused} if refused else set())
    assert warnings(assessment) == {"direct_allow", *({told} if told else ())}


URLS = [
    ("contoso.com", None, None),
    ("contoso.com/*", None, None),
    ("contoso.com/a", None, None),
    ("*.contoso.com", "allow_wildcard", None),
    ("*.contoso.com/*", "allow_wildcard", None),
    ("~contoso.com", "allow_wildcard", None),
    ("co.uk/*", "public_suffix", None),
    ("docs.google.com/forms/a", None, None),
    ("docs.google.com/*", None, "allow_shared"),
    ("linkprotect.cudasvc.com/*", "wrapper_host", None),
    ("www.google.com/*", None, "allow_shared"),
    ("www.google.com/url/*", None, "redirecting_host"),
    ("slack-redir.net/*", None, "redirecting_host"),
    ("192.0.2.1/a", None, None),
    ("192.0.2.1", None, None),
]


@pytest.mark.parametrize(("value", "refused", "told"), URLS)
def test_which_urls_are_allowed(value: str, refused: str | None, told: str | None) -> None:
    assessment = assessed(propose(ALLOW, value, kind=Kind.URL), rules=ON)
    assert refusals(assessment) == ({refused} if refused else set())
    assert warnings(assessment) == {"direct_allow", *({told} if told else ())}


def test_an_allow_that_is_about_a_whole_host_for_want_of_a_path_is_warned_of() -> None:
    assert warning(assessed(propose(ALLOW, "https://contoso.com/#/login"), rules=ON), "fragment_widened").serious


LISTED = [
    (entry(SENDER, ALLOW, "contoso.com", days=3), {"exists"}),
    (entry(SENDER, BLOCK, "contoso.com"), {"other_action"}),
    (entry(SENDER, BLOCK, "other.example"), set()),
]


@pytest.mark.parametrize(("held", "refused"), LISTED)
def test_what_the_list_has_counts(held: Entry, refused: set[str]) -> None:
    assert refusals(assessed(propose(ALLOW, "contoso.com"), tenant(held), ON)) == refused


def test_room_counts() -> None:
    full = tenant(*(entry(SENDER, ALLOW, f"host{number}.example") for number in range(500)))
    assert refusals(assessed(propose(ALLOW, "contoso.com"), full, ON)) == {"full"}
