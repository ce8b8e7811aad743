"""Workbooks become tables, and what would unpack to too much is refused before it is read."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import Given, read_import
from bot.domain.reading.tables.workbook import COMPOUND_MARK, read_workbook
from bot.domain.reading.tables.workbook_strikes import Strikes
from bot.errors import InvalidInput

EXPORTS = Path(__file__).parents[4] / "exports"
WORKBOOK = (EXPORTS / "soc_list.xlsx").read_bytes()
SHEET = "xl/worksheets/sheet1.xml"


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
        return {part.filename: archive.read(part) for part in archive.infolist()}


def with_rows(rows: bytes, strings: bytes | None = None) -> bytes:
    """The workbook with further rows; and with other texts, if they are given."""
    changed = parts()
    changed[SHEET] = changed[SHEET].replace(b"</sheetData>", rows + b"</sheetData>")
    if strings is not None:
        changed["xl/sharedStrings.xml"] = strings
    return packed(changed)


def test_a_sheet_has_the_numbers_that_the_spreadsheet_shows() -> None:
    [sheet] = read_workbook(WORKBOOK)
    assert (sheet.name, sheet.header) == ("Block", ("Domain", "Reason", "Expires", "Ticket"))
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (4, ("evil.example", "Phish kit", "2030-02-01", "4711")),
        (5, ("bad.example", "Phish kit", "", "4712")),
        (6, ("", "nothing here", "", "")),
    ]


def test_every_sheet_that_has_anything_in_it() -> None:
    sheets = read_workbook((EXPORTS / "two_sheets.xlsx").read_bytes())
    assert [sheet.name for sheet in sheets] == ["Senders", "Addresses"]


def changed(old: bytes, new: bytes, part: str = SHEET) -> bytes:
    """The workbook with one thing in it changed."""
    content = parts()
    assert old in content[part]
    content[part] = content[part].replace(old, new)
    return packed(content)


def what(content: bytes) -> str:
    return read_import(Given(content=content), today=date(2030, 1, 2)).what


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ('<col min="2" max="2" width="9" hidden="1"/>', "a table (its column Reason is hidden)"),
        ('<col min="2" max="2" width="0" customWidth="1"/>', "a table (its column Reason is hidden)"),
        ('<col min="3" max="16384" hidden="true"/>', "a table (its columns Expires, Ticket are hidden)"),
        ('<col min="5" max="16384" hidden="1"/><col min="1" max="1" width="20"/>', "a table"),
    ],
)
def test_a_hidden_column_is_told(columns: str, told: str) -> None:
    changed_parts = parts()
    xml = re.sub(rb"<cols>.*?</cols>", b"", changed_parts[SHEET])
    changed_parts[SHEET] = xml.replace(b"<sheetData>", f"<cols>{columns}</cols><sheetData>".encode())
    assert what(packed(changed_parts)) == told


@pytest.mark.parametrize("name", ["Exceptions", "Ausnahmen", "Removed", "Allowlist", "Victims", "Recipients", "Opfer"])
def test_a_sheet_of_what_is_not_to_be_blocked_says_so_of_its_rows(name: str) -> None:
    content = changed(b'name="Block"', f'name="{name}"'.encode(), "xl/workbook.xml")
    found = read_import(Given(content=content), today=date(2030, 1, 2))
    assert {line.says for line in found.lines if line.indicator} == {Action.ALLOW}


def test_rows_that_nobody_sees_are_told() -> None:
    assert what(WORKBOOK) == "a table"
    content = changed(b'<row r="4">', b'<row r="4" hidden="1">')
    assert what(content) == "a table (1 of its rows is hidden)"
    assert [row.number for row in read_workbook(content)[0].rows] == [4, 5, 6]


def test_a_sheet_that_nobody_sees_is_told() -> None:
    content = changed(b'state="visible"', b'state="hidden"', "xl/workbook.xml")
    assert what(content) == "a table on a hidden sheet, ‘Block’"


FORMULA = b'<c r="A4" t="str"><f>HYPERLINK("%s","good.example")</f><v>good.example</v></c>'
CELL = b'<c r="A4" t="inlineStr"><is><t>evil.example</t></is></c>'


@pytest.mark.parametrize(
    ("target", "code"), [(b"https://evil.example/a", "link_differs"), (b"https://good.example/", None)]
)
def test_a_cell_that_shows_something_else_than_it_leads_to_is_set_aside(target: bytes, code: str | None) -> None:
    row = read_workbook(changed(CELL, FORMULA % target))[0].rows[0]
    assert (row.cells[0], row.aside and row.aside.code) == ("good.example", code)


def test_nor_where_the_link_is_the_cells_own() -> None:
    content = parts()
    content[SHEET] = content[SHEET].replace(
        b"<pageMargins", b'<hyperlinks><hyperlink ref="A4" r:id="rId1"/></hyperlinks><pageMargins'
    )
    content["xl/worksheets/_rels/sheet1.xml.rels"] = (
        b'<R><Relationship Id="rId1" Target="https://other.example/" TargetMode="External"/></R>'
    )
    [first, second, *_] = read_workbook(packed(content))[0].rows
    assert first.aside is not None
    assert (first.aside.code, second.aside) == ("link_differs", None)


@pytest.mark.parametrize("name", [b"Allow", b"Safe senders", b"Whitelist"])
def test_a_sheet_that_allows_by_its_name_says_so_of_each_row(name: bytes) -> None:
    content = changed(b'name="Block"', b'name="%s"' % name, "xl/workbook.xml")
    found = read_import(Given(content=content), today=date(2030, 1, 2))
    assert {line.says for line in found.lines if line.indicator} == {Action.ALLOW}


STRUCK = b"<font><strike/></font></fonts>"
FORMAT = b'<xf numFmtId="0" fontId="1" /></cellXfs>'


def asides(content: bytes) -> list[str | None]:
    return [row.aside and row.aside.code for row in read_workbook(content)[0].rows]


@pytest.mark.parametrize(
    ("font", "cell", "code"),
    [
        (STRUCK, b"A4", "struck_out"),
        (STRUCK.replace(b"<strike/>", b'<strike val="1"/>'), b"A4", "struck_out"),
        (STRUCK.replace(b"<strike/>", b'<strike val="0"/>'), b"A4", None),
        (STRUCK.replace(b"<strike/>", b"<b/>"), b"A4", None),
        (STRUCK, b"B4", None),  # a remark
    ],
)
def test_a_row_is_set_aside_whose_indicator_is_struck_out(font: bytes, cell: bytes, code: str | None) -> None:
    content = parts()
    content["xl/styles.xml"] = content["xl/styles.xml"].replace(b"</fonts>", font).replace(b"</cellXfs>", FORMAT)
    content[SHEET] = content[SHEET].replace(b'r="%s"' % cell, b'r="%s" s="2"' % cell)
    assert asides(packed(content)) == [code, None, None]


def test_so_is_one_of_which_a_part_is_struck_out() -> None:
    rich = b'<c r="A4" t="inlineStr"><is><r><rPr><strike/></rPr><t>evil.example</t></r><r><t> x</t></r></is></c>'
    assert asides(changed(CELL, rich)) == ["struck_out", None, None]
    content = parts()
    content[SHEET] = content[SHEET].replace(CELL, b'<c r="A4" t="s"><v>1</v></c>')
    content["xl/sharedStrings.xml"] = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>a.example</t></si>'
        b"<si><r><rPr><strike/></rPr><t>b.example</t></r></si></sst>"
    )
    content["xl/_rels/workbook.xml.rels"] = content["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rId77" Target="sharedStrings.xml" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>',
    )
    assert asides(packed(content)) == ["struck_out", None, None]


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/sharedStrings.xml"])
def test_what_is_struck_out_nowhere_is_no_cell(part: str) -> None:
    content = parts()
    content[part] = content.get(part, b"").replace(b"<fonts", b"<strike/><fonts") or b"<sst><strike/></sst>"
    assert asides(packed(content)) == [None, None, None]


TOO_LARGE = {
    "a cell far out": with_rows(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "a row far out": with_rows(b'<row r="1048576">' + b"<c><v>1</v></c>" * 10 + b"</row>"),
    "rows and cells that don't say where they are": with_rows(
        b"<row/>" * 10_000 + b"<row>" + b"<c><v>1</v></c>" * 1_000 + b"</row>"
    ),
    "gigabytes of blanks": with_rows(b" " * (60 * 1024 * 1024)),
    "a long text in many cells": with_rows(
        b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(7, 9_000)),
        strings=b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + b"x" * 1_000_000
        + b"</t></si></sst>",
    ),
}


@pytest.mark.parametrize("content", TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_is_too_large_is_refused(content: bytes) -> None:
    assert len(content) < 2 * 1024 * 1024
    with pytest.raises(InvalidInput, match="too large"):
        read_workbook(content)


def test_nor_does_it_help_to_lie_about_the_size() -> None:
    content = TOO_LARGE["gigabytes of blanks"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo(SHEET).file_size
    lying = content.replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lying != content
    with pytest.raises(InvalidInput, match="too large"):
        read_workbook(lying)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        packed({"readme.txt": b"evil.example"}),
        packed({**parts(), "xl/workbook.xml": b"<x"}),
        packed({**parts(), SHEET: b"<x"}),
        WORKBOOK[:-100],
        COMPOUND_MARK + b"\0" * 100,
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"file|workbook") as refused:
        read_workbook(content)
    assert "CSV" in refused.value.remedy


@given(st.lists(st.sampled_from([b'<c r="A4" s="1">', b"<v>0</v>", b"</c>", b"<strike/>", b"<font>", b"<si>", b"<c "])))
def test_strikes_are_looked_for_in_whatever_there_is(pieces: list[bytes]) -> None:
    xml = b"".join(pieces)
    styles = b"<fonts>" + xml + b'</fonts><cellXfs><xf fontId="0"/><xf fontId="1"/></cellXfs>'
    strikes = Strikes.of({"xl/styles.xml": styles, "xl/sharedstrings.xml": xml})
    assert set(strikes.cells(xml)) <= {"A4"}


@given(st.data())
def test_a_damaged_workbook_raises_nothing_else(data: st.DataObject) -> None:
    damaged = parts()
    name = data.draw(st.sampled_from(sorted(name for name in damaged if damaged[name])))
    content = bytearray(damaged[name])
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    damaged[name] = bytes(content)
    with suppress(InvalidInput):
        read_workbook(packed(damaged))
