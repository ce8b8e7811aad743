"""What a workbook's XML says of its sheets beside their cells: what is hidden or struck out, and where links lead.

Read by looking for the few tags that matter: what is here only explains the cells, which another library reads.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import basename, dirname, join, normpath

from bot.domain.reading.tables.workbook_strikes import Strikes

_TAG = rb"<(?:\w{1,20}:)?%s\s([^<>]{1,2000})>"
_SHEET = re.compile(_TAG % b"sheet")
_RELATION = re.compile(_TAG % b"Relationship")
_ROW = re.compile(rb"<(?:\w{1,20}:)?row(?:\s([^<>]{1,1000}))?>")
_COLUMN = re.compile(_TAG % b"col")
_MOST_COLUMNS = 1_000
_LINK = re.compile(_TAG % b"hyperlink")
_ATTRIBUTE = re.compile(rb"([\w:]{1,40})\s{0,5}=\s{0,5}(?:\"([^\"<]{0,2000})\"|'([^'<]{0,2000})')")
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?c\s([^<>]{1,300})>\s{0,9}<(?:\w{1,20}:)?f[^<>]{0,200}>([^<]{1,4000})</")
_HYPERLINK = re.compile(r"\s{0,9}HYPERLINK\s{0,9}\(\s{0,9}\"([^\"]{1,3000})\"", re.IGNORECASE)
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,8})")
_TRUE = frozenset({"1", "true"})


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What is known of one sheet."""

    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()  #: by the numbers that the spreadsheet shows
    hidden_columns: frozenset[int] = frozenset()  #: from 1
    links: Mapping[tuple[int, int], str] = field(default_factory=dict)  #: by row and column, from 1: where a cell leads
    struck: frozenset[tuple[int, int]] = frozenset()  #: likewise: the cells that are struck out


def facts_of(parts: Mapping[str, bytes]) -> dict[str, SheetFacts]:
    """The facts of each sheet by its name. `parts` has the workbook's files by their paths, in small letters."""
    targets = _relations(parts, "xl/workbook.xml")
    strikes = Strikes.of(parts)
    found: dict[str, SheetFacts] = {}
    for sheet in _tags(_SHEET, parts.get("xl/workbook.xml", b"")):
        path = targets.get(sheet.get("id", ""), "")
        xml = parts.get(path, b"")
        found[sheet.get("name", "")] = SheetFacts(
            is_hidden=sheet.get("state", "visible").lower() != "visible",
            hidden_rows=frozenset(_hidden_rows(xml)),
            hidden_columns=frozenset(_hidden_columns(xml)),
            links={**_links(xml, parts, path), **_formulas(xml)},
            struck=frozenset(place for cell in strikes.cells(xml) if (place := _place(cell)) is not None),
        )
    return found


def _relations(parts: Mapping[str, bytes], path: str) -> dict[str, str]:
    """What the other parts are that a part names, by the ids that it names them by."""
    folder = dirname(path)
    relations = parts.get(f"{folder}/_rels/{basename(path)}.rels", b"")
    found = {}
    for relation in _tags(_RELATION, relations):
        target = relation.get("target", "")
        if relation.get("targetmode", "").lower() != "external":
            target = normpath(target.lstrip("/") if target.startswith("/") else join(folder, target)).lower()
        found[relation.get("id", "")] = target
    return found


def _hidden_rows(xml: bytes) -> Iterator[int]:
    number = 0
    for match in _ROW.finditer(xml):
        attributes = _attributes(match[1] or b"")
        place = attributes.get("r", "")
        number = int(place) if place.isascii() and place.isdigit() else number + 1
        if attributes.get("hidden", "").lower() in _TRUE:
            yield number


def _hidden_columns(xml: bytes) -> Iterator[int]:
    """The columns that are hidden, or so narrow that nobody sees them."""
    for column in _tags(_COLUMN, xml[: xml.find(b"sheetData")]):
        is_narrow = column.get("width", "1").strip("0.") == ""
        first, last = column.get("min", ""), column.get("max", "")
        if (is_narrow or column.get("hidden", "").lower() in _TRUE) and _is_number(first) and _is_number(last):
            yield from range(int(first), min(int(last), int(first) + _MOST_COLUMNS) + 1)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5


def _links(xml: bytes, parts: Mapping[str, bytes], path: str) -> dict[tuple[int, int], str]:
    targets = _relations(parts, path) if path else {}
    return {
        place: targets[link["id"]]
        for link in _tags(_LINK, xml)
        if link.get("id") in targets and (place := _place(link.get("ref", ""))) is not None
    }


def _formulas(xml: bytes) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    if b"HYPERLINK" not in xml.upper():
        return found
    for match in _FORMULA.finditer(xml):
        place = _place(_attributes(match[1]).get("r", ""))
        link = _HYPERLINK.match(html.unescape(match[2].decode("utf-8", "replace")))
        if place is not None and link is not None:
            found[place] = link[1]
    return found


def _place(cell: str) -> tuple[int, int] | None:
    match = _CELL.fullmatch(cell)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _tags(tag: re.Pattern[bytes], xml: bytes) -> Iterator[dict[str, str]]:
    return (_attributes(match[1]) for match in tag.finditer(xml))


def _attributes(text: bytes) -> dict[str, str]:
    """A tag's attributes, by their names in small letters and without what stands before a colon."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        value = match[2] or match[3] or b""
        found[match[1].decode().rpartition(":")[2].lower()] = html.unescape(value.decode("utf-8", "replace"))
    return found
