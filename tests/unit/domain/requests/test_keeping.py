"""Who keeps an entry until when. The rules have their numbers in the module's docstring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests import keeping
from bot.domain.requests.ends import ENDING
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, ItemState, Request, Status
from tests.unit.domain.requests.cases import DAY, IP, NOW, SECOND, in_days, item, record, request

ANOTHER = "203.0.113.8"
NETWORK, SAME_NETWORK = "203.0.113.4/30", "203.0.113.4-203.0.113.7"


def numbers(records: Sequence[KnownEntry]) -> list[int]:
    return [entry.request_id for entry in records]


def test_records_are_found_in_whichever_spelling_by_list_and_action() -> None:
    mine, other = record(7, NETWORK), record(3, SAME_NETWORK)
    records = EntryRecords(
        request(7),
        [
            other,
            mine,
            record(4, NETWORK, action=Action.ALLOW),
            record(5, NETWORK, list=ListName.SPOOF),
            record(6, IP),
        ],
    )
    for value in (NETWORK, SAME_NETWORK):
        assert records.of(value) == (other, mine)
        assert records.own(value) == (mine,)
        assert records.others(value) == (other,)
    assert records.of(ANOTHER) == records.own(ANOTHER) == records.others(ANOTHER) == ()


@pytest.mark.parametrize(
    ("keeps_until", "wanted_until", "stays"),
    [
        (5, 10, False),
        (10, 10, True),
        (20, 10, True),
        (None, 10, True),
        (None, None, True),
        (10, None, False),
    ],
)
def test_of_two_ends_the_later_one_keeps(keeps_until: float | None, wanted_until: float | None, stays: bool) -> None:
    """Rules 1 and 2."""
    before, wanted = record(3, end=keeps_until), request(7, end=wanted_until)
    result = keeping.keep(wanted, EntryRecords(wanted, [before]), {IP: None}, at=NOW)
    if stays:
        assert result.longer == {IP: before}
        assert result.kept == result.handed_over == result.missed == ()
        return
    assert result.longer == {}
    assert result.handed_over == (before,)
    assert result.missed == ()
    [kept] = result.kept
    assert (kept.request_id, kept.expires, kept.since) == (7, wanted.expires, NOW)
    assert (kept.requester, kept.reason) == (wanted.requester, wanted.reason)
    assert (kept.list, kept.action, kept.value) == (wanted.list, wanted.action, IP)


def test_a_later_end_by_a_second_is_a_later_end() -> None:
    wanted = request(7)
    before = record(3, expires=NOW + 10 * DAY - SECOND)
    assert keeping.keep(wanted, EntryRecords(wanted, [before]), {IP: None}, at=NOW).handed_over == (before,)


@pytest.mark.parametrize(("end", "words"), [(10, "until 2030-01-12 03:04 UTC"), (None, "without an end")])
def test_the_others_are_told_who_keeps_it_on(end: float | None, words: str) -> None:
    wanted = request(7, end=end)
    assert keeping.keep(wanted, EntryRecords(wanted, []), {}, at=NOW).said == f"kept on, {words}, by #7"
    said = keeping.extend(wanted, EntryRecords(wanted, []), [], at=NOW).said
    assert said == f"given another end ({words}) by #7"


def test_what_a_request_keeps_already_is_recorded_anew() -> None:
    """A second attempt records what the first one did."""
    wanted = request(7)
    result = keeping.keep(wanted, EntryRecords(wanted, [record(7, end=None)]), {IP: None}, at=NOW)
    assert numbers(result.kept) == [7]
    assert result.handed_over == result.missed == ()
    assert result.longer == {}


@pytest.mark.parametrize(
    ("missing_at", "had_ended"),
    [
        (None, False),
        (NOW - DAY - SECOND, False),  # recorded after the list was read
        (NOW - DAY, False),
        (NOW - DAY + SECOND, True),
    ],
)
def test_what_was_found_missing_had_ended(missing_at: datetime | None, had_ended: bool) -> None:
    """Rule 4: its record lends neither its later end nor its notes."""
    wanted, before = request(7), record(3, end=None, notes="Keep me", since=NOW - DAY)
    result = keeping.keep(wanted, EntryRecords(wanted, [before]), {IP: missing_at}, at=NOW)
    if not had_ended:
        assert result.longer == {IP: before}
        return
    assert result.missed == (before,)
    assert result.handed_over == ()
    assert result.longer == {}
    [kept] = result.kept
    assert kept.notes == ""


def test_each_value_is_decided_by_itself() -> None:
    wanted = request(7)
    longer, shorter = record(3, end=20), record(4, ANOTHER, end=2, notes="Keep me")
    gone = record(5, NETWORK, end=30)
    values = {IP: None, ANOTHER: None, NETWORK: NOW, "203.0.113.9": NOW}
    result = keeping.keep(wanted, EntryRecords(wanted, [longer, shorter, gone]), values, at=NOW)
    assert result.longer == {IP: longer}
    assert result.handed_over == (shorter,)
    assert result.missed == (gone,)
    assert [(kept.value, kept.notes) for kept in result.kept] == [
        (ANOTHER, "Keep me"),
        (NETWORK, ""),
        ("203.0.113.9", ""),
    ]


@pytest.mark.parametrize(
    ("before", "end", "moved"),
    [
        ([record(3, end=5)], 10, True),
        ([record(3, end=20)], 10, True),  # an earlier end too
        ([record(3, end=None)], 10, True),
        ([record(3, end=10)], 10, False),
        ([record(3, end=10), record(4, end=5)], 10, True),
        ([record(3, end=None)], None, False),
        ([record(3, end=10)], None, True),
        ([], 10, True),  # nobody kept it: that is "never"
        ([], None, False),
        ([record(7, end=5)], None, False),  # its own record, of an attempt before
    ],
)
def test_an_extension_is_the_last_word(before: list[KnownEntry], end: float | None, moved: bool) -> None:
    """Rule 3."""
    wanted = request(7, end=end, operation=Operation.EXTEND)
    result = keeping.extend(wanted, EntryRecords(wanted, before), [IP], at=NOW)
    assert result.moved == (frozenset({IP}) if moved else frozenset())
    assert numbers(result.handed_over) == [entry.request_id for entry in before if entry.request_id != 7]
    [kept] = result.kept
    assert (kept.request_id, kept.value, kept.expires, kept.since) == (7, IP, in_days(end), NOW)


def test_notes_change_no_keeper() -> None:
    """Rule 8."""
    noting = request(7, operation=Operation.ANNOTATE, end=None, reason="Asked for by the help desk")
    before = record(3, notes="Older")
    result = keeping.annotate(noting, EntryRecords(noting, [before]), [IP, ANOTHER])
    assert result.noted == (replace(before, notes="Asked for by the help desk"),)
    assert result.unknown == {ANOTHER}


def test_notes_go_with_the_entry_to_the_next_keeper() -> None:
    """Rule 8: the first that says something, of several spellings of it."""
    wanted = request(7, NETWORK_ITEM, operation=Operation.EXTEND)
    before = [record(3, NETWORK), record(4, SAME_NETWORK, notes="Keep me")]
    records = EntryRecords(wanted, before)
    assert [kept.notes for kept in keeping.extend(wanted, records, [NETWORK], at=NOW).kept] == ["Keep me"]
    assert [kept.notes for kept in keeping.keep(wanted, records, {NETWORK: None}, at=NOW).kept] == ["Keep me"]


NETWORK_ITEM = item(NETWORK)

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
FILTER, SENDER = ListName.CONNECTION_FILTER, ListName.SENDER


def listed(name: ListName, action: Action, end: float | None = None, *, by_use: bool = False) -> Entry:
    return Entry(list=name, action=action, value="x", expires=in_days(end), bounded_by_use=by_use)


@pytest.mark.parametrize(
    ("name", "action", "entry", "known", "end", "expected"),
    [
        # Where the tenant keeps no end.
        (FILTER, ALLOW, listed(FILTER, ALLOW), [], 7, True),
        (FILTER, ALLOW, listed(FILTER, ALLOW), [record(3)], 7, True),
        (FILTER, BLOCK, listed(FILTER, BLOCK), [], 7, False),
        (FILTER, BLOCK, listed(FILTER, BLOCK), [record(3)], 7, True),
        # Where it does: only what has no end, and is known, and Portcullis ends it by one of the two requests.
        (SENDER, BLOCK, listed(SENDER, BLOCK), [record(3, end=None)], 120, True),
        (SENDER, BLOCK, listed(SENDER, BLOCK), [record(3, end=110)], None, True),
        (SENDER, BLOCK, listed(SENDER, BLOCK), [record(3, end=None)], None, False),
        (SENDER, BLOCK, listed(SENDER, BLOCK), [record(3, end=None)], 10, False),
        (SENDER, BLOCK, listed(SENDER, BLOCK), [record(3, end=None), record(4, end=9)], 10, True),
        (SENDER, BLOCK, listed(SENDER, BLOCK), [], 120, False),
        (SENDER, BLOCK, listed(SENDER, BLOCK, 50), [record(3, end=None)], 120, False),
        (SENDER, BLOCK, listed(SENDER, BLOCK, by_use=True), [record(3, end=None)], 120, False),
        (SENDER, BLOCK, None, [record(3, end=None)], 120, False),
    ],
)
def test_what_was_there_before_is_taken_over(
    name: ListName, action: Action, entry: Entry | None, known: list[KnownEntry], end: float | None, expected: bool
) -> None:
    """Rule 6."""
    wanted = request(7, list=name, action=action, end=end)
    assert keeping.takes_over(wanted, entry, known) is expected
    for operation in set(Operation) - {Operation.ADD}:
        assert not keeping.takes_over(replace(wanted, operation=operation), entry, known)


@pytest.mark.parametrize(
    ("outcomes", "given_up", "expected"),
    [
        (["", "kept on"], False, True),
        ([], False, True),
        ([ENDING], False, False),
        (["", ENDING], False, False),
        ([ENDING], True, True),  # what it sent must be kept by somebody
    ],
)
def test_what_is_being_taken_out_is_not_handed_over(outcomes: list[str], given_up: bool, expected: bool) -> None:
    """Rule 5."""
    items = [item(outcome=outcome) for outcome in outcomes]
    assert keeping.may_be_handed_over(items, given_up=given_up) is expected
    if not given_up:
        assert keeping.may_be_handed_over(items) is expected


def test_the_items_of_a_keeper_are_found_in_whichever_spelling() -> None:
    keeper = request(3, item(IP, number=1), item(SAME_NETWORK, number=2), item(ANOTHER, number=3))
    assert [found.id for found in keeping.items_kept(keeper, [record(3, NETWORK), record(3, ANOTHER)])] == [2, 3]
    assert keeping.items_kept(keeper, []) == ()


SENT = item(number=1, state=ItemState.INTENDED)
NOT_SENT = item(ANOTHER, number=2, state=ItemState.PROPOSED)
ADDING = request(5, SENT, NOT_SENT, status=Status.APPLYING)


@pytest.mark.parametrize(
    ("other", "stopped"),
    [
        (ADDING, [SENT]),
        (replace(ADDING, id=6), [SENT]),
        (replace(ADDING, id=8), []),  # approved after the removal
        (replace(ADDING, status=Status.APPROVED), []),
        (replace(ADDING, status=Status.PENDING), []),
        (replace(ADDING, action=Action.ALLOW), []),
        (replace(ADDING, operation=Operation.EXTEND), []),
        (replace(ADDING, items=(NOT_SENT,)), []),
        (replace(ADDING, items=(item(state=ItemState.APPLIED),)), []),
    ],
)
def test_a_removal_stops_what_is_being_added_and_not_what_comes_after_it(other: Request, stopped: list[Item]) -> None:
    """Rule 7."""
    removal = request(7, operation=Operation.REMOVE)
    assert list(keeping.stopped_by(removal, other, approvals={5: 50, 6: 60, 7: 70, 8: 80})) == stopped
    assert keeping.removed_by(removal) == "by #7"


@pytest.mark.parametrize(
    ("number", "approval", "is_stopped"),
    [
        (8, 60, True),  # asked for after the removal, and approved before it, as an emergency block is
        (6, 80, False),  # asked for before it, and approved after it
        (6, 60, True),
        (8, 80, False),
    ],
)
def test_of_a_removal_and_an_addition_what_the_log_says_was_approved_later_is_the_later_one(
    number: int, approval: int, is_stopped: bool
) -> None:
    """Rule 7."""
    removal, other = request(7, operation=Operation.REMOVE), replace(ADDING, id=number)
    stopped = keeping.stopped_by(removal, other, approvals={7: 70, number: approval})
    assert list(stopped) == ([SENT] if is_stopped else [])


REMOVING = replace(ADDING, id=6, operation=Operation.REMOVE)


@pytest.mark.parametrize(
    ("operation", "own", "other", "waits"),
    [
        (Operation.ADD, ItemState.PROPOSED, REMOVING, [IP]),
        (Operation.ADD, ItemState.INTENDED, REMOVING, [IP]),
        (Operation.ADD, ItemState.PROPOSED, replace(REMOVING, id=8), [IP]),  # whichever was asked for first
        (Operation.ADD, ItemState.PROPOSED, ADDING, []),
        (Operation.ADD, ItemState.PROPOSED, replace(REMOVING, status=Status.APPLIED), []),
        (Operation.ADD, ItemState.PROPOSED, replace(REMOVING, status=Status.APPROVED), []),
        (Operation.ADD, ItemState.PROPOSED, replace(REMOVING, action=Action.ALLOW), []),
        (Operation.ADD, ItemState.PROPOSED, replace(REMOVING, items=(NOT_SENT,)), []),
        (Operation.REMOVE, ItemState.PROPOSED, ADDING, [IP]),
        (Operation.REMOVE, ItemState.INTENDED, ADDING, []),  # or each would wait for the other
        (Operation.REMOVE, ItemState.PROPOSED, REMOVING, []),
        (Operation.EXTEND, ItemState.PROPOSED, REMOVING, []),
    ],
)
def test_an_addition_and_a_removal_that_may_have_been_sent_are_not_decided_on_side_by_side(
    operation: Operation, own: ItemState, other: Request, waits: list[str]
) -> None:
    """Rule 9."""
    own_items = [item(number=5, state=own), item(ANOTHER, number=6, state=ItemState.PROPOSED)]
    asked = request(7, *own_items, operation=operation, status=Status.APPLYING)
    assert list(keeping.waits_for(asked, own_items, other)) == waits
