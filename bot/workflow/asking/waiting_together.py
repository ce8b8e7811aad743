"""What waits for an approver and can be approved in one form: one look at the database, and none at the tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.auditing.events import EventKind
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Status
from bot.domain.requests.who_decides import Undecided, may_decide
from bot.errors import Conflict
from bot.store.beside import StandsBeside
from bot.workflow.asking.noting import note_read
from bot.workflow.requesting.together import MOST_TOGETHER
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import required

#: So many that wait are looked through.
_MOST_PENDING = 50
#: So many items of each are shown, as on its card.
_ITEMS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTogether:
    """What waits for one approver, the newest first."""

    together: Sequence[Parts]  #: can be approved in one form: `MOST_TOGETHER` at most
    apart: Sequence[Parts]  #: asks for a form of its own, as it lets strangers in
    later: Sequence[Parts]  #: would be too many for one form
    beside: Mapping[int, StandsBeside]  #: what stands beside those in the form, by their numbers


async def waiting_together(context: Context, *, actor: Person, delivery: str) -> WaitingTogether:
    """What an approver may approve in one form. That they were shown it is logged; nothing is decided.

    Raises NotPermitted, and Conflict where nothing can be approved so.
    """
    await required(context, actor, Right.REVIEW, delivery=delivery)
    async with context.store.read() as uow:
        pending = await uow.requests.proposal_page(statuses={Status.PENDING}, limit=_MOST_PENDING, items=_ITEMS)
    mine = [parts for parts in pending if may_decide(actor, Undecided.of(parts), context.rules.approvers).may]
    plain = [parts for parts in mine if not parts.is_grave]
    if not plain:
        raise Conflict(
            "Nothing waits for you that can be approved together with others.", "/requests shows what is open."
        )
    async with context.store.read() as uow:
        beside = await uow.beside.of_all([parts.id for parts in plain[:MOST_TOGETHER]])
    shown = {"for": "together", "requests": [parts.id for parts in plain[:MOST_TOGETHER]]}
    await note_read(context, EventKind.REQUESTS_READ, actor=actor, target="requests", payload=shown)
    return WaitingTogether(
        together=plain[:MOST_TOGETHER],
        apart=[parts for parts in mine if parts.is_grave],
        later=plain[MOST_TOGETHER:],
        beside=beside,
    )
