"""What other requests do to the same values: who goes first, and whose decision is the last one.

It is looked at twice: before a request decides what to send, and again in the transaction that writes its intent,
alone with it, so that of two who look at the same time the second one sees what the first has written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.requests.keeping import waits_for
from bot.domain.requests.request import Item, Request, Status
from bot.errors import TryLater
from bot.store import UnitOfWork
from bot.workflow.shared.same_entries import decided_on

#: What another request does to the same values is looked at again after so many seconds.
SETTLED_AFTER = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What other requests do to some of a request's values, by value."""

    first: Mapping[str, int] = field(default_factory=dict)  #: what is under way with it, and goes first: its number
    later: Mapping[str, str] = field(default_factory=dict)  #: why it is not sent any more: in words for people

    def __contains__(self, value: str) -> bool:
        return value in self.first or value in self.later

    def __or__(self, more: Others) -> Others:
        return Others(first={**self.first, **more.first}, later={**self.later, **more.later})

    def wait(self, items: Sequence[Item]) -> None:
        """Raises TryLater while another request goes first with one of these items."""
        for item in items:
            if item.value in self.first:
                what = f"#{self.first[item.value]} is under way with {item.value}, and goes first."
                raise TryLater(SETTLED_AFTER, what)


async def alone_with_intents(uow: UnitOfWork, request: Request) -> None:
    """Until this unit of work ends, nobody else writes down what is about to be sent to the request's list."""
    await uow.alone_with(f"intents:{request.list}:{request.action}")


async def look_at_others(uow: UnitOfWork, request: Request, items: Sequence[Item]) -> Others:
    """What other requests do to the values of these items. See `keeping.waits_for` and `last_word.overtaken`."""
    first: dict[str, int] = {}
    decided = await decided_on(uow, request, items)
    for part, others in decided.strides:
        for other in others:
            if other.status is Status.APPLYING:
                first |= dict.fromkeys(waits_for(request, part, other), other.proposal_id)
    return Others(first=first, later=decided.overtaken())
