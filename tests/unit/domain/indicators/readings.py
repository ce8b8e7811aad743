"""Reading indicators in tests: what was noted of one, and with what a text is refused."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Indicator
from bot.domain.indicators.reader import read
from bot.errors import InvalidIndicator


def codes(indicator: Indicator) -> set[str]:
    return {str(note.code) for note in indicator.notes}


def refused(text: str, *, accepted_domains: frozenset[str] = frozenset()) -> InvalidIndicator:
    """The error with which a text is refused. `accepted_domains` are the tenant's own."""
    with pytest.raises(InvalidIndicator) as caught:
        read(text, accepted_domains=accepted_domains)
    return caught.value
