"""What one attempt may still send, and whether its outcomes are the last word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.outcomes import attempt
from bot.domain.outcomes.attempt import ATTEMPTS_UNSEEN, PAST_END
from bot.domain.outcomes.outcome import Outcome, Outcomes, Step
from bot.domain.requests.request import Item, ItemState
from tests.unit.domain.requests.cases import NOW, item, request


def a_few(*states: ItemState) -> list[Item]:
    """Items with these states, called `1`, `2` and so on."""
    return [item(str(number), number=number, state=state) for number, state in enumerate(states, 1)]


@pytest.mark.parametrize(
    ("operation", "end", "is_over"),
    [
        (Operation.ADD, 1, False),
        (Operation.ADD, 0, True),
        (Operation.ADD, -1, True),
        (Operation.ADD, None, False),
        (Operation.EXTEND, -1, True),
        (Operation.REMOVE, -1, False),
        (Operation.ANNOTATE, -1, False),
        (Operation.SAFE_LIST_OFF, -1, False),
    ],
)
def test_nothing_is_sent_that_would_be_over_at_once(operation: Operation, end: float | None, is_over: bool) -> None:
    assert attempt.has_ended(request(operation=operation, end=end), NOW) is is_over


@pytest.mark.parametrize(
    ("states", "asked"),
    [
        ((ItemState.PROPOSED,), 1),
        ((ItemState.PROPOSED, ItemState.PROPOSED), 2),
        ((ItemState.PROPOSED, ItemState.INTENDED), 1),
        ((ItemState.INTENDED,), 0),
    ],
)
def test_policy_is_asked_again_about_what_was_certainly_not_sent(states: tuple[ItemState, ...], asked: int) -> None:
    items = a_few(*states)
    assert attempt.for_policy(items) == items[:asked]


@pytest.mark.parametrize(
    ("state", "found", "expected"),
    [
        (ItemState.PROPOSED, None, Outcome(step=Step.FORBIDDEN, words=PAST_END)),
        (ItemState.INTENDED, Outcome(step=Step.AS_ASKED), Outcome(step=Step.AS_ASKED)),
        (ItemState.INTENDED, Outcome(step=Step.MISSING), Outcome(step=Step.UNSEEN)),
        (ItemState.INTENDED, Outcome(step=Step.BARRED, words="No."), Outcome(step=Step.BARRED, words="No.")),
    ],
)
def test_after_the_end_what_may_have_been_sent_is_looked_for_and_nothing_else(
    state: ItemState, found: Outcome | None, expected: Outcome
) -> None:
    outcomes = attempt.too_late(a_few(state), Outcomes({} if found is None else {"1": found}))
    assert outcomes == Outcomes({"1": expected})


@pytest.mark.parametrize(
    ("state", "before", "expected"),
    [
        (ItemState.INTENDED, Step.REFUSED, Step.UNSEEN),
        (ItemState.PROPOSED, Step.REFUSED, Step.REFUSED),
        # The list itself stands against it: so it is not there.
        (ItemState.INTENDED, Step.BARRED, Step.BARRED),
        (ItemState.INTENDED, Step.DONE, Step.DONE),
        (ItemState.INTENDED, Step.UNSEEN, Step.UNSEEN),
    ],
)
def test_what_was_sent_before_and_is_refused_now_is_in_doubt(state: ItemState, before: Step, expected: Step) -> None:
    outcomes = attempt.doubt(Outcomes.of("1", before, "Duplicate."), a_few(state))
    assert outcomes == Outcomes.of("1", expected, "Duplicate.")


@pytest.mark.parametrize(
    ("step", "attempts", "is_last"),
    [
        (Step.DONE, 1, True),
        (Step.REFUSED, 1, True),
        (Step.UNSEEN, 1, False),
        (Step.UNSEEN, ATTEMPTS_UNSEEN - 1, False),
        (Step.UNSEEN, ATTEMPTS_UNSEEN, True),
    ],
)
def test_what_is_not_seen_is_looked_for_again_a_few_times(step: Step, attempts: int, is_last: bool) -> None:
    outcomes = Outcomes.of("1", Step.DONE) | Outcomes.of("2", step)
    assert attempt.is_last_word(outcomes, attempts) is is_last


@pytest.mark.parametrize(
    ("passed", "wait"), [(0, 1), (0.5, 0.5), (1, 2), (3, 4), (7, 8), (14.5, 0.5), (15, None), (3600, None)]
)
def test_the_list_is_looked_at_again_with_growing_waits_before_anything_is_sent_again(
    passed: float, wait: float | None
) -> None:
    assert attempt.next_look(NOW, NOW + timedelta(seconds=passed)) == wait


def test_what_was_refused_when_it_was_first_sent_was_certainly_not_made() -> None:
    items = a_few(ItemState.PROPOSED, ItemState.INTENDED, ItemState.PROPOSED)
    outcomes = Outcomes.of(["1", "2"], Step.REFUSED, "No.") | Outcomes.of(["3"], Step.UNSEEN)
    assert [item.value for item in attempt.not_taken(outcomes, items)] == ["1"]


def test_what_does_not_show_is_sent_so_often_and_then_only_looked_for() -> None:
    assert not attempt.was_sent_often_enough(ATTEMPTS_UNSEEN)
    assert attempt.was_sent_often_enough(ATTEMPTS_UNSEEN + 1)
