"""Holding people to the operator's rules of who decides on what, and writing down when they tried to go further."""

from __future__ import annotations

from bot.domain.requests.people import Person, Right
from bot.domain.requests.who_decides import Undecided, by_rules
from bot.errors import NotPermitted
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import log_refused, required


async def required_to_decide(context: Context, actor: Person, request_id: int, *, delivery: str) -> None:
    """Raises NotPermitted, after it was logged, unless somebody may decide on the proposal of a request by their role
    and by every rule that is about any of it; NotFound; and their doubt, where a group that matters couldn't be read.
    """
    await required(context, actor, Right.REVIEW, request_id=request_id, delivery=delivery)
    if not context.rules.approvers:
        return
    async with context.store.read() as uow:
        undecided = Undecided.of(await uow.requests.parts(request_id, items=1))
    answer = by_rules(actor, undecided.about, context.rules.approvers)
    if answer.error is None:
        return
    if isinstance(answer.error, NotPermitted):
        why = f"rule: {answer.rule}"
        await log_refused(
            context, actor, Right.REVIEW, request_id=request_id, why=why, error=answer.error, delivery=delivery
        )
    raise answer.error
