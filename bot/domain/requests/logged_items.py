"""What a request has put on the lists, held against the log: its items' states decide what is taken out with it.

An entry that was there before is another's. So what a request is said to have put there was applied by its events, or
was sent and settled by a later reading; and none of them says since that it is gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.auditing.events import Event, EventKind
from bot.domain.requests.logged import LoggedEvents, changed_events
from bot.domain.requests.logged_proposal import Contradiction, shortened
from bot.domain.requests.request import Item, ItemState, Request

#: What the rows say that the request has put there, and knows to be there.
_THERE = frozenset({ItemState.APPLIED, ItemState.CONFIRMED})
#: What the log says of what is there. Of an entry that was there before, `item.confirmed` says that it still is.
_SAYS_THERE = frozenset({EventKind.ITEM_APPLIED, EventKind.ITEM_CONFIRMED})
_SAYS_GONE = frozenset({EventKind.ITEM_REMOVED, EventKind.ITEM_EXPIRED, EventKind.ITEM_MISSING})


def put_there(items: Iterable[Item], logged: LoggedEvents) -> frozenset[str]:
    """The values of the items that the request has put on its list, or may have, by the log too.

    `logged` are the request's events whose kind begins with `item.`, oldest first. What was sent, and of which nobody
    knows whether it arrived, has no event: that the request names it is for others to prove.
    """
    said = _by_value(logged.events)
    return frozenset(item.value for item in items if _is_put_there(item, said.get(item.value, ())))


def item_contradictions(request: Request, logged: LoggedEvents) -> tuple[Contradiction, ...]:
    """What the rows say that a request has put on its list, or found there, and the log doesn't; and its events that
    were changed.

    `request` has all its items. Both were read in one transaction.
    """
    said = _by_value(logged.events)
    there = [item for item in request.items if item.state in _THERE or item.state is ItemState.INTENDED]
    return (
        *changed_events(logged),
        *(
            Contradiction(about="items", details=f"By the log {shortened(item.value)} was not put there by it.")
            for item in there
            if not _is_put_there(item, kinds := said.get(item.value, ())) and not _still_stands(item, kinds)
        ),
    )


def _still_stands(item: Item, kinds: Sequence[str]) -> bool:
    """Whether it is another's, there before it, and was only found there again: its row says confirmed of that too."""
    return item.state is ItemState.CONFIRMED and _was_there_before(kinds) and kinds[-1] in _SAYS_THERE


def _was_there_before(kinds: Sequence[str]) -> bool:
    return EventKind.ITEM_ALREADY_SO in kinds and EventKind.ITEM_APPLIED not in kinds


def _is_put_there(item: Item, kinds: Sequence[str]) -> bool:
    if _was_there_before(kinds) or not kinds:
        return not kinds and item.state is ItemState.INTENDED
    if item.state is ItemState.INTENDED:
        return kinds[-1] not in _SAYS_GONE  # it may have been refused before it was tried again
    return item.state in _THERE and kinds[-1] in _SAYS_THERE


def _by_value(events: Iterable[Event]) -> Mapping[str, Sequence[str]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for event in events:
        kinds[event.target].append(event.kind)
    return kinds
