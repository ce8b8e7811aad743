"""What is recorded of each item: operation by operation, by what became of its value and what is on record of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.outcomes.item_states import (
    NOT_KNOWN,
    SETTLED_BY_READING,
    UNSEEN,
    ToKeep,
    after_annotation,
    after_extension,
    after_keeping,
    item_events,
    items_after,
    to_keep,
)
from bot.domain.outcomes.outcome import Outcome, Outcomes, Step
from bot.domain.outcomes.texts import LIKE_BEFORE, KeptLonger
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.request import Item, ItemState
from tests.unit.domain.outcomes.cases import FILTER, NAME, SENDER, entry
from tests.unit.domain.requests.cases import NOW, in_days, item, record, request

PROPOSED, INTENDED, APPLIED = ItemState.PROPOSED, ItemState.INTENDED, ItemState.APPLIED
ALREADY_SO, REFUSED = ItemState.ALREADY_SO, ItemState.REFUSED
ADD, REMOVE, EXTEND, ANNOTATE = Operation.ADD, Operation.REMOVE, Operation.EXTEND, Operation.ANNOTATE

SHORTER, ENDLESS = entry(end=9), entry(end=None)
ENDS_EARLY = "made, but in the tenant it ends 2030-01-11 03:04 UTC"


ENDS_NEVER = "made, but in the tenant it is without an end"
SETTLED_EARLY = f"{SETTLED_BY_READING}: {ENDS_EARLY}"
AFTER_REFUSAL = "sent, then refused: Duplicate."


def an_item(state: ItemState, outcome: str = "") -> Item:
    return item(NAME, state=state, outcome=outcome)


def done(held: Entry | None = None) -> Outcome:
    return Outcome(step=Step.DONE, entry=held)


def so(held: Entry | None = None) -> Outcome:
    """As asked before anything was sent."""
    return Outcome(step=Step.AS_ASKED, entry=held)


@pytest.mark.parametrize(
    ("operation", "name", "before", "outcome", "state", "words"),
    [
        # Made, as the list says: with the end that the tenant gave it.
        (ADD, SENDER, PROPOSED, done(entry()), APPLIED, ""),
        (ADD, SENDER, INTENDED, done(entry()), APPLIED, ""),
        (ADD, SENDER, PROPOSED, done(SHORTER), APPLIED, ENDS_EARLY),
        (ADD, SENDER, PROPOSED, done(ENDLESS), APPLIED, ENDS_NEVER),
        (ADD, FILTER, PROPOSED, done(ENDLESS), APPLIED, ""),
        (REMOVE, SENDER, PROPOSED, done(), APPLIED, ""),
        (EXTEND, SENDER, PROPOSED, done(SHORTER), APPLIED, ""),
        (ANNOTATE, SENDER, PROPOSED, done(SHORTER), APPLIED, ""),
        (Operation.SAFE_LIST_OFF, FILTER, PROPOSED, done(), APPLIED, ""),
        # Sent, and not to be seen: neither done nor refused, whatever the service said of a later try.
        (ADD, SENDER, PROPOSED, Outcome(step=Step.UNSEEN), INTENDED, UNSEEN),
        (ADD, SENDER, INTENDED, Outcome(step=Step.UNSEEN, words="Duplicate."), INTENDED, AFTER_REFUSAL),
        (REMOVE, SENDER, PROPOSED, Outcome(step=Step.UNSEEN), INTENDED, UNSEEN),
        # Not sent, or refused: in the words of who said no.
        (ADD, SENDER, PROPOSED, Outcome(step=Step.REFUSED, words="Bad value."), REFUSED, "Bad value."),
        (ADD, SENDER, PROPOSED, Outcome(step=Step.FORBIDDEN, words="Not any more."), REFUSED, "Not any more."),
        (EXTEND, SENDER, PROPOSED, Outcome(step=Step.BARRED, words="Not there."), REFUSED, "Not there."),
        (ADD, SENDER, INTENDED, Outcome(step=Step.BARRED, words="Allowed."), REFUSED, "Allowed."),
        # As asked before this attempt sent anything. What was intended is settled by that reading.
        (ADD, SENDER, INTENDED, so(entry()), APPLIED, SETTLED_BY_READING),
        (ADD, SENDER, INTENDED, so(SHORTER), APPLIED, SETTLED_EARLY),
        (REMOVE, SENDER, INTENDED, so(), APPLIED, SETTLED_BY_READING),
        (EXTEND, SENDER, INTENDED, so(entry()), APPLIED, SETTLED_BY_READING),
        (ADD, SENDER, PROPOSED, so(entry()), ALREADY_SO, LIKE_BEFORE),
        (REMOVE, SENDER, PROPOSED, so(), ALREADY_SO, ""),
        (EXTEND, SENDER, PROPOSED, so(entry()), ALREADY_SO, LIKE_BEFORE),
        (ANNOTATE, SENDER, PROPOSED, so(entry()), ALREADY_SO, LIKE_BEFORE),
        (Operation.SAFE_LIST_OFF, FILTER, PROPOSED, so(), ALREADY_SO, LIKE_BEFORE),
        # The list keeps no such thing, so that there was nothing to send: only Portcullis's own record changes.
        (EXTEND, FILTER, PROPOSED, so(ENDLESS), APPLIED, ""),
        (ANNOTATE, FILTER, PROPOSED, so(ENDLESS), APPLIED, ""),
    ],
)  # fmt: skip
def test_an_outcome_becomes_a_state_and_words(
    operation: Operation, name: ListName, before: ItemState, outcome: Outcome, state: ItemState, words: str
) -> None:
    wanted = request(7, an_item(before, "said before"), operation=operation, list=name)
    assert items_after(wanted, wanted.items, Outcomes({NAME: outcome})) == [an_item(state, words)]


@pytest.mark.parametrize("step", [Step.MISSING, Step.TAKEN, Step.UNANSWERED, Step.LEFT])
def test_nothing_is_recorded_of_what_nobody_has_read_back(step: Step) -> None:
    wanted = request(7, an_item(PROPOSED))
    with pytest.raises(ValueError, match="not known yet"):
        items_after(wanted, wanted.items, Outcomes.of([NAME], step))


def test_items_are_recorded_by_state_so_that_each_is_told_once() -> None:
    steps = [Step.REFUSED, Step.UNSEEN, Step.AS_ASKED, Step.DONE, Step.REFUSED, Step.DONE]
    items = [item(str(number), number=number, state=PROPOSED) for number in range(6)]
    outcomes = Outcomes({str(number): Outcome(step=step) for number, step in enumerate(steps)})
    after = items_after(request(7, *items), items, outcomes)
    assert [item.id for item in after] == [3, 5, 2, 1, 0, 4]


@pytest.mark.parametrize(
    ("name", "action", "state", "outcome", "is_known", "kept", "taken_over"),
    [
        # It was missing when the list was read, and is there now: what was on record before that had ended.
        (SENDER, Action.BLOCK, APPLIED, done(entry()), False, {NAME: NOW}, False),
        # It was there before this attempt: nobody knows since when.
        (SENDER, Action.BLOCK, APPLIED, so(entry()), False, {NAME: None}, False),
        # It may come: then it has to end as well.
        (SENDER, Action.BLOCK, INTENDED, Outcome(step=Step.UNSEEN), False, {NAME: None}, False),
        (SENDER, Action.BLOCK, REFUSED, Outcome(step=Step.REFUSED), True, {}, False),
        # There before: what can be taken over is.
        (SENDER, Action.BLOCK, ALREADY_SO, so(entry()), True, {}, False),
        (SENDER, Action.BLOCK, ALREADY_SO, so(ENDLESS), True, {NAME: None}, True),
        (FILTER, Action.BLOCK, ALREADY_SO, so(ENDLESS), False, {}, False),
        (FILTER, Action.BLOCK, ALREADY_SO, so(ENDLESS), True, {NAME: None}, True),
        (FILTER, Action.ALLOW, ALREADY_SO, so(ENDLESS), False, {NAME: None}, True),
    ],
)
def test_what_was_added_or_may_have_been_is_kept(
    name: ListName,
    action: Action,
    state: ItemState,
    outcome: Outcome,
    is_known: bool,
    kept: dict[str, datetime | None],
    taken_over: bool,
) -> None:
    wanted = request(7, an_item(state), list=name, action=action)
    before = [record(3, NAME, list=name, action=action)] if is_known else []
    found = to_keep(wanted, wanted.items, Outcomes({NAME: outcome}, read_at=NOW), EntryRecords(wanted, before))
    assert found == ToKeep(values=kept, taken_over=frozenset({NAME} if taken_over else ()))


BY_ANOTHER = "there already, until 2030-01-22 03:04 UTC, by #3"
OURS = f"{LIKE_BEFORE}; Portcullis takes it out 2030-01-12 03:04 UTC"
SOMEBODYS = f"{LIKE_BEFORE}, by somebody else: Portcullis leaves it there, without an end"


@pytest.mark.parametrize(
    ("name", "end", "before", "entry_before", "taken_over", "is_longer", "words"),
    [
        (SENDER, 10, an_item(APPLIED), entry(), False, False, ""),
        (SENDER, 10, an_item(APPLIED, ENDS_EARLY), SHORTER, False, False, ENDS_EARLY),
        (SENDER, 10, an_item(APPLIED), entry(), False, True, BY_ANOTHER),
        (SENDER, 10, an_item(ALREADY_SO), entry(end=20), False, True, BY_ANOTHER),
        (FILTER, 10, an_item(ALREADY_SO), ENDLESS, True, False, OURS),
        (FILTER, None, an_item(ALREADY_SO), ENDLESS, True, False, LIKE_BEFORE),
        (FILTER, 10, an_item(ALREADY_SO), ENDLESS, False, False, SOMEBODYS),
        (FILTER, None, an_item(ALREADY_SO), ENDLESS, False, False, SOMEBODYS),
        (SENDER, 10, an_item(ALREADY_SO), None, False, False, LIKE_BEFORE),
        (SENDER, 10, an_item(ALREADY_SO), entry(), False, False, LIKE_BEFORE),
        (SENDER, 10, an_item(ALREADY_SO), SHORTER, False, False, "there already, but ends 2030-01-11 03:04 UTC"),
        (SENDER, 10, an_item(ALREADY_SO), ENDLESS, False, False, "there already, but without an end"),
        # Beyond what the service keeps: it would be Portcullis's to end, and is somebody else's.
        (SENDER, 200, an_item(ALREADY_SO), ENDLESS, False, False, SOMEBODYS),
        (SENDER, 200, an_item(ALREADY_SO), SHORTER, False, False, "there already, but ends 2030-01-11 03:04 UTC"),
        # Nobody knows, or it was refused: whoever keeps the entry changes nothing about that.
        (SENDER, 10, an_item(INTENDED, UNSEEN), None, False, True, UNSEEN),
        (SENDER, 10, an_item(REFUSED, "Bad value."), None, False, False, "Bad value."),
    ],
)
def test_an_item_says_who_ends_its_entry_and_when(
    name: ListName,
    end: float | None,
    before: Item,
    entry_before: Entry | None,
    taken_over: bool,
    is_longer: bool,
    words: str,
) -> None:
    wanted = request(7, before, list=name, end=end)
    outcomes = Outcomes({NAME: so(entry_before)})
    kept = ToKeep(values={}, taken_over=frozenset({NAME} if taken_over else ()))
    longer = {NAME: KeptLonger(expires=in_days(20), number=3)} if is_longer else {}
    assert after_keeping(wanted, wanted.items, outcomes, kept, longer) == [replace(before, outcome=words)]


@pytest.mark.parametrize(
    ("end", "before", "is_moved", "after"),
    [
        # Beyond what the service keeps, the tenant has it without an end before and afterwards.
        (200, an_item(ALREADY_SO, LIKE_BEFORE), True, an_item(APPLIED)),
        (None, an_item(ALREADY_SO, LIKE_BEFORE), True, an_item(APPLIED)),
        (200, an_item(ALREADY_SO, LIKE_BEFORE), False, an_item(ALREADY_SO, LIKE_BEFORE)),
        (10, an_item(ALREADY_SO, LIKE_BEFORE), True, an_item(ALREADY_SO, LIKE_BEFORE)),
        (200, an_item(APPLIED, SETTLED_BY_READING), True, an_item(APPLIED, SETTLED_BY_READING)),
        (200, an_item(REFUSED, "Not there."), False, an_item(REFUSED, "Not there.")),
    ],
)
def test_an_end_that_only_portcullis_keeps_has_changed_if_its_record_has(
    end: float | None, before: Item, is_moved: bool, after: Item
) -> None:
    wanted = request(7, before, operation=EXTEND, list=SENDER, end=end)
    assert after_extension(wanted, wanted.items, {NAME} if is_moved else ()) == [after]


@pytest.mark.parametrize(
    ("name", "before", "is_unknown", "after"),
    [
        (FILTER, an_item(APPLIED), False, an_item(APPLIED)),
        (FILTER, an_item(APPLIED), True, an_item(REFUSED, NOT_KNOWN)),
        (FILTER, an_item(REFUSED, "Not there."), False, an_item(REFUSED, "Not there.")),
        (SENDER, an_item(APPLIED), True, an_item(APPLIED)),
        (SENDER, an_item(ALREADY_SO, LIKE_BEFORE), True, an_item(ALREADY_SO, LIKE_BEFORE)),
    ],
)
def test_notes_that_neither_the_list_nor_portcullis_keeps_are_refused(
    name: ListName, before: Item, is_unknown: bool, after: Item
) -> None:
    wanted = request(7, before, operation=ANNOTATE, list=name, end=None)
    assert after_annotation(wanted, wanted.items, {NAME} if is_unknown else ()) == [after]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (APPLIED, EventKind.ITEM_APPLIED),
        (ALREADY_SO, EventKind.ITEM_ALREADY_SO),
        (REFUSED, EventKind.ITEM_REFUSED),
        (INTENDED, None),
    ],
)
def test_an_event_tells_how_it_went_if_anybody_knows(state: ItemState, kind: EventKind | None) -> None:
    wanted = request(7, an_item(state, "In words."))
    events = item_events(wanted, wanted.items, at=NOW)
    assert [event.kind for event in events] == ([] if kind is None else [kind])
    for event in events:
        assert (event.actor, event.target, event.request_id, event.at) == (PORTCULLIS, NAME, 7, NOW)
        assert event.payload == {
            "operation": wanted.operation,
            "action": wanted.action,
            "list": wanted.list,
            "outcome": "In words.",
        }
