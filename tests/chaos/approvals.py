"""What has to hold of approvals when a trial has come to rest: nothing was sent without one, or beyond a limit.

An approval is by reviews, by a rule, as an emergency, or by the review that took an emergency block out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.approval import ApprovedBy
from bot.domain.requests.emergency import emergency_review, is_emergency
from bot.domain.requests.request import Decision, ItemState, Request, Status
from tests.chaos.found import Found
from tests.chaos.place import APPROVERS, AT_ONCE, AT_ONCE_PER_HOUR, BY_RULE, BY_RULE_PER_HOUR

#: What the tenant calls each list in its records.
IN_THE_TENANT = {
    ListName.SENDER: "Sender",
    ListName.URL: "Url",
    ListName.FILE: "FileHash",
    ListName.IP: "IP",
    ListName.CONNECTION_FILTER: "Connection",
}
_SENT = frozenset(status for status in Status if status.has_outcome or status in {Status.APPROVED, Status.APPLYING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One thing that should not be. `kind` is counted, `what` is for whoever mends it."""

    kind: str
    what: str


def approvals(found: Found) -> Iterator[Breach]:
    """What should not be about approvals."""
    yield from _each_is_approved(found)
    yield from _within_limits(found)
    yield from _taken_out_is_out(found)
    yield from _asked_once(found)


def _each_is_approved(found: Found) -> Iterator[Breach]:
    """What is sent has as many reviews as it takes, or what approves it instead; nobody reviews their own."""
    removals = {event.payload.get("removal") for event in found.events if event.kind == EventKind.REQUEST_TAKEN_OUT}
    for request in found.requests:
        what = f"request {request.id} ({request.status}) by {request.requester}: {request.approval} {request.reviews}"
        reviewers = [review.reviewer for review in request.reviews]
        if request.requester in reviewers or len(set(reviewers)) < len(reviewers) or set(reviewers) - {*APPROVERS}:
            yield Breach(kind="somebody reviewed who may not", what=what)
        if request.status in _SENT and not _is_approved(request, is_removal=request.proposal_id in removals):
            yield Breach(kind="a request was sent that nobody approved", what=what)


def _is_approved(request: Request, *, is_removal: bool) -> bool:
    is_block = request.action is Action.BLOCK and request.operation is Operation.ADD
    match request.approval.by if request.approval is not None else None:
        case None:
            return len(request.approvals) >= request.approvals_needed
        case ApprovedBy.RULE:
            is_its_list = request.list in {ListName.SENDER, ListName.URL}
            return is_block and is_its_list and request.requester == BY_RULE and not request.reviews
        case ApprovedBy.EMERGENCY:
            return is_block and request.requester in AT_ONCE and len(request.reviews) <= 1
        case ApprovedBy.EMERGENCY_REVIEW:
            return request.operation is Operation.REMOVE and request.requester in APPROVERS and is_removal


def _within_limits(found: Found) -> Iterator[Breach]:
    """So many blocks by a rule, and so many emergency blocks of one person: a trial lasts less than an hour."""
    by_rule = sum(
        request.total
        for request in found.requests
        if request.approval is not None and request.approval.by is ApprovedBy.RULE
    )
    if by_rule > BY_RULE_PER_HOUR:
        yield Breach(kind="more blocks by a rule than its limit", what=f"{by_rule}")
    at_once = defaultdict(set)
    for request in filter(is_emergency, found.requests):
        at_once[request.requester].add(request.proposal_id)
    for person, numbers in at_once.items():
        if len(numbers) > AT_ONCE_PER_HOUR:
            yield Breach(kind="more emergency blocks than the limit", what=f"{person}: {sorted(numbers)}")


def _taken_out_is_out(found: Found) -> Iterator[Breach]:
    """What an emergency block that was taken out has put there is gone, unless another request keeps it."""
    for request in found.requests:
        review = emergency_review(request)
        if review is None or review.decision is not Decision.DENY or request.list not in IN_THE_TENANT:
            continue
        for item in request.items:
            entry = (IN_THE_TENANT[request.list], request.action.value.capitalize(), item.value)
            if item.state is ItemState.ALREADY_SO or not found.listed[entry]:
                continue
            if not any(_keeps(other, request, item.value) for other in found.requests):
                yield Breach(kind="an emergency block that was taken out stands", what=f"request {request.id}: {entry}")


def _keeps(other: Request, request: Request, value: str) -> bool:
    same = (other.operation, other.action, other.list) == (Operation.ADD, request.action, request.list)
    names = any(item.value == value and item.state is not ItemState.LEFT_OUT for item in other.items)
    return same and other.id != request.id and other.status in _SENT and names


def _asked_once(found: Found) -> Iterator[Breach]:
    """What one act asks for is one request, however often it was delivered or clicked.

    Nobody asks for a block of the same name twice, but at once of what was asked for already.
    """
    asked = Counter(
        item.value
        for request in found.requests
        if (request.operation, request.action) == (Operation.ADD, Action.BLOCK) and not is_emergency(request)
        for item in request.items
        if item.value.endswith(".example") and "@" not in item.value
    )
    for value, times in asked.items():
        if times > 1:
            yield Breach(kind="a block was requested twice", what=f"{value}: {times} times")
