"""How a pending request ends without a decision: its requester withdraws it, or nobody decides in time."""

from __future__ import annotations

from bot.domain.auditing.events import PORTCULLIS
from bot.domain.requests.binding import Purpose, ShownCard, Unbound, unbound_error
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person
from bot.domain.requests.request import Request, Status
from bot.domain.requests.reviewing import require_own, require_withdrawable
from bot.errors import Conflict, NotPermitted
from bot.store import Job
from bot.workflow.requesting.bound import let_record_catch_up, look_up, turn_down
from bot.workflow.requesting.decide import decide_all
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.owed_answers import owe
from bot.workflow.shared.rights import log_stranger


async def withdraw(context: Context, *, actor: Person, request_id: int, shown: ShownCard, delivery: str) -> Request:
    """Take back the pending proposal of one's own request, and return a request of it as it stands then.

    It counts under the requester's own copy of the card, in the version that would be rendered now; a click on anything
    else decides nothing, is logged, and has the copy brought up to date. Raises NotPermitted (somebody else's),
    NotFound, and Conflict (no longer pending; not what was shown). Delivered again, it changes nothing. No role is
    needed: who may no longer propose may still take back.
    """
    try:
        async with context.store.read() as uow:
            require_own(await uow.requests.summary(request_id, items=1), actor.user_id)
        await let_record_catch_up(context, shown, request_id)
        async with context.store.write() as uow:
            parts = await uow.requests.parts(request_id, lock=True)
            request = parts.lead
            if not await uow.deliveries.first_time(delivery):
                return request
            why = await look_up(uow, request, shown, purpose=Purpose.COPY, actor=actor)
            if why is None:
                require_withdrawable(request, actor.user_id)
                await decide_all(uow, parts, Status.WITHDRAWN, actor=actor.user_id, at=context.now())
                return await uow.requests.summary(request.id)
            await turn_down(uow, context, request, shown, why, purpose=Purpose.COPY, actor=actor, wanted="withdraw")
            refused = _unbound(request, why, actor)
            await owe(uow, refused)
    except NotPermitted as error:
        await log_stranger(context, actor, request_id, delivery, error)
        raise
    raise refused


def _unbound(request: Request, why: Unbound, actor: Person) -> Conflict:
    if why is Unbound.OLD_VERSION:
        # What has become of it says more than that the copy is old.
        try:
            require_withdrawable(request, actor.user_id)
        except Conflict as error:
            return error
    return unbound_error(request, why, purpose=Purpose.COPY)


async def withdraw_answered(context: Context, *, actor: Person, request_id: int, version: int, delivery: str) -> Parts:
    """The same with a click below the answer that the requester sees alone: Slack keeps no such message for others.

    It counts in the version that the answer shows. Returns the whole proposal. Raises likewise; nothing else is looked
    up.
    """
    try:
        async with context.store.write() as uow:
            parts = await uow.requests.parts(request_id, lock=True)
            request = parts.lead
            require_own(request, actor.user_id)
            if not await uow.deliveries.first_time(delivery):
                return parts
            require_withdrawable(request, actor.user_id)
            if request.version != version:
                raise Conflict(
                    f"#{request.proposal_id} has changed since this was shown to you, and your click decided nothing.",
                    "Look at your line about it, in your direct messages with Portcullis, and click there.",
                )
            await decide_all(uow, parts, Status.WITHDRAWN, actor=actor.user_id, at=context.now())
            return await uow.requests.parts(request_id)
    except NotPermitted as error:
        await log_stranger(context, actor, request_id, delivery, error)
        raise


async def lapse(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: end what nobody decided on in time of a proposal. What has moved on is left alone."""
    request_id = payload.request_id
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        parts = await uow.requests.parts(request_id, lock=True)
        await decide_all(uow, parts, Status.LAPSED, actor=PORTCULLIS, at=context.now())
        await uow.jobs.finish(job)


LAPSE_JOB = JobDefinition(kind=JobKind.LAPSE, handle=lapse)
