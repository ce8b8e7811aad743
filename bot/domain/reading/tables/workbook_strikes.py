"""Which cells of a workbook are struck out, as people do it with what doesn't count any more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_NAME = rb"(?:\w{1,20}:)?"
#: What strikes a text out; `val="0"` takes it back.
_STRIKE = re.compile(
    rb"<" + _NAME + rb"strike(?:\s{1,5}val\s{0,5}=\s{0,5}[\"'](?:1|true)[\"'])?\s{0,5}/?>", re.IGNORECASE
)
_FONT = re.compile(rb"<" + _NAME + rb"font(?:\s[^<>]{0,200})?(?:/>|>)")
_FORMAT = re.compile(rb"<" + _NAME + rb"xf\s([^<>]{1,1000})>")
_FONT_OF = re.compile(rb"fontId\s{0,5}=\s{0,5}[\"']([0-9]{1,6})[\"']")
_TEXT = re.compile(rb"<" + _NAME + rb"si[\s>/]")
_CELL = re.compile(
    rb"<" + _NAME + rb"c\s([^<>]{1,300})>(?:\s{0,9}<" + _NAME + rb"v(?:\s[^<>]{0,100})?>\s{0,9}([0-9]{1,9})\s{0,9}</)?"
)
_PLACE = re.compile(rb"(?:^|\s)r\s{0,5}=\s{0,5}[\"']([A-Za-z]{1,3}[0-9]{1,8})[\"']")
_STYLE = re.compile(rb"(?:^|\s)s\s{0,5}=\s{0,5}[\"']([0-9]{1,6})[\"']")
_SHARED = re.compile(rb"(?:^|\s)t\s{0,5}=\s{0,5}[\"']s[\"']")


@dataclass(frozen=True, slots=True)
class Strikes:
    """What in a workbook is struck out: formats of whole cells, and texts, by their numbers from 0."""

    formats: frozenset[int]
    texts: frozenset[int]

    @classmethod
    def of(cls, parts: Mapping[str, bytes]) -> Strikes:
        """Those of a workbook, whose files are in `parts` by their paths, in small letters."""
        styles = parts.get("xl/styles.xml", b"")
        fonts = frozenset(_struck(_between(styles, b"fonts"), _FONT)) if _strikes(styles) else frozenset[int]()
        return cls(
            formats=frozenset(_formats(_between(styles, b"cellXfs"), fonts)) if fonts else frozenset(),
            texts=frozenset(_struck(parts.get("xl/sharedstrings.xml", b""), _TEXT)),
        )

    def cells(self, xml: bytes) -> Iterator[str]:
        """The places of the struck cells of a sheet: `B4`. A cell of whose text a part is struck is one."""
        has_own = _strikes(xml)
        if not (self.formats or self.texts or has_own):
            return
        found = list(_CELL.finditer(xml))
        ends = [*(match.start() for match in found[1:]), len(xml)]
        for match, end in zip(found, ends, strict=False):
            place = _PLACE.search(match[1])
            style = _STYLE.search(match[1])
            is_struck = style is not None and int(style[1]) in self.formats
            if not is_struck and match[2] is not None and _SHARED.search(match[1]):
                is_struck = int(match[2]) in self.texts
            if place is not None and (is_struck or (has_own and _STRIKE.search(xml, match.end(), end))):
                yield place[1].decode()


def _strikes(xml: bytes) -> bool:
    return b"strike" in xml and _STRIKE.search(xml) is not None


def _between(xml: bytes, name: bytes) -> bytes:
    """What stands between the tags of this name."""
    match = re.search(rb"<" + _NAME + name + rb"[\s>](.*?)</" + _NAME + name + rb"\s*>", xml, re.DOTALL)
    return match[1] if match else b""


def _struck(xml: bytes, part: re.Pattern[bytes]) -> Iterator[int]:
    """The numbers of the parts in which something is struck out."""
    if not _strikes(xml):
        return
    starts = [match.start() for match in part.finditer(xml)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(xml)], strict=False)):
        if _STRIKE.search(xml, start, end):
            yield number


def _formats(xml: bytes, fonts: frozenset[int]) -> Iterator[int]:
    for number, match in enumerate(_FORMAT.finditer(xml)):
        font = _FONT_OF.search(match[1])
        if font is not None and int(font[1]) in fonts:
            yield number
