"""Shapes: what reads has one, so that it is worth reading; and what can't be an indicator is told at a glance."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.reader import read
from bot.domain.reading.shapes import Shape, says_nothing, shape_of
from bot.errors import InvalidIndicator

HASH = "ab" * 32

SHAPES = [
    ("203.0.113.7", Shape.IP),
    ("203.0.113.0/24", Shape.IP),
    ("203.0.113.7-203.0.113.9", Shape.IP),
    ("203[.]0[.]113[.]7", Shape.IP),
    ("2001:db8::7", Shape.IP),
    ("2001:db8::/32", Shape.IP),
    ("evil.example", Shape.DOMAIN),
    ("evil[.]example", Shape.DOMAIN),
    ("*.evil.example", Shape.DOMAIN),
    ("~evil.example~", Shape.DOMAIN),
    ("bücher.example", Shape.DOMAIN),
    ("@evil.example", Shape.DOMAIN),
    ("evil@bad.example", Shape.ADDRESS),
    ("evil[at]bad[.]example", Shape.ADDRESS),
    ('"A. Evil" <evil@bad.example>', Shape.ADDRESS),
    ("https://evil.example", Shape.URL),
    ("hxxps://evil[.]example/a", Shape.URL),
    ("evil.example/a", Shape.URL),
    ("203.0.113.7/a", Shape.URL),
    (HASH, Shape.FILE),
    ("ab" * 16, Shape.OTHER_HASH),
    ("ab" * 20, Shape.OTHER_HASH),
    # several in one cell
    ("203.0.113.7; 198.51.100.0/24", Shape.IP),
    ("evil.example, bad.example", Shape.DOMAIN),
    ("evil.example and more", None),
    # words, dates, numbers, names of files
    ("", None),
    ("phishing", None),
    ("2029-12-30", None),
    ("30.12.2029", None),
    ("1.5", None),
    ("10:30", None),
    ("invoice.pdf", None),
    ("see section 4.", None),
    ("ab" * 17, None),
]


@pytest.mark.parametrize(("text", "shape"), SHAPES)
def test_shapes(text: str, shape: Shape | None) -> None:
    assert shape_of(text) is shape


@pytest.mark.parametrize("text", ["phishing", "a, b; c", "Spray 4711", "", '"quoted"', "a|b"])
def test_what_says_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize(("text", "_"), [pair for pair in SHAPES if pair[1]])
def test_what_has_a_shape_may_say_something(text: str, _: Shape) -> None:
    assert not says_nothing(text)


WORDS = st.lists(
    st.sampled_from(
        [
            "a",
            "evil",
            "example",
            "de",
            ".",
            "[.]",
            "@",
            "/",
            "://",
            "http",
            ":",
            "1",
            "203",
            " ",
            "-",
            "*",
            "~",
            "é",
            HASH,
        ]
    ),
    max_size=12,
)


@given(st.text(max_size=60) | WORDS.map("".join))
def test_what_says_nothing_reads_as_nothing(text: str) -> None:
    shape_of(text)
    if says_nothing(text):
        with pytest.raises(InvalidIndicator):
            read(text)


@given(WORDS.map("".join))
def test_what_reads_is_never_said_to_say_nothing(text: str) -> None:
    with suppress(InvalidIndicator):
        read(text)
        assert not says_nothing(text)
