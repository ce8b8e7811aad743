"""Is it allowed? Answered at once from the last snapshot of the lists, or by a job from the tenant as it is now.

While the tenant doesn't answer, the snapshot is gone by whatever its age, and that is told beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.coverage import related_lists
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import ListName, list_for
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person, Right
from bot.domain.telling.verdict_facts import OnRecord
from bot.domain.verdict.verdict import Verdict, judge, spellings
from bot.errors import SignInFailed, TenantError, TenantUnavailable
from bot.store import UnitOfWork
from bot.store.jobs_seen import JobStanding
from bot.store.snapshots import KeptLists
from bot.workflow.shared.card_links import CardLinks
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import CheckPayload, JobKind
from bot.workflow.shared.jobs import enqueue
from bot.workflow.shared.keeping import with_names
from bot.workflow.shared.kept_lists import is_unanswered
from bot.workflow.shared.limits import Limited, recount, within_limit
from bot.workflow.shared.listed import index_of
from bot.workflow.shared.mail_figures import LASTS as FIGURES_LAST
from bot.workflow.shared.rights import required
from bot.workflow.shared.seen_places import keep_reading, prepare_reading

NO_SNAPSHOT = "The lists have not been read yet."
TOO_OLD = "The last snapshot of the lists is too old to go by."
UNREAD = "The list that it would be on could not be read the last time."
CHANGING = "The lists have just been changed, or are being read anew at this moment."

#: What stands beside an answer of the snapshot while the tenant doesn't give any.
SILENT = "The tenant does not answer at the moment, so this may be out of date. Check again later."

#: The tenant counts as silent when a reading of its lists has been under way for so long, or has failed.
SILENT_AFTER = timedelta(seconds=10)

#: Of the entries that matter for a verdict, it is told of so many who approved them: those that decide first.
_MOST_TOLD = 10

#: Of these jobs somebody may have so many at once.
WAITED_FOR = (JobKind.CHECK, JobKind.COUNT_MAIL)

#: So long a check waits for the tenant, in seconds, before it goes by the snapshot.
LIVE_WITHIN = 60.0

#: So long an answer waits for DNS, in seconds, which has told most of it by then. It goes without what comes later.
DNS_WITHIN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found out; or, with no verdicts, why a job asks the tenant instead."""

    verdicts: tuple[Verdict, ...] = ()
    why_not: str = ""  #: for people; empty when the tenant was to be asked anyway
    beside: str = ""  #: for people: why the snapshot was gone by although the tenant should have been asked
    is_live: bool = False  #: the verdicts are the tenant's own, not the snapshot's
    record: OnRecord | None = None  #: what was on record beside them, where that was looked up at once; for `on_record`


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
    gone by when it is older than `context.snapshot_lasts`, nor while all of it is about to be read anew; but it is, and
    that is told, while the tenant doesn't answer.
    What the tenant says takes its time, and is told by a job at the delivery's `response_url`, or by direct message
    where that is empty or used up. Raises NotPermitted, and InvalidInput for somebody who waits for too many already.
    """
    await required(context, actor, Right.CHECK)
    checked = await _at_once(context, indicators, live=live)
    person = actor.user_id
    async with (
        within_limit(context, person=person, what=Limited.CHECKS, delivery=delivery),
        context.store.write() as uow,
    ):
        if not await uow.deliveries.first_time(delivery):
            return checked
        if not checked.verdicts:
            count = partial(uow.jobs.count_of, person, WAITED_FOR)
            await recount(context, uow, count, person=person, what=Limited.CHECKS)
        await log_check(context, uow, actor, indicators, source="snapshot" if checked.verdicts else "tenant")
        if not checked.verdicts:
            payload = asked_of(indicators, actor=actor, response_url=response_url)
            await enqueue(uow, JobKind.CHECK, payload, person=actor.user_id)
    return checked


def asked_of(indicators: Sequence[Indicator], *, actor: Person, response_url: str, mailbox: str = "") -> CheckPayload:
    """What a job is told that answers somebody; `mailbox` is the one in which they have it looked up as well."""
    return CheckPayload(
        indicators=tuple(indicator.value for indicator in indicators),
        kinds=tuple(indicator.kind for indicator in indicators),
        notes=tuple(tuple((str(note.code), note.text) for note in each.notes) for each in indicators),
        user=actor.user_id,
        response_url=response_url,
        may_propose=actor.has(Right.PROPOSE),
        mailbox=mailbox,
    )


async def _at_once(context: Context, indicators: Sequence[Indicator], *, live: bool) -> Checked:
    """What can be said now."""
    async with context.store.read() as uow:
        kept = await uow.snapshots.kept()
        ages = None if kept is None else kept.ages
        jobs = await _readings(uow) if ages else []
        why_not = "" if live else _why_not(context, ages, indicators, jobs)
        is_silent = _covers(ages, indicators) and _is_silent(context, jobs)
        if (live or why_not) and not is_silent:
            return Checked(why_not=why_not)
    judged = await _judged(context, indicators, kept)
    return replace(judged, beside=SILENT) if is_silent else judged


async def answer(context: Context, indicators: Sequence[Indicator], *, asked_at: datetime) -> Checked:
    """The verdicts for somebody who asked the tenant: from what was read of it since, or from the tenant as it is now.

    Where it doesn't answer they are the snapshot's, with that beside them. Raises TenantError when there is none.
    """
    async with context.store.read() as uow:
        ages = await uow.snapshots.age()
        is_covered = _covers(ages, indicators)
        is_newer = ages is not None and is_covered and all(_as_of(each, ages) > asked_at for each in indicators)
        is_silent = is_covered and not is_newer and _is_silent(context, await _readings(uow))
    if is_newer:
        # One reading answers all who asked before it began.
        return await by_snapshot(context, indicators)
    if is_silent:
        return replace(await by_snapshot(context, indicators), beside=SILENT)
    try:
        return await _from_tenant(context, indicators)
    except SignInFailed:
        raise
    except TenantError:
        if not is_covered:
            raise
        return replace(await by_snapshot(context, indicators), beside=SILENT)


async def _from_tenant(context: Context, indicators: Sequence[Indicator]) -> Checked:
    try:
        async with asyncio.timeout(LIVE_WITHIN):
            lists = await context.tenant.read_lists()
    except TimeoutError:
        raise TenantUnavailable(
            f"The tenant's lists could not be read within {LIVE_WITHIN:g} seconds.", "Check again later."
        ) from None
    async with context.store.read() as uow:
        if is_unanswered(lists) and _covers(await uow.snapshots.age(), indicators):
            raise TenantUnavailable("No list of the tenant could be read.", "Check again later.")
    seen = await prepare_reading(context, lists)
    index = await context.index_cache.index(lists)
    async with context.store.write() as uow:
        await keep_reading(context, uow, seen)
        known = await _known(uow, indicators, lists, index)
    now = context.now()
    verdicts = tuple(judge(indicator, lists, now=now, known=known, index=index) for indicator in indicators)
    return Checked(verdicts=verdicts, is_live=True)


async def by_snapshot(context: Context, indicators: Sequence[Indicator]) -> Checked:
    """The verdicts of the last snapshot, whatever its age; none, with the reason, where there is no snapshot."""
    async with context.store.read() as uow:
        kept = await uow.snapshots.kept()
    return await _judged(context, indicators, kept)


async def _judged(context: Context, indicators: Sequence[Indicator], kept: KeptLists | None) -> Checked:
    if kept is None:
        return Checked(why_not=NO_SNAPSHOT)
    lists, ages = kept.lists, kept.ages
    index = await index_of(context, lists)
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
        record = await _look_up(context, uow, verdicts)
    return Checked(verdicts=verdicts, record=record)


def _covers(ages: Mapping[ListName, datetime] | None, indicators: Sequence[Indicator]) -> bool:
    """Whether the snapshot has the list of each of them. Which other lists could not be read, the verdicts say."""
    return bool(ages) and all(list_for(indicator.kind) in (ages or {}) for indicator in indicators)


async def _readings(uow: UnitOfWork) -> Sequence[JobStanding]:
    """The readings of all lists that are to come or under way, and the checks that read them now."""
    return await uow.jobs.standing(JobKind.WATCH, doing=JobKind.CHECK)


def _is_silent(context: Context, jobs: Sequence[JobStanding]) -> bool:
    """Whether the tenant gives no answer: a reading of its lists has been under way for long, or has failed."""
    now = context.now()
    if any(job.since is not None and now - job.since >= SILENT_AFTER for job in jobs):
        return True
    return any(job.error and job.due_at <= now for job in jobs if job.kind == JobKind.WATCH)


async def on_record(context: Context, checked: Checked) -> OnRecord:
    """What is on record beside verdicts: the requests under way, newest first, and those that keep the entries.

    With whose the addresses are, where DNS has said so by then, and how much mail each has had, where that was asked
    within the hour.
    """
    found = checked.record
    if found is None:
        async with context.store.read() as uow:
            found = await _look_up(context, uow, checked.verdicts)
    if context.who_is is None:
        return found
    values = [verdict.indicator.value for verdict in checked.verdicts]
    return replace(found, owners=await context.who_is.soon(values, within=DNS_WITHIN))


async def _look_up(context: Context, uow: UnitOfWork, verdicts: Sequence[Verdict]) -> OnRecord:
    found = await look_up(uow, verdicts, links=context.card_links)
    if context.tracing is None:
        return found
    asked = [verdict.indicator for verdict in verdicts]
    return replace(found, mail=await uow.figures.known(asked, since=context.now() - FIGURES_LAST))


async def look_up(uow: UnitOfWork, verdicts: Sequence[Verdict], *, links: CardLinks | None = None) -> OnRecord:
    """The same within a unit of work. `links` says where cards are read; None: nobody is shown."""
    matches = [match for verdict in verdicts for match in verdict.matches[:_MOST_TOLD]]
    numbers = sorted({match.known.request_id for match in matches if match.known is not None})
    keepers = await uow.requests.proposals(numbers, items=1) if numbers else []
    return OnRecord(
        under_way={
            asked.value: (await uow.requests.naming(list_for(asked.kind), [asked.value]))[::-1]
            for asked in (verdict.indicator for verdict in verdicts)
        },
        keepers={request.id: request for parts in keepers for request in parts.requests},
        cards={} if links is None else await links.of_requests(uow, numbers),
    )


def _concerned(indicator: Indicator) -> frozenset[ListName]:
    return related_lists(indicator.kind) | {list_for(indicator.kind)}


def _why_not(
    context: Context,
    ages: Mapping[ListName, datetime] | None,
    indicators: Sequence[Indicator],
    jobs: Sequence[JobStanding],
) -> str:
    """Why the snapshot can't be gone by; empty when it can. A related list may be missing: the verdict says so."""
    if not ages:
        return NO_SNAPSHOT
    now = context.now()
    if any(list_for(indicator.kind) not in ages for indicator in indicators):
        return UNREAD
    if any(now - _as_of(indicator, ages) > context.snapshot_lasts for indicator in indicators):
        return TOO_OLD
    if any(job.run_at <= now for job in jobs if job.kind == JobKind.WATCH):
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
    return await with_names(uow, await uow.known.active(values=values))


async def log_check(
    context: Context, uow: UnitOfWork, actor: Person, indicators: Sequence[Indicator], *, source: str
) -> None:
    """Write down that somebody asks whether some indicators are allowed, and of what they are answered."""
    for indicator in indicators:
        await uow.audit.append(
            EventKind.CHECK_ASKED,
            actor=actor.user_id,
            target=indicator.value,
            payload={"kind": indicator.kind, "from": source},
            at=context.now(),
        )
