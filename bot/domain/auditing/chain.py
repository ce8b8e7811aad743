"""Has anybody been at the audit log? Holds every row against the hash chain, and names what is wrong with which row.

Rows are looked at once, in the order of their numbers, so that a log of any length is verified in constant memory.
What is kept are *runs*: stretches of rows in which each stands on the one before. An untouched log is one run. Where
somebody has been at it there are several, and the runs are put together again by their hashes: a run that belongs
elsewhere was moved, one that belongs nowhere was added, and what lies between two that don't meet is missing.

What this can't see: the last rows cut off together with the log's head, or everything from some row on written anew
with new hashes. Note the head (number and hash) that a verification prints, in a place which whoever runs the database
can't write to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.auditing.events import Event, Json, chain_hash, genesis

#: Beyond this many findings the rest is counted but not named: the log as a whole has been written over.
MOST_FINDINGS = 1_000

#: Of rows that are missing, added or moved together, so many are named one by one.
MOST_NAMED_AT_ONCE = 100


class ChainProblem(StrEnum):
    """What is wrong with a row."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    REORDERED = "reordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRow:
    """A row as the database has it, hashes included. `event` is None when its columns can't be read as an event."""

    id: int
    seq: int
    previous_hash: str
    hash: str
    event: Event | None

    @property
    def is_intact(self) -> bool:
        """Whether what the row says matches its own hash."""
        if self.event is None:
            return False
        try:
            return chain_hash(self.previous_hash, self.event) == self.hash
        except (TypeError, ValueError):
            return False  # it holds what was never written, such as a number with a fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the log ends by its own account."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFinding:
    """One thing that is wrong. `seq` is the row's number, `id` its key in the table, None when it isn't there."""

    seq: int
    id: int | None
    problem: ChainProblem
    details: str

    def as_json(self) -> dict[str, Json]:
        return {"seq": self.seq, "id": self.id, "problem": self.problem.value, "details": self.details}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFindings:
    """The result for one tenant's log."""

    tenant_id: str
    events: int  #: how many rows there are
    head: Head | None
    findings: tuple[ChainFinding, ...] = ()
    unnamed: int = 0  #: findings beyond those named

    @property
    def intact(self) -> bool:
        return not self.findings


@dataclass(slots=True)
class _Run:
    """Rows that stand on each other, with consecutive numbers."""

    first: int
    last: int
    first_id: int
    last_id: int
    previous_hash: str
    hash: str
    #: Whether the first and the last row have been found to be changed: then a break beside it needs no more telling.
    first_told: bool
    last_told: bool
    #: The key of the last row but one, and whether it was found to be changed; and what the last row stands on.
    before_last: tuple[int, bool]
    last_stands_on: str

    @property
    def rows(self) -> int:
        return self.last - self.first + 1

    @classmethod
    def of(cls, row: ChainRow, *, told: bool) -> _Run:
        return cls(
            first=row.seq,
            last=row.seq,
            first_id=row.id,
            last_id=row.id,
            previous_hash=row.previous_hash,
            hash=row.hash,
            first_told=told,
            last_told=told,
            before_last=(row.id, told),
            last_stands_on=row.previous_hash,
        )

    def append(self, *, seq: int, row_id: int, previous_hash: str, row_hash: str, told: bool) -> None:
        self.before_last = (self.last_id, self.last_told)
        self.last, self.last_id, self.hash, self.last_told = seq, row_id, row_hash, told
        self.last_stands_on = previous_hash

    def split_off_last(self) -> _Run:
        """Take the last row out, as a run of its own."""
        last = _Run(
            first=self.last,
            last=self.last,
            first_id=self.last_id,
            last_id=self.last_id,
            previous_hash=self.last_stands_on,
            hash=self.hash,
            first_told=self.last_told,
            last_told=self.last_told,
            before_last=(self.last_id, self.last_told),
            last_stands_on=self.last_stands_on,
        )
        self.last, self.hash = self.last - 1, self.last_stands_on
        self.last_id, self.last_told = self.before_last
        return last


