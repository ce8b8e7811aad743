"""Columns that are only a half of what a table is about."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.reading.import_reading import Given, ImportReading, read_import


def reading(text: str, *, column: str = "") -> ImportReading:
    return read_import(Given(content=text), today=date(2030, 1, 2), column=column)


HALVES = [
    ("IP,Mask\n203.0.113.0,255.255.255.0\n198.51.100.0,255.255.255.0", "IP", "Mask"),
    ("IP,Prefix\n203.0.113.0,24\n198.51.100.0,25", "IP", "Prefix"),
    ("Comment,network,cidr\nspray,203.0.113.0,/24\nspray,198.51.100.0,/25", "network", "cidr"),
    ("IP;Subnet Mask;Comment\n203.0.113[.]0;255.255.255[.]0;spray\n198.51.100.0;255.255.255.0;", "IP", "Subnet Mask"),
    ("IP,Prefix Length\n2001:db8::,32\n2001:db8:1::,48", "IP", "Prefix Length"),
    ("IP,Last IP\n203.0.113.1,203.0.113.9\n203.0.113.11,203.0.113.19", "IP", "Last IP"),
    ("Host,Path\nevil.example,/a\nbad.example,/b", "Host", "Path"),
]


@pytest.mark.parametrize(("text", "column", "other"), HALVES)
def test_a_column_that_has_only_a_part_of_each_value_is_asked_about(text: str, column: str, other: str) -> None:
    found = reading(text)
    assert (found.chosen, found.lines) == (None, ())
    assert (
        f"Its column {column} has only a part of each value: the other part is in the column {other}." in found.question
    )
    assert column in {choice.key for choice in found.choices}


@pytest.mark.parametrize(("text", "column", "other"), HALVES)
def test_whoever_names_the_column_gets_it_alone(text: str, column: str, other: str) -> None:
    assert len(reading(text, column=column).lines) == 2


@pytest.mark.parametrize(
    "text",
    [
        "IP,Mask\n203.0.113.0/24,255.255.255.0\n198.51.100.0/24,255.255.255.0",
        "IP,Length\n203.0.113.7,1024\n203.0.113.8,2048",
        "IP,Port\n203.0.113.7,25\n203.0.113.8,443",
        "Host,Path\nevil.example,/\nbad.example,/",
        "URL,Path\nhttps://evil.example/a,/a\nhttps://bad.example/b,/b",
        "Domain,Path\nevil.example,C:\\Temp\nbad.example,C:\\Temp",
    ],
)
def test_other_columns_are_no_halves(text: str) -> None:
    found = reading(text)
    assert found.chosen is not None
    assert len(found.lines) == 2
