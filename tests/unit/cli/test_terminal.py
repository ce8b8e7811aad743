"""What commands print for people: no broken word at any width, hanging indents, whole lines in a pipe."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bot.cli import _COMMANDS, app, terminal
from bot.cli.terminal import console_for, say, show_rows
from tests.unit.cli.commands import run
from tests.unit.cli.test_check import LISTS
from tests.unit.cli.test_help import OF_THEIR_OWN

WIDTHS = ("80", "100")
FRAME = re.compile(r"[─━│┃┏┓┗┛┡┩┬┴┼┳┻╇┘└┌┐├┤╭╮╰╯╴╵╶╷]+")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def narrow(width: int) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=width, highlight=False), stream


@given(text=st.lists(st.text("ab界", min_size=1, max_size=9), max_size=12).map(" ".join), width=st.integers(1, 30))
def test_a_paragraph_is_as_full_as_it_can_be(text: str, width: int) -> None:
    console, stream = narrow(width)
    say(console, text)
    lines = stream.getvalue().splitlines()
    assert [word for line in lines for word in line.split()] == text.split()
    assert all(cell_len(line.strip()) <= width or len(line.split()) == 1 for line in lines)
    for line, below in pairwise(lines):
        assert cell_len(f"{line} {below.split()[0]}") > width


@pytest.mark.parametrize("width", [80, 1_000_000])
def test_a_line_of_very_many_words_is_measured_once(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text, measured = "word " * 20_000, 0

    def counted(part: str) -> int:
        nonlocal measured
        measured += len(part)
        return cell_len(part)

    monkeypatch.setattr(terminal, "cell_len", counted)
    say(Console(file=io.StringIO(), width=width, highlight=False), text)
    assert measured <= 2 * len(text)


def test_a_table_holds_nothing_that_a_terminal_would_act_on() -> None:
    for width in (12, 80):
        console, stream = narrow(width)
        show_rows(console, ("One", "Other"), [("a\x1b[2Jb", Text("c\x9bd"))])
        assert not {"\x1b", "\x9b"} & {*stream.getvalue()}


def test_nobody_else_lays_out_what_is_printed() -> None:
    """rich's own ways break words, and a pipe's lines."""
    folder = Path(terminal.__file__).parent
    own = {path.name for path in folder.glob("*.py") if re.search(r"\b(?:Console|Table)\(", path.read_text("utf-8"))}
    assert own == {"terminal.py"}


def words(text: str) -> Counter[str]:
    return Counter(FRAME.sub(" ", text).split())


PARAGRAPHS = [
    ("it fits", "All is well.", "", None, ["All is well."]),
    ("broken between words", "one two three four", "", None, ["one two", "three four"]),
    ("under where it began", "one two three", "- ", None, ["- one two", "  three"]),
    ("further in than it began", "one two three", "  ", 4, ["  one two", "    three"]),
    ("a long word stays whole", "see long.example/path now", "- ", None, ["- see", "  long.example/path", "  now"]),
    ("lines of its own", "one\ntwo", "- ", None, ["- one", "  two"]),
    ("no markup", "[red]x[/red]", "", None, ["[red]x[/red]"]),
    ("nothing", "", "- ", None, ["- "]),
    ("nothing for the terminal", "a\x1b]0;b\x07c", "", None, ["a\ufffd]0;bc"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "before", "hang", "lines"), [case[1:] for case in PARAGRAPHS], ids=[c[0] for c in PARAGRAPHS]
)
def test_a_paragraph(text: str, before: str, hang: int | None, lines: list[str]) -> None:
    console, stream = narrow(12)
    say(console, text, before=before, hang=hang)
    assert stream.getvalue().splitlines() == lines


CELL = st.lists(st.text("abcdefgh", min_size=1, max_size=14), max_size=6).map(" ".join)


@given(
    rows=st.lists(st.tuples(st.text("xyz", min_size=1, max_size=20), CELL, CELL), min_size=1, max_size=4),
    width=st.integers(20, 120),
)
def test_a_row_keeps_every_word_whole_whatever_the_width(rows: list[tuple[str, str, str]], width: int) -> None:
    console, stream = narrow(width)
    show_rows(console, ("First", "Second", "Third"), rows)
    shown = words(stream.getvalue())
    for row in rows:
        assert not words(" ".join(row)) - shown
    longest = max(len(word) for row in rows for cell in row for word in cell.split())
    assert all(len(line) <= max(width, longest + len("  Second: ")) for line in stream.getvalue().splitlines())


def test_a_row_that_does_not_fit_is_a_paragraph_with_its_headings() -> None:
    console, stream = narrow(24)
    show_rows(console, ("Value", "", "Note"), [("a-long-value.example", "wins", "came in over night"), ("b", "", "")])
    assert stream.getvalue().splitlines() == [
        "a-long-value.example",
        "  wins",
        "  Note: came in over",
        "    night",
        "b",
    ]


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("path", [[], *([name] for name in _COMMANDS), *OF_THEIR_OWN], ids=" ".join)
def test_help_breaks_no_word(path: list[str], columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    whole = words(run(app, *path, "--help").output)
    monkeypatch.setenv("COLUMNS", columns)
    shown = run(app, *path, "--help").output
    assert words(shown) == whole
    assert all(len(line) <= int(columns) for line in shown.splitlines())


FAILING = [{"Identity": "Default", "IPAllowList": ["203.0.113.7"], "IPBlockList": [], "EnableSafeList": True}]
MADE = [
    (["parse", "hxxps://evil[.]example/login", "203.0.113.0/24", "nonsense.", "evil.example benign"], None),
    (["check", "203.0.113.7", "--lists", "-"], json.dumps(LISTS)),
    (["check", "evil.example", "--lists", "-"], json.dumps(LISTS)),
    (["posture", "--policies", "-"], json.dumps(FAILING)),
    (["rights"], None),
    (["parse", "--nonsense"], None),
    (["check", "nonsense.", "--lists", "-"], json.dumps(LISTS)),
]


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(("arguments", "content"), MADE, ids=[" ".join(made[0])[:40] for made in MADE])
def test_what_a_command_prints(
    arguments: list[str], content: str | None, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    piped = run(app, *arguments, given=content).output
    assert "\x1b" not in piped
    monkeypatch.setenv("COLUMNS", columns)
    shown = run(app, *arguments, given=content).output
    assert words(shown) == words(piped)
    for line in shown.splitlines():
        assert len(line) <= int(columns) or len(line.split()[-1]) > int(columns) / 2, "only a long word goes further"
    marks = re.compile(r"^( *)(- |→ )(?=\S)")
    for line, below in zip(shown.splitlines(), shown.splitlines()[1:], strict=False):
        marked = marks.match(line)
        if marked and len(line) > int(columns) - 12 and not marks.match(below) and below.strip():
            assert below.startswith(" " * len(marked[0])), "what goes on stands under where it began"


def test_a_pipe_gets_whole_lines_and_a_terminal_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    long = "word " * 100
    for stream, lines in ((io.StringIO(), 1), (Terminal(), 7)):
        say(console_for(stream), long)
        assert len(stream.getvalue().splitlines()) == lines


@pytest.mark.parametrize(("given_value", "coloured"), [(None, True), ("1", False)])
def test_colour_is_for_terminals_that_may_have_it(
    given_value: str | None, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    if given_value is not None:
        monkeypatch.setenv("NO_COLOR", given_value)
    stream = Terminal()
    say(console_for(stream), Text("red", style="red"))
    assert ("\x1b[31m" in stream.getvalue()) is coloured
