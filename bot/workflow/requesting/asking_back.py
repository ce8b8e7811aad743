"""An approver asks the requester something about a proposal that waits, and the requester answers.

What may be asked and answered is decided by `bot.domain.requests.asking_back`.
"""

from __future__ import annotations

from bot.domain.requests import asking_back
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person, Right
from bot.domain.requests.question import Question
from bot.errors import NotPermitted
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify
from bot.workflow.shared.rights import log_own, log_stranger, required


async def before_asking(context: Context, *, actor: Person, request_id: int, delivery: str) -> Parts:
    """The proposal that somebody is about to ask about. Writes nothing. Raises what `ask` raises."""
    await required(context, actor, Right.REVIEW, request_id=request_id, delivery=delivery)
    async with context.store.read() as uow:
        parts = await uow.requests.parts(request_id)
    asking_back.require_askable(parts.asked_about, actor.user_id)
    return parts


async def ask(context: Context, *, actor: Person, request_id: int, text: str, delivery: str) -> None:
    """Ask the requester: it is logged, told below the card and to the requester, and stands on the card.

    Delivered again, it changes nothing. Raises NotPermitted (no approver; one's own request), NotFound, Conflict
    (decided; asked too often) and InvalidInput (no question, or one too long).
    """
    await required(context, actor, Right.REVIEW, request_id=request_id, delivery=delivery)
    try:
        async with context.store.write() as uow:
            request = (await uow.requests.parts(request_id, lock=True)).asked_about
            if not await uow.deliveries.first_time(delivery):
                return
            question, event = asking_back.ask(request, actor.user_id, text, at=context.now())
            await uow.requests.set_question(request.id, question)
            await uow.audit.append_all([event])
            await notify(uow, request.id)
    except NotPermitted as error:
        await log_own(context, actor, request_id, delivery, error)
        raise


async def to_answer(context: Context, *, actor: Person, request_id: int, delivery: str) -> tuple[Parts, Question]:
    """One's own proposal, and what is asked about it. Raises what `answer` raises."""
    try:
        async with context.store.read() as uow:
            parts = await uow.requests.parts(request_id)
        return parts, asking_back.require_answerable(parts.asked_about, actor.user_id)
    except NotPermitted as error:
        await log_stranger(context, actor, request_id, delivery, error)
        raise


async def answer(context: Context, *, actor: Person, request_id: int, number: int, text: str, delivery: str) -> None:
    """Answer the question with this number: it is logged, told below the card, and stands on the card.

    No role is needed: who may no longer propose may still answer. Delivered again, it changes nothing. Raises
    NotPermitted (somebody else's), NotFound, Conflict (decided; answered already; another was asked since) and
    InvalidInput (no answer, or one too long).
    """
    try:
        async with context.store.write() as uow:
            request = (await uow.requests.parts(request_id, lock=True)).asked_about
            if not await uow.deliveries.first_time(delivery):
                return
            answered, event = asking_back.answer(request, actor.user_id, number, text, at=context.now())
            await uow.requests.set_question(request.id, answered)
            await uow.audit.append_all([event])
            await notify(uow, request.id)
    except NotPermitted as error:
        await log_stranger(context, actor, request_id, delivery, error)
        raise
