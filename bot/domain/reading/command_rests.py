"""What stands behind the indicators of a command's lines, line after line: how long, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.domain.reading.durations import lifetime_at
from bot.domain.reading.line_reading import LineReading
from bot.domain.reading.reason_text import read_reason

_PARTS = re.compile(r"\s*[,;|]\s*")


@dataclass(slots=True)
class Rests:
    """What stands behind the indicators of each line. A line without any goes on with the one before it."""

    texts: list[str] = field(default_factory=list)
    _is_reason: bool = False  #: ordinary words stood on the lines before, which may go on
    _is_tail: bool = False  #: a line had nothing but words

    def add(self, line: LineReading) -> None:
        if line.rest:
            self.texts.append(line.remark or line.rest)
            self._is_reason = not line.is_marked and not is_lifetime(line.rest)

    def add_reason(self, rest: str) -> None:
        if not rest:
            return
        if self.texts:
            self.texts[-1] += f"\n{rest}"
        else:
            self.texts.append(rest)
        self._is_tail = True

    def may_hold(self, line: LineReading) -> bool:
        """Whether a line of indicators may as well be part of the reason: nobody could tell."""
        return self._is_tail or (self._is_reason and not line.rest)


def is_lifetime(text: str) -> bool:
    """Whether a text says how long and nothing else."""
    found = lifetime_at(text, 0)
    return found is not None and found.end == len(text)


def ends_in(remark: str, *, today: date | None) -> Iterator[str]:
    """The parts of a remark that say how long and nothing else, soundly or not: `30d`, `(30d)`, `until Friday`.

    Without `today` (UTC) they are those that say it soundly.
    """
    for part in _PARTS.split(remark):
        bare = part.strip(" ()[]{}")
        if is_lifetime(bare) or (today is not None and _says_only_how_long(bare, today)):
            yield bare


def _says_only_how_long(part: str, today: date) -> bool:
    read = read_reason(part, today=today)
    return not read.reason and (read.lifetime is not None or read.doubt is not None)
