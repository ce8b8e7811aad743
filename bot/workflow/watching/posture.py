"""Scanning the posture: what is found by the last reading is held against what was found before, kept, and told.

It looks at the snapshot and reads nothing itself. A look that finds nothing new within a day leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.overrides.places import Place
from bot.domain.posture.finding import Fault, Finding, Gravity, as_record
from bot.domain.posture.findings import NOT_LOOKED_AT, seen_places
from bot.domain.posture.same import name_of, names_of
from bot.domain.posture.scans import (
    Changes,
    FaultKey,
    KeptFault,
    PostureScan,
    changes,
    counted,
    first_of,
    is_due,
    key_of,
    summary_due,
    with_since,
)
from bot.domain.telling.alert_facts import AlertName
from bot.errors import TryLater
from bot.store import Job, UnitOfWork
from bot.store.databases import in_chunks
from bot.workflow.shared.alerts import tell_of_posture
from bot.workflow.shared.context import Context
from bot.workflow.shared.found_posture import FoundPosture, found_posture
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.watching.posture_doubts import believed

_BESIDE_LISTS = frozenset(place.value for place in Place)
#: So many faults are kept in one transaction: nobody has to wait for a full tenant's first scan.
_STRIDE = 1_000
#: Before the first reading of the lists is over, it is looked again so much later, in seconds.
_UNREAD_YET = 20.0
#: The picture of how it went has no use for older scans.
REMEMBER_SCANS = timedelta(days=800)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What is kept of earlier scans."""

    kept: Mapping[FaultKey, KeptFault]
    last: PostureScan | None
    summary_of: datetime | None  #: the time whose weekly summary is to be told with this scan; None: none is

    @property
    def left_open(self) -> int:
        """How many faults were kept by a scan that came to no end."""
        return sum(not each.is_told for each in self.kept.values())

    def was_looked_at(self, place: str) -> bool:
        """Whether anybody has looked at a place before: what is found there for the first time may be old."""
        if self.last is None:
            return False
        return place not in _BESIDE_LISTS or NOT_LOOKED_AT not in self.last.unseen


async def scan(context: Context, job: Job, _payload: NothingPayload) -> None:
    """Job: look at the posture; where something has changed, a day is over or the weekly summary is due, keep what was
    found, log its counts, and have told what nobody has heard of.

    Raises TryLater before the first reading of the lists. By a snapshot that no check would go by, nothing is judged.
    """
    found = await found_posture(context)
    if found is None:
        raise TryLater(_UNREAD_YET, "The tenant's lists have not been read yet.")
    now = context.now()
    if now - found.as_of > context.snapshot_lasts:
        return
    before = await _before(context, now)
    changed = await asyncio.to_thread(changes, found.findings, before.kept, seen=seen_places(found.lists))
    changed = await believed(context, changed, as_of=found.as_of)
    if before.summary_of is None and not before.left_open and not is_due(changed, before.last, now=now):
        return
    await _keep_beforehand(context, job, changed, before)
    await _conclude(context, job, found, changed, before)


async def _before(context: Context, now: datetime) -> _Before:
    async with context.store.read() as uow:
        kept, last = await uow.posture.faults(), await uow.posture.last_scan()
        summary = await uow.posture.last_summary()
        first = await uow.posture.first_scan()
    due = summary_due(
        context.weekly_at,
        first_scan=first,
        last_summary=None if summary is None else summary.summary_of,
        now=now,
    )
    return _Before(kept=kept, last=last, summary_of=due)


async def _keep_beforehand(context: Context, job: Job, changed: Changes, before: _Before) -> None:
    """Keep what is new and forget what is gone, but for the last stride of each, which goes with the scan itself. Done
    once more after a kill, it changes nothing.
    """
    for stride in _strides(changed.added)[:-1]:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await _add(uow, changed, stride, before, at=context.now())
    for stride in _strides(changed.gone)[:-1]:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await uow.posture.forget(stride)


def _strides(keys: Collection[FaultKey]) -> list[Sequence[FaultKey]]:
    return list(in_chunks(sorted(keys), _STRIDE))


