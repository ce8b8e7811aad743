"""What waits for somebody and what they asked for, told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.requests.parts import Parts
from bot.domain.telling.counting import plural
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.renewal_facts import summary as due_summary
from bot.domain.telling.request_facts import RequestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewFacts:
    """What somebody sees first: what waits for their decision, and their own that are under way, newest first."""

    for_me: tuple[RequestFacts, ...]
    more_for_me: bool  #: there may be more than these
    mine: tuple[RequestFacts, ...]
    more_mine: bool = False  #: likewise
    due: str = ""  #: what is due for renewal and waits for an answer, in a sentence or two; empty: nothing is

    @property
    def summary(self) -> str:
        """`2 requests wait for you. 1 of yours is under way.`"""
        parts = [_wait(len(self.for_me), "at least " if self.more_for_me else "")] if self.for_me else []
        if self.more_for_me and not self.for_me:
            parts.append("None of the newest that wait is yours to decide; /requests shows older ones too.")
        if self.mine:
            about = "At least " if self.more_mine else ""
            parts.append(f"{about}{len(self.mine)} of yours {'is' if len(self.mine) == 1 else 'are'} under way.")
        if self.due:
            parts.append(self.due)
        return " ".join(parts) or "Nothing waits for you, and nothing of yours is under way."


def overview_facts(
    for_me: Sequence[Parts],
    mine: Sequence[Parts],
    *,
    more_for_me: bool = False,
    more_mine: bool = False,
    due: int = 0,
    passed_on: int = 0,
) -> OverviewFacts:
    """Proposals as an overview tells them. So many of the reader's own entries are `due` for renewal, and so many are
    `passed_on` to approvers of which the reader is one."""
    return OverviewFacts(
        for_me=tuple(map(parts_facts, for_me)),
        more_for_me=more_for_me,
        mine=tuple(map(parts_facts, mine)),
        more_mine=more_mine,
        due=due_summary(due, passed_on),
    )


def _wait(count: int, about: str) -> str:
    said = f"{about}{plural(count, 'request')} {'waits' if count == 1 else 'wait'} for you."
    return said[0].upper() + said[1:]
