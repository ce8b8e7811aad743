"""What is asked about: by the command `/check`, again by the button below its answer, and in the job that answers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.indicators.indicator import Indicator
from bot.domain.reading.command_text import read_lines
from bot.domain.reading.listed import Listed
from bot.errors import InvalidInput

#: So many indicators are judged in one answer.
MOST_CHECKED = 5


def demand_few(indicators: Sequence[Indicator]) -> None:
    """Raises InvalidInput when these are more than one answer holds."""
    if len(indicators) > MOST_CHECKED:
        raise InvalidInput(
            f"{len(indicators)} indicators are more than can be checked at once.", f"Check up to {MOST_CHECKED}."
        )


def carried(value: str, listed: Listed | None) -> Sequence[Indicator]:
    """The indicators that a button carries, a line each. Raises InvalidInput: it comes from outside like all else."""
    indicators, problems = read_lines(value, listed=listed)
    if problems or not indicators:
        raise InvalidInput("This button carries nothing that can be checked.", "Type /check and what it is about.")
    demand_few(indicators)
    return indicators
