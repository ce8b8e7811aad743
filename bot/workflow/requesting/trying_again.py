"""What was approved and failed, applied once more: by whoever asked for it, or an approver.

What can be tried again is decided by `bot.domain.requests.trying_again`.
"""

from __future__ import annotations

from bot.domain.requests.binding import Purpose, ShownCard, unbound_error
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Request, Status
from bot.domain.requests.trying_again import (
    can_be_tried_again,
    left_to_send,
    require_triable,
    tried_again_event,
)
from bot.errors import Conflict
from bot.store import UnitOfWork
from bot.workflow.requesting.bound import look_up, turn_down
from bot.workflow.requesting.post_again import right_to
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import apply_soon, notify
from bot.workflow.shared.owed_answers import owe
from bot.workflow.shared.rights import required
from bot.workflow.shared.same_entries import decided_on


async def try_again(context: Context, *, actor: Person, request_id: int, shown: ShownCard, delivery: str) -> None:
    """Have what failed of a proposal applied once more, under the approval that it has.

    It counts under the card, the requester's copy or the details, in the version that would be rendered now; a click on
    anything else does nothing, is logged, and has both messages brought up to date. Of several clicks one counts.
    Raises NotPermitted, NotFound, and Conflict (not what was shown; nothing failed; approved more than a day ago; its
    end has passed; another request, approved later, decides otherwise).
    """
    await required(context, actor, Right.SEE_REQUESTS, request_id=request_id, delivery=delivery)
    async with context.store.read() as uow:
        is_theirs = (await uow.requests.summary(request_id, items=1)).requester == actor.user_id
    await required(context, actor, right_to(is_theirs=is_theirs), request_id=request_id, delivery=delivery)
    async with context.store.write() as uow:
        parts = await uow.requests.parts(request_id, items=1, lock=True)
        if not await uow.deliveries.first_time(delivery):
            return
        posted = await uow.messages.find(shown.channel, shown.ts)
        purpose = Purpose.COPY if posted is not None and posted.purpose == Purpose.COPY else Purpose.CARD
        why = await look_up(uow, parts.lead, shown, purpose=purpose, actor=actor)
        if why is None:
            failed = [request for request in parts.requests if can_be_tried_again(request)]
            for request in failed or parts.requests[:1]:
                require_triable(request, at=context.now())
            for request in failed:
                await _require_last_word(uow, request)
            for request in failed:
                await _begin_anew(context, uow, request, actor)
            return
        await turn_down(uow, context, parts.lead, shown, why, purpose=purpose, actor=actor, wanted="try again")
        error = unbound_error(parts.lead, why, purpose=purpose)
        await owe(uow, error)
    raise error


async def _require_last_word(uow: UnitOfWork, request: Request) -> None:
    """Raises Conflict where others have decided on all that is left to send since it was approved. Of what is only
    partly so, the rest is sent, and each of these values says why it isn't.
    """
    left = left_to_send(await uow.requests.get(request.id))
    later = (await decided_on(uow, request, left)).overtaken()
    if left and all(item.value in later for item in left):
        raise Conflict(
            f"{left[0].value} is {later[left[0].value]}.",
            "If that is wrong by now, request it anew: it takes an approval of its own.",
        )


async def _begin_anew(context: Context, uow: UnitOfWork, request: Request, actor: Person) -> None:
    if not await uow.requests.move(request.id, expected=request.status, to=Status.APPROVED):
        raise Conflict(f"#{request.proposal_id} is being tried again already.", "Its card shows how it goes.")
    await uow.requests.propose_refused_again(request.id)
    await uow.requests.set_sent(request.id, 0)
    await uow.audit.append_all([tried_again_event(request, actor.user_id, at=context.now())])
    await apply_soon(uow, request.id)
    await notify(uow, request.id)
