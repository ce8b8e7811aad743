"""An emergency block: when it waits for its review, and what is taken out of the lists again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.auditing.events import EventKind, compose
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.approval import Approval, ApprovedBy, can_do_without_reviews
from bot.domain.requests.emergency import awaits_review, require_reviewable, to_take_out
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.logged import LoggedEvents, contradictions
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Decision, ItemState, Request, Review, Status
from bot.errors import Conflict, DoneBefore, NotPermitted
from tests.unit.domain.requests.cases import NOW, item, record, request

REQUESTER, APPROVER, OTHER = "U0REQUESTER", "U0APPROVER", "U0OTHER"
EMERGENCY = Approval(by=ApprovedBy.EMERGENCY, at=NOW)
KEPT = Review(reviewer=APPROVER, decision=Decision.APPROVE, at=NOW)
TAKEN_OUT = replace(KEPT, decision=Decision.DENY, comment="Not malicious")


def block(
    *states: ItemState,
    status: Status = Status.APPLIED,
    reviews: Sequence[Review] = (),
    approval: Approval | None = EMERGENCY,
) -> Request:
    """An emergency block with an item in each of these states."""
    items = tuple(
        item(f"203.0.113.{number}", state=state, number=number) for number, state in enumerate(states, start=1)
    )
    return request(7, *items, end=3, status=status, reviews=tuple(reviews), approval=approval, requester=REQUESTER)


@pytest.mark.parametrize(
    ("made", "waits"),
    [
        (block(ItemState.PROPOSED, status=Status.APPROVED), True),
        (block(ItemState.INTENDED, status=Status.APPLYING), True),
        (block(ItemState.APPLIED), True),
        (block(ItemState.CONFIRMED), True),
        (block(ItemState.ALREADY_SO), True),
        (block(ItemState.APPLIED, ItemState.REFUSED, status=Status.PARTLY_APPLIED), True),
        (block(ItemState.INTENDED, status=Status.FAILED), True),  # nobody knows what became of it
        (block(ItemState.REFUSED, status=Status.FAILED), False),
        (block(ItemState.EXPIRED), False),
        (block(ItemState.REMOVED), False),
        (block(ItemState.APPLIED, reviews=[KEPT]), False),
        (block(ItemState.APPLIED, reviews=[TAKEN_OUT]), False),
        (block(ItemState.APPLIED, approval=None), False),
        (block(ItemState.APPLIED, approval=replace(EMERGENCY, by=ApprovedBy.RULE)), False),
    ],
)
def test_it_waits_for_its_review_as_long_as_any_of_it_may_stand(made: Request, waits: bool) -> None:
    assert awaits_review(made) is waits


@pytest.mark.parametrize(
    ("made", "who", "error"),
    [
        (block(ItemState.APPLIED), APPROVER, None),
        (block(ItemState.APPLIED), REQUESTER, NotPermitted),
        (block(ItemState.APPLIED, reviews=[KEPT]), APPROVER, DoneBefore),
        (block(ItemState.APPLIED, reviews=[KEPT]), OTHER, Conflict),
        (block(ItemState.PROPOSED, status=Status.APPROVED), APPROVER, Conflict),
        (block(ItemState.EXPIRED), APPROVER, Conflict),
        (block(ItemState.APPLIED, approval=None), APPROVER, Conflict),
    ],
)
def test_who_may_review_it_when(made: Request, who: str, error: type[Exception] | None) -> None:
    parts = Parts(requests=(made,))
    if error is None:
        require_reviewable(parts, who)
        return
    with pytest.raises(error) as caught:
        require_reviewable(parts, who)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("state", "is_taken_out"),
    [
        (ItemState.APPLIED, True),
        (ItemState.CONFIRMED, True),
        (ItemState.INTENDED, True),
        (ItemState.ALREADY_SO, False),  # it was there before
        (ItemState.REFUSED, False),
        (ItemState.PROPOSED, False),
        (ItemState.EXPIRED, False),
        (ItemState.REMOVED, False),
        (ItemState.LEFT_OUT, False),
    ],
)
def test_only_what_it_has_put_there_is_taken_out(state: ItemState, is_taken_out: bool) -> None:
    made = block(state)
    assert [each.id for each in to_take_out(made, EntryRecords(made, ()), ())] == ([1] if is_taken_out else [])


def test_what_another_keeps_stays() -> None:
    made = block(ItemState.APPLIED, ItemState.APPLIED)
    kept = record(99, made.items[0].value)
    assert [each.id for each in to_take_out(made, EntryRecords(made, [kept]), ())] == [2]


@pytest.mark.parametrize(
    ("changes", "state", "stays"),
    [
        ({}, ItemState.APPLIED, True),
        ({}, ItemState.ALREADY_SO, True),
        ({"status": Status.APPROVED}, ItemState.PROPOSED, True),  # about to be there
        ({"status": Status.APPLYING}, ItemState.INTENDED, True),
        ({"status": Status.PENDING}, ItemState.PROPOSED, False),  # nobody has approved it
        ({}, ItemState.REMOVED, False),
        ({}, ItemState.REFUSED, False),
        ({"operation": Operation.REMOVE}, ItemState.APPLIED, False),
        ({"action": Action.ALLOW}, ItemState.APPLIED, False),
    ],
)
def test_what_another_request_has_there_too_stays(changes: dict[str, object], state: ItemState, stays: bool) -> None:
    made = block(ItemState.APPLIED)
    other = replace(block(state, approval=None), id=made.id + 1, **changes)  # type: ignore[arg-type]
    assert bool(to_take_out(made, EntryRecords(made, ()), [other])) is not stays


@pytest.mark.parametrize("by", ApprovedBy)
@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("action", Action)
def test_what_anything_but_reviews_may_approve(by: ApprovedBy, operation: Operation, action: Action) -> None:
    wanted = Operation.REMOVE if by is ApprovedBy.EMERGENCY_REVIEW else Operation.ADD
    assert can_do_without_reviews(operation, action, by) is (operation is wanted and action is Action.BLOCK)


@pytest.mark.parametrize(
    ("reviews", "kinds", "wrong"),
    [
        ([], [], False),
        ([TAKEN_OUT], [EventKind.REQUEST_TAKEN_OUT], False),
        ([KEPT], [EventKind.REQUEST_KEPT], False),
        ([KEPT], [], True),
        ([], [EventKind.REQUEST_KEPT], True),
        ([KEPT], [EventKind.REQUEST_TAKEN_OUT], True),
    ],
)
def test_the_log_proves_its_review(reviews: list[Review], kinds: list[EventKind], wrong: bool) -> None:
    made = block(ItemState.APPLIED, reviews=reviews)
    said = {EventKind.REQUEST_KEPT: KEPT, EventKind.REQUEST_TAKEN_OUT: TAKEN_OUT}
    proposed = compose(seq=1, tenant_id="tenant", at=NOW, kind=EventKind.REQUEST_PROPOSED, actor=REQUESTER)
    events = [
        compose(
            seq=number,
            tenant_id="tenant",
            at=NOW,
            kind=kind,
            actor=APPROVER,
            payload={"decision": said[kind].decision, "comment": said[kind].comment},
        )
        for number, kind in enumerate(kinds, start=2)
    ]
    found = contradictions(made, LoggedEvents(events=(proposed, *events)))
    assert ("reviews" in {each.about for each in found}) is wrong
