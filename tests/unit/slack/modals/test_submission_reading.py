"""What a submitted form of a submission proposes, and what is wrong with one that proposes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.indicators.indicator import NoteCode
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Rules
from bot.domain.requests.evidence import Evidence
from bot.slack.modals.form_input import FormInput, WrongFields
from bot.slack.modals.submission_form import SubmissionInput
from bot.slack.modals.submission_reading import read_proposals
from bot.tenant.calling.graph import MOST_CONTENT

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECIPIENT = "user@contoso.example"
MESSAGE_URL = f"https://graph.microsoft.com/v1.0/users/{RECIPIENT}/messages/AAMkAGI2"
SENDER, URL, HASH = "billing@fabrikam.example", "https://fabrikam.example/pay", "ab" * 32
MAIL = {"id": "F1", "name": "blocked.eml", "size": 200, "url_private_download": "https://files.slack.com/f"}


def given(
    indicators: str = SENDER,
    *,
    end: str = "7d",
    reason: str = " A supplier ",
    **evidence: Any,  # noqa: ANN401 - the input's own fields
) -> SubmissionInput:
    form = FormInput(operation=Operation.ADD, action=Action.ALLOW, indicators=indicators, end=end, reason=reason)
    return replace(SubmissionInput(form=form, recipient=RECIPIENT, message_url=MESSAGE_URL), **evidence)


@pytest.mark.parametrize(
    ("submitted", "name", "evidence"),
    [
        (given(), ListName.SENDER, Evidence(recipient=RECIPIENT, message_url=MESSAGE_URL)),
        (given(message_url="", file=MAIL), ListName.SENDER, Evidence(recipient=RECIPIENT, file_name="blocked.eml")),
        (
            given(HASH, message_url="", recipient="", file={**MAIL, "name": "a.exe"}),
            ListName.FILE,
            Evidence(file_name="a.exe"),
        ),
        (given(URL, message_url="", recipient=""), ListName.URL, None),
        (given(URL, message_url=""), ListName.URL, None),
        (
            given(f"{SENDER}\nfabrikam[.]example"),
            ListName.SENDER,
            Evidence(recipient=RECIPIENT, message_url=MESSAGE_URL),
        ),
    ],
)
def test_a_sound_form_is_one_submission(submitted: SubmissionInput, name: ListName, evidence: Evidence | None) -> None:
    [proposal] = read_proposals(submitted, rules=Rules(submissions=True), now=NOW)
    assert (proposal.operation, proposal.action, proposal.list) == (Operation.SUBMIT, Action.ALLOW, name)
    assert (proposal.evidence, proposal.reason, proposal.expires) == (evidence, "A supplier", NOW + timedelta(days=7))


@pytest.mark.parametrize(
    ("submitted", "codes"),
    [
        (given(""), ["empty"]),
        (given("what is this"), ["unreadable"]),
        (given("203.0.113.7"), ["not_submitted"]),
        (given(f"{SENDER}\n{URL}"), ["several_lists"]),
        (given(recipient=""), ["evidence"]),
        (given(recipient="nobody"), ["evidence"]),
        (given(message_url="https://outlook.office.com/mail/id/1"), ["evidence"]),
        (given(file=MAIL), ["evidence"]),
        (given(message_url="", recipient="", file=MAIL), ["evidence"]),
        (given(message_url="", file={**MAIL, "size": MOST_CONTENT + 1}), ["evidence"]),
        (given(end="tomorrow"), ["end"]),
        (given(end="2026-02-28"), ["end"]),
        (given("", end="tomorrow", recipient=""), ["evidence", "empty", "end"]),
    ],
)
def test_everything_that_is_wrong_is_told_at_once(submitted: SubmissionInput, codes: list[str]) -> None:
    with pytest.raises(WrongFields) as wrong:
        read_proposals(submitted, rules=Rules(submissions=True), now=NOW)
    assert [refusal.code for refusal in wrong.value.refusals] == codes
    assert all(refusal.text for refusal in wrong.value.refusals)


def test_a_file_of_just_the_size_that_is_taken() -> None:
    submitted = given(message_url="", file={**MAIL, "size": MOST_CONTENT})
    assert read_proposals(submitted, rules=Rules(submissions=True), now=NOW)


def test_the_tenants_own_domains_are_named_as_such_also_where_only_the_tenant_told_them() -> None:
    own = frozenset({SENDER.replace("[.]", ".").rpartition("@")[2]})
    [proposal] = read_proposals(given(), rules=Rules(submissions=True), now=NOW, own=own)
    assert [indicator.has_note(NoteCode.OWN_DOMAIN) for indicator in proposal.indicators] == [True]
    [proposal] = read_proposals(given(), rules=Rules(submissions=True), now=NOW)
    assert [indicator.has_note(NoteCode.OWN_DOMAIN) for indicator in proposal.indicators] == [False]
