"""Tables as PowerShell prints them, pasted as they are."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.reading.import_reading import Given, read_import
from bot.domain.reading.tables.aligned import read_aligned

TODAY = date(2030, 1, 2)

ITEMS = """
Value              Action ListType ExpirationDate        Notes
-----              ------ -------- --------------        -----
evil.example       Block  Sender   12/31/2030 9:02:22 AM Phishing wave
bob@bad.example    Block  Sender                         Case 4711
partner.example    Allow  Sender
"""
SIZES = """
Sender             Size Subject
------             ---- -------
bob@evil.example 123456 Invoice
eve@evil.example      7 Offer
"""


@pytest.mark.parametrize("around", ["{}", "```{}```", "PS C:\\> Get-TenantAllowBlockListItems | ft\n{}"])
def test_the_columns_are_known_by_the_dashes(around: str) -> None:
    reading = read_import(Given(content=around.format(ITEMS)), today=TODAY)
    assert reading.chosen is not None
    assert reading.chosen.key == "Value"
    found = [(line.indicator.value, line.says) for line in reading.lines if line.indicator is not None]
    assert [value for value, _ in found] == ["evil.example", "bob@bad.example", "partner.example"]
    assert found[2][1] == "allow", "a row that allows isn't blocked"


def test_numbers_stand_to_the_right() -> None:
    sheet = read_aligned(SIZES.splitlines())
    assert sheet is not None
    assert [row.cells for row in sheet.rows] == [
        ("bob@evil.example", "123456", "Invoice"),
        ("eve@evil.example", "7", "Offer"),
    ]


@pytest.mark.parametrize("cut", ["very-long-name-of…", "very-long-nam..."])
def test_what_was_cut_off_is_set_aside(cut: str) -> None:
    text = f"Value              Action\n-----              ------\n{cut:<18} Block\nevil.example       Block\n"
    lines = read_import(Given(content=text), today=TODAY).lines
    assert [line.indicator.value for line in lines if line.indicator] == ["evil.example"]
    assert [line.code for line in lines if not line.indicator] == ["cut_off"]


def test_a_row_out_of_its_columns_is_set_aside() -> None:
    text = "Value        Action\n-----        ------\na-name-that-goes-on.example Block\nevil.example Block\n"
    lines = read_import(Given(content=text), today=TODAY).lines
    assert [line.code for line in lines if not line.indicator] == ["misplaced"]


@pytest.mark.parametrize(
    "text",
    [
        "evil.example\n---- ----\nother.example",
        "good.example\nValue Action\n----- ------\nevil.example Block",
        "Value\n-----\nevil.example",
        "some words here\n---- ----- ----\nevil.example",
        "",
    ],
)
def test_anything_else_is_no_such_table(text: str) -> None:
    assert read_aligned(text.splitlines()) is None
