"""What a second look at the list comes to: by operation, by the item's state, and by what the list says now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.outcomes.confirmation import (
    CHANGED_BACK,
    LATE,
    LOOKS,
    Confirmation,
    Standing,
    confirm,
    named,
    next_look,
    standing,
    standing_first,
    to_confirm,
)
from bot.domain.outcomes.outcome import Outcome, Outcomes, Step
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, ItemState
from tests.unit.domain.outcomes.cases import NAME, SENDER, entry
from tests.unit.domain.requests.cases import NOW, item, record, request

APPLIED, ALREADY_SO, INTENDED = ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.INTENDED
CONFIRMED, REMOVED = ItemState.CONFIRMED, ItemState.REMOVED
ADD, REMOVE, EXTEND, ANNOTATE = Operation.ADD, Operation.REMOVE, Operation.EXTEND, Operation.ANNOTATE

TOLD, MISSED = EventKind.ITEM_CONFIRMED, EventKind.ITEM_MISSING

SO, ABSENT = Outcome(step=Step.AS_ASKED, entry=entry()), Outcome(step=Step.MISSING)
BARRED = Outcome(step=Step.BARRED, words="the list has it as allowed")


def other(**changes: object) -> Outcome:
    """The entry is there, and not as asked."""
    return Outcome(step=Step.MISSING, entry=entry(**changes))  # type: ignore[arg-type]


def known(number: int, *, notes: str = "") -> KnownEntry:
    return record(number, NAME, list=SENDER, notes=notes)


@pytest.mark.parametrize(
    ("operation", "state", "outcome", "on_record", "expected"),
    [
        *[(operation, state, SO, [], Standing.STANDS) for operation in Operation for state in (APPLIED, ALREADY_SO)],
        *[(operation, INTENDED, SO, [], Standing.LATE) for operation in Operation],
        *[(operation, APPLIED, ABSENT, [], Standing.GONE) for operation in Operation],
        *[(operation, INTENDED, ABSENT, [], Standing.UNKNOWN) for operation in Operation],
        (ADD, ALREADY_SO, BARRED, [], Standing.GONE),
        (ADD, INTENDED, BARRED, [], Standing.UNKNOWN),
        # Another request keeps the entry: it gave it yet another end.
        (EXTEND, APPLIED, other(end=20), [known(9)], Standing.OVERTAKEN),
        (EXTEND, INTENDED, other(end=20), [known(9)], Standing.OVERTAKEN),
        (EXTEND, APPLIED, other(end=20), [known(7)], Standing.GONE),
        (EXTEND, APPLIED, ABSENT, [known(9)], Standing.GONE),
        # The record says something else by now, or the tenant's notes name a later request.
        (ANNOTATE, APPLIED, other(), [known(3, notes="Other words")], Standing.OVERTAKEN),
        (ANNOTATE, APPLIED, other(), [known(3, notes="The reason of request 7")], Standing.GONE),
        (ANNOTATE, APPLIED, other(notes="Other words (Portcullis request 8)"), [], Standing.OVERTAKEN),
        (ANNOTATE, APPLIED, other(notes="Other words (Portcullis request 6)"), [], Standing.GONE),
        (ANNOTATE, APPLIED, other(notes="Other words (Portcullis request 7)"), [], Standing.GONE),
        (ANNOTATE, APPLIED, other(notes="Other words (Portcullis request 6, part 3)"), [], Standing.OVERTAKEN),
        (ANNOTATE, APPLIED, other(notes="Other words (Portcullis request 6, part 2)"), [], Standing.GONE),
        (ANNOTATE, APPLIED, other(notes="By hand"), [], Standing.GONE),
        (ANNOTATE, APPLIED, ABSENT, [known(3, notes="Other words")], Standing.GONE),
        # No other operation is overtaken by what others keep.
        (ADD, APPLIED, ABSENT, [known(9)], Standing.GONE),
        (REMOVE, APPLIED, other(), [known(9)], Standing.GONE),
    ],
)
def test_how_it_stands_with_an_item(
    operation: Operation, state: ItemState, outcome: Outcome, on_record: list[KnownEntry], expected: Standing
) -> None:
    wanted = request(7, item(NAME, state=state), operation=operation, list=SENDER)
    records = EntryRecords(wanted, on_record)
    assert standing(wanted, wanted.items[0], outcome, records, state_now=state) is expected


@pytest.mark.parametrize("outcome", [SO, ABSENT, BARRED, other()])
@pytest.mark.parametrize("state", [APPLIED, INTENDED])
@pytest.mark.parametrize("state_now", [REMOVED, ItemState.EXPIRED, CONFIRMED])
def test_what_was_recorded_while_the_list_was_read_is_newer(
    outcome: Outcome, state: ItemState, state_now: ItemState
) -> None:
    wanted = request(7, item(NAME, state=state), list=SENDER)
    records = EntryRecords(wanted, [])
    assert standing(wanted, wanted.items[0], outcome, records, state_now=state_now) is Standing.RECORDED


def a_look(operation: Operation, before: Item, outcome: Outcome, *, state_now: ItemState | None = None) -> Confirmation:
    wanted = request(7, before, operation=operation, list=SENDER)
    return confirm(
        wanted,
        wanted.items,
        Outcomes({NAME: outcome}),
        EntryRecords(wanted, []),
        states_now={before.id: state_now or before.state},
        at=NOW,
    )


@pytest.mark.parametrize(
    ("before", "outcome", "state", "words", "kind", "late", "gone", "unknown"),
    [
        (item(NAME, outcome="made, but shorter"), SO, CONFIRMED, "made, but shorter", TOLD, False, False, 0),
        (item(NAME, state=ALREADY_SO, outcome="there"), SO, CONFIRMED, "there", TOLD, False, False, 0),
        (item(NAME, state=INTENDED, outcome="unseen"), SO, CONFIRMED, LATE, TOLD, True, False, 0),
        (item(NAME), ABSENT, REMOVED, CHANGED_BACK, MISSED, False, True, 0),
        (item(NAME, state=INTENDED), ABSENT, None, "", None, False, False, 1),
    ],
)  # fmt: skip
def test_what_is_recorded_of_it(
    before: Item,
    outcome: Outcome,
    state: ItemState | None,
    words: str,
    kind: EventKind | None,
    late: bool,
    gone: bool,
    unknown: int,
) -> None:
    found = a_look(ADD, before, outcome)
    assert found.items == (() if state is None else (replace(before, state=state, outcome=words),))
    assert [event.kind for event in found.events] == ([] if kind is None else [kind])
    assert found.late == ((NAME,) if late else ())
    assert found.gone == ((NAME,) if gone else ())
    assert found.unknown == unknown


@pytest.mark.parametrize(
    ("before", "outcome", "words", "kind"),
    [
        (item(NAME, state=ALREADY_SO), ABSENT, "by #9", EventKind.ITEM_REMOVED),
        (item(NAME), ABSENT, "by #9", EventKind.ITEM_REMOVED),
        (item(NAME), other(), CHANGED_BACK, MISSED),  # it is there again, and otherwise: that was somebody else
        (item(NAME, state=ALREADY_SO), SO, "", TOLD),
        (item(NAME, state=INTENDED), ABSENT, None, None),  # it may never have been there
    ],
)
def test_what_a_later_request_has_taken_out_nobody_has_changed_back(
    before: Item, outcome: Outcome, words: str | None, kind: EventKind | None
) -> None:
    wanted, removal = request(7, before, list=SENDER), request(9, item(NAME), operation=REMOVE, list=SENDER)
    found = confirm(
        wanted,
        wanted.items,
        Outcomes({NAME: outcome}),
        EntryRecords(wanted, []),
        states_now={before.id: before.state},
        at=NOW,
        taken_out={NAME: removal},
    )
    assert [each.outcome for each in found.items] == ([] if words is None else [words])
    assert [(event.kind, event.request_id) for event in found.events] == ([] if kind is None else [(kind, 7)])
    assert found.gone == ((NAME,) if kind is MISSED else ())


def test_nothing_is_recorded_of_what_something_newer_is() -> None:
    assert a_look(ADD, item(NAME), ABSENT, state_now=REMOVED) == Confirmation()


@pytest.mark.parametrize("outcome", [SO, ABSENT])
def test_an_event_names_the_value_and_the_list(outcome: Outcome) -> None:
    [event] = a_look(ADD, item(NAME), outcome).events
    assert (event.actor, event.target, event.request_id, event.at) == (PORTCULLIS, NAME, 7, NOW)
    assert set(event.payload) == {"operation", "action", "list"}


@pytest.mark.parametrize(
    ("operation", "entry_now", "ends"),
    [
        (ADD, None, True),
        (EXTEND, None, True),
        (EXTEND, entry(end=20), False),  # somebody gave it another end: it is still there, and still kept
        (REMOVE, None, False),
        (ANNOTATE, None, False),
        (ANNOTATE, entry(), False),
        (Operation.SAFE_LIST_OFF, None, False),
    ],
)
def test_nothing_is_kept_of_an_entry_that_is_gone(operation: Operation, entry_now: Entry | None, ends: bool) -> None:
    found = a_look(operation, item(NAME), Outcome(step=Step.MISSING, entry=entry_now))
    assert found.gone == (NAME,)
    assert found.kept_no_more == ((NAME,) if ends else ())


def test_all_that_stand_are_told_before_all_that_are_gone() -> None:
    items = [item(value, number=number) for number, value in enumerate("abcd")]
    outcomes = Outcomes({"a": ABSENT, "b": SO, "c": BARRED, "d": SO})
    ordered = standing_first(items, outcomes)
    assert [item.value for item in ordered] == ["b", "d", "a", "c"]
    wanted = request(7, *items)
    states = {item.id: item.state for item in items}
    found = confirm(wanted, ordered, outcomes, EntryRecords(wanted, []), states_now=states, at=NOW)
    assert [event.target for event in found.events] == ["b", "d", "a", "c"]
    assert found.gone == ("a", "c")


@pytest.mark.parametrize("state", ItemState)
def test_what_was_applied_or_may_have_been_is_looked_after(state: ItemState) -> None:
    looked_after = to_confirm([item(state=state)])
    assert bool(looked_after) is (state in {APPLIED, ALREADY_SO, INTENDED})


@pytest.mark.parametrize(("looks", "minutes"), [(1, 10), (2, 20), (8, 1280), (LOOKS, None), (LOOKS + 1, None)])
def test_the_next_look_comes_after_twice_the_wait(looks: int, minutes: int | None) -> None:
    at = None if minutes is None else NOW + timedelta(minutes=minutes)
    assert next_look(looks, now=NOW, confirm_after=timedelta(minutes=5)) == at


@pytest.mark.parametrize(
    ("count", "ends"), [(1, "v0"), (10, "v8, v9"), (11, "v8, v9 and 1 more"), (1510, "v8, v9 and 1,500 more")]
)
def test_the_first_ten_that_are_gone_are_named(count: int, ends: str) -> None:
    assert named([f"v{number}" for number in range(count)]).endswith(ends)
