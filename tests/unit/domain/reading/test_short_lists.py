"""Addresses of which only the first stands there in full are asked about, with all of them written out."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.reading.command_text import read_command, read_field
from bot.domain.reading.import_reading import Given, read_import
from bot.domain.reading.lines import read_line

TODAY = date(2026, 12, 1)

SHORT = [
    ("203.0.113.7,8,9", "203.0.113.7, 203.0.113.8, 203.0.113.9;"),
    ("203.0.113.7, 8, 9", "203.0.113.7, 203.0.113.8, 203.0.113.9;"),
    ("203.0.113.1 & .2", "203.0.113.1, 203.0.113.2;"),
    ("203.0.113.1 &amp; .2 phish", "203.0.113.1, 203.0.113.2;"),
    ("203.0.113.1/.2", "Type each one in full"),
    ("203.0.113.1 / .2", "203.0.113.1, 203.0.113.2;"),
    ("203.0.113.1;.2", "203.0.113.1, 203.0.113.2;"),
    ("203.0.113.1, .2 and .3", "203.0.113.1, 203.0.113.2, 203.0.113.3;"),
    ("203.0.113.1 und .2", "203.0.113.1, 203.0.113.2;"),
    ("203[.]0[.]113[.]1,[.]2", "203.0.113.1, 203.0.113.2;"),
    ("evil.example 203.0.113.1+2 phish", "203.0.113.1, 203.0.113.2;"),
    ("203.0.113.1,2,3,4,5,6,7,8", "203.0.113.6 …;"),
]


@pytest.mark.parametrize(("text", "whole"), SHORT)
def test_all_ways_in_ask(text: str, whole: str) -> None:
    (problem,) = read_line(text).problems
    assert whole in problem.remedy
    assert read_command(text, today=TODAY).problems
    assert read_field(text).problems
    assert all(line.indicator is None for line in read_import(Given(content=text), today=TODAY).lines)


PLAIN = [
    ("203.0.113.7,198.51.100.8", ["203.0.113.7", "198.51.100.8"]),
    ("203.0.113.7, 8 mails", ["203.0.113.7"]),
    ("203.0.113.7,30 days", ["203.0.113.7"]),
    ("203.0.113.7,443", ["203.0.113.7"]),
    ("203.0.113.0/24, 198.51.100.0/24", ["203.0.113.0/24", "198.51.100.0/24"]),
    ("203.0.113.0 /24", ["203.0.113.0/24"]),
    ("203.0.113.7 - 9 mails", ["203.0.113.7"]),
]


@pytest.mark.parametrize(("text", "values"), PLAIN)
def test_what_stands_beside_an_address_otherwise_is_what_it_was(text: str, values: list[str]) -> None:
    found = read_line(text)
    assert ([indicator.value for indicator in found.indicators], found.problems) == (values, ())


@pytest.mark.parametrize(
    "text", ["203.0.113.1 to .9", "203.0.113.1-9", "203.0.113.*", "203.0.113.[1-9]", "203.0.113.x"]
)
def test_ranges_in_part_are_asked_about(text: str) -> None:
    found = read_line(text)
    assert found.problems
    assert not found.indicators


@pytest.mark.parametrize(
    "text", ["evil.{example,test}", "evil.(example|test)", "evil[1-3].example", "(www.)evil.example"]
)
def test_patterns_are_no_names(text: str) -> None:
    found = read_line(text)
    assert found.problems
    assert not found.indicators


RECORDS = [
    "evil.example v=spf1 ip4:203.0.113.0/24 include:good.example -all",
    'evil.example. 3600 IN TXT "v=spf1 ip4:203.0.113.0/24 -all"',
    "ip4:203.0.113.0/24 include:spf.good.example",
    "include:spf.good.example",
]


@pytest.mark.parametrize("text", RECORDS)
def test_an_spf_record_blocks_nobody_elses_senders_and_loses_nothing(text: str) -> None:
    command = read_command(text, today=TODAY)
    assert command.problems
    assert "good.example" not in [found.value for found in command.indicators]
    assert read_field(text).problems
    assert any(line.problem for line in read_import(Given(content=text), today=TODAY).lines)
