"""The files with a line for each indicator: complete, in order, and never a formula."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.importing.outcomes import REQUESTED, LineOutcome
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.traits import Action, ListName, title
from bot.domain.reading.import_reading import Given, read_import
from bot.domain.requests.request import Item, ItemState, SetAside
from bot.workflow.importing.result_files import cell, outcome_file, result_file
from tests.support.samples import request


def rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes it for the Western code page otherwise"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "first", ["=", "+", "-", "@", "\t", "＝", " =", "  @", "\u00a0=", "\u200b=", "\ufeff+", "\u202e@", "\x1f="]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(first: str) -> None:
    assert cell(f"{first}cmd|' /C calc'!A0").startswith("'")


def test_so_does_a_piece_of_a_cell_where_semicolons_part_cells() -> None:
    assert cell("evil.example;=1+1; @x") == "evil.example;'=1+1;' @x"


@given(text=st.text(alphabet=';,"=@ \t\r\nx', max_size=12), delimiter=st.sampled_from(",;\t"))
@example(text='x;"=1+1"', delimiter=";")
@example(text='x\t"@x"', delimiter="\t")
def test_no_reader_finds_a_formula_whatever_parts_its_cells(text: str, delimiter: str) -> None:
    item = Item(id=1, kind=Kind.DOMAIN, value="a.example", state=ItemState.REFUSED, outcome=text)
    content = result_file(request(items=[item]), []).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter):
        assert not [piece for piece in row if piece.lstrip().startswith(("=", "@"))]


@pytest.mark.parametrize(
    "text",
    ["evil.example", "https://evil.example/=x", "203.0.113.0/24", "2001:db8::/32", "a@evil.example", "ab" * 32, ""],
)
def test_an_indicator_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_a_cell_is_on_one_line() -> None:
    assert cell("a\nb\r\nc\x00") == "a b  c"


def test_a_result_has_a_line_for_each_item_and_each_line_set_aside() -> None:
    items = [
        Item(id=1, kind=Kind.DOMAIN, value="b.example", line=3, state=ItemState.REFUSED, outcome="Duplicate, it says."),
        Item(id=2, kind=Kind.DOMAIN, value="a.example", line=1, state=ItemState.APPLIED),
        Item(id=3, kind=Kind.DOMAIN, value="c.example", line=4, state=ItemState.INTENDED),
    ]
    aside = [
        SetAside(line=2, typed="=1+1", code="unreadable", reason="It names nothing."),
        SetAside(line=5, typed="A.example", value="a.example", code="duplicate", reason="It is the same as line 1."),
    ]
    header, *found = rows(result_file(request(items=items), aside))
    assert header == ["line", "indicator", "list", "state", "words"]
    assert [(row[0], row[1], row[3], row[4]) for row in found] == [
        ("1", "a.example", "applied", ""),
        ("2", "'=1+1", "set aside", "It names nothing."),
        ("3", "b.example", "refused", "Duplicate, it says."),
        ("4", "c.example", "unknown", ""),
        ("5", "a.example", "set aside", "It is the same as line 1."),
    ]


@pytest.mark.parametrize("state", list(ItemState))
def test_every_state_has_its_word(state: ItemState) -> None:
    [_, row] = rows(result_file(request(items=[Item(id=1, kind=Kind.DOMAIN, value="a.example", state=state)]), []))
    assert row[3]
    assert row[0] == "", "what wasn't imported has no line"


def test_an_outcome_says_what_became_of_each_line() -> None:
    outcomes = [
        LineOutcome(line=1, typed="evil[.]example", value="evil.example", list="the list", request=7, code=REQUESTED),
        LineOutcome(line=2, typed="x y", code="unreadable", why="It names nothing."),
        LineOutcome(line=3, typed="b.example", value="b.example", code=REQUESTED),
    ]
    header, *found = rows(outcome_file(outcomes))
    assert header == ["line", "as typed", "indicator", "list", "outcome", "why", "remark"]
    assert [row[4] for row in found] == ["requested in request 7", "set aside", "would be requested"]


def test_a_result_can_be_imported_again() -> None:
    """What was refused in one request is the beginning of the next."""
    items = [
        Item(id=1, kind=Kind.DOMAIN, value="b.example", line=3, state=ItemState.REFUSED, outcome="The list is full.")
    ]
    [line] = read_import(Given(content=result_file(request(items=items), [])), today=date(2030, 1, 2)).lines
    assert line.indicator is not None
    assert line.indicator.value == "b.example"


@pytest.mark.parametrize(
    ("list_name", "kind", "value"),
    [
        (ListName.URL, Kind.URL, "evil.example"),
        (ListName.SENDER, Kind.DOMAIN, "evil.example"),
        (ListName.SPOOF, Kind.SPOOF_PAIR, "contoso.com, 203.0.113.0/24"),
        (ListName.CONNECTION_FILTER, Kind.IPV4, "203.0.113.7"),
    ],
)
def test_the_list_in_a_result_says_what_an_indicator_is(list_name: ListName, kind: Kind, value: str) -> None:
    outcomes = [LineOutcome(line=1, typed=value, value=value, list=title(list_name, Action.BLOCK), code=REQUESTED)]
    [line] = read_import(Given(content=outcome_file(outcomes)), today=date(2030, 1, 2)).lines
    assert line.indicator is not None
    assert (line.indicator.kind, line.indicator.value) == (kind, value)
