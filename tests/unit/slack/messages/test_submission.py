"""The form for a submission, the steps by hand, and the news that comes of one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.reader import read
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Field, Refusal
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.telling.outcome_steps import heard
from bot.errors import InvalidInput
from bot.slack.messages.submission import steps_by_hand_blocks
from bot.slack.modals import submission_form
from bot.slack.modals.form_input import FormInput
from tests.support.samples import any_request, any_text
from tests.unit.slack.rendered import told

GIVEN = FormInput(
    operation=Operation.ADD, action=Action.ALLOW, indicators="billing@fabrikam.example", end="7d", reason="Invoices"
)


def said(view: Any) -> str:  # noqa: ANN401 - a view or a message
    return json.dumps(view.to_dict(), ensure_ascii=False)


def block(view: Any, block_id: str) -> dict[str, Any]:  # noqa: ANN401 - a view
    return next(found for found in view.to_dict()["blocks"] if found.get("block_id") == block_id)


def test_the_form_has_what_was_given_and_the_steps_by_hand() -> None:
    view = submission_form.build(GIVEN, indicators=[read("billing@fabrikam.example")])

    assert block(view, "indicators")["element"]["initial_value"] == "billing@fabrikam.example"
    assert block(view, "end")["element"]["initial_option"]["value"] == "7d"
    assert block(view, "reason")["element"]["initial_value"] == "Invoices"
    assert block(view, "file")["element"] == {"type": "file_input", "action_id": "value", "max_files": 1}
    assert "tab Emails" in said(view)
    assert "tab URLs" not in said(view)


def test_without_indicators_it_has_the_steps_of_every_list() -> None:
    view = submission_form.build(GIVEN)
    assert all(f"tab {tab}" in said(view) for tab in ("Emails", "URLs", "Email attachments"))


def test_for_a_url_it_says_what_a_message_is_good_for() -> None:
    assert "no allow entry that comes of it" in said(submission_form.build(GIVEN, indicators=[read("evil.example/x")]))
    assert "no allow entry that comes of it" not in said(
        submission_form.build(GIVEN, indicators=[read("evil.example")])
    )


@pytest.mark.parametrize("end", ["90d", "never", "31d", ""])
def test_an_end_that_no_submission_has_is_not_offered(end: str) -> None:
    view = submission_form.build(replace(GIVEN, end=end))
    options = [option["value"] for option in block(view, "end")["element"]["options"]]
    assert options == ["1d", "7d", "30d"]
    assert block(view, "end")["element"]["initial_option"]["value"] == "30d"


def test_that_there_is_no_evidence_yet_is_no_reproach_and_the_rest_is_told() -> None:
    refusals = [
        Refusal(code="evidence_missing", text="Microsoft needs to see it.", remedy="Upload it.", field=Field.EVIDENCE),
        Refusal(code="reason_too_short", text="The reason is too short.", remedy="Say more.", field=Field.REASON),
    ]
    view = submission_form.build(GIVEN, refusals=refusals)
    assert "Microsoft needs to see it." not in said(view)
    assert "The reason is too short." in said(view)
    unsaid = submission_form.build(replace(GIVEN, reason=""), refusals=refusals)
    assert "The reason is too short." not in said(unsaid)


def test_what_comes_back_is_read_with_its_evidence() -> None:
    file = {"id": "F0MESSAGE", "name": "blocked.eml", "size": 10, "url_private_download": "https://files.slack.com/f"}
    values = {
        "indicators": {"value": {"value": "fabrikam.example"}},
        "recipient": {"value": {"value": " user@contoso.example "}},
        "message_url": {"value": {"value": None}},
        "file": {"value": {"files": [file]}},
        "reason": {"value": {"value": "Invoices"}},
        "end": {"value": {"selected_option": {"value": "7d"}}},
    }
    view = {**submission_form.build(GIVEN).to_dict(), "state": {"values": values}}

    given = submission_form.parse(view)
    assert (given.form.indicators, given.form.end, given.form.reason) == ("fabrikam.example", "7d", "Invoices")
    assert given.file == file
    assert given.evidence() == Evidence(recipient="user@contoso.example", file_name="blocked.eml")


@pytest.mark.parametrize("view", [None, {}, {"private_metadata": "{}"}, {"private_metadata": "no", "state": {}}])
def test_another_shape_is_refused(view: object) -> None:
    with pytest.raises(InvalidInput):
        submission_form.parse(view)


@given(indicators=any_text, reason=any_text, end=any_text)
def test_whatever_was_typed_the_form_is_one_that_slack_takes(indicators: str, reason: str, end: str) -> None:
    submission_form.build(replace(GIVEN, indicators=indicators, reason=reason, end=end))


def test_the_steps_are_those_of_the_lists_named() -> None:
    [section] = steps_by_hand_blocks([ListName.FILE, ListName.FILE, ListName.IP])
    assert "tab Email attachments" in json.dumps(section.to_dict(), ensure_ascii=False)


@given(any_request)
def test_news_tell_each_item_in_its_own_words(made: Request) -> None:
    item = Item(
        id=1,
        kind=Kind.DOMAIN,
        value="fabrikam.example",
        state=ItemState.CONFIRMED,
        outcome="submitted to Microsoft, reference 1. Allowed now: <!channel>.",
    )
    message = told(heard, replace(made, items=(item,), tally={}), [item])
    assert "reference 1. Allowed now: &lt;!channel&gt;." in message.text
    assert "<!channel>" not in said(message)
