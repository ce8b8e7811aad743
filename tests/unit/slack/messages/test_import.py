"""The form for an import and what people are told of one: always what Slack takes, whatever was in the lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.importing.outcomes import REQUESTED, AsideReason, Imported, LineOutcome, reasons
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.telling.import_facts import import_facts
from bot.errors import InvalidInput
from bot.playground.slack.views import problems_of
from bot.slack.messages.import_answer import imported_message
from bot.slack.modals import import_form
from tests.support.samples import HOSTILE, NOW, request
from tests.unit.slack.rendered import texts


def submitted(**values: dict[str, Any]) -> dict[str, Any]:
    state = {
        "what": {"value": {"type": "static_select", "selected_option": {"value": "block"}}},
        "file": {"value": {"type": "file_input", "files": []}},
        "indicators": {"value": {"type": "plain_text_input", "value": None}},
        "end": {"value": {"type": "static_select", "selected_option": {"value": "30d"}}},
        "end_date": {"value": {"type": "datepicker", "selected_date": None}},
        "reason": {"value": {"type": "plain_text_input", "value": "Phishing wave"}},
    }
    return {
        "private_metadata": "{}",
        "state": {"values": state | {key: {"value": element} for key, element in values.items()}},
    }


FILE = {"id": "F1", "name": "evil.csv", "size": 13, "url_private_download": "https://files.slack.com/x", "user": "U1"}


def test_the_form_is_one_that_slack_takes() -> None:
    view = import_form.build().to_dict()
    assert problems_of(json.loads(json.dumps(view, default=dict)), kind="modal") == []
    [field] = [block for block in view["blocks"] if block.get("block_id") == import_form.FILE]
    assert field["element"] == {
        "type": "file_input",
        "action_id": "value",
        "filetypes": ["csv", "txt", "tsv", "xlsx", "json"],
        "max_files": 1,
    }
    assert field["optional"] is True


def test_what_comes_back_is_read_field_by_field() -> None:
    given = import_form.parse(submitted(file={"type": "file_input", "files": [FILE]}))
    assert (given.operation, given.action) == (Operation.ADD, Action.BLOCK)
    assert given.file == {key: FILE[key] for key in ("id", "name", "size", "url_private_download")}
    assert (given.text, given.end, given.reason) == ("", "30d", "Phishing wave")
    assert import_form.parse(submitted()).file is None
    dated = import_form.parse(submitted(end_date={"type": "datepicker", "selected_date": "2031-01-02"}))
    assert dated.end == "2031-01-02", "a date goes before the choice"


@pytest.mark.parametrize("word", sorted(import_form.CHOICES))
def test_each_choice_says_what_it_does(word: str) -> None:
    given = import_form.parse(submitted(what={"type": "static_select", "selected_option": {"value": word}}))
    assert (given.operation, given.action) == import_form.CHOICES[word][:2]
    assert (given.operation, given.action) != (Operation.ADD, Action.ALLOW), "allows are proposed one by one"


@pytest.mark.parametrize(
    "odd",
    [
        {"what": {"selected_option": {"value": "allow"}}},
        {"what": {"selected_option": None}},
        {"what": {}},
        {"file": {"files": [FILE, FILE]}},
        {"file": {"files": "F1"}},
        {"file": {"files": ["F1"]}},
        {"file": {"files": [{"id": 1}]}},
        {"file": {"files": [FILE | {"size": "many"}]}},
        {"file": {"files": [FILE | {"name": "x" * 3_000}]}},
        {"file": {"files": [FILE | {"url_private_download": ["https://files.slack.com"]}]}},
        {"indicators": {"value": 7}},
        {"end": {"selected_option": {"value": "soon"}}},
        {"reason": {"value": "x" * 1_001}},
    ],
)
def test_an_odd_shape_is_refused(odd: dict[str, dict[str, Any]]) -> None:
    with pytest.raises(InvalidInput):
        import_form.parse(submitted(**odd))


@pytest.mark.parametrize("odd", [None, [], {}, {"private_metadata": "{}"}, {"private_metadata": "{}", "state": []}])
def test_an_odd_view_is_refused(odd: object) -> None:
    with pytest.raises(InvalidInput):
        import_form.parse(odd)


def outcome(code: str, why: str = "", line: int = 1) -> LineOutcome:
    return LineOutcome(line=line, typed="x", value="x", code=code, why=why, request=42 if code == REQUESTED else None)


def test_the_answer_counts_and_gives_reasons() -> None:
    imported = Imported(
        outcomes=(
            *[outcome(REQUESTED)] * 3,
            outcome("unreadable", "‘x’ names nothing."),
            outcome("own_domain", "It is one of your own."),
            outcome("own_domain", "Another of your own."),
        ),
        requests=(request(items=3),),
        snapshot_of=NOW,
    )
    message = imported_message(import_facts(imported, name="evil.csv", reason="Phishing wave"))
    assert message.text.startswith("Import of `evil.csv`: 3 of 6 lines requested, 3 set aside.")
    shown = json.dumps(message.to_dict(), ensure_ascii=False)
    assert "2 lines (lines 1, 1): It is one of your own." in shown
    assert "1 line (line 1): can't be read" in shown
    assert "Phishing wave" in shown
    assert "The file below has a line for each." in shown
    assert reasons(imported.outcomes) == [
        AsideReason(code="own_domain", count=2, words="It is one of your own.", lines=(1, 1)),
        AsideReason(code="unreadable", count=1, words="‘x’ names nothing.", lines=(1,)),
    ]


def test_the_answer_says_why_no_rule_approves_it() -> None:
    imported = Imported(outcomes=(outcome(REQUESTED),), requests=(request(items=1),), waits_because="it has a <star>")
    message = imported_message(import_facts(imported, name="", reason="Phishing wave"))
    for told in (texts(message), message.text):
        assert "No rule approves it: it has a &lt;star&gt;." in told


def test_a_file_is_named_only_where_one_comes() -> None:
    imported = Imported(outcomes=(outcome(REQUESTED),), requests=(request(items=1),), snapshot_of=NOW)
    message = imported_message(import_facts(imported, name="evil.csv", reason="Phishing wave"))
    assert "file below" not in json.dumps(message.to_dict())


def test_without_anything_left_it_says_that_nothing_was_changed() -> None:
    text = imported_message(import_facts(Imported(outcomes=(outcome("exists"),)), name="", reason="")).text
    assert "none of 1 line could be requested. Nothing was changed." in text
    assert (
        "nothing in it was to be read" in imported_message(import_facts(Imported(outcomes=()), name="", reason="")).text
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_gets_through(text: str) -> None:
    imported = Imported(
        outcomes=tuple(outcome(f"code {number} {text}", text) for number in range(20)),
        requests=tuple(request(reason=text, request_id=number) for number in range(1, 9)),
        snapshot_of=NOW,
    )
    message = imported_message(import_facts(imported, name=text, reason=text))
    assert "<!channel>" not in message.text
