"""Columns that are only a part of what a table is about: read together where that is plain, else asked about."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.reading.import_reading import Given, ImportReading, read_import


def reading(text: str, *, column: str = "") -> ImportReading:
    return read_import(Given(content=text), today=date(2030, 1, 2), column=column)


def values(found: ImportReading) -> list[str]:
    return [line.indicator.value if line.indicator else f"? {line.code}" for line in found.lines]


NETWORKS = ["203.0.113.0/24", "198.51.100.0/25"]
RANGES = ["203.0.113.1-203.0.113.9", "203.0.113.11-203.0.113.19"]
ADDRESSES = ["bob@evil.example", "eve@bad.example"]
IPS = "203.0.113.1,203.0.113.9\n203.0.113.11,203.0.113.19"

#: Tables whose columns can only be meant together.
PLAIN = [
    ("IP,Mask\n203.0.113.0,255.255.255.0\n198.51.100.0,255.255.255.128", NETWORKS),
    ("Network,Netmask\n203.0.113.0,255.255.255.0\n198.51.100.0,255.255.255.128", NETWORKS),
    ("IP,Prefix\n203.0.113.0,24\n198.51.100.0,25", NETWORKS),
    ("Comment,network,cidr\nspray,203.0.113.0,/24\nspray,198.51.100.0,/25", NETWORKS),
    ("IP;Subnet Mask;Comment\n203.0.113[.]0;255.255.255[.]0;spray\n198.51.100.0;255.255.255.128;", NETWORKS),
    ("Netz,Netzmaske\n203.0.113.0,255.255.255.0\n198.51.100.0,255.255.255.128", NETWORKS),
    ("réseau,masque\n203.0.113.0,255.255.255.0\n198.51.100.0,255.255.255.128", NETWORKS),
    ("IP,Prefix Length\n2001:db8::,32\n2001:db8:1::,48", ["2001:db8::/32", "2001:db8:1::/48"]),
    *[
        (f"{names}\n{IPS}", RANGES)
        for names in ("IP,Last IP", "first_ip,last_ip", "Start IP,End IP", "IP start,IP end")
    ],
    *[
        (f"{names}\nbob,evil.example\neve@,bad.example", ADDRESSES)
        for names in ("Local part,Domain", "localpart,sender domain", "Lokalteil,Domäne")
    ],
    (
        "Scheme,Host,Path\nhttps,evil.example,/a\nhttp,bad.example,/b?c=d",
        ["evil.example/a", "bad.example/b?c=d"],
    ),
]


@pytest.mark.parametrize(("text", "found"), PLAIN)
def test_columns_that_belong_together_are_read_together(text: str, found: list[str]) -> None:
    assert values(reading(text)) == found


#: Tables of which a person has to say whether the columns are meant together; the one alone, the other, and both.
HALVES = [
    ("Host,Path\nevil.example,/a\nbad.example,/b", "Host", "Path", ["evil.example/a", "bad.example/b"]),
    ("Host,URI\nevil.example,/a\nbad.example,/b", "Host", "URI", ["evil.example/a", "bad.example/b"]),
    ("User,Domain\nbob,evil.example\neve,bad.example", "Domain", "User", ADDRESSES),
    ("Benutzer,Domain\nbob,evil.example\neve,bad.example", "Domain", "Benutzer", ADDRESSES),
    *[
        (f"{first},{last}\n{IPS}", first, last, RANGES)
        for first, last in (
            *(("From", "To"), ("Start", "End"), ("From IP", "To IP"), ("Von", "Bis"), ("Desde", "Hasta")),
            *(("IP", "Ende"), ("Van", "Tot"), ("first", "last")),
        )
    ],
    ("IP,Length\n203.0.113.0,24\n198.51.100.0,25", "IP", "Length", NETWORKS),
]


@pytest.mark.parametrize(("text", "column", "other", "together"), HALVES)
def test_a_column_that_has_only_a_part_of_each_value_is_asked_about(
    text: str, column: str, other: str, together: list[str]
) -> None:
    found = reading(text)
    assert (found.chosen, found.lines) == (None, ())
    assert (
        f"Its column {column} has only a part of each value: the other part is in the column {other}." in found.question
    )
    first, *others = [choice.key for choice in found.choices]
    assert column in others
    assert values(reading(text, column=first)) == together
    assert len(reading(text, column=column).lines) == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Local part,Domain\nbob,evil.example\n,bad.example", ["bob@evil.example", "? half"]),
        ("IP,Netmask\n203.0.113.0,255.255.255.0\n198.51.100.0,", ["203.0.113.0/24", "? half"]),
        ("First IP,Last IP\n203.0.113.1,203.0.113.9\n203.0.113.11,", ["203.0.113.1-203.0.113.9", "? half"]),
        (
            "First IP,Last IP\n203.0.113.1,203.0.113.1\n203.0.113.5,203.0.113.9",
            ["203.0.113.1", "203.0.113.5-203.0.113.9"],
        ),
    ],
)
def test_a_row_with_one_half_is_none(text: str, found: list[str]) -> None:
    assert values(reading(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "IP,Mask\n203.0.113.0/24,255.255.255.0\n198.51.100.0/24,255.255.255.0",
        "IP,Length\n203.0.113.7,1024\n203.0.113.8,2048",
        "IP,Port\n203.0.113.7,25\n203.0.113.8,443",
        "Host,Path\nevil.example,/\nbad.example,/",
        "URL,Path\nhttps://evil.example/a,/a\nhttps://bad.example/b,/b",
        "Domain,Path\nevil.example,C:\\Temp\nbad.example,C:\\Temp",
        "Domain,User\nevil.example,Anna Miller\nbad.example,Bob Miller",
    ],
)
def test_other_columns_are_no_halves(text: str) -> None:
    found = reading(text)
    assert found.chosen is not None
    assert len(found.lines) == 2
