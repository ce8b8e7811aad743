"""The frame around a decision: claimed by its delivery, carried out under the proposal's lock, answered again alike.

What a decision does is its own matter. Of each it holds that it counts once, however often it is delivered; and that
one which decides nothing is written down, and told by the transaction that does so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from bot.domain.requests.leaving_out import MOST_TO_CHOOSE_FROM
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person
from bot.errors import Conflict, DoneBefore, NotPermitted
from bot.store import UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.owed_answers import owe
from bot.workflow.shared.rights import log_own

_Stands = TypeVar("_Stands")

#: What is kept as the answer to a decision that counted.
_COUNTED = {"counted": True}


async def decided_once(
    context: Context,
    *,
    actor: Person,
    request_id: int,
    delivery: str,
    decides: bool,
    carry_out: Callable[[UnitOfWork, Parts], Awaitable[Conflict | None]],
    stands: Callable[[UnitOfWork], Awaitable[_Stands]],
) -> _Stands:
    """Have a decision on a request's proposal carried out, and return how that `stands` then.

    `carry_out` is handed the proposal, locked. It writes down what comes of the decision; returns the error, where all
    that comes of it is to be written and told; and raises what isn't to be written: Conflict, and NotPermitted, which
    is logged as the wish to decide on one's own. Without `decides` all of it is looked at, and nothing has counted.

    Delivered again, it changes nothing, and gives the same answer. Raises NotFound, NotPermitted and Conflict.
    """
    try:
        async with context.store.write() as uow:
            parts = await uow.requests.parts(request_id, items=MOST_TO_CHOOSE_FROM, lock=True)
            if not await uow.deliveries.first_time(delivery):
                before = await uow.deliveries.answered(delivery) or _COUNTED
                if not is_counted(before):
                    raise _answered(before)
                return await stands(uow)
            refused = await carry_out(uow, parts)
            if refused is None:
                if decides:
                    await uow.deliveries.answer(delivery, _COUNTED)
                return await stands(uow)
            is_remark = {"is_remark": True} if isinstance(refused, DoneBefore) else {}
            await uow.deliveries.answer(delivery, {"what": refused.what, "remedy": refused.remedy, **is_remark})
            await owe(uow, refused)
    except NotPermitted as error:
        await log_own(context, actor, request_id, delivery, error)
        raise
    raise refused


def _answered(before: Mapping[str, object]) -> Conflict:
    """The error with which a delivery was answered the first time."""
    kind = DoneBefore if before.get("is_remark") else Conflict
    return kind(str(before.get("what", "")), str(before.get("remedy", "")))


def is_counted(answer: Mapping[str, object] | None) -> bool:
    """Whether what is kept as the answer to a delivery says that it was a decision that counted."""
    return answer == _COUNTED


async def has_counted(uow: UnitOfWork, delivery: str) -> bool:
    """Whether a delivery was a decision that counted: for who does it again, and can't tell whether that was done."""
    return is_counted(await uow.deliveries.answered(delivery))
