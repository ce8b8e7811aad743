"""The proposal form: what it opens with, what it reads back, where its errors stand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Field, Refusal
from bot.errors import InvalidInput
from bot.slack.modals import proposal_form
from bot.slack.modals.form_input import FormInput
from tests.support.samples import HOSTILE, any_text
from tests.unit.slack.rendered import blocks_by_id, formatted, texts

BLOCK = (Operation.ADD, Action.BLOCK)


BLANK = FormInput(operation=Operation.ADD, action=Action.BLOCK)


def form(**values: str) -> FormInput:
    return replace(BLANK, **values)


def submitted(*, metadata: object = None, **values: object) -> dict[str, Any]:
    """The view of a `view_submission`, as Slack sends it."""
    meta = {"operation": "add", "action": "block"} if metadata is None else metadata
    state: dict[str, Any] = {
        "indicators": {"value": {"type": "plain_text_input", "value": "evil.example"}},
        "end": {"value": {"type": "static_select", "selected_option": {"text": {}, "value": "7d"}}},
        "end_date": {"value": {"type": "datepicker", "selected_date": None}},
        "reason": {"value": {"type": "plain_text_input", "value": "Fraud"}},
    }
    return {"private_metadata": json.dumps(meta), "state": {"values": {**state, **values}}}


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("action", Action)
def test_an_empty_form_opens(operation: Operation, action: Action) -> None:
    view = proposal_form.build(operation, action)
    made = view.to_dict()
    assert made["callback_id"] == "proposal_form"
    chosen = operation in {Operation.EXTEND, Operation.ANNOTATE}
    assert json.loads(made["private_metadata"]) == {"operation": operation} | ({} if chosen else {"action": action})
    fields = [block["block_id"] for block in made["blocks"] if block["type"] == "input"]
    what = {
        Operation.SAFE_LIST_OFF: [],
        Operation.EXTEND: ["indicators", "target", "end", "end_date"],
        Operation.ANNOTATE: ["indicators", "target"],
        Operation.ADD: ["indicators", "end", "end_date"],
    }
    assert fields == [*what.get(operation, ["indicators"]), "reason"]


@pytest.mark.parametrize(("action", "chosen"), [(None, "as_listed"), (Action.BLOCK, "block"), (Action.ALLOW, "allow")])
@pytest.mark.parametrize("operation", [Operation.EXTEND, Operation.ANNOTATE])
def test_a_form_about_entries_asks_which_kind_and_reads_it_back(
    operation: Operation, action: Action | None, chosen: str
) -> None:
    made = proposal_form.build(operation, action)
    option = blocks_by_id(made)["target"]["element"]["initial_option"]
    assert option["value"] == chosen
    read = proposal_form.parse(
        submitted(
            metadata=json.loads(made.to_dict()["private_metadata"]), target={"value": {"selected_option": option}}
        )
    )
    assert (read.operation, read.action) == (operation, action)


def test_the_safe_list_form_asks_for_the_reason_alone_and_every_refusal_stands_there() -> None:
    refusal = Refusal(code="off_already", text="It is off already.", remedy="There is nothing to do.")
    assert proposal_form.errors([refusal], operation=Operation.SAFE_LIST_OFF) == {
        "reason": "It is off already. There is nothing to do."
    }
    assert "no longer skip spam filtering" in texts(proposal_form.build(Operation.SAFE_LIST_OFF, Action.ALLOW))


def test_a_form_opens_with_what_was_given() -> None:
    given_form = form(indicators="a.example\nb.example", end="7d", reason="Fraud")
    blocks = blocks_by_id(proposal_form.build(*BLOCK, prefill=given_form))
    assert blocks["indicators"]["element"]["initial_value"] == "a.example\nb.example"
    assert blocks["end"]["element"]["initial_option"]["value"] == "7d"
    assert "initial_date" not in blocks["end_date"]["element"]
    assert blocks["reason"]["element"]["initial_value"] == "Fraud"


@pytest.mark.parametrize(
    ("end", "chosen", "date"),
    [
        ("", "30d", None),
        ("never", "never", None),
        ("14d", "14d", None),
        ("2026-12-31", "30d", "2026-12-31"),
        ("2026-02-31", "30d", None),
        ("soon", "30d", None),
        ("0d", "30d", None),
    ],
)
def test_the_end_that_was_given_is_chosen(end: str, chosen: str, date: str | None) -> None:
    blocks = blocks_by_id(proposal_form.build(*BLOCK, prefill=form(end=end)))
    assert blocks["end"]["element"]["initial_option"]["value"] == chosen
    assert blocks["end_date"]["element"].get("initial_date") == date


def ends_offered(given: FormInput) -> tuple[list[str], str | None]:
    element = blocks_by_id(proposal_form.build(given.operation, given.action, prefill=given))["end"]["element"]
    chosen = element.get("initial_option")
    return [option["value"] for option in element["options"]], chosen and chosen["value"]


@pytest.mark.parametrize(
    ("given_form", "offered", "chosen"),
    [
        (replace(BLANK, emergency=True, emergency_days=7), ["1d", "7d"], "7d"),
        (replace(BLANK, emergency=True, emergency_days=3, end="3d"), ["1d", "3d"], "3d"),
        (replace(BLANK, emergency=True, emergency_days=3, end="2d"), ["2d", "1d", "3d"], "2d"),
        (replace(BLANK, emergency=True, emergency_days=7, end="30d"), ["1d", "7d"], "7d"),
        (replace(BLANK, emergency=True, emergency_days=7, end="never"), ["1d", "7d"], "7d"),
        (replace(BLANK, emergency=False, emergency_days=7), ["1d", "7d", "30d", "90d", "never"], "30d"),
    ],
)
def test_who_blocks_at_once_chooses_among_what_may_be(given_form: FormInput, offered: list[str], chosen: str) -> None:
    assert ends_offered(given_form) == (offered, chosen)
    assert "days at most" in texts(proposal_form.build(*BLOCK, prefill=given_form))


def test_where_a_second_form_follows_the_first_says_so() -> None:
    given = FormInput(operation=Operation.EXTEND, action=Action.ALLOW, indicators="203.0.113.7", adopts=True)
    alone = proposal_form.build(Operation.EXTEND, Action.ALLOW, prefill=given)
    assert alone.to_dict()["submit"]["text"] == "Send request"
    first = proposal_form.build(Operation.EXTEND, Action.ALLOW, prefill=replace(given, is_warned_next=True))
    assert first.to_dict()["submit"]["text"] == "Next"
    assert "A second form says what that means" in texts(first)
    assert "Nothing is requested before" in texts(first)


STAYS = "2026-03-31T12:00:00+00:00"
ADOPTS = FormInput(operation=Operation.EXTEND, action=Action.ALLOW, indicators="203.0.113.7", adopts=True)


def test_who_adopts_an_entry_finds_a_form_of_its_own() -> None:
    limited = replace(ADOPTS, ends=("1d", "7d"))
    view = proposal_form.build(Operation.EXTEND, Action.ALLOW, prefill=limited)
    assert view.to_dict()["title"]["text"] == "Adopt an entry"
    assert ends_offered(limited) == (["1d", "7d"], "7d")
    kept = replace(ADOPTS, ends=("1d", "7d", "30d"), as_it_is="As it is: it ends on 2026-03-31 12:00 UTC", stays=STAYS)
    assert ends_offered(kept) == (["as_it_is", "1d", "7d", "30d"], "as_it_is")
    carried = proposal_form.build(Operation.EXTEND, Action.ALLOW, prefill=kept).to_dict()["private_metadata"]
    sent = submitted(
        metadata=json.loads(carried), end={"value": {"selected_option": {"text": {}, "value": "as_it_is"}}}
    )
    assert (proposal_form.parse(sent).end, proposal_form.parse(sent).stays) == ("as_it_is", STAYS)


@pytest.mark.parametrize("given", ["soon", "2026-03-31T12:00:00", 7, "x" * 51])
def test_an_end_that_stays_and_is_none_is_refused(given: object) -> None:
    with pytest.raises(InvalidInput):
        proposal_form.parse(submitted(metadata={"operation": "extend", "stays": given}))


def test_problems_stand_directly_under_their_fields() -> None:
    problems = {Field.INDICATORS: "That is no <domain>.", Field.REASON: "Say why.", Field.ACKNOWLEDGED: "Tick it."}
    blocks = proposal_form.build(*BLOCK, problems=problems).to_dict()["blocks"]
    order = [block["block_id"] for block in blocks]
    assert order.index("problem_indicators") == order.index("indicators") + 1
    assert order.index("problem_reason") == order.index("reason") + 1
    assert "Say why." in blocks[order.index("problem_reason")]["text"]["text"]


def test_a_problem_with_the_end_of_a_removal_stands_somewhere() -> None:
    view = proposal_form.build(Operation.REMOVE, Action.BLOCK, problems={Field.EXPIRES: "A removal has no end."})
    assert "A removal has no end." in texts(view)


def test_what_a_field_cannot_hold_is_counted_not_lost_in_silence() -> None:
    lines = [f"sender{number}.example" for number in range(1000)]
    view = proposal_form.build(*BLOCK, prefill=form(indicators="\n".join(lines)))
    kept = blocks_by_id(view)["indicators"]["element"]["initial_value"].split("\n")
    assert kept == lines[: len(kept)]
    assert f"{1000 - len(kept):,} more lines: request them separately" in texts(view)


def test_a_submission_is_read() -> None:
    assert proposal_form.parse(submitted()) == form(indicators="evil.example", end="7d", reason="Fraud")


def test_a_date_goes_before_the_choice() -> None:
    picked = {"value": {"type": "datepicker", "selected_date": "2026-12-31"}}
    assert proposal_form.parse(submitted(end_date=picked)).end == "2026-12-31"


def test_what_was_left_empty_is_empty() -> None:
    empty = {"value": {"type": "plain_text_input", "value": None}}
    read = proposal_form.parse(submitted(indicators=empty, reason=empty, end={"value": {"selected_option": None}}))
    assert (read.indicators, read.end, read.reason) == ("", "", "")
    nothing = {"private_metadata": '{"operation":"remove","action":"allow"}', "state": {"values": {}}}
    assert proposal_form.parse(nothing) == FormInput(operation=Operation.REMOVE, action=Action.ALLOW)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "view",
        {},
        {"state": None},
        {"state": {"values": []}, "private_metadata": "{}"},
        submitted(metadata={}),
        submitted(metadata={"operation": "drop", "action": "block"}),
        submitted(metadata={"operation": ["add"], "action": "block"}),
        submitted(metadata=[]),
        {**submitted(), "private_metadata": "{"},
        {**submitted(), "private_metadata": "[" * 3_000},
        {**submitted(), "private_metadata": None},
        submitted(indicators="evil.example"),
        submitted(indicators={"value": "evil.example"}),
        submitted(indicators={"value": {"value": 7}}),
        submitted(indicators={"value": {"value": "x" * 3_001}}),
        submitted(reason={"value": {"value": "x" * 1_001}}),
        submitted(end={"value": {"selected_option": "7d"}}),
        submitted(end={"value": {"selected_option": {"value": "1; drop table"}}}),
        submitted(end={"value": {"selected_option": {"value": "99999d"}}}),
        submitted(end_date={"value": {"selected_date": "2026-13-01"}}),
        submitted(end_date={"value": {"selected_date": "٢٠٢٦-01-01"}}),
        submitted(end_date={"value": {"selected_date": 7}}),
        submitted(metadata={"operation": "extend"}, target={"value": {"selected_option": {"value": "drop"}}}),
        submitted(metadata={"operation": "extend"}, target={"value": {"selected_option": "block"}}),
    ],
)
def test_an_odd_shape_is_invalid_input_and_nothing_else(payload: object) -> None:
    with pytest.raises(InvalidInput) as raised:
        proposal_form.parse(payload)
    assert raised.value.what
    assert raised.value.remedy


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["7d", "add", "block"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["state", "values", "value", "private_metadata", "end", "selected_option", "reason"]), inner
        )
    ),
    max_leaves=25,
)


@given(json_values, json_values)
def test_no_payload_raises_anything_but_invalid_input(view: object, element: object) -> None:
    for payload in (view, submitted(reason=element, end=element, end_date=element), {**submitted(), "state": view}):
        try:
            read = proposal_form.parse(payload)
        except InvalidInput:
            continue
        assert isinstance(read, FormInput)


def test_errors_stand_at_the_field_that_can_be_mended() -> None:
    refusals = [
        Refusal(code="a", text="No such domain.", remedy="Check it.", field=Field.INDICATORS),
        Refusal(code="b", text="No reason.", remedy="Say why.", field=Field.REASON),
        Refusal(code="c", text="Too long.", remedy="Choose 90 days.", field=Field.EXPIRES),
        Refusal(code="d", text="Not ticked.", remedy="Tick.", field=Field.ACKNOWLEDGED),
    ]
    assert proposal_form.errors(refusals) == {
        "indicators": "No such domain. Check it. Not ticked. Tick.",
        "reason": "No reason. Say why.",
        "end": "Too long. Choose 90 days.",
    }
    assert set(proposal_form.errors(refusals, operation=Operation.REMOVE)) == {"indicators", "reason"}


def test_every_error_stands_at_a_field_that_the_form_has() -> None:
    refusals = [Refusal(code="a", text="t", remedy="r", field=field) for field in Field]
    for operation in Operation:
        inputs = {
            block["block_id"]
            for block in proposal_form.build(operation, Action.BLOCK).to_dict()["blocks"]
            if block["type"] == "input"
        }
        assert set(proposal_form.errors(refusals, operation=operation)) <= inputs


def test_many_errors_are_counted() -> None:
    refusals = [Refusal(code="a", text=f"Bad {number}.", remedy="") for number in range(20)]
    assert proposal_form.errors(refusals) == {"indicators": "Bad 0. Bad 1. Bad 2. …and 17 more."}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_typed_can_do_nothing(hostile: str) -> None:
    given_form = form(indicators=hostile, end=hostile, reason=hostile)
    for operation in Operation:
        view = proposal_form.build(operation, Action.BLOCK, prefill=given_form, problems=dict.fromkeys(Field, hostile))
        assert "<!channel>" not in formatted(view)
    refusals = [Refusal(code=hostile, text=hostile, remedy=hostile, field=field) for field in Field]
    assert all(proposal_form.errors(refusals).values())


@given(any_text, any_text, any_text, any_text)
@settings(deadline=None)
def test_no_input_makes_a_form_that_slack_refuses(indicators: str, end: str, reason: str, problem: str) -> None:
    given_form = form(indicators=indicators, end=end, reason=reason)
    assert proposal_form.build(*BLOCK, prefill=given_form, problems=dict.fromkeys(Field, problem)).to_dict()
