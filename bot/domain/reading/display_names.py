"""An address behind a name: `Eve <eve@evil.example>`, also where the name itself could be listed.

`ceo@good.example <eve@evil.example>` is what a forger's message looks like: the first address is only shown, and the
second one is the sender's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.indicators.typed_text import quoted, shown
from bot.errors import InvalidIndicator

_LINKED = r"<mailto:([^<>\s|]{1,400})(?:\|[^<>\s]{0,400})?>"
_ADDRESS = rf"(?:{_LINKED}|([^<>\s&|]{{3,400}}))"
_IN_ANGLES = re.compile(rf"[ \t]{{1,3}}(?:&lt;|<)(?!mailto:|https?:|[@#!]){_ADDRESS}(?:&gt;|>)", re.IGNORECASE)
_MAIL_LINK = re.compile(rf"[ \t]{{1,3}}\[mailto:[ \t]?(?:{_LINKED}|([^<>\s&|\]]{{3,400}}))\]", re.IGNORECASE)
_IN_BRACKETS = re.compile(rf"[ \t]{{1,3}}[(\[](?:{_LINKED}|([^<>\s&|()]{{3,400}}?))[)\]]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands in brackets behind a name, up to `end`."""

    address: str
    end: int
    is_sure: bool  #: the brackets are those of an address, and no others


def address_behind(line: str, end: int) -> Behind | None:
    """The text in brackets that follows a place of a line, if it can be an address. It has still to be read."""
    if line[end : end + 4].lstrip()[:1] not in {"<", "&", "[", "("}:
        return None
    for pattern, is_sure in ((_IN_ANGLES, True), (_MAIL_LINK, True), (_IN_BRACKETS, False)):
        if match := pattern.match(line, end):
            address = match[1] or match[2]
            return Behind(address, match.end(), is_sure) if "@" in address or "at" in address.lower() else None
    return None


def in_brackets(text: str) -> InvalidIndicator:
    """What to say where what stands in brackets may be meant as well, or only says more of what is in front."""
    return InvalidIndicator(
        f"{quoted(text)} in brackets can be a second indicator, or only say more about what stands before it.",
        "Write only what is to be listed, a space between two.",
    )


def name_or_second(name: str, address: str) -> InvalidIndicator:
    """What to say where a name in front of an address could be meant as well."""
    return InvalidIndicator(
        f"{quoted(name)} can be the name before {shown(address)}, or a second indicator.",
        f"Write {shown(address)} alone; or, if both are meant, put each on a line of its own.",
    )
