"""What is shown of an import before anything is requested: each way to read it, each button, within Slack's limits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.domain.importing.judging import judge_lines
from bot.domain.importing.outcomes import REQUESTED, LineOutcome
from bot.domain.importing.preview import ImportPreview, PreviewState
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Rules
from bot.domain.reading.import_choices import Choice
from bot.domain.reading.import_lines import read_plain_lines
from bot.domain.reading.import_reading import WHOLE_LINES, EndsColumn, ImportReading
from bot.domain.requests.request import RequestWarning
from bot.domain.telling.preview_facts import PreviewFacts, preview_facts
from bot.playground.slack.block_rules import TOTAL_CHARACTERS, message_problems, total_characters
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages.import_preview import preview_message, preview_over
from tests.support.samples import HOSTILE, NOW

PREVIEW = ImportPreview(
    id=7,
    owner="U0REQUEST1",
    state=PreviewState.OPEN,
    version=3,
    delivery="import:one",
    operation=Operation.ADD,
    action=Action.BLOCK,
    end="30d",
    reason="Phishing wave",
    name="drop.txt",
    sha256="0" * 64,
    created_at=NOW,
)
SENDER = Choice(key="Sender", title="column Sender", total=4, read=3, first=("evil.example", "worse.example"))
REPLY_TO = Choice(key="Reply-To", title="column Reply-To", total=4, read=2, first=("b@evil.example",))
ENDS = EndsColumn(
    key="ExpirationTime", title="column ExpirationTime", dated=3, first=date(2031, 1, 2), last=date(2031, 2, 3)
)
TEXT = "evil.example\nworse.example\n203.0.113.0/24\n"
READING = ImportReading(what="a table", choices=(SENDER, REPLY_TO), chosen=SENDER, lines=tuple(read_plain_lines(TEXT)))


def facts(reading: ImportReading = READING, *, preview: ImportPreview = PREVIEW, aside: int = 1) -> PreviewFacts:
    judged = judge_lines(
        reading.lines,
        operation=Operation.ADD,
        action=Action.BLOCK,
        lifetime=None,
        reason=preview.reason,
        rules=Rules(),
        lists=Snapshot(as_of=NOW),
        now=NOW,
    )
    going = [
        LineOutcome(line=line.number, typed=line.typed, code=REQUESTED, remark=line.remark) for line in reading.lines
    ]
    outcomes = going + [
        LineOutcome(line=number, typed="x", code="unreadable", why="‘x’ names nothing.")
        for number in range(5, 5 + aside)
    ]
    return preview_facts(preview, reading, judged.parts, outcomes, judged_as_of=NOW, now=NOW)


def test_what_was_changed_on_the_way_and_what_stood_beside_it_is_told() -> None:
    lines = (
        *read_plain_lines("From: a@evil.example\nFrom: b@evil.example\nevil.example"),
        *(replace(line, number=4, remark="phish kit") for line in read_plain_lines("worse.example")),
        *(replace(line, number=5, remark="old") for line in read_plain_lines("bad.example")),
        *(replace(line, number=6, remark="old") for line in read_plain_lines("worst.example")),
    )
    _, shown = built(facts(replace(READING, lines=lines)))
    assert "• 2 lines: `a@evil[.]example`: " in shown
    assert "*Remarks, which no entry takes*\\n• `old` beside 2 lines, the first: `bad[.]example`\\n" in shown
    assert "\\n• `phish kit` beside `worse[.]example`" in shown
    assert "How it was read" not in built(facts())[1]


def controls(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    [actions] = [block for block in message["blocks"] if block["type"] == "actions"]
    return {element["action_id"]: element for element in actions["elements"]}


def built(told: PreviewFacts) -> tuple[dict[str, Any], str]:
    message = preview_message(told).to_dict()
    blocks = json.loads(json.dumps(message["blocks"], default=dict))
    assert message_problems(blocks) == []
    assert total_characters(blocks) <= TOTAL_CHARACTERS
    return message, json.dumps(message, ensure_ascii=False)


def test_it_says_how_it_was_read_and_what_would_be_requested() -> None:
    message, shown = built(facts())
    assert message["text"].startswith("Import of `drop.txt`: 3 of 4 lines would be requested; 1 is set aside.")
    for words in (
        "a table, read by *column Sender*: 3 of 4 lines, the first: `evil[.]example`, `worse[.]example`",
        "Block 2 senders: `evil[.]example`, `worse[.]example`",
        "It would need 1 approval by somebody else.",
        "1 line (line 5): can't be read as an indicator (‘x’ names nothing.)",
        "Nothing is requested yet. Judged by the lists as of",
        "Phishing wave",
    ):
        assert words in shown


def test_plain_lines_are_read_by_no_column() -> None:
    lines = Choice(key=WHOLE_LINES, title="each line as a whole", total=4, read=3, first=("evil.example",))
    _, shown = built(facts(replace(READING, what="plain lines", choices=(lines,), chosen=lines)))
    assert "plain lines, *each line as a whole*: 3 of 4 lines, the first: `evil[.]example`" in shown


def test_several_lists_become_one_request_and_what_is_true_of_all_of_it_is_said_once() -> None:
    lines = read_plain_lines("github.io\n203.0.113.0/24\nhttp://evil.example/a\nhttps://worse.example/")
    several = facts(replace(READING, lines=lines))
    assert len(several.parts) > 1
    long = RequestWarning(code="wide", text="It is wide. " * 60, serious=True)
    cut = replace(several, parts=tuple(replace(part, warnings=(long,)) for part in several.parts))
    short = replace(several, parts=tuple(replace(part, warnings=()) for part in several.parts))
    for told, said in ((short, 0), (cut, 1)):
        _, shown = built(told)
        assert shown.count("It becomes one request, with one card. It would need 1 approval by somebody else.") == 1
        assert shown.count("It would need") == 1
        assert shown.count("once it is requested, its card has them under *Details*") == said
        assert shown.count("It is wide. …") == said * len(several.parts), "no sentence ends in its middle"
    alone = replace(short, parts=short.parts[:1])
    assert "It becomes one request" not in built(alone)[1]
    many = replace(several, parts=several.parts * 4)
    assert f"…and {len(many.parts) - 6} more" in built(many)[1]


def test_its_buttons_carry_the_version_that_they_stand_under() -> None:
    found = controls(built(facts())[0])
    assert list(found) == [ActionId.IMPORT_REQUEST, ActionId.IMPORT_COLUMN, ActionId.IMPORT_CANCEL]
    assert (found[ActionId.IMPORT_REQUEST]["value"], found[ActionId.IMPORT_CANCEL]["value"]) == ("7.3", "7.3")
    options = found[ActionId.IMPORT_COLUMN]["options"]
    assert [(option["value"], option["text"]["text"]) for option in options] == [
        ("7.3.1", "column Reply-To (2 of 4 lines)")
    ], "the one that is read already is no choice"


def test_with_one_way_to_read_it_there_is_nothing_to_choose() -> None:
    assert ActionId.IMPORT_COLUMN not in controls(built(facts(replace(READING, choices=(SENDER,))))[0])


def test_what_is_worth_knowing_of_the_whole_is_told() -> None:
    told = "Its column Bis says until when, and nothing in it can be told for sure as an end still to come."
    _, shown = built(facts(replace(READING, told=(told,))))
    assert told in shown


def test_rows_whose_ends_cannot_be_told_are_counted() -> None:
    _, shown = built(facts(replace(READING, ends=replace(ENDS, unread=2))))
    assert "2 lines more can't be told as an end" in shown
    assert "can't be told" not in built(facts(replace(READING, ends=ENDS)))[1]


def test_that_a_line_can_count_several_times_is_told_where_one_does() -> None:
    words = "A line that names several indicators counts once for each of them."
    assert words in built(facts(aside=4))[1]
    assert words not in built(facts(aside=1))[1]


def test_where_only_a_person_can_tell_it_asks_and_offers_no_request() -> None:
    asked = ImportReading(
        what="a table", choices=(SENDER, REPLY_TO), chosen=None, question="Which of these columns is the sender's?"
    )
    message, shown = built(facts(asked, aside=0))
    found = controls(message)
    assert list(found) == [ActionId.IMPORT_COLUMN, ActionId.IMPORT_CANCEL]
    assert len(found[ActionId.IMPORT_COLUMN]["options"]) == 2
    assert "Which of these columns is the sender's?" in shown
    assert "• *column Reply-To*: 2 of 4 lines, the first: `b@evil[.]example`" in shown
    assert "would be requested, on" not in message["text"]


def test_when_nothing_is_left_there_is_no_request() -> None:
    message, _ = built(facts(replace(READING, lines=()), aside=4))
    assert ActionId.IMPORT_REQUEST not in controls(message)
    assert "None of 4 lines can be requested." in message["text"]


@pytest.mark.parametrize(
    ("taken", "button", "value", "words"),
    [
        (False, "Take the ends from column ExpirationTime", "7.3.1", "It doesn't count unless you take it."),
        (True, "Leave out the ends of column ExpirationTime", "7.3.0", "The entries end as"),
    ],
)
def test_the_rows_ends_can_be_taken_and_left_out(taken: bool, button: str, value: str, words: str) -> None:
    preview = replace(PREVIEW, takes_ends=taken)
    message, shown = built(facts(replace(READING, ends=ENDS), preview=preview))
    found = controls(message)[ActionId.IMPORT_ENDS]
    assert (found["text"]["text"], found["value"]) == (button, value)
    assert words in shown
    assert "2031-01-02 to 2031-02-03" in shown


@pytest.mark.parametrize("state", [state for state in PreviewState if state.is_over])
def test_once_it_is_over_it_has_no_buttons(state: PreviewState) -> None:
    message = preview_over(replace(PREVIEW, state=state)).to_dict()
    assert [block["type"] for block in message["blocks"]] == ["section"]
    assert "drop.txt" in message["text"]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_gets_through(text: str) -> None:
    choices = tuple(
        Choice(key=str(number), title=f"column {number} {text}", total=9, read=9, first=(text, text))
        for number in range(120)
    )
    reading = replace(READING, what=text, choices=choices, chosen=None, question=text, ends=replace(ENDS, title=text))
    message, _ = built(facts(reading, preview=replace(PREVIEW, name=text, reason=text)))
    marked_up = [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]
    assert "<!channel>" not in "\n".join([message["text"], *marked_up])
    assert "<!channel>" not in json.dumps(preview_over(replace(PREVIEW, name=text)).to_dict())
