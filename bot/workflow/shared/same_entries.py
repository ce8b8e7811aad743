"""Which other requests, approved by now, have to do with the same entries: in whichever spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.requests import last_word
from bot.domain.requests.last_word import DECIDED_ON
from bot.domain.requests.request import Item, Request
from bot.store import UnitOfWork
from bot.workflow.shared.items import strides


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedOn:
    """What others, approved by now, decide on the entries of some of a request's items."""

    request: Request
    strides: Sequence[tuple[Sequence[Item], Sequence[Request]]]  #: some of the items, and the others that name theirs
    approvals: Mapping[int, int]  #: by request, the number of the event that approved it

    def overtaken(self) -> Mapping[str, str]:
        """The values that another request, approved later, decides on: see `last_word.overtaken`."""
        later: dict[str, str] = {}
        for items, others in self.strides:
            later |= last_word.overtaken(self.request, items, others, approvals=self.approvals)
        return later

    def taken_out(self) -> Mapping[str, Request]:
        """The values that a removal, approved later, has taken out if they are gone: see `last_word.taken_out`."""
        by: dict[str, Request] = {}
        for items, others in self.strides:
            by |= last_word.taken_out(self.request, items, others, approvals=self.approvals)
        return by


async def decided_on(uow: UnitOfWork, request: Request, items: Sequence[Item]) -> DecidedOn:
    """The other requests about the request's list that were approved since it was, or are under way, each with its
    items: those of these values, and where the tenant spells values in its own way all of them. Such lists are short.

    Which of the items are the same entries is for `bot.domain.requests.last_word` and `keeping` to say.
    """
    found: list[tuple[Sequence[Item], Sequence[Request]]] = []
    for part in strides(items):
        values = None if request.list.traits.spellings_vary else [item.value for item in part]
        others = await uow.requests.naming(
            request.list, values, but=request.id, statuses=DECIDED_ON, decided_since=request.approved_at
        )
        if others:
            found.append((part, others))
    named = {other.id for _, others in found for other in others}
    approvals = await uow.audit.approvals({request.id, *named}) if named else {}
    return DecidedOn(request=request, strides=found, approvals=approvals)
