"""What a list says of each value: operation by operation, before anything is sent and after it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, FilterPolicy
from bot.domain.lists.list_snapshot import ListSnapshot, safe_lists_on
from bot.domain.lists.traits import Action, ListName
from bot.domain.outcomes.findings import ENDED_ALREADY, NOT_LISTED, ended_entries, find, is_unknown, read_back
from bot.domain.outcomes.outcome import Outcome, Outcomes, Step
from tests.unit.domain.outcomes.cases import ENDED, FILTER, NAME, OTHER, SENDER, change, entry, reading
from tests.unit.domain.requests.cases import DAY, IP, NOW

HELD, LASTING, OVER = entry(), entry(end=None), entry(end=ENDED)
ALLOWED = entry(action=Action.ALLOW)
NOTED = entry(notes="Seen  in\nspring")
AS_ALLOWED = "the list has it as allowed, and a value only once: take that entry out first"

ADD, REMOVE, EXTEND, ANNOTATE = Operation.ADD, Operation.REMOVE, Operation.EXTEND, Operation.ANNOTATE


@pytest.mark.parametrize(
    ("operation", "held", "step", "words", "has_entry"),
    [
        (ADD, [], Step.MISSING, "", False),
        (ADD, [HELD], Step.AS_ASKED, "", True),
        (ADD, [LASTING], Step.AS_ASKED, "", True),
        (ADD, [OVER], Step.MISSING, "", False),
        (ADD, [ALLOWED], Step.BARRED, AS_ALLOWED, False),
        (ADD, [replace(OVER, action=Action.ALLOW)], Step.MISSING, "", False),
        (REMOVE, [], Step.AS_ASKED, "", False),
        (REMOVE, [HELD], Step.MISSING, "", False),
        (REMOVE, [OVER], Step.MISSING, "", False),
        (REMOVE, [ALLOWED], Step.AS_ASKED, "", False),
        (EXTEND, [], Step.BARRED, NOT_LISTED, False),
        (EXTEND, [ALLOWED], Step.BARRED, NOT_LISTED, False),
        (EXTEND, [OVER], Step.BARRED, ENDED_ALREADY, False),
        (EXTEND, [HELD], Step.AS_ASKED, "", True),
        (EXTEND, [LASTING], Step.MISSING, "", True),
        (ANNOTATE, [], Step.BARRED, NOT_LISTED, False),
        (ANNOTATE, [OVER], Step.BARRED, ENDED_ALREADY, False),
        (ANNOTATE, [HELD], Step.MISSING, "", True),
        (ANNOTATE, [NOTED], Step.AS_ASKED, "", True),
    ],
)
def test_a_list_that_keeps_ends_and_notes(
    operation: Operation, held: list[Entry], step: Step, words: str, has_entry: bool
) -> None:
    read = reading(*held)
    found = find(read, change(operation), now=NOW)
    assert found == Outcomes({NAME: Outcome(step=step, words=words, entry=held[0] if has_entry else None)})
    assert found.read_at == NOW
    assert found.reading is read


@pytest.mark.parametrize(
    ("operation", "is_held", "step", "words"),
    [
        (ADD, False, Step.MISSING, ""),
        (ADD, True, Step.AS_ASKED, ""),
        (REMOVE, False, Step.AS_ASKED, ""),
        (REMOVE, True, Step.MISSING, ""),
        # It keeps neither ends nor notes: an entry that is there is as asked.
        (EXTEND, False, Step.BARRED, NOT_LISTED),
        (EXTEND, True, Step.AS_ASKED, ""),
        (ANNOTATE, False, Step.BARRED, NOT_LISTED),
        (ANNOTATE, True, Step.AS_ASKED, ""),
    ],
)
def test_a_list_that_keeps_neither(operation: Operation, is_held: bool, step: Step, words: str) -> None:
    held = [entry(IP, end=None)] if is_held else []
    found = find(reading(*held, name=FILTER), change(operation, IP, name=FILTER), now=NOW)
    assert (found[IP].step, found[IP].words) == (step, words)


@pytest.mark.parametrize(("action", "other"), [(Action.ALLOW, "blocked"), (Action.BLOCK, "allowed")])
def test_a_value_that_is_listed_with_the_other_action_is_barred_in_words(action: Action, other: str) -> None:
    found = find(reading(entry(action=action.other)), change(ADD, action=action), now=NOW)
    words = f"the list has it as {other}, and a value only once: take that entry out first"
    assert found.words_at(Step.BARRED) == {NAME: words}


def test_the_connection_filter_may_have_a_value_as_allowed_and_as_blocked() -> None:
    found = find(reading(entry(IP, action=Action.ALLOW), name=FILTER), change(ADD, IP, name=FILTER), now=NOW)
    assert found.at(Step.MISSING) == (IP,)


@pytest.mark.parametrize(("is_on", "step"), [(True, Step.MISSING), (False, Step.AS_ASKED)])
def test_a_safe_list_is_missing_while_it_is_on(is_on: bool, step: Step) -> None:
    policy = FilterPolicy(identity="Default", safe_list=is_on)
    read = ListSnapshot(list=FILTER, as_of=NOW, policies=(policy,), entries=safe_lists_on((policy,)))
    wanted = change(Operation.SAFE_LIST_OFF, "Default", name=FILTER, action=Action.ALLOW)
    assert find(read, wanted, now=NOW)["Default"].step is step


#: What became of a value that was tried: what the call came to, what the list says afterwards, and what that comes to.
READ_BACK = [
    (Step.TAKEN, "", [HELD], Outcome(step=Step.DONE, entry=HELD)),
    (Step.TAKEN, "", [], Outcome(step=Step.UNSEEN)),
    (Step.TAKEN, "", [ALLOWED], Outcome(step=Step.UNSEEN)),
    (Step.UNANSWERED, "", [HELD], Outcome(step=Step.DONE, entry=HELD)),
    (Step.UNANSWERED, "", [], Outcome(step=Step.UNSEEN)),
    (Step.REFUSED, "Duplicate.", [HELD], Outcome(step=Step.DONE, entry=HELD)),
    (Step.REFUSED, "Bad value.", [], Outcome(step=Step.REFUSED, words="Bad value.")),
    (Step.REFUSED, "Bad value.", [ALLOWED], Outcome(step=Step.REFUSED, words="Bad value.")),
    # What was never sent is not looked for: whatever the list says, it is not this change's doing.
    (Step.LEFT, "", [HELD], Outcome(step=Step.LEFT)),
    (Step.MISSING, "", [HELD], Outcome(step=Step.MISSING)),
]


@pytest.mark.parametrize(("step", "words", "held", "expected"), READ_BACK)
def test_an_addition_is_what_the_list_says_afterwards(
    step: Step, words: str, held: list[Entry], expected: Outcome
) -> None:
    sent, read = Outcomes.of([NAME], step, words), reading(*held)
    back = read_back(sent, read, change(ADD), now=NOW)
    assert back == Outcomes({NAME: expected})
    assert back.reading is read
    assert back.read_at is None, "that is when it was read before anything was sent"


@pytest.mark.parametrize(
    ("operation", "held", "step"),
    [
        (REMOVE, [], Step.DONE),
        (REMOVE, [HELD], Step.UNSEEN),
        (EXTEND, [HELD], Step.DONE),
        (EXTEND, [LASTING], Step.UNSEEN),
        (EXTEND, [], Step.UNSEEN),
        (ANNOTATE, [NOTED], Step.DONE),
        (ANNOTATE, [HELD], Step.UNSEEN),
    ],
)
def test_so_is_every_other_change(operation: Operation, held: list[Entry], step: Step) -> None:
    sent = Outcomes.of([NAME], Step.TAKEN)
    assert read_back(sent, reading(*held), change(operation), now=NOW)[NAME].step is step


@pytest.mark.parametrize(
    ("sent", "back", "unknown"),
    [
        ((Step.UNANSWERED,), (Step.DONE,), False),
        ((Step.UNANSWERED,), (Step.UNSEEN,), True),
        ((Step.UNANSWERED, Step.LEFT), (Step.DONE, Step.LEFT), True),
        # Not its own value, but who knows how late the list is.
        ((Step.UNANSWERED, Step.TAKEN), (Step.DONE, Step.UNSEEN), True),
        ((Step.UNANSWERED, Step.REFUSED), (Step.DONE, Step.REFUSED), False),
        ((Step.TAKEN,), (Step.UNSEEN,), False),
    ],
)
def test_a_lost_answer_leaves_a_change_unknown_unless_the_list_shows_all_of_it(
    sent: tuple[Step, ...], back: tuple[Step, ...], unknown: bool
) -> None:
    def outcomes(steps: tuple[Step, ...]) -> Outcomes:
        return Outcomes({str(number): Outcome(step=step) for number, step in enumerate(steps)})

    assert is_unknown(outcomes(sent), outcomes(back)) is unknown


@pytest.mark.parametrize(
    ("operation", "name", "held", "expected"),
    [
        (ADD, SENDER, [OVER], {Action.BLOCK: (NAME,)}),
        (ADD, SENDER, [replace(OVER, action=Action.ALLOW)], {Action.ALLOW: (NAME,)}),
        (ADD, SENDER, [], {}),
        (ADD, FILTER, [entry(IP, action=Action.ALLOW)], {}),
        (REMOVE, SENDER, [OVER], {}),
        (EXTEND, SENDER, [OVER], {}),
    ],
)
def test_ended_entries_of_either_action_are_to_be_removed_before_an_addition(
    operation: Operation, name: ListName, held: list[Entry], expected: dict[Action, tuple[str, ...]]
) -> None:
    values = (IP,) if name is FILTER else (NAME, OTHER)
    assert ended_entries(reading(*held, name=name), change(operation, *values, name=name)) == expected


def test_an_end_is_as_asked_to_the_minute() -> None:
    asked = change(EXTEND, expires=NOW + 10 * DAY)
    assert find(reading(entry(end=10 + 1 / 2000)), asked, now=NOW).at(Step.AS_ASKED) == (NAME,)
    assert find(reading(entry(end=10.01)), asked, now=NOW).at(Step.MISSING) == (NAME,)
