"""What is looked up in the background for a proposal that waits, to stand beside it on its card."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.requests.request import Request
from bot.store import UnitOfWork
from bot.workflow.requesting.figures import count_later
from bot.workflow.requesting.owners import ask_later
from bot.workflow.shared.context import Context


async def look_later(uow: UnitOfWork, context: Context, requests: Sequence[Request]) -> None:
    """Have its mail counted, and DNS asked whose its addresses are. `requests` are all of a proposal's that wait."""
    for request in requests[:1]:
        await count_later(uow, context, request)
    for request in requests:
        await ask_later(uow, context, request)
