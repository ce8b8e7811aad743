"""A table that PowerShell printed, pasted behind a command or into a form's field: its rows are the indicators.

It is read as an import reads it. Where its rows don't all say the same, or not what the command says, where one can't
be used, or where it says until when, somebody has to be asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import Given, ImportReading, read_import
from bot.domain.reading.line_ends import lines_of
from bot.domain.reading.line_reading import CommandProblem, LineReading
from bot.domain.reading.lines import line_of
from bot.domain.reading.listed import Listed
from bot.domain.reading.tables.aligned import read_aligned
from bot.errors import InvalidInput

_FENCED = re.compile(r"`{3,}(.*?)`{3,}", re.DOTALL)
_RULE = re.compile(r"^[ \t]*-{2,}(?:[ \t]+-{2,})+[ \t]*$", re.MULTILINE)
_MIXED_REMEDY = "Take out what isn't meant, or use /import, which reads each row by itself."


@dataclass(frozen=True, slots=True)
class CommandTable:
    """What a table's rows say, and the text without it."""

    rows: LineReading
    rest: str
    ends: str = ""  #: the column that says until when, which a command doesn't take over

    def asked_of_ends(self) -> CommandProblem | None:
        """What is to be asked where nothing else says how long."""
        if not self.ends:
            return None
        what = f"The table says until when, in its column {self.ends}; a command doesn't take that over."
        return _problem(what, "Say how long, or use /import to take each row's own end.", about_lifetime=True)


def table_in(
    text: str, *, today: date, accepted_domains: frozenset[str], listed: Listed | None, wanted: Action | None
) -> CommandTable | None:
    """The table in a text; None where there is none. `wanted` is what the lists are to do, for new entries.

    Never raises: what can't be used is asked about.
    """
    if _RULE.search(text) is None:
        return None
    table, rest = "", ""
    try:
        if (found := _cut_out(text)) is None:
            return None
        table, rest = found
        reading = read_import(Given(content=table), today=today, accepted_domains=accepted_domains, listed=listed)
    except InvalidInput as error:
        return CommandTable(_asked(table, error.what, error.remedy), rest)
    if reading.chosen is None:
        return CommandTable(_asked(table, reading.question, "Paste the one column that is meant."), rest)
    problems = [
        CommandProblem(text=_one_line(line.typed), what=line.problem)
        for line in reading.lines
        if line.problem is not None
    ]
    problems += _asked_of_all(reading, wanted)
    indicators = [line.indicator for line in reading.lines if line.indicator is not None]
    typed = [_one_line(line.typed) if line.indicator is None else line_of(line.indicator) for line in reading.lines]
    rows = LineReading(indicators=tuple(indicators), problems=tuple(problems), typed=tuple(typed))
    return CommandTable(rows, rest, "" if reading.ends is None else reading.ends.title)


def _cut_out(text: str) -> tuple[str, str] | None:
    """The table, and what stands around it: between code fences, or from its header to the first blank line."""
    for fenced in _FENCED.finditer(text):
        if read_aligned(lines_of(fenced[1])) is not None:
            return fenced[1], f"{text[: fenced.start()]}\n{text[fenced.end() :]}"
    lines = lines_of(text)
    rule = next((at for at, line in enumerate(lines) if _RULE.fullmatch(line)), 0)
    end = next((at for at in range(rule, len(lines)) if not lines[at].strip()), len(lines))
    table = lines[max(rule - 1, 0) : end]
    if rule == 0 or read_aligned(table) is None:
        return None
    return "\n".join(table), "\n".join([*lines[: rule - 1], *lines[end:]])


def _asked_of_all(reading: ImportReading, wanted: Action | None) -> list[CommandProblem]:
    said = {line.says for line in reading.lines if line.indicator is not None} - {None}
    asked = []
    if len(said) > 1:
        asked.append(_problem("Some rows of the table allow, and others block.", _MIXED_REMEDY))
    elif wanted is not None and said and said != {wanted}:
        asked.append(_problem(f"The rows of the table say {said.pop()}, and the command doesn't.", _MIXED_REMEDY))
    return asked


def _problem(what: str, remedy: str, *, about_lifetime: bool = False) -> CommandProblem:
    return CommandProblem(text="", what=what, remedy=remedy, about_lifetime=about_lifetime)


def _asked(table: str, what: str, remedy: str) -> LineReading:
    typed = [_one_line(line) for line in lines_of(table) if line.strip()]
    return LineReading(problems=(CommandProblem(text="", what=what, remedy=remedy),), typed=tuple(typed))


def _one_line(text: str) -> str:
    return " ".join(text.split())
