"""What is due for renewal: whose it is to answer, and what there is to know of each entry."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.events import EventKind
from bot.domain.figures.figures import Found
from bot.domain.lists.comparison import comparable
from bot.domain.lists.entries import Snapshot
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person, Right
from bot.domain.requests.renewal import Renewal, RenewalState
from bot.domain.requests.renewing import MOST_NAMED, is_reminder_due, shown
from bot.store import UnitOfWork
from bot.workflow.asking.noting import note_read
from bot.workflow.shared.context import Context
from bot.workflow.shared.renewals import entries_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRenewals:
    """What waits for somebody to answer: the first of it, and how much there is; and what is answered, and waits for
    its request."""

    first: tuple[Renewal, ...]
    total: int
    answered: tuple[Renewal, ...]
    is_untold: bool  #: whoever is to answer hasn't been told of some of it
    is_reminder_due: bool

    @property
    def shown(self) -> tuple[str, ...]:
        """What a message with it shows."""
        return shown((*self.first, *self.answered), self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEntry:
    """A renewal with what there is to know of its entry."""

    renewal: Renewal
    entry: KnownEntry | None  #: as it is on record now; None: it is gone
    number: int  #: by which people know the request that keeps it
    answered_by: int | None  #: by which people know the request that answers
    last_used: datetime | None  #: as far as the tenant tells
    found: Found | None  #: of its mail


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalsShown:
    """What somebody is shown: what they are to answer, and what the approvers are."""

    mine: Sequence[DueEntry]
    all_mine: int
    passed_on: Sequence[DueEntry]  #: empty for who is no approver
    all_passed_on: int


async def waiting_for(uow: UnitOfWork, owner: str, *, now: datetime) -> OpenRenewals:
    """What an owner is asked about."""
    states = {RenewalState.ASKED}
    first = await uow.renewals.page(states, owner=owner, limit=MOST_NAMED)
    return OpenRenewals(
        first=tuple(first),
        total=await uow.renewals.count(states, owner=owner),
        answered=tuple(await uow.renewals.page({RenewalState.ANSWERED}, owner=owner, limit=MOST_NAMED)),
        is_untold=await uow.renewals.is_untold(RenewalState.ASKED, owner=owner),
        # Those that were asked first come first.
        is_reminder_due=any(is_reminder_due(each, now=now) for each in first),
    )


async def waiting_for_approvers(uow: UnitOfWork) -> OpenRenewals:
    """What is passed on to the approvers."""
    states = {RenewalState.PASSED_ON}
    answered = await uow.renewals.page({RenewalState.ANSWERED}, limit=10 * MOST_NAMED)
    return OpenRenewals(
        first=tuple(await uow.renewals.page(states, limit=MOST_NAMED)),
        total=await uow.renewals.count(states),
        answered=tuple([each for each in answered if each.why is not None][:MOST_NAMED]),
        is_untold=await uow.renewals.is_untold(RenewalState.PASSED_ON),
        is_reminder_due=False,
    )


async def due_entries(context: Context, renewals: Sequence[Renewal]) -> list[DueEntry]:
    """A few renewals, each with what there is to know of its entry."""
    if not renewals:
        return []
    async with context.store.read() as uow:
        entries = await entries_of(uow, renewals)
        asked = {each.request_id for each in renewals} | {each.answer_id for each in renewals if each.answer_id}
        numbers = await uow.requests.proposal_numbers(sorted(asked))
        figures = await uow.renewals.figures([each.id for each in renewals])
        lists = await uow.snapshots.load()
    # In a thread: a full list has thousands of entries to go through.
    used = await asyncio.to_thread(_last_used, renewals, lists)
    return [
        DueEntry(
            renewal=each,
            entry=entries.get(each.id),
            number=numbers.get(each.request_id, each.request_id),
            answered_by=None if each.answer_id is None else numbers.get(each.answer_id, each.answer_id),
            last_used=used.get(each.id),
            found=figures.get(each.id),
        )
        for each in renewals
    ]


async def renewals_shown(
    context: Context, *, actor: Person, limit: int = MOST_NAMED, noted: bool = True
) -> RenewalsShown:
    """What waits for somebody's answer, at most so much of each. That they were shown others' is logged, unless that
    isn't to be `noted`. Raises NotPermitted."""
    actor.require(Right.SEE_REQUESTS)
    async with context.store.read() as uow:
        mine = await waiting_for(uow, actor.user_id, now=context.now())
        passed_on = await waiting_for_approvers(uow) if actor.has(Right.REVIEW) else None
    others = [] if passed_on is None else await due_entries(context, passed_on.first[:limit])
    if others and noted:
        numbers = [each.renewal.request_id for each in others]
        payload = {"for": "renewals", "requests": numbers}
        await note_read(context, EventKind.REQUESTS_READ, actor=actor, target="requests", payload=payload)
    return RenewalsShown(
        mine=await due_entries(context, mine.first[:limit]),
        all_mine=mine.total,
        passed_on=others,
        all_passed_on=0 if passed_on is None else passed_on.total,
    )


def _last_used(renewals: Collection[Renewal], lists: Snapshot | None) -> Mapping[int, datetime]:
    if lists is None:
        return {}
    wanted = {(each.list, each.action, comparable(each.list, each.value)): each.id for each in renewals}
    names = {each.list for each in renewals}
    found: dict[int, datetime] = {}
    for entry in lists.entries:
        if entry.list not in names or entry.last_used is None:
            continue
        number = wanted.get((entry.list, entry.action, comparable(entry.list, entry.value)))
        if number is not None:
            found[number] = max(entry.last_used, found.get(number, entry.last_used))
    return found
