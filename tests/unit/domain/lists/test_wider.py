"""What covers an indicator by its spelling: each named is held to what coverage says."""

from __future__ import annotations

import pytest

from bot.domain.lists.coverage import covers
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, list_for
from bot.domain.lists.wider import wider_values
from bot.domain.reading.lines import read_as_logged


@pytest.mark.parametrize(
    ("text", "among", "count"),
    [
        ("203.0.113.7", {"203.0.113.6/31", "203.0.113.0/24", "203.0.0.0/16"}, 24),
        ("203.0.113.0/24", {"203.0.112.0/23"}, 16),
        ("2001:db8::1", {"2001:db8::/127", "2001:db8::/32"}, 112),
        ("mail.evil.example", {"*.evil.example", "*.example"}, 2),
        ("*.evil.example", {"*.example"}, 1),
        ("who@mail.evil.example", {"mail.evil.example", "*.evil.example"}, 3),
        ("evil.example/path", {"evil.example", "*.example"}, 2),
        ("203.0.113.1-203.0.113.9", set(), 0),
        ("0" * 64, set(), 0),
    ],
)
def test_what_covers_it_is_named(text: str, among: set[str], count: int) -> None:
    wider = wider_values(read_as_logged(text))
    assert among <= set(wider)
    assert len(wider) == count == len(set(wider))


@pytest.mark.parametrize("text", ["203.0.113.7", "2001:db8::1", "who@mail.evil.example", "*.evil.example"])
def test_it_does_cover_it(text: str) -> None:
    indicator = read_as_logged(text)
    for value in wider_values(indicator):
        entry = Entry(list=list_for(indicator.kind), action=Action.BLOCK, value=value)
        assert covers(entry, indicator) is not None, value
