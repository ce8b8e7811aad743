"""Lines whose rows give their entries an end of their own: those of one end go together; what can't be an end is out.

Whether the rows' dates count at all is the person's choice: a line has an end only where they made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.indicators.indicator import Indicator
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.import_lines import Line
from bot.errors import InvalidDuration

#: So many different ends one import makes requests for, at most: each is a card for every list.
MOST_ENDS = 20


@dataclass(frozen=True, slots=True)
class LinesByEnd:
    """The lines by the end that their row gives them; None: the one that the import has for all others.

    `refused` are the lines that can't be, each with its code and why.
    """

    groups: dict[date | None, list[tuple[Line, Indicator]]]
    refused: list[tuple[Line, str, str]]


def by_end(lines: Sequence[tuple[Line, Indicator]], *, today: date) -> LinesByEnd:
    """Part the lines by end, the earliest first, those without one before all. `today` is UTC's.

    Set aside are lines whose end has passed or is too far away (`end`), and all that have one when there are more than
    `MOST_ENDS` different ones (`too_many_ends`): nobody would decide on so many cards.
    """
    groups: dict[date | None, list[tuple[Line, Indicator]]] = {}
    refused: list[tuple[Line, str, str]] = []
    problems: dict[date, str] = {}
    for line, indicator in lines:
        if line.end is not None and (problem := _problem(line.end, today, problems)):
            refused.append((line, "end", problem))
        else:
            groups.setdefault(line.end, []).append((line, indicator))
    ends = sorted(end for end in groups if end is not None)
    if len(ends) > MOST_ENDS:
        text = (
            f"The rows give {len(ends):,} different ends; an import takes {MOST_ENDS} at most, each with its own "
            "requests. Choose one end for all of them."
        )
        refused += [(line, "too_many_ends", text) for end in ends for line, _ in groups.pop(end)]
    return LinesByEnd({end: groups[end] for end in (*_none(groups), *ends) if end in groups}, refused)


def _none(groups: Iterable[date | None]) -> tuple[None, ...]:
    return (None,) if None in groups else ()


def _problem(end: date, today: date, known: dict[date, str]) -> str:
    """Why an end can't be one, or nothing. The same end is looked at once."""
    if end not in known:
        try:
            read_lifetime(end.isoformat(), today=today)
            known[end] = ""
        except InvalidDuration as error:
            known[end] = f"The end that its row gives, {end.isoformat()}, can't be one. {error.remedy}".strip()
    return known[end]
