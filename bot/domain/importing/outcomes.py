"""What came of an import: the requests, and what became of each line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.requests.request import Request

SET_ASIDE = "set aside"
#: The code of an outcome that goes ahead.
REQUESTED = "requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOutcome:
    """What became of one line of what was given. `request` is None for one that is part of none, or of none yet."""

    line: int | None
    typed: str
    value: str = ""
    list: str = ""  #: for people
    request: int | None = None
    proposal: int | None = None  #: by which people know that request; None: by its own number
    code: str = ""  #: stable: `REQUESTED`, or why it was set aside
    why: str = ""
    remark: str = ""  #: what stood beside the indicator, which is no part of an entry; any text

    @property
    def words(self) -> str:
        """What became of it, in few words."""
        if self.request is not None:
            return f"requested in request {self.proposal or self.request}"
        return "would be requested" if self.code == REQUESTED else SET_ASIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import: the requests (summaries), one for each list, and what became of each line."""

    outcomes: tuple[LineOutcome, ...]
    requests: tuple[Request, ...] = ()
    waits_because: str = ""  #: for people: why they wait, though a rule is about such blocks; empty: none is
    snapshot_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideReason:
    """The lines that were set aside under one code."""

    code: str
    count: int
    words: str  #: of the first of them
    lines: tuple[int, ...]  #: the first few, by their numbers


#: So many lines of a reason are named by their numbers.
LINES_NAMED = 5


def reasons(outcomes: Iterable[LineOutcome]) -> list[AsideReason]:
    """The lines that were set aside, by code, the most frequent first."""
    found: dict[str, list[LineOutcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.code != REQUESTED:
            found[outcome.code].append(outcome)
    return [
        AsideReason(
            code=code,
            count=len(of_code),
            words=of_code[0].why,
            lines=tuple(outcome.line for outcome in of_code[:LINES_NAMED] if outcome.line is not None),
        )
        for code, of_code in sorted(found.items(), key=lambda pair: -len(pair[1]))
    ]
