"""A run of tokens that stand for themselves comes to what it comes to token by token."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.reading.command_text import CommandText, FieldText, read_command, read_field
from bot.domain.reading.plain_runs import RunReader

TODAY = date(2030, 1, 2)
TOKENS = st.sampled_from(
    [
        # that stand for themselves
        *(
            "evil.example",
            "bad.de",
            "*.bad.de",
            "ü.de",
            "203.0.113.7",
            "203.0.113.0",
            "bob@evil.example",
            "2001:db8::7",
        ),
        *("https://evil.example/a", "evil.example/a", "evil.example?a=b", "evil[.]example", "1.2", "a@b", "1.2.3.4/24"),
        # that may belong to another, or be something else
        *(
            "255.255.255.0",
            "0.0.0.255",
            "-",
            "/",
            "&",
            "to",
            "and",
            "subdomains",
            "incl.und",
            "of",
            "them",
            "from",
            "24",
        ),
        *(
            "1.5",
            "days",
            "d",
            "d.de",
            "d/x.de",
            "30d",
            "12.2030",
            "30.12.2030",
            "jan.de",
            "7.de",
            "e.de",
            "2030",
            "one",
        ),
        *("<bob@evil.example>", "&lt;bob@evil.example&gt;", "(bob@evil.example)", "Bob", "From:", "From:evil.example"),
        *(
            "x.zip",
            "Readme.md",
            "sentence.Another",
            "a" * 64,
            "domain.de",
            "evil.example:",
            "[.]",
            "'x.de'",
            "#",
            "spoof",
        ),
    ]
)
GAPS = st.sampled_from([" ", " ", " ", ", ", ",", "; ", ";", " | ", "\t", "  ", "\n", " , "])
LINES = st.lists(st.tuples(TOKENS, GAPS), max_size=9).map(lambda parts: "".join(map("".join, parts)))


@given(LINES)
@example("203.0.113.0 255.255.255.0, evil.example")
@example("evil.example 1.5 d/x.de")
@example("evil.example, bad.de Bob <bob@evil.example>")
@example("https://evil.example/a,bad.de")
def test_a_run_comes_to_the_same_as_its_tokens_one_by_one(line: str) -> None:
    assert _readings(line) == _readings_token_by_token(line)


def test_a_run_is_taken_as_a_whole() -> None:
    """Else the test above would hold nothing together."""
    taken: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        take = RunReader._take_run
        patch.setattr(RunReader, "_take_run", lambda self, start: taken.append(take(self, start)) or taken[-1])
        read_field("evil.example, 203.0.113.7 bob@evil.example")

    assert taken[0] == len("evil.example, 203.0.113.7 bob@evil.example")


def _readings(line: str) -> tuple[CommandText, CommandText, FieldText]:
    return (
        read_command(line, today=TODAY),
        read_command(line, today=TODAY, takes_lifetime=False),
        read_field(line),
    )


def _readings_token_by_token(line: str) -> tuple[CommandText, CommandText, FieldText]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunReader, "_take_run", lambda _, start: start)
        return _readings(line)
