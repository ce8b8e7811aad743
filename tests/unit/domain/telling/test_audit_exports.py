"""The audit log as lines for other programs."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given

from bot.domain.auditing.events import Event
from bot.domain.telling.audit_exports import Format, head_of, line_of, wanted_format
from tests.support.samples import any_event
from tests.unit.domain.auditing.chains import event

NAMES = {"U1": "anna"}


def test_a_row_of_csv() -> None:
    logged = event(actor="U1", target="=cmd()", payload={"reason": "a,b"}, request_id=6)
    text = head_of(Format.CSV) + line_of(logged, Format.CSV, NAMES, {6: 5})
    [row] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (row["actor"], row["actor_name"], row["request"], row["proposal"]) == ("U1", "anna", "6", "5")
    assert row["target"] == "'=cmd()", "no formula"
    assert json.loads(row["payload"]) == {"reason": "a,b"}


def test_a_line_of_json_is_the_event() -> None:
    logged = event(actor="U1")
    assert json.loads(line_of(logged, Format.JSONL, {}, {})) == logged.as_json()
    assert json.loads(line_of(logged, Format.JSONL, NAMES, {}))["actor_name"] == "anna"
    assert json.loads(line_of(logged, Format.OCSF, NAMES, {}))["class_uid"] == 3004


def test_json_has_both_numbers_of_a_request_that_is_a_part_of_several() -> None:
    found = json.loads(line_of(event(request_id=6), Format.JSONL, {}, {6: 5}))
    assert (found["proposal"], found["request_id"]) == (5, 6)


@pytest.mark.parametrize("form", list(Format))
@given(any_event)
def test_any_event_is_one_line(form: Format, logged: Event) -> None:
    line = line_of(logged, form, {logged.actor: logged.actor}, {})
    assert line.endswith("\n")
    if form is not Format.CSV:
        assert "\n" not in line[:-1]
        assert json.loads(line)
    else:
        assert len(list(csv.reader(io.StringIO(line)))) == 1


@pytest.mark.parametrize(
    ("text", "form", "rest"),
    [
        ("denied 7d", None, "denied 7d"),
        ("exports 7d", None, "exports 7d"),
        ("export", Format.CSV, ""),
        ("denied 7d export", Format.CSV, "denied 7d"),
        ("export denied", Format.CSV, "denied"),
        ("denied Export JSON 7d", Format.JSONL, "denied 7d"),
        ("`export` as ocsf denied", Format.OCSF, "denied"),
    ],
)
def test_a_file_that_is_asked_for(text: str, form: Format | None, rest: str) -> None:
    assert wanted_format(text) == (form, rest)
