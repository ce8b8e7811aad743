"""Values that no program makes a link of, and that can be read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.defanging import defanged, defanged_words
from bot.domain.indicators.reader import read

CASES = [
    ("evil.example", "evil[.]example"),
    ("*.evil.example", "*[.]evil[.]example"),
    ("user@mail.evil.example", "user@mail[.]evil[.]example"),
    ("evil.example/a.b?c=d.e", "evil[.]example/a[.]b?c=d[.]e"),
    ("https://evil.example/a", "hxxps://evil[.]example/a"),
    ("203.0.113.7", "203.0.113[.]7"),
    ("203.0.113.0/24", "203.0.113[.]0/24"),
    ("203.0.113.1-203.0.113.9", "203.0.113[.]1-203.0.113[.]9"),
    ("contoso.com, 203.0.113.0/24", "contoso[.]com, 203.0.113[.]0/24"),
    ("2001:db8::1", "2001:db8::1"),
    ("ab" * 32, "ab" * 32),
    ("", ""),
]


@pytest.mark.parametrize(("value", "expected"), CASES)
def test_defanged(value: str, expected: str) -> None:
    assert defanged(value) == expected


@given(st.one_of(st.sampled_from([value for value, _ in CASES]), st.text(alphabet="a1.[]/:@-, ", max_size=40)))
def test_twice_is_once(value: str) -> None:
    assert defanged(defanged(value)) == defanged(value)


@pytest.mark.parametrize(
    "value", ["evil.example", "user@evil.example", "evil.example/a.b?c=d", "203.0.113.7", "203.0.113.0/24"]
)
def test_what_is_shown_can_be_pasted_back(value: str) -> None:
    assert read(defanged(value)).value == read(value).value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("evil.example was left out. It is no name.", "evil[.]example was left out. It is no name."),
        ("It stands for https://evil.example/a.", "It stands for hxxps://evil[.]example/a."),
        ("‘evil.example’, then 203.0.113.7: both.", "‘evil[.]example’, then 203.0.113[.]7: both."),
        ("https:// was left out: an entry has no scheme.", "https:// was left out: an entry has no scheme."),
        ("", ""),
    ],
)
def test_a_sentence_keeps_its_full_stops(text: str, expected: str) -> None:
    assert defanged_words(text) == expected
