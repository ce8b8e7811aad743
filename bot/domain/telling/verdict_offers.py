"""What can be proposed about what was checked: a block, or the removal or a new expiry date of what decides now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.coverage import Effect
from bot.domain.reading.lines import line_of
from bot.domain.reading.listed import listed_indicator
from bot.domain.verdict.judgement import Judgement, Match
from bot.domain.verdict.verdict import Verdict


class Offered(StrEnum):
    """What is offered to be proposed."""

    BLOCK = "block"
    UNBLOCK = "unblock"
    UNALLOW = "unallow"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFacts:
    """One thing that can be proposed, and for what. Its texts come from the tenant, or from people: any text."""

    offered: Offered
    lines: tuple[str, ...]  #: each reads as an indicator or an entry; printable, and without line breaks
    entry: str  #: the value of the one entry that it is about, where that isn't just what was asked about; else empty


@dataclass(frozen=True, slots=True)
class _About:
    offered: Offered
    line: str
    entry: str  #: as above


def offers(verdicts: Iterable[Verdict], lines: Iterable[str]) -> tuple[OfferFacts, ...]:
    """What can be proposed about all of these, each thing once. `lines` are those that read as what was asked about.

    What isn't blocked or allowed can be blocked. What is can be ended, and given another end where it has one: by the
    entries that decide, which may be wider than what was asked about.
    """
    found: dict[Offered, dict[str, str]] = {offered: {} for offered in Offered}
    for about in (about for verdict, line in zip(verdicts, lines, strict=True) for about in _of(verdict, line)):
        if about.line.strip() and about.line.isprintable():
            found[about.offered].setdefault(about.line, about.entry)
    return tuple(
        OfferFacts(offered=offered, lines=tuple(lines), entry=next(iter(lines.values())) if len(lines) == 1 else "")
        for offered, lines in found.items()
        if lines
    )


def _of(verdict: Verdict, line: str) -> Sequence[_About]:
    if verdict.indicator.kind is Kind.FILTER_POLICY:
        return ()
    winners = [match for match in verdict.matches if match.wins]
    match verdict.judgement:
        case Judgement.NOT_LISTED | Judgement.UNKNOWN:
            return (_About(Offered.BLOCK, line, ""),)
        case Judgement.BLOCKED:
            ending = Offered.UNBLOCK
        case Judgement.ALLOWED:
            ending = Offered.UNALLOW
    return [
        *(_about(ending, winner) for winner in winners),
        *(_about(Offered.EXTEND, winner) for winner in winners if _has_end(winner)),
    ]


def _about(offered: Offered, winner: Match) -> _About:
    value = "" if winner.effect is Effect.EXACT else winner.entry.value
    return _About(offered, line_of(listed_indicator(winner.entry)), value)


def _has_end(winner: Match) -> bool:
    """Whether it has an end that people can move: one by its last use is the service's."""
    if winner.entry.bounded_by_use:
        return False
    return winner.entry.expires is not None or (winner.known is not None and winner.known.expires is not None)
