"""From what the database shows follows what a kill interrupted, when it was settled, and from when that counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.store import Job
from bot.workflow.shared.job_kinds import JobKind
from tests.chaos.bots import Life
from tests.chaos.recovery import AT_WORK, FAILED, HELD, UNTAKEN, Recoveries, Seen
from tests.support.samples import NOW

DEAD, NEXT, PEER = 100, 101, 200


def job(number: int = 1, worker: int | None = None, **changes: Any) -> Job:  # noqa: ANN401 - the fields of a job
    values: dict[str, Any] = {
        "id": number,
        "tenant_id": "one",
        "kind": JobKind.NOTIFY,
        "payload": {},
        "key": None,
        "attempts": 1,
        "failures": 0,
        "fence": 1,
        "worker": "" if worker is None else f"machine:{worker}",
        "run_at": NOW,
        "due_at": NOW,
        "created_at": NOW,
        "lease_until": None if worker is None else NOW + timedelta(seconds=6),
    }
    return Job(**(values | changes))


class Trial:
    """One bot that is killed at 10 and started again at 11, by the clock of lives; with a `peer`, one beside it."""

    def __init__(self, *, peer: bool = False) -> None:
        self.lives = [Life(bot=1, process_id=DEAD, started=1.0)]
        if peer:
            self.lives.append(Life(bot=2, process_id=PEER, started=1.0))
        self.recoveries = Recoveries()
        self.faults = 0

    def at(self, at: float, *jobs: Job, doubted: dict[str, int | None] | None = None) -> None:
        """What is there at a time; at 10 the bot is killed, and at 11 the next process has been started."""
        if at >= 10:
            self.lives[0].ended = 10.0
        if at >= 11 and all(life.process_id != NEXT for life in self.lives):
            self.lives.append(Life(bot=1, process_id=NEXT, started=11.0))
        now = NOW + timedelta(seconds=at)
        self.recoveries.note(Seen(at=at, now=now, jobs=jobs, doubted=doubted or {}, faults=self.faults), self.lives)


def test_alone_it_counts_from_the_start_of_the_next_process() -> None:
    trial = Trial()
    trial.at(10.0, job(1, DEAD), job(2))
    trial.at(12.0, job(1, DEAD))
    trial.at(14.0, job(1, NEXT))
    trial.at(15.0)
    [done] = trial.recoveries.done
    assert (done.from_start, done.from_end) == (4.0, 5.0)
    assert done.interrupted == {JobKind.NOTIFY: 1}
    assert dict(done.waits) == {HELD: 2.0, AT_WORK: 2.0}
    assert done.is_alone
    assert done.is_undisturbed
    [taken_over] = trial.recoveries.taken_over
    assert (taken_over.after, taken_over.is_alone) == (4.0, True)


def test_among_others_it_counts_from_when_the_first_of_it_was_taken_over() -> None:
    trial = Trial(peer=True)
    trial.at(10.0, job(1, DEAD), job(2, DEAD), job(3, PEER))
    trial.at(16.0, job(1, PEER), job(2, DEAD))
    trial.at(17.0, job(2, PEER))
    trial.at(19.0)
    [done] = trial.recoveries.done
    assert (done.from_start, done.from_end) == (3.0, 9.0)
    assert done.settled_after == {JobKind.NOTIFY: 3.0}
    assert not done.is_alone
    assert [(each.after, each.is_alone) for each in trial.recoveries.taken_over] == [(7.0, False)]


def test_what_is_put_back_is_not_settled_and_what_it_waits_for_is_told() -> None:
    trial = Trial()
    trial.at(10.0, job(1, DEAD))
    later = NOW + timedelta(seconds=100)
    trial.at(12.0, job(1, run_at=later, error="It waits for its turn: Slack takes a message a second in each channel."))
    trial.at(13.0, job(1, run_at=later, error="Slack answered 500."))
    trial.at(15.0, job(1, run_at=NOW, error="Slack answered 500."))
    trial.at(16.0)
    [done] = trial.recoveries.done
    assert dict(done.waits) == {"Slack's rates": 2.0, FAILED: 1.0, UNTAKEN: 2.0}
    assert (done.from_start, done.waited) == (5.0, 3.0)


def test_what_something_went_wrong_with_meanwhile_is_told_apart() -> None:
    trial = Trial()
    trial.faults = 3
    trial.at(10.0, job(1, DEAD))
    trial.at(12.0, job(1, NEXT))
    trial.faults = 4
    trial.at(13.0)
    assert [done.is_undisturbed for done in trial.recoveries.done] == [False]


@pytest.mark.parametrize(
    ("newer", "is_settled"),
    [
        (job(2, key="notify:1"), True),  # another need
        (job(2, key="notify:1", error="Slack answered 500."), False),  # stands for both
        (job(2, key="notify:2", error="Slack answered 500."), True),
    ],
)
def test_the_job_that_stands_for_both_is_followed(newer: Job, is_settled: bool) -> None:
    trial = Trial()
    trial.at(10.0, job(1, DEAD, key="notify:1"))
    trial.at(12.0, newer)
    assert bool(trial.recoveries.done) is is_settled
    trial.at(13.0)
    assert len(trial.recoveries.done) == 1


def test_what_comes_round_is_settled_once_it_is_put_off() -> None:
    trial = Trial()
    trial.at(10.0, job(1, DEAD, kind=JobKind.FOLLOW))
    trial.at(12.0, job(1, kind=JobKind.FOLLOW, run_at=NOW + timedelta(hours=1)))
    assert [done.from_start for done in trial.recoveries.done] == [1.0]


def test_a_message_in_doubt_is_settled_once_it_is_known_whether_it_stands() -> None:
    trial = Trial()
    trial.at(10.0, doubted={"of the dead": 1, "of another": 2, "of nobody known": None})
    trial.at(12.0, doubted={"of the dead": 1, "of another": 2})
    assert trial.recoveries.left() == ["message"]
    trial.at(14.0)
    assert [done.from_start for done in trial.recoveries.done] == [3.0]


def test_what_is_interrupted_once_more_counts_from_the_later_kill() -> None:
    trial = Trial()
    trial.at(10.0, job(1, DEAD), job(2, DEAD))
    trial.at(12.0, job(1, NEXT))
    trial.lives[-1].ended = 13.0
    trial.lives.append(Life(bot=1, process_id=NEXT + 1, started=14.0))
    trial.at(13.5, job(1, NEXT))
    trial.at(20.0)
    first, second = trial.recoveries.done
    assert (first.from_start, first.interrupted) == (1.0, {JobKind.NOTIFY: 1})
    assert (second.from_start, second.from_end, second.interrupted) == (6.0, 7.0, {JobKind.NOTIFY: 1})
    assert trial.recoveries.interrupted_again == 1


def test_a_kill_that_interrupts_nothing_is_counted_and_no_more() -> None:
    trial = Trial(peer=True)
    trial.at(10.0, job(1, PEER))
    trial.at(12.0)
    assert (trial.recoveries.idle, trial.recoveries.done) == (1, [])


def test_what_was_looked_at_before_the_end_is_not_what_the_kill_interrupted() -> None:
    trial = Trial()
    trial.lives[0].ended = 10.0
    trial.at(9.9, job(1, DEAD))
    assert trial.recoveries.idle == 0
    trial.at(10.1)
    assert trial.recoveries.idle == 1
