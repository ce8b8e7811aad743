"""What lies within an indicator, to look it up."""

from __future__ import annotations

import re

import pytest

from bot.domain.lists.narrower import Narrower, narrower_than
from bot.domain.reading.lines import read_only


def like(pattern: str, value: str) -> bool:
    """SQL's LIKE, with a backslash as its sign."""
    parts = re.findall(r"\\.|%|_|[^\\%_]", pattern)
    made = "".join({"%": ".*", "_": "."}.get(part, re.escape(part[-1])) for part in parts)
    return re.fullmatch(made, value, re.DOTALL) is not None


def finds(narrower: Narrower, value: str) -> bool:
    return narrower.covers(value) and any(like(pattern, value) for pattern in narrower.patterns)


@pytest.mark.parametrize(
    ("indicator", "within", "without"),
    [
        (
            "evil.example",
            [
                "*.evil.example",
                "a.evil.example",
                "x@evil.example",
                "x@a.evil.example",
                "evil.example/a",
                "a.evil.example/b",
            ],
            ["evil.example", "notevil.example", "evil.example.net", "x@notevil.example", "good.example/evil.example"],
        ),
        ("*.evil.example", ["evil.example/a", "a.evil.example"], ["notevil.example"]),
        ("a_b.example", ["x.a_b.example"], ["x.aab.example"]),
        (
            "203.0.113.0/24",
            ["203.0.113.7", "203.0.113.0/25"],
            ["203.0.113.0/24", "203.0.112.7", "203.0.0.0/16", "203.0.113.x", "request 2"],
        ),
        ("203.0.113.128/25", ["203.0.113.128", "203.0.113.192/26"], ["203.0.113.7"]),
        ("2001:db8::/32", ["2001:db8::1", "2001:db8:1::/48"], ["2001:db9::1", "203.0.113.7"]),
    ],
)
def test_what_lies_within(indicator: str, within: list[str], without: list[str]) -> None:
    narrower = narrower_than(read_only(indicator))
    assert narrower is not None
    assert [value for value in within if not finds(narrower, value)] == []
    assert [value for value in without if finds(narrower, value)] == []


@pytest.mark.parametrize("indicator", ["203.0.113.7", "x@evil.example", "evil.example/login"])
def test_nothing_lies_within_a_single_thing(indicator: str) -> None:
    assert narrower_than(read_only(indicator)) is None
