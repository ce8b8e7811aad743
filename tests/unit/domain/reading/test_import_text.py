"""Uploaded bytes become text, or a plain word on why not."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.import_text import MOST_BYTES, MOST_IMPORTED, decode, demand_fits
from bot.errors import InvalidInput

TEXT = "evil.example\nbücher.example\n"

ENCODINGS = [
    TEXT.encode(),
    TEXT.encode("utf-8-sig"),
    TEXT.encode("utf-16"),
    b"\xfe\xff" + TEXT.encode("utf-16-be"),
    TEXT.encode("cp1252"),
]


@pytest.mark.parametrize("content", ENCODINGS)
def test_what_editors_and_spreadsheets_write(content: bytes) -> None:
    assert decode(content) == TEXT


def test_an_empty_file_is_an_empty_text() -> None:
    assert decode(b"") == ""


NO_TEXT = [
    b"evil.example\0bad.example",
    TEXT.encode("utf-16-le"),
    b"PK\x03\x04\x14\x00\x06\x00",
    b"\x89PNG\r\n\x1a\n",
    b"evil.example \x81\x8d",
    b"\xff\xfeabc",
    b"\x1b[31mevil.example",
]


@pytest.mark.parametrize("content", NO_TEXT)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="text") as refused:
        decode(content)
    assert "UTF-8" in refused.value.remedy


def test_a_file_that_is_too_long_is_refused() -> None:
    assert decode(b"#" * MOST_BYTES)
    with pytest.raises(InvalidInput, match=r"2,097,153 bytes; at most 2,097,152"):
        decode(b"#" * (MOST_BYTES + 1))


def test_more_lines_than_one_import_takes_are_refused() -> None:
    full = "indicator\n# a comment\n\n" + "a.example\n" * MOST_IMPORTED
    assert demand_fits(full) == full
    with pytest.raises(InvalidInput, match=r"10,002 lines; at most 10,000"):
        demand_fits(full + "a.example")


@given(st.binary(max_size=200))
def test_nothing_else_is_raised(content: bytes) -> None:
    with suppress(InvalidInput):
        assert isinstance(decode(content), str)
