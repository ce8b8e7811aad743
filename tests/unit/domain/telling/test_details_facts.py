"""The ends that entries have now, beside the one that a request would give them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Status
from bot.domain.telling.details_facts import present_ends
from tests.support.samples import NOW, item, request

SOON, LATER = NOW + timedelta(days=1), NOW + timedelta(days=9)


def listed(value: str, **changes: object) -> Entry:
    values: dict[str, object] = {"list": ListName.SENDER, "action": Action.BLOCK, "value": value, "expires": SOON}
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


def on_record(value: str, *, action: str = "block") -> KnownEntry:
    return KnownEntry(
        list=ListName.SENDER,
        action=action,
        value=value,
        requester="U0REQUESTER",
        request_id=1,
        reason="Fraud",
        since=NOW,
        expires=LATER,
    )


EXTEND = request(operation=Operation.EXTEND, items=[item(1), item(2), item(3)])
LISTS = Snapshot(
    as_of=NOW,
    entries=(
        listed("Sender1.example"),
        listed("sender2.example", expires=None),
        listed("other.example"),
        listed("sender3.example", action=Action.ALLOW),
    ),
)


def test_the_tenants_end_goes_before_ours_and_each_is_told_by_the_requests_own_spelling() -> None:
    known = [on_record("sender1.example"), on_record("sender2.example"), on_record("sender3.example")]
    assert present_ends(EXTEND, LISTS, known) == {"sender1.example": SOON, "sender2.example": LATER}
    assert present_ends(EXTEND, LISTS, []) == {"sender1.example": SOON, "sender2.example": None}
    assert present_ends(EXTEND, LISTS, [on_record("sender2.example", action="allow")])["sender2.example"] is None


@pytest.mark.parametrize("operation", [operation for operation in Operation if operation is not Operation.EXTEND])
def test_nothing_else_has_an_end_to_be_told_beside(operation: Operation) -> None:
    assert present_ends(request(operation=operation), LISTS, []) == {}


@pytest.mark.parametrize("status", Status)
def test_it_is_told_as_long_as_the_request_may_change_it(status: Status) -> None:
    made = request(operation=Operation.EXTEND, items=1, status=status)
    assert bool(present_ends(made, LISTS, [])) == status.is_under_way


def test_where_nothing_is_known_of_the_lists_nothing_is_told() -> None:
    assert present_ends(EXTEND, None, [on_record("sender1.example")]) == {}
