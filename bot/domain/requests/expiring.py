"""What becomes of the entries that a request keeps, now that its end date has come.

Portcullis takes out what is its own to end (`bot.domain.requests.ends`): every entry that is listed, but for one to
which somebody gave an end of their own, which stays. What the service ends is only looked at: an entry that is listed
without an end, or until later, was kept on by somebody else.

An entry that isn't listed any more is gone, and the item says by whom: by Portcullis, whose attempt before this one
wrote down that it was about to remove it; by the service; or by somebody else. What was sent and never seen stays
unknown, which is no end: it may never have been there.

The items whose entries the request keeps and what the list shows of them come in; what to take out, and each item as
it is from now on, go out. One that is EXPIRED then is over; another's entry is somebody else's now, or was never seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.entries import Entry
from bot.domain.requests.ends import ENDING, is_ours_to_end, until
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.request import Item, ItemState, Request

ENDED = "at its end date"
ENDED_BY_SERVICE = "ended by the service"
GONE_BEFORE = "somebody else had removed it before its end date"
NEVER_SEEN = "sent, and not on the list when its end date came"
KEPT_ON = "kept on by somebody else"
NOT_REMOVED = "its end date has come, but it could not be removed"

#: How many different reasons are named of why entries could not be removed.
_MOST_REASONS = 5


def still_kept(request: Request, kept: EntryRecords) -> list[Item]:
    """The items whose entries a request keeps: what is listed, and what was sent and never seen, which may be."""
    return [item for item in request.items if item.state.may_hold and kept.own(item.value)]


def to_take_out(request: Request, items: Sequence[Item], listed: Mapping[str, Entry], *, now: datetime) -> list[Item]:
    """The items whose entries Portcullis has to take out itself. `listed` is what the list shows, by value."""
    if not is_ours_to_end(request):
        return []
    return [item for item in items if item.value in listed and not _lasts_until_later(listed[item.value], now)]


def being_taken_out(item: Item) -> Item:
    """An item as it is from before the removal of its entry is sent."""
    return replace(item, state=_seen(item.state), outcome=ENDING)


def not_taken_out(item: Item, said: str) -> Item:
    """An item whose entry the service didn't remove. `said` are its words."""
    return replace(item, state=_seen(item.state), outcome=f"{NOT_REMOVED}: {said}")


def why_not_taken_out(request: Request, said: Iterable[str]) -> str:
    """What the operator is told of entries that are still listed. `said` are the service's words, empty where none."""
    reasons = sorted({words for words in said if words})[:_MOST_REASONS]
    words = "; ".join(reasons) or "the list still shows it"
    return f"An entry of #{request.proposal_id} is past its end date and could not be removed: {words}"


def ended(request: Request, item: Item, entry: Entry | None, *, now: datetime) -> Item:
    """An item as it is once its end has come. `entry` is what the list showed of it; None: nothing.

    What `to_take_out` names was listed then, and has been taken out since.
    """
    if is_ours_to_end(request):
        state, outcome = _ended_by_portcullis(item, entry, now)
    else:
        state, outcome = _ended_by_the_service(item, entry, now)
    return replace(item, state=state, outcome=outcome)


def expired_event(request: Request, item: Item, *, at: datetime) -> NewEvent:
    """What is logged of an item that is over, as it is then."""
    return NewEvent(
        kind=EventKind.ITEM_EXPIRED,
        actor=PORTCULLIS,
        target=item.value,
        request_id=request.id,
        payload={"action": request.action, "list": request.list, "outcome": item.outcome},
        at=at,
    )


def _ended_by_portcullis(item: Item, entry: Entry | None, now: datetime) -> tuple[ItemState, str]:
    if entry is not None and _lasts_until_later(entry, now):
        return _seen(item.state), f"{KEPT_ON}, {until(entry.expires)}"
    if entry is not None:
        return ItemState.EXPIRED, ENDED
    if item.outcome == ENDING:
        return ItemState.EXPIRED, f"{ENDED}, settled by reading the list"
    if item.state is ItemState.INTENDED:
        return ItemState.INTENDED, NEVER_SEEN
    return ItemState.EXPIRED, GONE_BEFORE


def _ended_by_the_service(item: Item, entry: Entry | None, now: datetime) -> tuple[ItemState, str]:
    if entry is not None and (entry.expires is None or _lasts_until_later(entry, now)):
        return _seen(item.state), f"{KEPT_ON}, {until(entry.expires)}"
    if entry is None and item.state is ItemState.INTENDED:
        return ItemState.INTENDED, NEVER_SEEN
    return ItemState.EXPIRED, ENDED_BY_SERVICE


def _lasts_until_later(entry: Entry, now: datetime) -> bool:
    return entry.expires is not None and entry.expires > now


def _seen(state: ItemState) -> ItemState:
    """The state of an item whose entry is on the list."""
    return ItemState.APPLIED if state is ItemState.INTENDED else state
