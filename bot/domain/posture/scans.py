"""A scan: the findings of a reading held against those of before, so that it is known since when each has been so.

A finding that goes and comes back starts anew. What could not be seen is neither there nor gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from bot.domain.posture.finding import Fault, Finding, Gravity

#: Where nothing changes, a day has one scan: its figures make the picture of how it went.
SCAN_AT_LEAST = timedelta(days=1)
#: So many findings are named in a summary, or as new.
MOST_NAMED = 5

_WEEK = timedelta(days=7)

#: One fault of one finding: the finding's name, and the fault's.
FaultKey: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFault:
    """What is kept of a fault that was seen."""

    place: str
    since: datetime
    is_told: bool  #: whoever has to hear of it has heard, or need not


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureScan:
    """One scan, as it is kept. `number` is that of its event."""

    number: int
    at: datetime
    as_of: datetime  #: when the oldest of what it judged was read
    counts: Mapping[str, int]  #: by fault: how many findings have it
    findings: int
    grave: int
    added: int  #: so many faults are new since the scan before
    gone: int
    unseen: tuple[str, ...] = ()  #: what could not be seen, a sentence each
    worse: tuple[Finding, ...] = ()  #: the first of the new grave findings that are told
    worse_count: int = 0
    gravest: tuple[Finding, ...] = ()  #: the first of all findings
    summary_of: datetime | None = None  #: the time that its weekly summary was due; None: it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How the findings differ from those of the scan before."""

    added: Mapping[FaultKey, Finding] = field(default_factory=dict)
    gone: frozenset[FaultKey] = frozenset()

    @property
    def any(self) -> bool:
        return bool(self.added or self.gone)


@dataclass(frozen=True, slots=True)
class WeeklyAt:
    """When the weekly summary is told: a day of the week, Monday as 0, and an hour, UTC."""

    day: int
    hour: int

    def last_due(self, now: datetime) -> datetime:
        """The last time that was due, at or before `now`."""
        now = now.astimezone(UTC)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        due = midnight - timedelta(days=(now.weekday() - self.day) % 7) + timedelta(hours=self.hour)
        return due if due <= now else due - _WEEK


def key_of(finding: Finding, fault: Fault) -> FaultKey:
    """By what a fault of a finding is kept."""
    return finding.name, fault.value


def changes(findings: Iterable[Finding], kept: Mapping[FaultKey, KeptFault], *, seen: Collection[str]) -> Changes:
    """What is new, and what is gone, of the places that were `seen`."""
    # The name takes a digest: once for each of thousands.
    named = ((finding.name, finding) for finding in findings)
    now = {(name, fault.value): finding for name, finding in named for fault in finding.faults}
    return Changes(
        added={key: finding for key, finding in now.items() if key not in kept},
        gone=frozenset(key for key, each in kept.items() if key not in now and each.place in seen),
    )


def with_since(finding: Finding, kept: Mapping[FaultKey, KeptFault]) -> Finding:
    """A finding, with since when each of its faults has been seen."""
    since = {fault: kept[key].since for fault in finding.faults if (key := key_of(finding, fault)) in kept}
    return replace(finding, since=since)


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """By fault, how many findings have it; in the order of the faults."""
    counts = Counter(fault for finding in findings for fault in finding.faults)
    return {fault.value: counts[fault] for fault in Fault if counts[fault]}


def grave(findings: Iterable[Finding]) -> int:
    """How many findings are grave."""
    return sum(finding.gravity is Gravity.GRAVE for finding in findings)


def is_due(changed: Changes, last: PostureScan | None, *, now: datetime) -> bool:
    """Whether a look at the posture is a scan, which is kept and logged: something has changed, or a day is over."""
    return last is None or changed.any or now - last.at >= SCAN_AT_LEAST


def summary_due(
    weekly: WeeklyAt | None, *, first_scan: datetime | None, last_summary: datetime | None, now: datetime
) -> datetime | None:
    """The time whose weekly summary is to be told now; None: none is.

    One that was missed is told later, and a tenant that was first scanned after it has nothing to compare.
    """
    if weekly is None or first_scan is None:
        return None
    due = weekly.last_due(now)
    if due <= first_scan or (last_summary is not None and last_summary >= due):
        return None
    return due


def compared(before: PostureScan | None, after: PostureScan) -> tuple[dict[Fault, int], dict[Fault, int]]:
    """By fault, how many more findings have it than before, and how many fewer."""
    was = {} if before is None else before.counts
    differences = {fault: after.counts.get(fault.value, 0) - was.get(fault.value, 0) for fault in Fault}
    return (
        {fault: more for fault, more in differences.items() if more > 0},
        {fault: -less for fault, less in differences.items() if less < 0},
    )


def by_day(scans: Iterable[PostureScan]) -> list[PostureScan]:
    """The last scan of each day, UTC, the oldest first."""
    return list({scan.at.astimezone(UTC).date(): scan for scan in sorted(scans, key=lambda each: each.number)}.values())


def first_of(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that are named where there are many."""
    return tuple(findings[:MOST_NAMED])
