"""The words for a request's statuses and its items' states: one for each, wherever it is told."""

from __future__ import annotations

from bot.domain.lists.change import Operation
from bot.domain.requests.request import Item, ItemState, Status

STATUS_WORDS: dict[Status, str] = {
    Status.PENDING: "waits for approval",
    Status.APPROVED: "approved, queued",
    Status.APPLYING: "being applied",
    Status.APPLIED: "applied",
    Status.PARTLY_APPLIED: "partly applied",
    Status.FAILED: "failed",
    Status.DENIED: "denied",
    Status.WITHDRAWN: "withdrawn",
    Status.LAPSED: "expired undecided",
}

_STATE_WORDS: dict[ItemState, str] = {
    ItemState.PROPOSED: "not sent yet",
    ItemState.INTENDED: "sent, not confirmed yet",
    ItemState.APPLIED: "applied",
    ItemState.ALREADY_SO: "already in effect",
    ItemState.REFUSED: "refused",
    ItemState.CONFIRMED: "confirmed",
    ItemState.EXPIRED: "ended",
    ItemState.REMOVED: "no longer in effect",
    ItemState.LEFT_OUT: "left out",
}


def item_word(item: Item, operation: Operation) -> str:
    """How it went with an item, in few words."""
    if operation is Operation.SUBMIT and item.state is ItemState.APPLIED:
        # Whether a submission comes to anything is Microsoft's to say.
        return "filed"
    return _STATE_WORDS[item.state]
