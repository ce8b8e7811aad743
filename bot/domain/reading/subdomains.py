"""The words with which people say that a domain's subdomains are meant as well."""

from __future__ import annotations

import re

SUBDOMAINS_REMEDY = "Write it behind a domain, such as evil.example and subdomains; or write *.evil.example."

_SUBDOMAINS = re.compile(
    r"\(?(?:(?:and|und|et|y|e|with|mit|incl(?:uding|\.)?|inkl(?:usive|\.)?|einschl(?:ie(?:ß|ss)lich|\.)?|plus|avec|con|"
    r"samt|sowie|\+|&(?:amp;)?)\s{0,3}){1,3}"
    r"(?:(?:all|any|alle[nr]?|toutes|todos|of|its|their|the|seine[nr]?|ihre[nr]?|les|ses|sus|los)\s{1,3}){0,3}"
    r"(?:sub-?|sous-|sotto-?)(?:domains?|domänen?|domaines|dominios|domini)(?!\w)\)?",
    re.IGNORECASE,
)


def subdomains_at(text: str, position: int) -> int | None:
    """Where `and subdomains`, `incl. subdomains` and the like end that start at a position; None when none do."""
    match = _SUBDOMAINS.match(text, position)
    return match.end() if match else None
