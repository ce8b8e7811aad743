"""Which approvers are reminded of what waits for them, and when.

An approver is reminded of what they may decide: neither of their own, nor of what they have reviewed, nor of what
rules leave to others. The first
reminder of a request comes after the first wait, the second after the second wait from the first reminder, and so on;
the last wait goes on. Waits are working time of the approver's own, and nobody is reminded outside their working hours,
nor while they don't want to be disturbed. One reminder names all that waits, and counts as one for each of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.requests.people import Person
from bot.domain.requests.who_decides import About, ApproverRule, Undecided, may_decide
from bot.domain.requests.working_hours import Quiet, WorkingHours

#: Unless the operator says otherwise.
WAITS = (timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """What the operator has set: how long each wait is, none of them shorter than the one before; none: nobody is
    reminded. And when people work."""

    waits: tuple[timedelta, ...] = WAITS
    hours: WorkingHours = field(default_factory=WorkingHours)

    def wait(self, reminders: int) -> timedelta:
        """The working time from a reminder to the next: from the proposal, where there was none before."""
        return self.hours.as_worked(self.waits[min(reminders, len(self.waits) - 1)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A proposal that waits for a decision."""

    id: int  #: its number
    requester: str
    since: datetime  #: when it was proposed
    reviewers: frozenset[str] = frozenset()
    about: frozenset[About] = frozenset()  #: what kinds of change of it wait

    @property
    def undecided(self) -> Undecided:
        """What it is, as far as it matters for who may decide."""
        return Undecided(about=self.about, requester=self.requester, reviewers=self.reviewers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """How often somebody was reminded of a proposal, and when last."""

    times: int
    last_at: datetime


def theirs(waiting: Collection[Waiting], approver: Person, rules: Sequence[ApproverRule] = ()) -> list[Waiting]:
    """What somebody may decide, the oldest first: nothing, for who is no approver."""
    mine = (each for each in waiting if may_decide(approver, each.undecided, rules).may)
    return sorted(mine, key=lambda each: each.id)


def is_due(
    waiting: Sequence[Waiting],
    reminded: Mapping[int, Reminded],
    *,
    now: datetime,
    zone: tzinfo,
    reminding: Reminding,
    quiet: Quiet | None = None,
) -> bool:
    """Whether an approver is reminded now of what waits for them. `reminded` is by the proposals' numbers, `zone` the
    approver's own."""
    if not reminding.waits or not reminding.hours.covers(now, zone) or (quiet is not None and quiet.covers(now)):
        return False
    return any(_has_waited(each, reminded.get(each.id), now=now, zone=zone, reminding=reminding) for each in waiting)


def _has_waited(
    waiting: Waiting, reminded: Reminded | None, *, now: datetime, zone: tzinfo, reminding: Reminding
) -> bool:
    since, times = (waiting.since, 0) if reminded is None else (reminded.last_at, reminded.times)
    return reminding.hours.between(since, now, zone) >= reminding.wait(times)


def reminded_events(
    approver: str, waiting: Collection[Waiting], reminded: Mapping[int, Reminded], *, at: datetime
) -> list[NewEvent]:
    """What is logged of a reminder: an event for each proposal that it names, with whom it reminds as its target."""
    return [
        NewEvent(
            kind=EventKind.APPROVER_REMINDED,
            actor=PORTCULLIS,
            target=approver,
            request_id=each.id,
            payload={"times": reminded[each.id].times + 1 if each.id in reminded else 1},
            at=at,
        )
        for each in waiting
    ]
