"""A card posted again because somebody asks for it: it was deleted, nobody finds it, or it can't be brought up to date.

The new card takes the place of every one before it: what was posted before decides nothing any more.
"""

from __future__ import annotations

from bot.domain.auditing.events import EventKind
from bot.domain.requests.binding import Purpose
from bot.domain.requests.emergency import waits
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Request
from bot.errors import Conflict
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify
from bot.workflow.shared.rights import required


async def post_again(context: Context, *, actor: Person, request_id: int, delivery: str) -> Request:
    """Have the card of a proposal that waits for a decision posted again; the request by which that is told.

    Approvers may, and whoever asked for it. Delivered again, it changes nothing. Raises NotPermitted, NotFound, and
    Conflict where the request has been decided.
    """
    await required(context, actor, Right.SEE_REQUESTS, request_id=request_id, delivery=delivery)
    async with context.store.read() as uow:
        is_theirs = (await uow.requests.summary(request_id, items=1)).requester == actor.user_id
    await required(context, actor, right_to(is_theirs=is_theirs), request_id=request_id, delivery=delivery)
    async with context.store.write() as uow:
        request = (await uow.requests.parts(request_id, lock=True)).lead
        if not waits(request):
            raise Conflict(
                f"#{request.proposal_id} waits for no decision any more.", "Its details say what became of it."
            )
        if not await uow.deliveries.first_time(delivery):
            return request
        for known in await uow.messages.of_request(request.proposal_id, Purpose.CARD):
            await uow.messages.become(known.id, Purpose.OLD_CARD)
        for lost in await uow.messages.of_request(request.proposal_id, Purpose.LOST_CARD):
            await uow.messages.forget(lost.id)
        await uow.audit.append(
            EventKind.CARD_ASKED,
            actor=actor.user_id,
            target=f"request {request.proposal_id}",
            request_id=request.proposal_id,
            at=context.now(),
        )
        await notify(uow, request.proposal_id)
    return request


def right_to(*, is_theirs: bool) -> Right:
    """Which right it takes to have a card posted again: of one's own request that to propose."""
    return Right.PROPOSE if is_theirs else Right.REVIEW
