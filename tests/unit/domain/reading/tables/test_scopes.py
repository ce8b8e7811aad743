"""How far a row's indicator reaches, and what its other columns add to it."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.indicators.indicator import NoteCode
from bot.domain.reading.import_lines import Line
from bot.domain.reading.import_reading import Given, read_import


def lines(text: str) -> tuple[Line, ...]:
    return read_import(Given(content=text), today=date(2030, 1, 2)).lines


BOTH = ["evil.example", "*.evil.example"]
ALONE = ["evil.example"]

SCOPES = [
    *[
        (name, "yes", BOTH)
        for name in (
            "Include subdomains",
            "Wildcard",
            "Subdomains",
            "mit Subdomains",
            "avec sous-domaines",
            "incluir subdominios",
        )
    ],
    *[("Include subdomains", word, BOTH) for word in ("TRUE", "1", "x", "✔", "ja", "sí")],
    *[("Include subdomains", word, ALONE) for word in ("no", "FALSE", "0", "❌", "", "nein")],
    *[("Match type", word, ALONE) for word in ("exact", "Equals", "FQDN", "exakt", "")],
    *[
        ("Match type", word, BOTH)
        for word in ("subdomains", "suffix", "ends with", "wildcard", "domain and subdomains")
    ],
    *[
        ("Match type", word, ["? row_scope"])
        for word in ("contains", "regex", "starts with", "substring", "whatever", "enthält", "regular expression")
    ],
    ("Include subdomains", "maybe", ["? row_scope"]),
    ("Scope", "regex", ["? row_scope"]),
    ("Scope", "subdomains", BOTH),
    ("Scope", "Inbound", ALONE),
]


@pytest.mark.parametrize(("name", "word", "found"), SCOPES)
def test_how_far_a_row_reaches(name: str, word: str, found: list[str]) -> None:
    given = lines(f"Domain,{name}\nevil.example,{word}")
    assert [line.indicator.value if line.indicator else f"? {line.code}" for line in given] == found


def test_a_scope_that_is_not_known_is_told_with_the_row() -> None:
    [line] = lines("Domain,Scope\nevil.example,Inbound")
    assert line.remark == "Scope: Inbound"


def test_subdomains_are_of_domains_alone() -> None:
    [line] = lines("Indicator,Include subdomains\nbob@evil.example,yes")
    assert line.indicator is not None
    assert line.indicator.value == "bob@evil.example"


@pytest.mark.parametrize("name", ["Port", "dst_port", "Ports", "Puerto"])
def test_a_port_that_an_entry_cannot_have_is_noted(name: str) -> None:
    with_port, without = lines(f"IP,{name}\n203.0.113.7,8443\n203.0.113.8,")
    assert with_port.indicator is not None
    assert with_port.indicator.has_note(NoteCode.PORT_STRIPPED)
    assert without.indicator is not None
    assert not without.indicator.has_note(NoteCode.PORT_STRIPPED)