async def _add(uow: UnitOfWork, changed: Changes, keys: Collection[FaultKey], before: _Before, *, at: datetime) -> None:
    places = {key: changed.added[key].place for key in keys}
    new = {key: place for key, place in places.items() if before.was_looked_at(place)}
    await uow.posture.add(new, since=at, is_told=False)
    # Of what was there before anybody looked, the weekly summary tells.
    await uow.posture.add({key: place for key, place in places.items() if key not in new}, since=at, is_told=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """What a scan counts of the findings, and those of which somebody may have to hear."""

    counts: Mapping[str, int]
    findings: int
    grave: int
    gravest: tuple[Finding, ...]
    unasked: tuple[Finding, ...]  #: the grave ones that nobody requested here


def _figures(findings: Sequence[Finding]) -> _Figures:
    serious = [finding for finding in findings if finding.gravity is Gravity.GRAVE]
    return _Figures(
        counts=counted(findings),
        findings=len(findings),
        grave=len(serious),
        gravest=first_of(findings),
        unasked=tuple(finding for finding in serious if finding.row is None or finding.row.known is None),
    )


async def _conclude(context: Context, job: Job, found: FoundPosture, changed: Changes, before: _Before) -> None:
    """Keep the scan, log it and have it told, in one transaction."""
    now, figures = context.now(), await asyncio.to_thread(_figures, found.findings)
    added = len(changed.added) + before.left_open
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.alone_with("posture")
        if _number(await uow.posture.last_scan()) != _number(before.last):
            # Somebody else has scanned meanwhile, and told the summary if it was due: the next look goes on from there.
            await uow.jobs.finish(job)
            return
        for stride in _strides(changed.added)[-1:]:
            await _add(uow, changed, stride, before, at=now)
        for stride in _strides(changed.gone)[-1:]:
            await uow.posture.forget(stride)
        worse = await _untold(uow, figures.unasked)
        named = await uow.posture.faults({finding.name for finding in figures.gravest})
        event = await uow.audit.append(
            EventKind.POSTURE_SCANNED,
            actor=PORTCULLIS,
            target="posture",
            payload={
                "as_of": found.as_of,
                "baseline": {result.id: result.result for result in found.baseline},
                "findings": figures.findings,
                "grave": figures.grave,
                "counts": figures.counts,
                "new": added,
                "gone": len(changed.gone),
                "unseen": list(found.unseen),
                "told": [as_record(finding) for finding in first_of(worse)],
                "told_in_all": len(worse),
                "summary_of": before.summary_of,
            },
            at=now,
        )
        await uow.posture.add_scan(
            PostureScan(
                number=event.seq,
                at=now,
                as_of=found.as_of,
                counts=figures.counts,
                findings=figures.findings,
                grave=figures.grave,
                added=added,
                gone=len(changed.gone),
                unseen=found.unseen,
                worse=first_of(worse),
                worse_count=len(worse),
                gravest=tuple(with_since(finding, named) for finding in figures.gravest),
                summary_of=before.summary_of,
            )
        )
        await uow.posture.mark_told()
        await uow.posture.forget_scans(now - REMEMBER_SCANS)
        if worse:
            await tell_of_posture(uow, AlertName.POSTURE_WORSE, event.seq)
        if before.summary_of is not None:
            await tell_of_posture(uow, AlertName.POSTURE_SUMMARY, event.seq)
        await uow.jobs.finish(job)


def _number(scan: PostureScan | None) -> int:
    return 0 if scan is None else scan.number


async def _untold(uow: UnitOfWork, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those of the findings of which nobody has heard, each with the faults alone that are new and grave: no alert of
    an unrequested change tells them.
    """
    untold = await uow.posture.untold()
    names = {name for name, _ in untold}
    fresh = [
        replace(finding, faults=faults)
        for finding in findings
        if finding.name in names and (faults := _new_and_grave(finding, untold))
    ]
    if not fresh:
        return ()
    changes_told = await uow.unrequested.open_in({finding.place for finding in fresh})
    heard = {name for change in changes_told for name in names_of(change.held)}
    return tuple(finding for finding in fresh if name_of(finding) not in heard)


def _new_and_grave(finding: Finding, untold: Collection[FaultKey]) -> tuple[Fault, ...]:
    return tuple(
        fault for fault in finding.faults if fault.traits.gravity is Gravity.GRAVE and key_of(finding, fault) in untold
    )


SCAN_POSTURE_JOB = JobDefinition(kind=JobKind.SCAN_POSTURE, handle=scan)