class Verifier:
    """Takes the rows of one tenant's log in the order of their numbers, and tells at the end what is wrong."""

    def __init__(self, tenant_id: str, head: Head | None) -> None:
        self._tenant_id = tenant_id
        self._head = head
        self._events = 0
        self._runs: list[_Run] = []
        self._findings: list[ChainFinding] = []
        self._unnamed = 0
        self._too_many_runs = False

    def add(self, row: ChainRow) -> None:
        """Look at the next row."""
        self._events += 1
        intact = row.is_intact
        if not intact:
            self._find(row.seq, row.id, ChainProblem.CHANGED, "What it says doesn't match its hash.")
        run = self._runs[-1] if self._runs else None
        if run is not None and run.rows > 1 and row.previous_hash == run.last_stands_on:
            # Two rows claim the same place: which of them has it shows only when all are known.
            self._runs.append(run := run.split_off_last())
        beyond_the_head = self._head is not None and row.previous_hash == self._head.hash
        if run is not None and row.seq == run.last + 1 and row.previous_hash == run.hash and not beyond_the_head:
            run.append(seq=row.seq, row_id=row.id, previous_hash=row.previous_hash, row_hash=row.hash, told=not intact)
        elif len(self._runs) < MOST_FINDINGS:
            self._runs.append(_Run.of(row, told=not intact))
        else:
            self._too_many_runs = True

    @property
    def is_one_run(self) -> bool:
        """Whether all rows so far are as they were written, each on the one before it."""
        return len(self._runs) == 1 and not self._findings and not self._unnamed

    def note_times(self, first: int, last: int) -> None:
        """What is kept of the times of these events is of others: of a window of time some may not be found."""
        told = (
            f"Of the events {first} to {last} other times are kept than theirs: `/audit` may leave them out of a time."
        )
        self._find(
            first, None, ChainProblem.CHANGED, f"{told} Delete their row of audit_stretches, which nothing needs."
        )

    @property
    def end(self) -> Head | None:
        """What the next row has to stand on to go on simply; None where only `add` can tell."""
        run = self._runs[-1] if self._runs else None
        return None if run is None or run.hash == run.last_stands_on else Head(seq=run.last, hash=run.hash)

    @property
    def head_hash(self) -> str | None:
        """The hash that the log's head has, which no row of the log stands on."""
        return None if self._head is None else self._head.hash

    def follow(self, rows: int, *, last_id: int, last_hash: str, before_id: int, before_hash: str) -> None:
        """Take the next rows, which are known to be intact and to stand simply on `end`: so many, at least two.

        Of the last two of them their keys and hashes are needed.
        """
        run = self._runs[-1]
        self._events += rows
        run.append(seq=run.last + rows - 1, row_id=before_id, previous_hash="", row_hash=before_hash, told=False)
        run.append(seq=run.last + 1, row_id=last_id, previous_hash=before_hash, row_hash=last_hash, told=False)

    def finish(self) -> ChainFindings:
        """What was found, in the order of the rows' numbers."""
        if self._head is None and self._events:
            self._find(0, None, ChainProblem.MISSING, "The log's head, which tells where it ends, is missing.")
        if self._too_many_runs:
            broken = self._runs[1]
            told = "From here on the chain is broken in more places than can be told apart."
            self._find(broken.first, broken.first_id, ChainProblem.CHANGED, told)
        else:
            self._judge_runs()
        return ChainFindings(
            tenant_id=self._tenant_id,
            events=self._events,
            head=self._head,
            findings=tuple(sorted(self._findings, key=lambda finding: (finding.seq, finding.id or 0))),
            unnamed=self._unnamed,
        )

    def _judge_runs(self) -> None:
        start, head = genesis(self._tenant_id), self._head
        order, added = _put_in_order(self._runs, start=start, end=None if head is None else head.hash)
        for run in added:
            self._find_all(run, ChainProblem.ADDED, "It doesn't belong to the chain.")
        lost = _rows_lost_and_renumbered(order, added, head)
        expected, drift, hash_before = 1, 0, start
        before: _Run | None = None
        for run in order:
            place = run.first - drift
            if run.previous_hash == hash_before:
                if place != expected and run.first - expected == _rows_before(run, added):
                    drift = run.first - expected  # only pushed on by what was added before it
                elif place != expected:
                    self._find_all(run, ChainProblem.REORDERED, f"By its hash it belongs at {expected}.")
            elif place > expected:
                self._find_missing(expected, place - 1)
                expected = place
            elif lost:
                self._find_missing(expected, expected + lost - 1)
                expected, drift, lost = expected + lost, drift - lost, 0
            else:
                self._find_rewritten(before, run)
            expected, before, hash_before = expected + run.rows, run, run.hash
        if head is not None:
            self._judge_end(before, expected - 1, head)

    def _judge_end(self, last: _Run | None, reached: int, head: Head) -> None:
        if reached < head.seq:
            self._find_missing(reached + 1, head.seq)
        elif last is not None and last.hash != head.hash and not last.last_told:
            told = "Its hash is not the one that the log's head has: one of the two was changed."
            self._find(last.last, last.last_id, ChainProblem.CHANGED, told)
        elif last is not None and last.hash == head.hash and reached > head.seq:
            told = f"The log's head has its hash, but the number {head.seq}."
            self._find(last.last, last.last_id, ChainProblem.CHANGED, told)

    def _find_rewritten(self, before: _Run | None, run: _Run) -> None:
        """Two runs don't meet, and nothing is missing between them: one of the rows that should meet was rewritten."""
        if before is None or run.rows == 1:
            if not (run.first_told or (before is not None and before.last_told)):
                run.first_told = run.last_told = True
                self._find(run.first, run.first_id, ChainProblem.CHANGED, "It doesn't stand on the row before it.")
        elif not (before.last_told or run.first_told):
            told = "Its hash is not the one that the next row stands on."
            self._find(before.last, before.last_id, ChainProblem.CHANGED, told)

    def _find_missing(self, first: int, last: int) -> None:
        named = min(last, first + MOST_NAMED_AT_ONCE - 1)
        for seq in range(first, named + 1):
            rest = f" So are those up to {last}." if seq == named < last else ""
            self._find(seq, None, ChainProblem.MISSING, f"The row is missing.{rest}")
        self._unnamed += last - named

    def _find_all(self, run: _Run, problem: ChainProblem, details: str) -> None:
        named = min(run.last, run.first + MOST_NAMED_AT_ONCE - 1)
        ids = {run.first: run.first_id, run.last: run.last_id}
        for seq in range(run.first, named + 1):
            after = f" It is {seq - run.first} rows behind {run.first}." if seq > run.first else ""
            self._find(seq, ids.get(seq), problem, details if not after else f"Like {run.first}.{after}")
        self._unnamed += run.last - named

    def _find(self, seq: int, row_id: int | None, problem: ChainProblem, details: str) -> None:
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(ChainFinding(seq=seq, id=row_id, problem=problem, details=details))
        else:
            self._unnamed += 1


