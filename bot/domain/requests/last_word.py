"""Whose decision on an entry is the last one: what was approved later, not what happens to be sent later.

1. Where a removal of an entry was approved after its addition, the addition is not sent any more: neither when it is
   tried again nor by a job that was held up. The same goes for a removal, once an addition or another end of the entry
   was approved after it; and for another end and another note, once a later one was.
2. Only what was approved counts, and only the values that the approvers left in.
3. Which of two was approved later is for the log to say, by the numbers of its events: the clocks of two replicas may
   differ.
4. An entry that is gone was taken out by a removal that was approved later, where that has been sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.requests.request import Item, ItemState, Request, Status

#: By what an earlier request wants: what a later one wants that takes its place.
_TAKES_ITS_PLACE: Mapping[Operation, frozenset[Operation]] = {
    Operation.ADD: frozenset({Operation.REMOVE}),
    Operation.REMOVE: frozenset({Operation.ADD, Operation.EXTEND}),
    Operation.EXTEND: frozenset({Operation.REMOVE, Operation.EXTEND}),
    Operation.ANNOTATE: frozenset({Operation.REMOVE, Operation.ANNOTATE}),
}

_WANTS: Mapping[Operation, str] = {
    Operation.ADD: "adds it",
    Operation.REMOVE: "takes it out",
    Operation.EXTEND: "gives it another end",
    Operation.ANNOTATE: "gives it another note",
}

#: The statuses of what was approved.
DECIDED_ON = frozenset({Status.APPROVED, Status.APPLYING}) | frozenset(
    status for status in Status if status.has_outcome
)


def overtaken(
    request: Request, items: Collection[Item], others: Iterable[Request], *, approvals: Mapping[int, int]
) -> Mapping[str, str]:
    """The values of a request's items that another one, approved later, decides on; each with words for people.

    `others` are of the same list, each with its items of these values: two spellings of one value are one entry.
    `approvals` has, by request, the number of the event that approved it.
    """
    words: dict[str, str] = {}
    for other in others:
        if not _takes_its_place(request, other, approvals):
            continue
        named = {comparable(request.list, item.value) for item in other.items if item.state is not ItemState.LEFT_OUT}
        why = f"not sent: #{other.proposal_id}, which was approved later, {_WANTS[other.operation]}"
        words |= {item.value: why for item in items if comparable(request.list, item.value) in named}
    return words


def taken_out(
    request: Request, items: Collection[Item], others: Iterable[Request], *, approvals: Mapping[int, int]
) -> Mapping[str, Request]:
    """The values of a request's items that a removal, approved later, has taken out if they are gone; and that removal.

    `others` and `approvals` are as for `overtaken`.
    """
    by: dict[str, Request] = {}
    for other in others:
        if other.operation is not Operation.REMOVE or not _takes_its_place(request, other, approvals):
            continue
        sent = {comparable(request.list, item.value) for item in other.items if item.state.may_hold}
        by |= {item.value: other for item in items if comparable(request.list, item.value) in sent}
    return by


def _takes_its_place(request: Request, other: Request, approvals: Mapping[int, int]) -> bool:
    return (
        other.status in DECIDED_ON
        and other.list is request.list
        and other.action is request.action
        and other.operation in _TAKES_ITS_PLACE.get(request.operation, frozenset())
        and approvals.get(other.id, 0) > approvals.get(request.id, 0)
    )
