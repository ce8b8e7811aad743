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
        SetAsideFacts(count=2, why="It is your own."),
        SetAsideFacts(count=1, why="can't be read as an indicator"),
        SetAsideFacts(count=1, why="odd"),
    )
