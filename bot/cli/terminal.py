"""How a command's answer is laid out for people: on a terminal as wide as that, elsewhere in whole lines.

Lines are broken between words, and what goes on stands under where it began. A word that is longer than the line stays
whole, so that it can be copied. A pipe and a file get every line in one piece, for `grep` and the like, unless
`COLUMNS` says how wide. Colours are for terminals, and not where `NO_COLOR` is set: rich sees to both.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.sentences import printable

#: Wider than any line that a command prints.
_NO_END = 100_000
#: What a table takes for each column beside its text, and once more at its end.
_FRAME = 3
_WORD = re.compile(r"\S+")


def console_for(stream: TextIO | None = None) -> Console:
    """A console on standard output, or on another stream, as wide as what is behind it."""
    file = sys.stdout if stream is None else stream
    is_bounded = file.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Console(highlight=False, file=file, width=None if is_bounded else _NO_END)


def say(console: Console, text: str | Text, *, before: str | Text = "", hang: int | None = None) -> None:
    """Print a paragraph. `before` stands in front of its first line; the others begin `hang` columns in, or below it.

    The text is printed as it is: no markup in it counts, and nothing that a terminal would act on.
    """
    first = Text(before) if isinstance(before, str) else before
    indent = first.cell_len if hang is None else hang
    whole = _to_be_shown(text)
    room = max(console.width - max(indent, first.cell_len), 1)
    for number, line in enumerate(_wrapped(whole, room)):
        console.print(first + line if number == 0 else Text(" " * indent) + line, soft_wrap=True)


def _to_be_shown(text: str | Text) -> Text:
    """The text without what a terminal would act on: what services and other programs answered is in it."""
    whole = Text(text) if isinstance(text, str) else text
    if not whole.plain.replace("\n", " ").isprintable():
        whole = whole.copy()
        whole.plain = "\n".join(map(printable, whole.plain.split("\n")))
    return whole


def _wrapped(text: Text, room: int) -> Iterator[Text]:
    """The text's lines, broken between words. rich's own way either breaks a long word or cuts it off."""
    for line in text.split("\n", allow_blank=True):
        breaks, width, end = [], 0, 0
        for number, word in enumerate(_WORD.finditer(line.plain)):
            # Added up word by word: a pipe's line may hold tens of thousands.
            wider = cell_len(line.plain[end : word.end()])
            if number and width + wider > room:
                breaks.append(word.start())
                width = cell_len(word[0])
            else:
                width += wider
            end = word.end()
        for part in line.divide(breaks):
            part.rstrip()
            yield part


def say_on_stderr(text: str) -> None:
    """Print an error's text on standard error, a paragraph for each of its lines."""
    console = console_for(sys.stderr)
    for line in text.splitlines():
        say(console, line, hang=2)


def show_rows(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> None:
    """Print a table. Where the longest words of its columns don't fit beside each other, each row becomes a paragraph:
    its first cell, and the others below it, each with its heading."""
    cells = [[_to_be_shown(cell) for cell in row] for row in rows]
    widths = _widths(console.width, headings, cells)
    if widths is None:
        for row in cells:
            say(console, row[0], hang=2)
            for heading, cell in zip(headings[1:], row[1:], strict=True):
                if cell.plain:
                    say(console, cell, before=f"  {heading}: " if heading else "  ", hang=4)
        return
    table = Table()
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(heading, width=width)
    for row in cells:
        table.add_row(*row)
    console.print(table)


def _widths(room: int, headings: Sequence[str], rows: Sequence[Sequence[Text]]) -> list[int] | None:
    """How wide each column is: at least its longest word, and of what is left to each as much as it can use.

    None where even the longest words don't fit.
    """
    columns = [[Text(heading), *(row[place] for row in rows)] for place, heading in enumerate(headings)]
    widths = [max(Text(word).cell_len for cell in column for word in cell.plain.split() or [""]) for column in columns]
    wanted = [max(cell.cell_len for cell in column) for column in columns]
    left = room - sum(widths) - _FRAME * len(columns) - 1
    if left < 0:
        return None
    while left and (short := [place for place, width in enumerate(widths) if width < wanted[place]]):
        # One at a time to the narrowest: what is short gets all that it wants before what is long gets more.
        widths[min(short, key=widths.__getitem__)] += 1
        left -= 1
    return widths
