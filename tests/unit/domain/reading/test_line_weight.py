"""Of a line with more values than people write on one the rest isn't read, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.command_text import read_command, read_field
from bot.domain.reading.import_lines import read_plain_lines
from bot.domain.reading.lines import read_line
from bot.domain.reading.listed import Listed

TODAY = date(2030, 1, 2)


def names(number: int) -> str:
    return f"h{number:03}.de"


def line_of(count: int, form: Callable[[int], str], separator: str = " ") -> str:
    return separator.join(map(form, range(count)))


#: How a value is written, and how many such values of a line are read at most.
KINDS: list[tuple[Callable[[int], str], int]] = [
    (names, 251),
    (lambda number: f"b@{names(number)}", 251),
    (lambda number: f"{names(number)}/a", 126),
    (lambda number: f"ü{names(number)}", 126),
    (lambda number: f"<http://{names(number)}|{names(number)}>", 84),
    (lambda number: f"({names(number)})", 63),
    (lambda number: f'"{names(number)}"', 63),
    (lambda number: f"From: {names(number)}", 63),
    (lambda number: f"ip:203.0.113.{number}", 63),
]


@pytest.mark.parametrize(("form", "most"), KINDS)
def test_a_line_of_few_values_is_read_to_its_end(form: Callable[[int], str], most: int) -> None:
    found = read_line(line_of(most, form))

    assert (len(found.indicators), found.problems) == (most, ())


@pytest.mark.parametrize(("form", "most"), KINDS)
def test_of_more_the_rest_is_told_and_stays_as_it_was_typed(form: Callable[[int], str], most: int) -> None:
    found = read_line(line_of(most + 2, form))

    assert len(found.indicators) == most
    assert [problem.is_unread for problem in found.problems] == [True]
    assert found.typed[-1] == f"{form(most)} {form(most + 1)}"
    assert found.typed[-1].split(maxsplit=1)[0] in str(found.problems[0])


def test_what_can_not_be_read_weighs_as_much_as_what_has_something_around_it() -> None:
    found = read_line(line_of(100, lambda number: f"bob@h{number}"))

    assert found.problems[0].is_unread
    assert len(found.problems) == 64


def test_a_longer_line_may_hold_more() -> None:
    found = read_line(line_of(2_000, lambda number: f"host-{number}.example", ","))

    assert (len(found.indicators), found.problems) == (2_000, ())


def test_entries_that_exist_weigh_little() -> None:
    entries = [Entry(list=ListName.SENDER, action=Action.BLOCK, value=names(number)) for number in range(200)]
    found = read_line(line_of(200, names), listed=Listed(entries))

    assert (len(found.indicators), found.problems) == (200, ())


def test_what_may_have_been_the_reason_is_not_taken_for_an_absent_one() -> None:
    found = read_command(f"{line_of(260, names)} 30d Phishing wave", today=TODAY)

    assert (found.lifetime, found.reason) == (None, "")
    assert found.problems[0].is_unread
    assert found.problems[0].text.endswith("30d Phishing wave")
    assert found.typed.splitlines()[-1].endswith("30d Phishing wave")


def test_the_other_lines_are_read() -> None:
    found = read_field(f"first.example\n{line_of(260, names)}\nlast.example")

    assert [problem.is_unread for problem in found.problems] == [True]
    assert {"first.example", "last.example"} <= {indicator.value for indicator in found.indicators}


def test_an_import_sets_the_whole_line_aside() -> None:
    first, second = read_plain_lines(f"first.example\n{line_of(260, names)}")

    assert first.problem is None
    assert second.problem is not None
    assert "Put each value on a line of its own." in second.problem


@pytest.mark.parametrize("text", ["a." * 50_000, "(" * 100_000, "1." * 50_000, "(a.b/" * 20_000])
@pytest.mark.parametrize("behind", ["", " phish"])
def test_what_looks_like_a_link_for_long_takes_no_time_to_speak_of(text: str, behind: str) -> None:
    """It grew with the square of the length, and took minutes here, in which nobody else got an answer."""
    found = read_command(f"evil.example {text}{behind}", today=TODAY)

    assert found.indicators[0].value == "evil.example"
