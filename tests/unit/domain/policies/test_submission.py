"""What should not have been blocked is submitted to Microsoft, with what shows it; by hand where Portcullis may not."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Field, Rules
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.proposal import Proposal
from tests.unit.domain.policies.proposals import OWN, assessed, propose, refusals, warning, warnings
from tests.unit.domain.tenant_lists import entry, tenant

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
SUBMIT = Operation.SUBMIT
SENDER, URL, FILE = ListName.SENDER, ListName.URL, ListName.FILE

MESSAGE = Evidence(recipient="someone@fabrikam.com", message_url="https://graph.microsoft.com/beta/users/u/messages/m")
UPLOADED = Evidence(file_name="blocked.eml")
THE_FILE = Evidence(file_name="prices.pdf", sha256="ab" * 32, size=1_024)
ON = Rules(submissions=True, accepted_domains=OWN)

BY_HAND = [
    ("contoso.com", "Emails", "spoof intelligence"),
    ("someone@contoso.com", "Emails", "an allow for the sender"),
    ("https://contoso.com/a", "URLs", "variations"),
    ("ab" * 32, "Email attachments", "an allow for the file"),
]


@pytest.mark.parametrize("operation", [Operation.ADD, SUBMIT])
@pytest.mark.parametrize(("text", "tab", "creates"), BY_HAND)
def test_where_portcullis_submits_nothing_the_steps_are_told(
    operation: Operation, text: str, tab: str, creates: str
) -> None:
    assessment = assessed(propose(ALLOW, text, operation=operation, evidence=MESSAGE))
    (refusal,) = assessment.refusals
    assert refusal.code == "allow_by_submission"
    assert refusal.indicator
    assert "https://security.microsoft.com/reportsubmission" in refusal.remedy
    assert f"tab {tab}" in refusal.remedy
    assert "should not have been blocked" in refusal.remedy
    ways = " ".join(assessment.better_ways)
    assert creates in ways
    assert "30 days" in ways


def test_an_allow_is_never_simply_added() -> None:
    assert refusals(assessed(propose(ALLOW, "contoso.com"), rules=ON)) == {"allow_by_submission"}


def test_each_indicator_is_refused_by_its_name() -> None:
    assessment = assessed(propose(ALLOW, "contoso.com", "evil.example", operation=SUBMIT))
    assert [refusal.indicator for refusal in assessment.refusals] == ["contoso.com", "evil.example"]


def test_phishing_simulations_are_sent_to_advanced_delivery() -> None:
    def ways(text: str) -> str:
        return " ".join(assessed(propose(ALLOW, text, operation=SUBMIT)).better_ways)

    assert "advanced delivery" in ways("https://contoso.com/a")
    assert "advanced delivery" not in ways("contoso.com")


def submission(
    *texts: str, evidence: Evidence | None = None, days: float | None = 30, reason: str = "Invoice of ours"
) -> Proposal:
    return propose(ALLOW, *texts, operation=SUBMIT, evidence=evidence, days=days, reason=reason, acknowledged=False)


EVIDENCE = [
    ("contoso.com", None, False),
    ("contoso.com", Evidence(), False),
    ("contoso.com", Evidence(recipient="someone@fabrikam.com"), False),
    ("contoso.com", Evidence(message_url=MESSAGE.message_url), False),
    ("contoso.com", MESSAGE, True),
    ("someone@contoso.com", UPLOADED, True),
    ("ab" * 32, None, False),
    ("ab" * 32, MESSAGE, True),
    ("ab" * 32, UPLOADED, True),
    ("https://contoso.com/a", None, True),
]


@pytest.mark.parametrize(("text", "evidence", "enough"), EVIDENCE)
def test_microsoft_has_to_see_something(text: str, evidence: Evidence | None, enough: bool) -> None:
    assessment = assessed(submission(text, evidence=evidence), rules=ON)
    assert assessment.may_proceed is enough
    assert (assessment.approvals_needed, assessment.needs_acknowledgement) == (1, False)
    if not enough:
        (refusal,) = assessment.refusals
        assert (refusal.code, refusal.field) == ("evidence_missing", Field.EVIDENCE)
        assert "https://security.microsoft.com/reportsubmission" in refusal.remedy


COMES_OF_IT = [
    ("contoso.com", MESSAGE, "depends on what blocked it", {"submission_hands_over", "submission_unseen"}),
    ("https://contoso.com/a", None, "without making an allow entry", {"simulation_urls"}),
    (
        "https://contoso.com/a",
        MESSAGE,
        "depends on what blocked it",
        {"simulation_urls", "submission_hands_over", "submission_unseen"},
    ),
    ("ab" * 32, THE_FILE, "an allow for the file", {"submission_hands_over"}),
    ("ab" * 32, MESSAGE, "depends on what blocked it", {"submission_hands_over", "submission_unseen"}),
]


@pytest.mark.parametrize(("text", "evidence", "creates", "others"), COMES_OF_IT)
def test_people_are_told_what_comes_of_it(text: str, evidence: Evidence | None, creates: str, others: set[str]) -> None:
    assessment = assessed(submission(text, evidence=evidence), rules=ON)
    said = warning(assessment, "submission_creates").text
    assert creates in said
    assert "30 days" in said
    assert warnings(assessment) == {"submission_creates", *others}


def test_one_message_stands_for_several_only_with_a_warning() -> None:
    several = submission("contoso.com", "someone@evil.example", evidence=MESSAGE)
    assert warning(assessed(several, rules=ON), "submission_of_several").serious
    urls = submission("https://contoso.com/a", "https://contoso.com/b")
    assert "submission_of_several" not in warnings(assessed(urls, rules=ON))


@pytest.mark.parametrize(
    ("days", "code"), [(30, None), (1, None), (31, "end_too_late"), (None, "end_required"), (0, "end_passed")]
)
def test_what_comes_of_it_lasts_thirty_days_at_most(days: float | None, code: str | None) -> None:
    assessment = assessed(submission("https://contoso.com/a", days=days), rules=ON)
    assert refusals(assessment) == ({code} if code else set())


def test_a_reason_is_needed() -> None:
    assert refusals(assessed(submission("https://contoso.com/a", reason=""), rules=ON)) == {"reason_missing"}


@pytest.mark.parametrize("value", ["*.contoso.com/*", "~contoso.com", "contoso.com/*"])
def test_a_submission_is_about_one_url(value: str) -> None:
    assert refusals(assessed(submission(value), rules=ON)) == {"url_pattern"}


LISTED = [
    (entry(SENDER, BLOCK, "contoso.com"), {"other_action"}, False),
    (entry(SENDER, BLOCK, "contoso.com", days=-1), set(), False),
    (entry(SENDER, ALLOW, "contoso.com", days=3), set(), True),
    (entry(SENDER, BLOCK, "*.contoso.com"), set(), False),
]


@pytest.mark.parametrize(("held", "refused", "told"), LISTED)
def test_what_is_listed_already(held: object, refused: set[str], told: bool) -> None:
    assessment = assessed(submission("contoso.com", evidence=MESSAGE), tenant(held), ON)
    assert refusals(assessment) == refused
    assert ("allowed_already" in warnings(assessment)) is told


def test_without_the_list_it_goes_ahead_with_a_warning() -> None:
    unread = assessed(submission("https://contoso.com/a"), tenant(unreadable={URL: "HTTP 503"}), ON)
    assert unread.may_proceed
    assert "list_unread" in warnings(unread)


@pytest.mark.parametrize(
    "text", ["urldefense.com", "https://urldefense.com/*", "nam02.safelinks.protection.outlook.com"]
)
def test_the_host_of_a_mail_gateway_is_nothing_to_submit(text: str) -> None:
    assert "wrapper_host" in refusals(assessed(submission(text, evidence=MESSAGE), rules=ON))
