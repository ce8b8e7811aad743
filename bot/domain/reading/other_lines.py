"""Lines in the forms of other programs, where they stand in a command or a form: hosts files and SPF records.

They say the same as in a file that is imported.
"""

from __future__ import annotations

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.reading.import_forms import behind_nowhere, end_of_record, names_itself, parts_of
from bot.domain.reading.line_reading import CommandProblem, LineReading, Readings
from bot.domain.reading.shapes import Shape, shape_of


def name_in_hosts_file(line: str) -> str:
    """`0.0.0.0 evil.example # ads` without the address that leads nowhere; any other line as it is."""
    behind = behind_nowhere(line)
    first = behind.split(maxsplit=1)[0] if behind else ""
    return behind if first and shape_of(first) is Shape.DOMAIN else line


def read_form(readings: Readings, line: str) -> LineReading | None:
    """What an SPF record says, with what stands behind it as the rest; None for any other line.

    Also for a line of a hosts file that begins with a computer's own name: it names nothing to list.
    """
    end = len(line) if names_itself(behind_nowhere(line)) else end_of_record(line)
    if end is None:
        return None
    found: dict[tuple[Kind, str], Indicator] = {}
    problems: list[CommandProblem] = []
    for part in parts_of(line[:end]) or []:
        read = readings.of(part.text) if not part.problem else None
        if isinstance(read, Indicator):
            found.setdefault((read.kind, read.value), read)
        elif read is not None:
            problems.append(CommandProblem(text=part.text, what=read.what, remedy=read.remedy))
        else:
            problems.append(CommandProblem(text=part.text, what=part.problem))
    return LineReading(
        indicators=tuple(found.values()), problems=tuple(problems), typed=(line[:end].strip(),), rest=line[end:].strip()
    )
