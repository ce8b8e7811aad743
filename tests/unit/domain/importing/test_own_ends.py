"""Lines whose rows give their entries an end: parted by it, and set aside where it can't be one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from bot.domain.importing.own_ends import MOST_ENDS, by_end
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.reading.durations import MAX_DAYS
from bot.domain.reading.import_lines import Line

TODAY = date(2030, 1, 2)
SOON, LATER = TODAY + timedelta(days=5), TODAY + timedelta(days=9)


def lines(ends: Sequence[date | None]) -> list[tuple[Line, Indicator]]:
    found = []
    for number, end in enumerate(ends, 1):
        indicator = Indicator(kind=Kind.DOMAIN, value=f"h{number}.example")
        found.append((Line(number=number, typed=indicator.value, indicator=indicator, end=end), indicator))
    return found


def numbers(ends: Sequence[date | None]) -> tuple[dict[date | None, list[int]], list[tuple[int, str]]]:
    """The lines of each end, and those that are set aside, by their numbers."""
    parted = by_end(lines(ends), today=TODAY)
    groups = {end: [line.number for line, _ in members] for end, members in parted.groups.items()}
    return groups, [(line.number, code) for line, code, _ in parted.refused]


@pytest.mark.parametrize(
    ("ends", "groups", "refused"),
    [
        ([], {}, []),
        ([None, None], {None: [1, 2]}, []),
        ([LATER, None, SOON, LATER], {None: [2], SOON: [3], LATER: [1, 4]}, []),
        ([TODAY], {TODAY: [1]}, []),
        ([TODAY - timedelta(days=1), SOON], {SOON: [2]}, [(1, "end")]),
        ([TODAY + timedelta(days=MAX_DAYS + 1)], {}, [(1, "end")]),
    ],
)
def test_lines_are_parted_by_their_end(
    ends: list[date | None], groups: dict[date | None, list[int]], refused: list[tuple[int, str]]
) -> None:
    found, aside = numbers(ends)
    assert (found, aside) == (groups, refused)
    assert list(found) == list(groups), "those without an end first, then the earliest"


def test_so_many_different_ends_are_taken_and_one_more_is_not() -> None:
    days = [TODAY + timedelta(days=day) for day in range(MOST_ENDS + 1)]
    groups, refused = numbers([None, *days[:-1]])
    assert (len(groups), refused) == (MOST_ENDS + 1, [])
    groups, refused = numbers([None, *days])
    assert groups == {None: [1]}
    assert refused == [(number, "too_many_ends") for number in range(2, MOST_ENDS + 3)]


def test_it_says_which_end_can_not_be_and_why() -> None:
    [(_, _, why)] = by_end(lines([TODAY - timedelta(days=1)]), today=TODAY).refused
    assert "2030-01-01" in why
    assert "2030-01-02" in why, "from when on one can be"
