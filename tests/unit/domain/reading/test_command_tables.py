"""PowerShell's tables behind a command: plain where all their rows are, asked about where one isn't."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.traits import Action
from bot.domain.reading.command_text import CommandText, read_command, read_field
from bot.domain.reading.durations import Lifetime

TODAY = date(2030, 1, 2)
MONTH = Lifetime(days=30)

PLAIN = """\
Value           Action Notes
-----           ------ -----
evil.example    Block  Phishing wave
bob@bad.example Block  Case 4711
203.0.113.7     Block
"""
ENDING = """\
Value        Action ListType ExpirationDate
-----        ------ -------- --------------
evil.example Block  Sender   2030-12-31
"""


def values(command: CommandText) -> list[str]:
    return [indicator.value for indicator in command.indicators]


@pytest.mark.parametrize(
    "text",
    [
        f"```\n{PLAIN}``` 30d phishing",
        f"```{PLAIN}```\n30d phishing",
        f"30d phishing\n```\n{PLAIN}\n```",
        f"{PLAIN}\n30d phishing",
        f"\n{PLAIN}\n\n30d phishing\n",
    ],
)
def test_its_rows_are_the_indicators(text: str) -> None:
    command = read_command(text, today=TODAY, wanted=Action.BLOCK)
    assert values(command) == ["evil.example", "bob@bad.example", "203.0.113.7"]
    assert (command.problems, command.lifetime, command.reason) == ((), MONTH, "phishing")
    again = read_command(f"{command.typed}\n30d phishing", today=TODAY)
    assert values(again) == values(command)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (PLAIN.replace("203.0.113.7     Block", "203.0.113.7     Allow"), "Some rows of the table allow"),
        (PLAIN.replace("Block", "Allow"), "say allow"),
        (PLAIN.replace("203.0.113.7 ", "203.0.11…   "), "cut a value off"),
        (PLAIN.replace("203.0.113.7 ", "203.0.113.777 "), "203.0.113.777"),
        (ENDING, "until when"),
        (ENDING.replace("ListType", "Nothing2").replace("Sender", "x     "), "of which list"),
    ],
)
def test_what_is_doubtful_is_asked_about(text: str, asked: str) -> None:
    command = read_command(f"{text}\n\nphishing", today=TODAY, wanted=Action.BLOCK)
    assert any(asked in str(problem) for problem in command.problems), command.problems


def test_how_long_may_be_said_beside_it() -> None:
    command = read_command(f"{ENDING}\n30d phishing", today=TODAY, wanted=Action.BLOCK)
    assert (command.problems, command.lifetime) == ((), MONTH)


def test_for_a_removal_it_doesnt_matter_until_when() -> None:
    command = read_command(f"{ENDING}\nclean again", today=TODAY, takes_lifetime=False)
    assert (values(command), command.problems, command.reason) == (["evil.example"], (), "clean again")


@pytest.mark.parametrize("text", [PLAIN, f"```\n{PLAIN}```", f"{PLAIN}\n"])
def test_so_it_is_in_a_form(text: str) -> None:
    found = read_field(text, today=TODAY, wanted=Action.BLOCK)
    assert [indicator.value for indicator in found.indicators] == ["evil.example", "bob@bad.example", "203.0.113.7"]
    assert found.problems == ()
    other = read_field(text.replace("Block", "Allow"), today=TODAY, wanted=Action.BLOCK)
    assert "say allow" in str(other.problems[0])


def test_more_rows_than_an_import_takes_are_asked_about() -> None:
    text = "Value Action\n----- ------\n" + "a.example Block\n" * 10_001
    command = read_command(text, today=TODAY, wanted=Action.BLOCK)
    assert command.indicators == ()
    assert "more than 10,000 rows" in str(command.problems[0])


@given(
    st.lists(st.sampled_from(["Value", "Action", "Block", "a.example", "----", " ", "\n", "`", "…", "x"])).map("".join)
)
def test_whatever_is_pasted_nothing_is_raised(text: str) -> None:
    read_command(f"Value Action\n----- ------\n{text}", today=TODAY, wanted=Action.BLOCK)
