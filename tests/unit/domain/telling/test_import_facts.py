"""What is told of an import."""

from __future__ import annotations

import pytest

from bot.domain.importing.outcomes import REQUESTED, Imported, LineOutcome
from bot.domain.telling.import_facts import SetAsideFacts, import_facts
from tests.support.samples import NOW, request


def outcome(code: str, why: str = "") -> LineOutcome:
    return LineOutcome(line=1, typed="x", value="x", code=code, why=why, request=42 if code == REQUESTED else None)


@pytest.mark.parametrize(
    ("codes", "requests", "requested", "says"),
    [
        ([], 0, 0, "nothing in it was to be read. Nothing was requested."),
        (["exists"], 0, 0, "none of 1 line could be requested. Nothing was changed."),
        (["exists"] * 1_000, 0, 0, "none of 1,000 lines could be requested. Nothing was changed."),
        ([REQUESTED] * 3 + ["exists"] * 2, 1, 3, "3 of 5 lines requested, 2 set aside."),
    ],
)
def test_an_import_counts_its_lines(codes: list[str], requests: int, requested: int, says: str) -> None:
    imported = Imported(
        outcomes=tuple(outcome(code) for code in codes),
        requests=tuple(request() for _ in range(requests)),
        snapshot_of=NOW,
    )
    told = import_facts(imported, name="evil.csv", reason="Wave")
    assert (told.outcome, told.lines, told.requested, len(told.requests)) == (says, len(codes), requested, requests)
    assert (told.name, told.reason, told.judged_as_of) == ("evil.csv", "Wave", NOW)


def test_each_reason_is_counted_the_most_frequent_first() -> None:
    outcomes = [outcome("unreadable", "‘x’ names nothing."), outcome("odd"), outcome(REQUESTED)]
    outcomes += [outcome("own_domain", "It is your own."), outcome("own_domain", "Another of your own.")]
    assert import_facts(Imported(outcomes=tuple(outcomes)), name="", reason="").set_aside == (
        SetAsideFacts(count=2, why="It is your own.", lines=(1, 1)),
        SetAsideFacts(count=1, why="can't be read as an indicator (‘x’ names nothing.)", lines=(1,)),
        SetAsideFacts(count=1, why="odd", lines=(1,)),
    )


def line(number: int, value: str, code: str) -> LineOutcome:
    return LineOutcome(line=number, typed=value, value=value, code=code, request=1 if code == REQUESTED else None)


def test_what_was_shown_and_is_set_aside_since_is_told() -> None:
    outcomes = (
        line(1, "evil.example", REQUESTED),
        line(2, "listed.example", "exists"),
        line(3, "evil.example", "duplicate"),
        line(4, "before.example", "exists"),
    )
    told = import_facts(Imported(outcomes=outcomes), name="", reason="", shown={"evil.example", "listed.example"})
    assert told.since == (SetAsideFacts(count=1, why="on the list already", lines=(2,)),)
    assert import_facts(Imported(outcomes=outcomes), name="", reason="").since == ()


@pytest.mark.parametrize(
    ("outcomes", "has_file"),
    [
        ([], False),
        ([line(number, f"h{number}.example", REQUESTED) for number in range(20)], False),
        ([line(number, f"h{number}.example", REQUESTED) for number in range(21)], True),
        ([line(1, "evil.example", REQUESTED), line(2, "listed.example", "exists")], True),
    ],
)
def test_a_file_comes_where_the_message_can_not_say_it_all(outcomes: list[LineOutcome], has_file: bool) -> None:
    assert import_facts(Imported(outcomes=tuple(outcomes)), name="", reason="").has_file is has_file