def verify(rows: Iterable[ChainRow], head: Head | None, *, tenant_id: str) -> ChainFindings:
    """Hold rows, in the order of their numbers, against the chain and the head."""
    verifier = Verifier(tenant_id, head)
    for row in rows:
        verifier.add(row)
    return verifier.finish()


def _put_in_order(runs: list[_Run], *, start: str, end: str | None) -> tuple[list[_Run], list[_Run]]:
    """The runs in the order that their hashes tell, from `start` to `end`, and those that have no place in it."""
    left = list(runs)
    order: list[_Run] = []
    reached = start
    while left and reached != end:
        fitting = [run for run in left if run.previous_hash == reached]
        if fitting:
            # Somebody may have added a row that claims the same place: the true one has the log behind it.
            following = max(fitting, key=lambda run: (_rows_behind(run, left), -run.first))
        else:
            ends = {run.hash for run in left}
            beyond = order[-1].last if order else 0
            roots = [run for run in left if run.previous_hash not in ends and run.first > beyond]
            if not roots:
                break
            following = min(roots, key=lambda run: run.first)
        left = [run for run in left if run is not following]
        order.append(following)
        reached = following.hash
    return order, left


def _rows_behind(run: _Run, runs: list[_Run]) -> int:
    """How many rows stand on this run, itself included."""
    by_previous: dict[str, list[_Run]] = defaultdict(list)
    for each in runs:
        by_previous[each.previous_hash].append(each)
    rows, waiting = 0, [run]
    while waiting:
        current = waiting.pop()
        rows += current.rows
        waiting += by_previous.pop(current.hash, [])
    return rows


def _rows_before(run: _Run, others: list[_Run]) -> int:
    return sum(other.rows for other in others if other.first < run.first)


def _rows_lost_and_renumbered(order: list[_Run], added: list[_Run], head: Head | None) -> int:
    """How many rows were taken out so that the later ones, renumbered, leave no gap: the head still counts them."""
    if head is None or not order or order[-1].hash != head.hash:
        return 0
    return max(0, head.seq - (order[-1].last - _rows_before(order[-1], added)))
