"""What the figures of a proposal's indicators come to: their sum, and the indicator that most of the mail is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.figures.figures import FiguresOf, MailFigures, Unseen
from bot.domain.indicators.indicator import Indicator

#: So many indicators of a proposal are looked up: two requests each, of a hundred in five minutes.
MOST_LOOKED_UP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFigures:
    """The figures of a proposal, as they are shown on its card.

    `of_each` is in the order of its indicators, and has `MOST_LOOKED_UP` at most of the `total`.
    """

    of_each: tuple[FiguresOf, ...]
    total: int  #: how many indicators the proposal has
    lets_skip: bool = False  #: whether it would let the mail of an IP skip the filters

    @property
    def seen(self) -> tuple[tuple[Indicator, MailFigures], ...]:
        """The indicators of which something can be told."""
        return tuple((each.indicator, each.found) for each in self.of_each if isinstance(each.found, MailFigures))

    @property
    def unseen(self) -> tuple[Unseen, ...]:
        """Why nothing can be told of the others, each reason once."""
        return tuple(dict.fromkeys(each.found for each in self.of_each if isinstance(each.found, Unseen)))

    @property
    def messages(self) -> int:
        """The sum. A message with two of the indicators is in it twice."""
        return sum(found.messages for _, found in self.seen)

    @property
    def is_whole(self) -> bool:
        """Whether all mail of those that were looked up was counted."""
        return all(found.is_whole for _, found in self.seen)

    @property
    def written_to(self) -> int | None:
        """How many messages the tenant's people sent to any of them; None where nobody looked."""
        return _sum([found.written_to for _, found in self.seen])

    @property
    def written_is_whole(self) -> bool:
        """Whether these are all that were sent to them."""
        return all(found.written_is_whole for _, found in self.seen)

    @property
    def largest(self) -> tuple[Indicator, MailFigures] | None:
        """The first of those with the most messages; None where nothing was found."""
        found = max(self.seen, key=lambda each: each[1].messages, default=None)
        return found if found is not None and found[1].messages else None


def _sum(counts: Sequence[int | None]) -> int | None:
    told = [count for count in counts if count is not None]
    return sum(told) if told else None
