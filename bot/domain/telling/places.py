"""What the tenant's lists are called, as the admin centre calls them, where a list stands by itself."""

from __future__ import annotations

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName

_TABL_PAGES: dict[ListName, str] = {
    ListName.SENDER: "senders",
    ListName.URL: "URLs",
    ListName.FILE: "files",
    ListName.IP: "IPv6 addresses",
    ListName.SPOOF: "spoofed senders",
}


def list_words(name: ListName, action: Action) -> str:
    """Where an entry stands: `IP Block List (connection filter)`, `Tenant Allow/Block List, senders`."""
    if name is ListName.CONNECTION_FILTER:
        return "IP Allow List (connection filter)" if action is Action.ALLOW else "IP Block List (connection filter)"
    return f"Tenant Allow/Block List, {_TABL_PAGES[name]}"


def place(operation: Operation, action: Action, name: ListName) -> str:
    """Where a request changes something."""
    return "Connection filter, safe list" if operation is Operation.SAFE_LIST_OFF else list_words(name, action)
