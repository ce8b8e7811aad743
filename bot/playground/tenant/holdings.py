"""Entries that no cmdlet would take today, as a tenant may hold them from earlier: in another notation, or plain junk.

Unlike oddities they are ordinary entries: cmdlets list, edit and remove them, by their exact value.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from .state import Action, Item, ListType, State
from .values import item_key


def hold_item(state: State, list_type: ListType, value: str, *, action: Action, now: datetime) -> None:
    """An entry of the Tenant Allow/Block List, without an end."""
    item = Item(list_type=list_type, value=value, action=action, created=now, modified=now, modified_by="")
    state.items[list_type][item_key(value, list_type=list_type)] = item


def hold_ip(state: State, value: str, *, action: Action, now: datetime) -> None:
    """An entry of the default connection filter policy."""
    policy = state.policies["default"]
    if action == "Allow":
        policy = replace(policy, allow=(*policy.allow, value), changed=now)
    else:
        policy = replace(policy, block=(*policy.block, value), changed=now)
    state.policies["default"] = policy
