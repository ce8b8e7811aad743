"""What waits for somebody, and what they asked for: one look at the database, and none at the tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.auditing.events import EventKind
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person, Right
from bot.domain.requests.renewal import RenewalState
from bot.domain.requests.request import Status
from bot.domain.requests.who_decides import ApproverRule, Undecided, may_decide
from bot.store import UnitOfWork
from bot.workflow.asking.noting import note_read
from bot.workflow.shared.context import Context

#: So many requests that wait are looked through; where there are more, they are counted as `more`.
_MOST_PENDING = 50
#: So many of somebody's own.
_MOST_OWN = 20
_ITEMS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What somebody should see first. Of proposals, the newest first, as summaries."""

    for_me: Sequence[Parts]  #: what others asked for, and this person may still decide on; empty without that right
    more_for_me: bool  #: there may be more than these
    mine: Sequence[Parts]  #: their own that are under way
    more_mine: bool  #: there may be more than these
    due: int  #: their own entries that are due for renewal, and wait for their answer
    passed_on: int  #: those of others that nobody answers for; 0 without the right to decide


async def overview(context: Context, *, actor: Person) -> Overview | None:
    """What waits for somebody; None for somebody without any role.

    That they were shown what others asked for is logged. Raises the person's `doubt`, where their roles aren't known.
    """
    if not actor.has(Right.SEE_REQUESTS):
        if actor.doubt is not None:
            raise actor.doubt
        return None
    async with context.store.read() as uow:
        found = await look(uow, actor, context.rules.approvers)
    await note_seen(context, actor, found, where="overview")
    return found


async def note_seen(context: Context, actor: Person, found: Overview, *, where: str) -> None:
    """Write down that somebody was shown what others asked for; nothing where there was none."""
    if found.for_me:
        shown = {"for": where, "requests": [request.id for request in found.for_me]}
        await note_read(context, EventKind.REQUESTS_READ, actor=actor, target="requests", payload=shown)


async def look(uow: UnitOfWork, actor: Person, rules: Sequence[ApproverRule]) -> Overview:
    """The same within a unit of work, for somebody who may see requests."""
    pending: Sequence[Parts] = ()
    if actor.has(Right.REVIEW):
        pending = await uow.requests.proposal_page(statuses={Status.PENDING}, limit=_MOST_PENDING, items=_ITEMS)
        unreviewed = await uow.emergencies.unreviewed(limit=_MOST_PENDING)
        # What is blocked already comes first: it is there with nobody's approval.
        pending = [*(await uow.requests.proposals(unreviewed, items=_ITEMS)), *pending]
    under_way = {status for status in Status if status.is_under_way}
    mine = await uow.requests.proposal_page(statuses=under_way, requester=actor.user_id, limit=_MOST_OWN, items=_ITEMS)
    return Overview(
        for_me=[parts for parts in pending if may_decide(actor, Undecided.of(parts), rules).may],
        more_for_me=len(pending) >= _MOST_PENDING,
        mine=mine,
        more_mine=len(mine) >= _MOST_OWN,
        due=await uow.renewals.count({RenewalState.ASKED}, owner=actor.user_id),
        passed_on=await uow.renewals.count({RenewalState.PASSED_ON}) if actor.has(Right.REVIEW) else 0,
    )
