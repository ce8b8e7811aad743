"""How long it takes until what a kill interrupted is settled, kill by kill, as the database shows it.

A kill interrupts the jobs that its process had by lease, with the requests and intents that they were at, and the
messages that it had called for and that nobody knows of whether they stand. A job is over once its row is gone: what
ends it is the transaction that records its outcome. Where the same need was queued anew meanwhile, the job that stands
for both is followed. A message is over once it is known whether it stands.

It counts from the start of the next process; where another bot lived that could go on, from the moment when the first
of it was taken over. What a further kill interrupts again counts from that one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.store import Job
from bot.workflow.shared.job_kinds import JobKind
from tests.chaos.bots import Life

#: Jobs that wait for a time far off, or come round: one that is put off to then is settled.
FAR_OFF = frozenset(
    {
        JobKind.WATCH,
        JobKind.CLEAN,
        JobKind.ANCHOR,
        JobKind.FORGET_ADDRESSES,
        JobKind.LAPSE,
        JobKind.EXPIRE,
        JobKind.REMIND,
        JobKind.FOLLOW,
        JobKind.UNREVIEWED,
    }
)
_SOON = timedelta(minutes=1)

HELD, AT_WORK, UNTAKEN, FAILED = "held by the dead process", "at work", "due and not taken yet", "after a failure"
#: What takes the longer, the slower the machine is.
_BUSY = frozenset({AT_WORK, UNTAKEN})
#: What a job says that was put off although nothing failed, by a part of it.
_PUT_OFF = {
    "It waits for its turn": "Slack's rates",
    "Slack may still": "until Slack surely does no more of what it was asked",
    "does not show all of it yet": "until the list shows what was sent",
    "was told to stop": "interrupted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the database showed. It was asked just after a moment, by the clock of lives, and what time it was then."""

    at: float
    now: datetime
    jobs: Sequence[Job]
    doubted: Mapping[str, int | None]  #: messages in doubt, by their token: the bot that called for each last
    faults: int = 0  #: how much had been made to go wrong by then, beside kills


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What one kill interrupted, and how it went on. Times are in seconds."""

    interrupted: Counter[str]
    settled_after: Mapping[str, float]  #: of each kind of it the last, from the start or from when it was taken over
    from_start: float  #: until all of it was settled
    from_end: float
    waited: float  #: for leases, Slack or a time: what no faster machine would have spared, of the piece with the most
    waits: Counter[str]  #: seconds, added over all of it, by what it was in or waited for
    is_alone: bool  #: no other bot lived
    is_undisturbed: bool  #: nothing was made to go wrong meanwhile

    @property
    def words(self) -> str:
        """In a line."""
        what = ", ".join(f"{number} {kind}" for kind, number in self.interrupted.items())
        why = ", ".join(f"{seconds:.1f} s {wait}" for wait, seconds in self.waits.most_common())
        return f"{self.from_start:.1f} s ({self.from_end:.1f} s from the end) for {what}: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """A process that ended with jobs. In seconds."""

    after: float  #: from its end until it had none any more
    lease_left: float  #: how long its leases would have lasted from its end
    is_alone: bool  #: no other bot lived: the next process took them over


@dataclass(slots=True, kw_only=True)
class _Piece:
    """A job, by its number, or a message in doubt, by its token."""

    name: int | str
    what: str
    job: Job | None = None
    waited: float = 0.0


@dataclass(slots=True, kw_only=True)
class _Recovery:
    life: Life
    is_alone: bool
    faults: int
    left: list[_Piece]
    since: float | None = None
    waited: float = 0.0
    interrupted: Counter[str] = field(default_factory=Counter)
    settled_at: dict[str, float] = field(default_factory=dict)
    waits: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Recoveries:
    """Follows the work that kills interrupt. `note` is to be called several times a second."""

    done: list[Recovered] = field(default_factory=list)
    idle: int = 0  #: kills that interrupted nothing
    interrupted_again: int = 0  #: pieces that a further kill interrupted, which count there
    taken_over: list[TakenOver] = field(default_factory=list)
    _open: list[_Recovery] = field(default_factory=list)
    _ended: set[int] = field(default_factory=set)
    _holding: dict[int, tuple[float, TakenOver]] = field(default_factory=dict)
    _last: float | None = None

    def note(self, seen: Seen, lives: Collection[Life]) -> None:
        """Take in what there is by now; `lives` are all that there were."""
        passed = 0.0 if self._last is None else seen.at - self._last
        self._last = seen.at
        for recovery in self._open:
            self._go_on(recovery, seen, lives, passed)
        has_some = {_process(job) for job in seen.jobs}
        for process_id in [*self._holding.keys() - has_some]:
            ended, taken_over = self._holding.pop(process_id)
            self.taken_over.append(replace(taken_over, after=seen.at - ended))
        for life in lives:
            # What was looked at just before the end may have been over by then.
            if life.ended is not None and life.ended <= seen.at and life.process_id not in self._ended:
                self._ended.add(life.process_id)
                self._begin(life, seen, lives)
        self._open = [each for each in self._open if not self._is_over(each, seen.faults)]

    def left(self) -> list[str]:
        """What is not settled yet, by kind."""
        return [piece.what for recovery in self._open for piece in recovery.left]

    def _begin(self, life: Life, seen: Seen, lives: Collection[Life]) -> None:
        held = [job for job in seen.jobs if _process(job) == life.process_id]
        is_alone = not any(each.ended is None and each.started < (life.ended or 0) for each in lives)
        left = [_Piece(name=job.id, what=str(job.kind), job=job) for job in held]
        left += [_Piece(name=token, what="message", job=None) for token, bot in seen.doubted.items() if bot == life.bot]
        names = {piece.name for piece in left}
        for before in self._open:
            again = [piece for piece in before.left if is_alone or piece.name in names]
            left += [piece for piece in again if piece.name not in names]
            before.left = [piece for piece in before.left if piece not in again]
            before.interrupted.subtract(piece.what for piece in again)
            self.interrupted_again += len(again)
        if held and life.ended is not None:
            leases = [(job.lease_until - seen.now).total_seconds() for job in held if job.lease_until]
            left_at_end = max(leases, default=0.0) + seen.at - life.ended
            taken_over = TakenOver(after=0.0, lease_left=left_at_end, is_alone=is_alone)
            self._holding[life.process_id] = (life.ended, taken_over)
        if left:
            counted = Counter(piece.what for piece in left)
            new = _Recovery(life=life, is_alone=is_alone, faults=seen.faults, left=left, interrupted=counted)
            self._open.append(new)
        else:
            self.idle += 1

    def _go_on(self, recovery: _Recovery, seen: Seen, lives: Collection[Life], passed: float) -> None:
        """Note what is over, and what the rest is waiting for."""
        ended = recovery.life.ended or 0.0
        if recovery.is_alone and recovery.since is None:
            recovery.since = min((life.started for life in lives if life.started > ended), default=None)
        jobs = {job.id: job for job in seen.jobs}
        left: list[_Piece] = []
        for piece in recovery.left:
            if isinstance(piece.name, str):
                is_over = piece.name not in seen.doubted
            else:
                piece.job = _now(piece, jobs)
                is_over = piece.job is None or _is_put_off(piece.job, seen.now)
                if piece.job is None or _process(piece.job) != recovery.life.process_id:
                    recovery.since = seen.at if recovery.since is None else recovery.since
                if not is_over and piece.job is not None:
                    wait = _wait(piece.job, seen.now, recovery.life)
                    recovery.waits[wait] += passed  # type: ignore[assignment]  # it counts seconds
                    if wait not in _BUSY and recovery.since is not None:
                        piece.waited += passed
                        recovery.waited = max(recovery.waited, piece.waited)
            if is_over:
                recovery.settled_at[piece.what] = seen.at
            else:
                left.append(piece)
        recovery.left = left

    def _is_over(self, recovery: _Recovery, faults: int) -> bool:
        if recovery.left:
            return False
        if recovery.settled_at:
            last = max(recovery.settled_at.values())
            # Only messages, found out about by others who were at it already.
            since = last if recovery.since is None else recovery.since
            assert recovery.life.ended is not None
            self.done.append(
                Recovered(
                    interrupted=+recovery.interrupted,
                    settled_after={what: max(0.0, at - since) for what, at in recovery.settled_at.items()},
                    from_start=max(0.0, last - since),
                    from_end=last - recovery.life.ended,
                    waited=recovery.waited,
                    waits=recovery.waits,
                    is_alone=recovery.is_alone,
                    is_undisturbed=recovery.faults == faults,
                )
            )
        return True


def _now(piece: _Piece, jobs: Mapping[int, Job]) -> Job | None:
    """A piece's job as it is now; the one that stands for it where the same need was queued anew; None: it is over."""
    before = piece.job
    if before is None or before.id in jobs:
        return jobs.get(before.id) if before else None
    # What stands for both inherits why the one before it was put back.
    same = (job for job in jobs.values() if before.key is not None and job.key == before.key and job.error)
    return next(same, None)


def _process(job: Job) -> int | None:
    """The process that has a job by lease."""
    last = job.worker.rpartition(":")[2]
    return int(last) if last.isdecimal() else None


def _is_put_off(job: Job, now: datetime) -> bool:
    return job.kind in FAR_OFF and not job.worker and job.run_at > now + _SOON


def _wait(job: Job, now: datetime, dead: Life) -> str:
    """What a job is in or waits for."""
    if job.worker:
        return HELD if _process(job) == dead.process_id else AT_WORK
    if job.run_at <= now:
        return UNTAKEN
    return next((wait for part, wait in _PUT_OFF.items() if part in job.error), FAILED)
