"""Approving a proposal without some of its lines: what stays, what is left out, and what is logged of it.

1. What is left out is never sent. It stays with its request, in a state of its own, and the log names it.
2. A request of which nothing stays is denied: nothing is sent for it.
3. Something has to stay: who wants nothing of it denies it.
4. Of up to a hundred lines each has a box; of more, those that are left out are named, each in full.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.events import EventKind, NewEvent
from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.refanging import refang
from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.change import Operation
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import LARGE, Item, ItemState, Request
from bot.errors import Conflict

#: Of a proposal of more lines no form shows them all to choose from.
MOST_TO_CHOOSE_FROM = LARGE
#: So many lines in which a piece of text stands are named, to whoever typed no more than that.
_MOST_MEANT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOut:
    """What of a large proposal was named to be left out, by the number of its request.

    With a `problem`, of what was named something is no line of it: nothing is left out before that is mended.
    """

    items: Mapping[int, tuple[Item, ...]]
    problem: str = ""


def can_be_chosen_from(parts: Parts) -> bool:
    """Whether an approver can leave lines out: there are several that wait, and as many as a form shows."""
    return _is_of_lines(parts) and 1 < _asked(parts) <= MOST_TO_CHOOSE_FROM


def can_be_named_from(parts: Parts) -> bool:
    """Whether an approver names what they leave out: there are more lines than a form has boxes for."""
    return _is_of_lines(parts) and _asked(parts) > MOST_TO_CHOOSE_FROM


def named_out(parts: Parts, text: str) -> NamedOut:
    """What a text names, a line each, in full and in any case, defanged or not.

    `parts` have all their items. Of a line that is only a piece of some, those are named to choose from. Raises
    Conflict where nothing can be named.
    """
    if not can_be_named_from(parts):
        raise _nothing_to_leave_out(parts)
    waiting = {request.id: _waiting(request) for request in parts.open}
    found: dict[int, set[int]] = {number: set() for number in waiting}
    by_value: dict[str, list[tuple[int, Item]]] = {}
    for number, items in waiting.items():
        for item in items:
            by_value.setdefault(item.value.casefold(), []).append((number, item))
    for line in filter(None, map(str.strip, text.splitlines())):
        wanted = refang(line).casefold()
        if wanted not in by_value:
            return NamedOut(items={}, problem=_no_line(line, wanted, by_value))
        for number, item in by_value[wanted]:
            found[number].add(item.id)
    out = {number: tuple(item for item in items if item.id in found[number]) for number, items in waiting.items()}
    return NamedOut(items={number: items for number, items in out.items() if items})


def require_something_stays(parts: Parts, out: Mapping[int, Collection[Item]]) -> None:
    """Raises Conflict where all that waits is left out."""
    if out and sum(map(len, out.values())) >= _asked(parts):
        raise Conflict(f"Nothing of #{parts.id} would be left to approve.", "Leave a line ticked, or deny it.")


def left_out(parts: Parts, kept: Collection[int]) -> Mapping[int, tuple[Item, ...]]:
    """What is left out of each request that waits, by its number, where the items with these numbers stay.

    `parts` have all their items. Raises Conflict where nothing stays, and where it can't be chosen from.
    """
    if not can_be_chosen_from(parts):
        raise _nothing_to_leave_out(parts)
    waiting = {request.id: tuple(_waiting(request)) for request in parts.open}
    out = {number: tuple(item for item in items if item.id not in kept) for number, items in waiting.items()}
    require_something_stays(parts, out)
    return {number: items for number, items in out.items() if items}


def is_all_of(request: Request, out: Collection[Item]) -> bool:
    """Whether nothing stays of a request."""
    return len(out) == request.asked


def left_out_event(request: Request, out: Collection[Item], *, actor: str, at: datetime) -> NewEvent:
    """What is logged: which lines an approver left out."""
    values = [item.value for item in out]
    return NewEvent(
        kind=EventKind.REQUEST_LEFT_OUT,
        actor=actor,
        target=values[0] if len(values) == 1 else f"{len(values)} {request.list.value} indicators",
        request_id=request.id,
        payload={"left_out": values},
        at=at,
    )


def _is_of_lines(parts: Parts) -> bool:
    """What is handed to Microsoft is one thing."""
    return all(request.operation is not Operation.SUBMIT for request in parts.open)


def _asked(parts: Parts) -> int:
    return sum(request.asked for request in parts.open)


def _nothing_to_leave_out(parts: Parts) -> Conflict:
    return Conflict(
        f"Of #{parts.id} nothing can be left out.", "Approve it as a whole, or deny it and say what to change."
    )


def _no_line(line: str, wanted: str, by_value: Mapping[str, list[tuple[int, Item]]]) -> str:
    """That what was typed is no line of it, and in which ones it stands."""
    meant = [held[0][1].value for value, held in by_value.items() if wanted and wanted in value]
    if not meant:
        return f"{quoted(line)} is no line of it."
    named = ", ".join(map(defanged, meant[:_MOST_MEANT]))
    more = f" and {len(meant) - _MOST_MEANT:,} more" if len(meant) > _MOST_MEANT else ""
    return f"{quoted(line)} is no line of it, but stands in {named}{more}. Write in full what you leave out."


def _waiting(request: Request) -> list[Item]:
    return [item for item in request.items if item.state is not ItemState.LEFT_OUT]
