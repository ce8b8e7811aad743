"""What an approver leaves out of a proposal that is too large for boxes: the lines that they name, found in it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.domain.requests.leaving_out import NamedOut, named_out
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person
from bot.domain.requests.request import Item
from bot.workflow.requesting.may_decide import required_to_decide
from bot.workflow.shared.context import Context


async def find_named_out(
    context: Context, *, actor: Person, request_id: int, text: str, delivery: str
) -> tuple[Mapping[int, tuple[Item, ...]], str]:
    """The items that a text names, a line each, by the number of their request; and what is wrong with it, else empty.

    Decides nothing: what is found goes to `review`. Raises NotPermitted, NotFound, and Conflict where lines of this
    proposal can't be named.
    """
    await required_to_decide(context, actor, request_id, delivery=delivery)
    async with context.store.read() as uow:
        parts = await uow.requests.parts(request_id, items=1)
        whole = [await uow.requests.get(request.id) for request in parts.open]
    # In a thread: ten thousand lines take a moment to look through.
    found: NamedOut = await asyncio.to_thread(named_out, Parts(requests=tuple(whole) or parts.requests), text)
    return found.items, found.problem
