"""Exceptions in lists of filters: what stands there with an exclamation mark or `@@` in front is not to be blocked."""

from __future__ import annotations

import re

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.aside import Aside

_EXCEPTION = re.compile(r"\s{0,20}[\"'`<(]?(?:!|@@)\s{0,3}(?=[\w|*.\[])")


def exception_in(text: str) -> Aside | None:
    """Why a line or a cell names nothing to block: it is an exception (`!good.example`, `@@||good.example^`)."""
    if _EXCEPTION.match(text) is None:
        return None
    return Aside(
        "exception",
        f"{quoted(text)} is written like an exception from a list. If it is meant, give it without the mark in front.",
    )
