"""JSON becomes tables: which records there are, on which lines."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.tables.json_text import read_json
from bot.errors import InvalidInput

RECORD = {"value": "evil.example", "note": "x"}


def rows(document: object) -> list[list[tuple[str, ...]]]:
    sheets = read_json(json.dumps(document))
    assert sheets is not None
    return [[row.cells for row in sheet.rows] for sheet in sheets]


DOCUMENTS = [
    ([RECORD, RECORD], [[("evil.example", "x"), ("evil.example", "x")]]),
    ({"value": [RECORD]}, [[("evil.example", "x")]]),
    ({"status": "ok", "data": [RECORD]}, [[("evil.example", "x")]]),
    ({"1": [RECORD], "2": [RECORD]}, [[("evil.example", "x"), ("evil.example", "x")]]),
    ({"1": RECORD, "2": RECORD}, [[("evil.example", "x"), ("evil.example", "x")]]),
    (RECORD, [[("evil.example", "x")]]),
    (["evil.example", "203.0.113.7"], [[("evil.example",), ("203.0.113.7",)]]),
    ([{"a": "x", "b": None}, {"c": True, "a": 1}], [[("x", "", ""), ("1", "", "true")]]),
    # texts among records, and beside them
    ([{"domain": "evil.example"}, "203.0.113.7", None], [[("evil.example", ""), ("", "203.0.113.7")]]),
    ([{"value": "evil.example"}, "203.0.113.7"], [[("evil.example",), ("203.0.113.7",)]]),
    (
        {"name": "feed", "tags": ["x"], "domains": ["evil.example"], "ips": [{"ip": "203.0.113.7"}]},
        [[("203.0.113.7", ""), ("", "evil.example")]],
    ),
    (
        {"name": "feed", "domains": [{"domain": "evil.example"}], "ips": [{"ip": "203.0.113.7"}]},
        [[("evil.example", ""), ("", "203.0.113.7")]],
    ),
    # lists in a field, and PowerShell's objects for values
    ([{"IPBlockList": ["203.0.113.7", "203.0.113.8"]}], [[("203.0.113.7, 203.0.113.8",)]]),
    ([{"End": {"value": "/Date(1893456000000)/", "DateTime": "Tuesday"}}], [[("/Date(1893456000000)/",)]]),
    # the lists of a tenant, as docs/commands.md says how to export them
    (
        {
            "policies": [{"Name": "Default", "IPBlockList": ["203.0.113.7"]}],
            "items": {"Sender": [{"Value": "evil.example"}], "Url": [{"Value": "bad.example"}]},
        },
        [[("Default", "203.0.113.7")], [("Sender", "evil.example"), ("Url", "bad.example")]],
    ),
]


@pytest.mark.parametrize(("document", "found"), DOCUMENTS)
def test_records_become_rows(document: object, found: list[list[tuple[str, ...]]]) -> None:
    assert rows(document) == found


@pytest.mark.parametrize(
    "text", ["evil.example", "[2001:db8::1]", "{evil.example}", "", "[.]", "(a)", "[evil].example"]
)
def test_what_is_no_json_is_left_to_others(text: str) -> None:
    assert read_json(text) is None


def test_what_is_no_record_among_records_is_set_aside() -> None:
    sheets = read_json(json.dumps([RECORD, ["evil2.example"]]))
    assert sheets is not None
    assert [row.aside.code if row.aside else None for row in sheets[0].rows] == [None, "no_record"]


@pytest.mark.parametrize(
    "text",
    [
        '[{"domain": "evil.example", "domain": "evil2.example"}]',
        '{"data": [{"domain": "evil.example"}], "data": [{"domain": "evil2.example"}]}',
        '{"domain": "evil.example"}\n{"domain": "a.example", "domain" : "b.example"}',
    ],
)
def test_a_field_that_is_named_twice_loses_no_value_in_silence(text: str) -> None:
    with pytest.raises(InvalidInput, match="two fields of the same name"):
        read_json(text)


def test_texts_with_quotation_marks_and_colons_are_no_fields() -> None:
    assert rows([{"a": 'x": "y', "b": '\\": ', "c": '"": "'}])


@pytest.mark.parametrize("text", ["[]", '{"a": []}', "[1, 2]"])
def test_json_without_records_has_no_rows(text: str) -> None:
    assert not any(sheet.rows and sheet.width for sheet in read_json(text) or ()) or "a" in text


@pytest.mark.parametrize(
    "text", ['[{"value": "evil.example"', '{"value": "evil.example"}\n{"value": ', '{"a":' * 100_000, '{"a": 1}\n[]']
)
def test_broken_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="JSON"):
        read_json(text)


@pytest.mark.parametrize("depth", [300, 600, 900, 950, 980, 5_000])
def test_lists_in_lists_are_read_or_refused(depth: int) -> None:
    nested = f'[{{"value": "evil.example", "x": {"[" * depth}{"]" * depth}}}]'
    objects = '[{"value": "evil.example", "x": ' + '{"value":' * depth + "1" + "}" * (depth + 1) + "]"
    for text in (nested, objects):
        with suppress(InvalidInput):
            [sheet] = read_json(text) or ()
            assert sheet.rows[0].cells[0] == "evil.example"


def numbers(text: str) -> list[int]:
    sheets = read_json(text)
    assert sheets is not None
    return [row.number for sheet in sheets for row in sheet.rows]


def test_a_row_has_the_number_of_its_line() -> None:
    assert numbers(json.dumps([RECORD, RECORD], indent=1)) == [3, 7]
    assert numbers('{"a": "x"}\n\n{"a": "y"}') == [1, 3]
    assert numbers(json.dumps([RECORD, RECORD])) == [1, 2], "all on one line: the records' own numbers"
    assert numbers(json.dumps([{"a": "\u00e9"}, {"a": "y"}], indent=1)) == [1, 2], "not found as it is written"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_document_is_read(document: object) -> None:
    for sheet in read_json(json.dumps(document)) or ():
        assert all(len(row.cells) == len(sheet.header) for row in sheet.rows)
