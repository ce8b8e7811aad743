"""Exceptions in lists of filters: what stands there with an exclamation mark or `@@` in front is not to be blocked.

So is what was taken out of a file of settings by a semicolon in front: `;good.example`.
"""

from __future__ import annotations

import re

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.aside import Aside

_EXCEPTION = re.compile(r"\s{0,20}[\"'`<(]?(?:(?:!|@@)\s{0,3}(?=[\w|*.\[])|;(?=[\w*]))")


def exception_in(text: str) -> Aside | None:
    """Why a line or a cell names nothing to block: it is an exception (`!good.example`, `@@||good.example^`)."""
    if _EXCEPTION.match(text) is None:
        return None
    return Aside(
        "exception",
        f"{quoted(text)} is written like an exception from a list, or as taken out of one. "
        "If it is meant, give it without the mark in front.",
    )
