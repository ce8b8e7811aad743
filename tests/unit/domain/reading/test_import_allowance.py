"""What of an import is still read when it is full, or too much of it is other text."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from bot.domain.reading.import_allowance import Allowance
from bot.domain.reading.import_reading import Given, ImportReading, read_import

TODAY = date(2030, 1, 2)


def reading(text: str) -> ImportReading:
    return read_import(Given(content=text), today=TODAY)


def codes(read: ImportReading) -> Counter[str]:
    return Counter("read" if line.indicator else line.code for line in read.lines)


def test_what_looks_like_indicators_is_read_up_to_some_more_than_one_import_takes() -> None:
    allowance = Allowance()
    assert allowance.take(15_000)
    assert not allowance.take()


def test_a_long_odd_word_counts_for_several() -> None:
    allowance = Allowance()
    assert allowance.take_odd("x" * 16 * 39_000)
    assert not allowance.take_odd("word " * 1_000)


def test_rows_with_many_values_are_read_until_an_import_is_full() -> None:
    row = ", ".join(f"203.0.113.{number}" for number in range(200))
    text = "\n".join(["Name,IPAllowList,IPBlockList", *[f'x,,"{row}"' for _ in range(100)]])
    found = codes(reading(text))
    assert found == {"read": 15_000, "too_many": 25}, "and of the rest each row is told once"


@pytest.mark.parametrize("header", ["", "indicator\n"])
def test_thousands_of_odd_lines_are_set_aside_unread(header: str) -> None:
    text = header + "\n".join(f"{number} words. and more of them, that name nothing at all" for number in range(10_000))
    found = codes(reading(text))
    assert found.total() == 10_000
    assert set(found) == {"unreadable", "too_long"}


@pytest.mark.parametrize("text", ["evil.example, phish kit seen in May", "evil.example"])
def test_ordinary_lines_are_all_read(text: str) -> None:
    lines = "\n".join(text.replace("evil", f"evil{number}") for number in range(10_000))
    assert codes(reading("domain,note\n" + lines))["read"] == 10_000


@pytest.mark.parametrize("header", ["", "url,note\n"])
def test_links_within_links_within_links_are_read_as_far_as_their_time_goes(header: str) -> None:
    nested = "https://eur01.safelinks.protection.outlook.com/?url=" * 8 + "x"
    found = codes(reading(header + "\n".join([nested] * 4_000)))
    assert found.total() == 4_000
    assert found["too_long"] > 2_000
    ordinary = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2Fa&data=05"
    assert codes(reading(header + "\n".join([ordinary] * 4_000)))["read"] == 4_000


def test_cells_with_many_values_are_read_until_an_import_is_full() -> None:
    cell = '"' + ", ".join(["https://evil.example/a", *(f"https://e{number}.example" for number in range(49))]) + '"'
    found = codes(reading("url,note\n" + "\n".join([f"{cell},x"] * 400)))
    assert found == {"read": 15_000, "too_many": 100}


@pytest.mark.parametrize("header", ["", "ip,note\n"])
def test_what_stands_there_again_and_again_takes_its_time_too(header: str) -> None:
    row = " ".join(["203.0.113.7"] * 50)
    text = "\n".join([f"{row},x" if header else row] * 400)
    assert codes(reading(header + text)) == {"read": 300, "too_many": 100}
