"""Which other requests, approved by now, have to do with the same entries: in whichever spelling."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.requests.last_word import DECIDED_ON
from bot.domain.requests.request import Item, Request
from bot.store import UnitOfWork


async def decided_on(uow: UnitOfWork, request: Request, items: Sequence[Item]) -> Sequence[Request]:
    """The other requests about the request's list that were approved since it was, or are under way, each with its
    items: those of these values, and where the tenant spells values in its own way all of them. Such lists are short.

    Which of the items are the same entries is for `bot.domain.requests.last_word` and `keeping` to say.
    """
    values = None if request.list.traits.spellings_vary else [item.value for item in items]
    return await uow.requests.naming(
        request.list, values, but=request.id, statuses=DECIDED_ON, decided_since=request.approved_at
    )
