"""Is it allowed? Answered at once from the last snapshot of the lists, or by a job from the tenant as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.coverage import related_lists
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import ListName, list_for
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person, Right
from bot.domain.verdict.verdict import Verdict, judge, spellings
from bot.store import UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import CheckPayload, JobKind, enqueue
from bot.workflow.shared.rights import required

NO_SNAPSHOT = "The lists have not been read yet."
TOO_OLD = "The last snapshot of the lists is too old to go by."
UNREAD = "The list that it would be on could not be read the last time."
CHANGING = "The lists have just been changed, or are being read anew at this moment."


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the last snapshot says; or, with no verdicts, why a job asks the tenant instead."""

    verdicts: tuple[Verdict, ...] = ()
    why_not: str = ""  #: for people; empty when the tenant was to be asked anyway


async def check(
    context: Context,
    *,
    actor: Person,
    indicators: Sequence[Indicator],
    delivery: str,
    response_url: str,
    live: bool = False,
) -> Checked:
    """Judge some indicators by the last snapshot of the lists; where that won't do, or `live`, have the tenant asked.

    Each verdict is as of the oldest of the lists that matter for it. That somebody asked is logged. A snapshot is not
    gone by when it is older than `context.snapshot_lasts`, nor while all of it is about to be read anew.
    What the tenant says takes its time, and is told by a job at the delivery's `response_url`, or by direct message
    where that is empty or used up. Raises NotPermitted.
    """
    await required(context, actor, Right.CHECK)
    checked = Checked() if live else await _by_snapshot(context, indicators)
    async with context.store.write() as uow:
        if not await uow.deliveries.first_time(delivery):
            return checked
        await _log(context, uow, actor, indicators, source="snapshot" if checked.verdicts else "tenant")
        if not checked.verdicts:
            payload = CheckPayload(
                indicators=tuple(indicator.value for indicator in indicators),
                kinds=tuple(indicator.kind for indicator in indicators),
                notes=tuple(tuple((str(note.code), note.text) for note in each.notes) for each in indicators),
                user=actor.user_id,
                response_url=response_url,
            )
            await enqueue(uow, JobKind.CHECK, payload)
    return checked


async def _by_snapshot(context: Context, indicators: Sequence[Indicator]) -> Checked:
    async with context.store.read() as uow:
        ages = await uow.snapshots.age()
        why_not = await _why_not(context, uow, ages, indicators)
        lists = await uow.snapshots.load() if not why_not else None
    if ages is None or lists is None:
        return Checked(why_not=why_not or NO_SNAPSHOT)
    index = await context.index_cache.index(lists)
    async with context.store.read() as uow:
        known = await _known(uow, indicators, lists, index)
    verdicts = tuple(
        judge(
            indicator,
            replace(lists, as_of=_as_of(indicator, ages)),
            now=context.now(),
            known=known,
            index=index,
        )
        for indicator in indicators
    )
    return Checked(verdicts=verdicts)


async def answer(context: Context, indicators: Sequence[Indicator]) -> list[Verdict]:
    """The verdicts, from the tenant as it is now. Raises TenantError when it can't be read at all."""
    lists = await context.tenant.read_lists()
    reading = await context.store.prepare(lists)
    index = await context.index_cache.index(lists)
    async with context.store.write() as uow:
        await uow.snapshots.save(reading)
        known = await _known(uow, indicators, lists, index)
    return [judge(indicator, lists, now=context.now(), known=known, index=index) for indicator in indicators]


def _concerned(indicator: Indicator) -> frozenset[ListName]:
    return related_lists(indicator.kind) | {list_for(indicator.kind)}


async def _why_not(
    context: Context, uow: UnitOfWork, ages: Mapping[ListName, datetime] | None, indicators: Sequence[Indicator]
) -> str:
    """Why the snapshot can't be gone by; empty when it can. A related list may be missing: the verdict says so."""
    if not ages:
        return NO_SNAPSHOT
    now = context.now()
    if any(list_for(indicator.kind) not in ages for indicator in indicators):
        return UNREAD
    if any(now - _as_of(indicator, ages) > context.snapshot_lasts for indicator in indicators):
        return TOO_OLD
    if any(job.run_at <= now for job in await uow.jobs.waiting(kind=JobKind.WATCH)):
        return CHANGING
    return ""


def _as_of(indicator: Indicator, ages: Mapping[ListName, datetime]) -> datetime:
    """When the oldest of the lists that matter was read."""
    return min(ages[name] for name in _concerned(indicator) if name in ages)


async def _known(
    uow: UnitOfWork, indicators: Sequence[Indicator], lists: Snapshot, index: ListIndex
) -> list[KnownEntry]:
    """What is on record of the entries that matter: of thousands that are kept, a handful."""
    values = frozenset[str]().union(*(spellings(indicator, lists, index=index) for indicator in indicators))
    return await uow.known.active(values=values)


async def _log(
    context: Context, uow: UnitOfWork, actor: Person, indicators: Sequence[Indicator], *, source: str
) -> None:
    for indicator in indicators:
        await uow.audit.append(
            EventKind.CHECK_ASKED,
            actor=actor.user_id,
            target=indicator.value,
            payload={"kind": indicator.kind, "from": source},
            at=context.now(),
        )
