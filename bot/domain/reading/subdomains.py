"""The words with which people say that a domain's subdomains are meant as well."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.indicators.typed_text import quoted
from bot.errors import InvalidIndicator

SUBDOMAINS_REMEDY = "Write it behind a domain, such as evil.example and subdomains; or write *.evil.example."

_NAME = r"(?:sub-?|sous-|sotto-?)(?:domains?|domänen?|domaines?|dominios?|domini)(?!\w)"
_SUBDOMAINS = re.compile(
    r"\(?(?:(?:and|und|et|y|e|with|mit|incl(?:uding|\.)?|inkl(?:usive|\.)?|einschl(?:ie(?:ß|ss)lich|\.)?|plus|avec|con|"
    r"samt|sowie|\+|&(?:amp;)?)\s{0,3}){1,3}"
    r"(?:(?:all|any|alle[nr]?|toutes|todos|of|its|their|the|seine[nr]?|ihre[nr]?|les|ses|sus|los)\s{1,3}){0,3}"
    rf"{_NAME}\)?",
    re.IGNORECASE,
)
_OF = re.compile(r"\s{1,3}(?:of|von|vom|de|di)\s{1,3}([^\s,;|]{1,260})", re.IGNORECASE)
_TARGET = re.compile(r":?[ \t]{1,3}([^\s,;|]{1,260})")
#: Behind `of`: the domains before it.
_THEM = re.compile(
    r"\s{1,3}(?:of|von|de)\s{1,3}(?:it|them|both|these|those|this|that|all|each|ihnen|beiden|diesen)"
    r"(?:\s(?:domains?|two|of\sthem))?(?![\w.@-])",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"(?:\s{0,3}[,;|]|\s{1,3}(?:and|und|et|y|e|or|oder|plus|&(?:amp;)?|\+))\s{0,3}([^\s,;|]{1,260})", re.IGNORECASE
)

_THE = r"(?:all|any|alle|seine|ihre|its|their|the|les|sus|toutes)"
#: The same in a reason: at its beginning, or behind `and`.
_TOLD = re.compile(
    r"^\W{0,5}(?:(?:and|incl\.?|including|with|plus|all|its|the|mit|und)\s){1,3}subs(?!\w)|^\W{0,5}all\ssubs(?!\w)|"
    rf"^\W{{0,5}}(?:(?:{_THE}|of)\s){{0,3}}{_NAME}|(?:and|incl\.?|including|also|plus|und|inkl\.?)\s(?:{_THE}\s){{0,2}}{_NAME}|"
    r"(?<!\w)(?:everything|anything|all|alles)\s(?:that\sis\s)?(?:under|below|beneath|darunter|unter)(?:\s(?:it|them|that))?(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SubdomainWords:
    """`and subdomains`, up to `end`, with the word that follows it, up to `target_end`: it may name them."""

    end: int
    target: str = ""
    target_end: int = 0
    has_of: bool = False  #: `of` stands before the target


def subdomains_at(text: str, position: int) -> SubdomainWords | None:
    """`and subdomains`, `incl. subdomains of it` and the like that start at a position; None when none do."""
    match = _SUBDOMAINS.match(text, position)
    if match is None:
        return None
    if them := _THEM.match(text, match.end()):
        return SubdomainWords(them.end())
    if target := _OF.match(text, match.end()):
        return SubdomainWords(match.end(), target[1], target.end(), has_of=True)
    if target := _TARGET.match(text, match.end()):
        return SubdomainWords(match.end(), target[1], target.end())
    return SubdomainWords(match.end())


def subdomains_told(reason: str) -> str | None:
    """The words of a reason that may mean that subdomains are to be listed as well; None when there are none."""
    match = _TOLD.search(reason)
    return match[0].strip() if match else None


def joined_at(text: str, position: int) -> str:
    """The word that a comma, `and` or the like joins to what ends at a position; empty when there is none."""
    match = _JOINED.match(text, position)
    return match[1] if match else ""


def whose_subdomains(typed: str) -> InvalidIndicator:
    """What to say where it can't be told whose subdomains are meant."""
    return InvalidIndicator(
        f"{quoted(typed)} doesn't say whose subdomains are meant.",
        "Write each that is meant with a star: *.evil.example.",
    )
