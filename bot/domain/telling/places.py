"""Where a request changes something, as the admin centre calls it."""

from __future__ import annotations

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName, label, short_label


def place(operation: Operation, action: Action, name: ListName) -> str:
    """Where a request changes something."""
    return "Connection filter, safe list" if operation is Operation.SAFE_LIST_OFF else label(name, action)


def short_place(operation: Operation, action: Action, name: ListName) -> str:
    """The same in a word or two: `Senders`, `IP Block List`."""
    return "Safe list" if operation is Operation.SAFE_LIST_OFF else short_label(name, action)
