"""What becomes of each entry once the end date of its request has come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.ends import ENDING
from bot.domain.requests.expiring import (
    ENDED,
    ENDED_BY_SERVICE,
    GONE_BEFORE,
    KEPT_ON,
    NEVER_SEEN,
    NOT_REMOVED,
    being_taken_out,
    ended,
    expired_event,
    not_taken_out,
    still_kept,
    to_take_out,
    why_not_taken_out,
)
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.request import ItemState, Request
from tests.unit.domain.requests.cases import DAY, IP, NOW, SECOND, item, record, request

APPLIED, ALREADY_SO, CONFIRMED = ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.CONFIRMED
INTENDED, EXPIRED = ItemState.INTENDED, ItemState.EXPIRED
ANOTHER = "203.0.113.8"

#: A block of an address: the tenant keeps no end for it.
OURS = request(7, end=0, created_at=NOW - 10 * DAY)
#: A block of a sender for ten days: the service ends it.
THE_SERVICES = replace(OURS, list=ListName.SENDER)


def listed(end: float | None) -> Entry:
    """What the list shows. `end` is in days from now."""
    expires = None if end is None else NOW + end * DAY
    return Entry(list=ListName.SENDER, action=Action.BLOCK, value=IP, expires=expires)


@pytest.mark.parametrize("state", ItemState)
def test_what_may_be_there_and_is_kept_still_has_to_end(state: ItemState) -> None:
    kept = request(7, item(state=state), item(ANOTHER, number=2, state=state))
    may_be_there = state in {APPLIED, ALREADY_SO, CONFIRMED, INTENDED}
    found = still_kept(kept, EntryRecords(kept, [record(7), record(3, ANOTHER)]))
    assert [kept_item.value for kept_item in found] == ([IP] if may_be_there else [])


@pytest.mark.parametrize(
    ("of", "entry", "taken_out"),
    [
        (OURS, listed(None), True),
        (OURS, listed(-1), True),
        (OURS, listed(0), True),
        (OURS, listed(1), False),  # somebody gave it an end of their own
        (OURS, None, False),
        (THE_SERVICES, listed(None), False),
        (THE_SERVICES, listed(-1), False),
        (replace(THE_SERVICES, created_at=NOW - 120 * DAY), listed(None), True),  # beyond what the service keeps
        (replace(OURS, operation=Operation.EXTEND), listed(None), True),
        (replace(OURS, operation=Operation.ANNOTATE), listed(None), False),
    ],
)
def test_portcullis_takes_out_what_is_its_own_to_end(of: Request, entry: Entry | None, taken_out: bool) -> None:
    shown = {} if entry is None else {IP: entry}
    wanted = [item(), item(ANOTHER, number=2)]
    assert to_take_out(of, wanted, shown, now=NOW) == (wanted[:1] if taken_out else [])


def test_an_end_by_a_second_later_is_an_end_of_their_own() -> None:
    later = replace(listed(0), expires=NOW + SECOND)
    assert to_take_out(OURS, [item()], {IP: later}, now=NOW) == []
    assert ended(OURS, item(), later, now=NOW).outcome.startswith(KEPT_ON)
    assert ended(THE_SERVICES, item(), later, now=NOW).outcome.startswith(KEPT_ON)


LATER = f"{KEPT_ON}, until 2030-01-03 03:04 UTC"


@pytest.mark.parametrize(
    ("of", "state", "outcome", "entry", "then", "words"),
    [
        # Portcullis's own to end.
        (OURS, CONFIRMED, "", listed(None), EXPIRED, ENDED),
        (OURS, INTENDED, "", listed(None), EXPIRED, ENDED),
        (OURS, CONFIRMED, "", listed(-1), EXPIRED, ENDED),
        (OURS, CONFIRMED, ENDING, listed(None), EXPIRED, ENDED),
        (OURS, CONFIRMED, "", listed(1), CONFIRMED, LATER),
        (OURS, ALREADY_SO, "", listed(1), ALREADY_SO, LATER),
        (OURS, INTENDED, "", listed(1), APPLIED, LATER),  # so it was made
        (OURS, CONFIRMED, "", None, EXPIRED, GONE_BEFORE),
        (OURS, ALREADY_SO, "there already", None, EXPIRED, GONE_BEFORE),
        (OURS, CONFIRMED, ENDING, None, EXPIRED, f"{ENDED}, settled by reading the list"),
        (OURS, INTENDED, ENDING, None, EXPIRED, f"{ENDED}, settled by reading the list"),
        (OURS, INTENDED, "", None, INTENDED, NEVER_SEEN),
        # The service's.
        (THE_SERVICES, CONFIRMED, "", None, EXPIRED, ENDED_BY_SERVICE),
        (THE_SERVICES, APPLIED, "", listed(-1), EXPIRED, ENDED_BY_SERVICE),  # it goes on listing it for a while
        (THE_SERVICES, APPLIED, "", listed(0), EXPIRED, ENDED_BY_SERVICE),
        (THE_SERVICES, INTENDED, "", listed(-1), EXPIRED, ENDED_BY_SERVICE),
        (THE_SERVICES, CONFIRMED, "", listed(1), CONFIRMED, LATER),
        (THE_SERVICES, CONFIRMED, "", listed(None), CONFIRMED, f"{KEPT_ON}, without an end"),
        (THE_SERVICES, INTENDED, "", listed(None), APPLIED, f"{KEPT_ON}, without an end"),
        (THE_SERVICES, INTENDED, "", None, INTENDED, NEVER_SEEN),
    ],
)
def test_how_an_item_ended(
    of: Request, state: ItemState, outcome: str, entry: Entry | None, then: ItemState, words: str
) -> None:
    before = item(state=state, outcome=outcome)
    assert ended(of, before, entry, now=NOW) == replace(before, state=then, outcome=words)


@pytest.mark.parametrize(("state", "then"), [(INTENDED, APPLIED), (APPLIED, APPLIED), (CONFIRMED, CONFIRMED)])
def test_what_is_on_the_list_was_made(state: ItemState, then: ItemState) -> None:
    before = item(state=state)
    assert being_taken_out(before) == replace(before, state=then, outcome=ENDING)
    stuck = not_taken_out(before, "It is in use.")
    assert stuck == replace(before, state=then, outcome=f"{NOT_REMOVED}: It is in use.")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([], "the list still shows it"),
        (["", ""], "the list still shows it"),
        (["It is in use.", "", "Busy.", "It is in use."], "Busy.; It is in use."),
        (list("gfedcba"), "a; b; c; d; e"),
    ],
)
def test_the_operator_is_told_why_entries_are_still_there(said: list[str], words: str) -> None:
    told = why_not_taken_out(OURS, said)
    assert told == f"An entry of #7 is past its end date and could not be removed: {words}"


def test_the_end_of_an_item_is_logged() -> None:
    event = expired_event(OURS, item(state=EXPIRED, outcome=ENDED), at=NOW)
    assert (event.kind, event.actor, event.at) == (EventKind.ITEM_EXPIRED, PORTCULLIS, NOW)
    assert (event.target, event.request_id) == (IP, 7)
    assert event.payload == {"action": Action.BLOCK, "list": ListName.CONNECTION_FILTER, "outcome": ENDED}
