"""What came of an import: the requests, and what became of each line."""

from __future__ import annotations

from collections import Counter
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
    code: str = ""  #: stable: `REQUESTED`, or why it was set aside
    why: str = ""

    @property
    def words(self) -> str:
        """What became of it, in few words."""
        if self.request is not None:
            return f"requested in request {self.request}"
        return "would be requested" if self.code == REQUESTED else SET_ASIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import: the requests (summaries), one for each list, and what became of each line."""

    outcomes: tuple[LineOutcome, ...]
    requests: tuple[Request, ...] = ()
    snapshot_of: datetime | None = None


def reasons(outcomes: Iterable[LineOutcome]) -> list[tuple[str, int, str]]:
    """The lines that were set aside, by code: how many, and the words of the first; the most frequent first."""
    count = Counter[str]()
    words: dict[str, str] = {}
    for outcome in outcomes:
        if outcome.code != REQUESTED:
            count[outcome.code] += 1
            words.setdefault(outcome.code, outcome.why)
    return [(code, many, words[code]) for code, many in count.most_common()]
