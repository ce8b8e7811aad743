"""What the tenant's lists hold is what the log says of each item, and nothing was sent twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Operation
from bot.domain.requests.last_word import overtaken
from bot.domain.requests.request import ItemState, Request, Status
from tests.chaos.approvals import IN_THE_TENANT, Breach
from tests.chaos.found import Entry, Found

#: What says that an entry is there, or is there no more.
_OF_AN_ENTRY = frozenset(
    {
        EventKind.ITEM_APPLIED,
        EventKind.ITEM_ALREADY_SO,
        EventKind.ITEM_CONFIRMED,
        EventKind.ITEM_EXPIRED,
        EventKind.ITEM_REMOVED,
    }
)


def entries(found: Found) -> Iterator[Breach]:
    """Each approved item is in effect, was added once, and nothing else is there."""
    requests = {request.id: request for request in found.requests}
    expected: dict[Entry, bool] = {}
    asked: Counter[Entry] = Counter()
    per_item: Counter[tuple[int, str]] = Counter()
    seen: set[tuple[int, str]] = set()
    for event in found.events:
        request = requests.get(event.request_id or 0)
        if request is None or request.list not in IN_THE_TENANT or event.kind not in _OF_AN_ENTRY:
            continue
        entry = (IN_THE_TENANT[request.list], request.action.value.capitalize(), event.target)
        item = (request.id, event.target)
        is_first = item not in seen
        seen.add(item)
        if event.kind in {EventKind.ITEM_EXPIRED, EventKind.ITEM_REMOVED}:
            expected[entry] = False
        elif is_first or event.kind != EventKind.ITEM_CONFIRMED:
            # What was sent and not seen in time is found by the confirmation, and what a removal found of an addition
            # that was being sent is told as removed: neither was told as applied before.
            expected[entry] = request.operation is not Operation.REMOVE
        asked[entry] += is_first and request.operation is Operation.ADD and event.kind != EventKind.ITEM_ALREADY_SO
        per_item[item] += event.kind in {EventKind.ITEM_APPLIED, EventKind.ITEM_ALREADY_SO}
    for (number, value), times in per_item.items():
        if times > 1:
            yield Breach(kind="an item's outcome is logged twice", what=f"request {number}: {value}, {times} times")
    for entry in expected.keys() | found.listed.keys():
        listed, due = found.listed[entry], int(expected.get(entry, False))
        if listed != due:
            kind = "not in effect" if listed < due else "in effect and not approved"
            yield Breach(kind=f"an entry is {kind}", what=f"{entry}: {listed} listed, {due} due")
    for entry, times in found.added.items():
        if times > asked[entry]:
            yield Breach(kind="an entry was added twice", what=f"{entry}: {times} times, asked {asked[entry]} times")
    for request in found.requests:
        if request.status in {Status.APPROVED, Status.APPLYING}:
            yield Breach(kind="an approved request was left", what=f"{request.id} is {request.status}")
        left = [item.value for item in request.items if item.state is ItemState.INTENDED]
        if left and request.status.is_over:
            yield Breach(kind="an item's outcome is unknown", what=f"{request.id}: {left}")
        if request.status is Status.FAILED and request.operation is Operation.ADD and not _is_overtaken(found, request):
            yield Breach(kind="an approved request failed", what=f"{request.failure}; {_story(found, request)}")


def _is_overtaken(found: Found, request: Request) -> bool:
    """Whether nothing of a request was sent because of another that was approved later, and each item says so."""
    approvals = {
        event.request_id: event.seq
        for event in found.events
        if event.kind == EventKind.REQUEST_APPROVED and event.request_id is not None
    }
    words = overtaken(request, request.items, found.requests, approvals=approvals)
    return all(item.value in words and item.outcome.startswith("not sent: #") for item in request.items)


def _story(found: Found, request: Request) -> str:
    """What happened to a request, and what people alone were told of it: a trial can't be had again."""
    steps = (f"{step.at:%H:%M:%S.%f} {step.kind} {step.actor}" for step in found.stories.get(request.id, ()))
    told = (f"{each.ephemeral_for} was told {each.text!r}" for each in found.private if f"#{request.id}" in each.text)
    return "; ".join([f"request {request.id}: {request.items}", *steps, *told])
