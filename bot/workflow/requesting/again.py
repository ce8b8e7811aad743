"""What somebody asked for and didn't get, to be asked for once more: it fills the form in, and changes nothing."""

from __future__ import annotations

from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.requests.asked_again import can_be_asked_again
from bot.domain.requests.people import Person
from bot.domain.requests.request import Request
from bot.errors import Conflict, NotPermitted
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer


async def to_ask_again(context: Context, *, actor: Person, request_id: int, delivery: str) -> list[Request]:
    """The requests of one's own proposal of which nothing, or not all, came, with as many items as one proposal takes.

    Raises NotPermitted (may not propose; somebody else's), NotFound, and Conflict where there is nothing to ask again.
    """
    await proposer(context, actor, delivery=delivery)
    async with context.store.read() as uow:
        parts = await uow.requests.parts(request_id, items=MOST_INDICATORS)
    if parts.requester != actor.user_id:
        raise NotPermitted(f"#{request_id} is somebody else's.", "Ask for the same with a command of your own.")
    again = [request for request in parts.requests if can_be_asked_again(request)]
    if not again:
        raise Conflict(
            f"#{parts.id} is {parts.lead.status.replace('_', ' ')}: there is nothing to propose again.",
            "Its details say where it stands.",
        )
    return again
