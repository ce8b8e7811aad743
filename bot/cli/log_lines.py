"""The lines of Portcullis's log that have to do with something, out of a file or standard input."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.errors import InvalidInput, UnreadableJson
from bot.logs import redacted
from bot.outside_json import read_outside_json

#: A longer line is cut off by whoever collects logs, and read by nobody.
_LONGEST_LINE = 256 * 1024

#: So many lines are kept, the last ones.
_MOST = 2_000

#: What each line has, in the order in which it is shown; everything else follows.
_FIRST = ("timestamp", "level", "event")
_LEFT_OUT = frozenset({*_FIRST, "logger", "exception"})


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, as it was written."""

    fields: Mapping[str, object]

    @property
    def text(self) -> str:
        """The line for people: when, how bad, what, and what belongs to it."""
        first = "  ".join(str(self.fields.get(name, "")) for name in _FIRST)
        rest = " ".join(f"{name}={value}" for name, value in self.fields.items() if name not in _LEFT_OUT)
        return redacted(f"{first}  {rest}".rstrip())


def find_lines(name: str, wanted: Collection[str]) -> list[LogLine]:
    """The lines in which one of these texts is a value, or in a list of values: the last two thousand.

    `name` is a file, or `-`. Lines of others are passed over. Raises InvalidInput where it can't be read.
    """
    with ExitStack() as stack:
        try:
            file = sys.stdin.buffer if name == "-" else stack.enter_context(Path(name).open("rb"))
            return list(deque(_matching(iter(lambda: file.readline(_LONGEST_LINE), b""), frozenset(wanted)), _MOST))
        except OSError as error:
            shown = "standard input" if name == "-" else name
            raise InvalidInput(
                f"{shown} can't be read: {error.strerror or error}.", "Check the name of the file."
            ) from error


def _matching(lines: Iterable[bytes], wanted: frozenset[str]) -> Iterable[LogLine]:
    sought = [text.encode() for text in wanted]
    for line in lines:
        if not any(text in line for text in sought):
            continue
        # What collects logs may put its own words before the object.
        begins = line.find(b"{")
        try:
            found = read_outside_json(line[begins:] if begins >= 0 else b"", most_bytes=_LONGEST_LINE)
        except UnreadableJson:
            continue
        if isinstance(found, Mapping) and _has(found, wanted):
            yield LogLine({str(key): value for key, value in found.items()})


def _has(fields: Mapping[object, object], wanted: frozenset[str]) -> bool:
    for value in fields.values():
        if isinstance(value, str) and value in wanted:
            return True
        if isinstance(value, list) and any(isinstance(each, str) and each in wanted for each in value):
            return True
    return False
