"""One change to one of the tenant's lists: what the workflow asks for, and what the commands are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.lists.traits import Action, ListName

#: How many values go into one call. 20 is the portal's documented limit; the cmdlet's own is undocumented.
_VALUES_PER_CALL = 20

#: What these lists hold has a value and nothing else: no end, no notes.
_BARE = frozenset({ListName.CONNECTION_FILTER, ListName.SPOOF})


class Operation(StrEnum):
    """What a request does to a list."""

    ADD = "add"
    REMOVE = "remove"
    EXTEND = "extend"  #: give an entry another end, later or earlier
    ANNOTATE = "annotate"  #: give an entry other notes: the request's reason is what they will say
    SAFE_LIST_OFF = "safe_list_off"  #: switch the safe list of a connection filter policy off
    SUBMIT = "submit"  #: tell Microsoft that it should not have been blocked, which makes the allow entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What to do to some values of one list, all with the same action.

    `values` are in their normal form; a spoof pair is `<spoofed user>, <sending infrastructure>`, and for the safe list
    they are the identities of connection filter policies. `expires` (aware, or None for never) counts for what is added
    and for another end, `notes` for what is added and for other notes, and both only where the list keeps them: the
    connection filter and the spoof pairs keep neither.
    """

    operation: Operation
    action: Action
    list: ListName
    values: tuple[str, ...]
    expires: datetime | None = None
    notes: str = ""


def values_per_call(name: ListName, operation: Operation = Operation.ADD) -> int:
    """How many values one `Tenant.apply` takes for this list and operation.

    Where that is one cmdlet call, it is done whole or not at all. Spoof pairs are added one by one, and removed by
    several ids at once.
    """
    return 1 if name is ListName.SPOOF and operation is Operation.ADD else _VALUES_PER_CALL


def reaches_tenant(change: Change) -> bool:
    """Whether there is anything to send for a change.

    False where the tenant keeps no such thing (an end or notes in the connection filter, or for a spoof pair): then
    only Portcullis's own record changes. False for submissions too, which don't go through Exchange Online.
    """
    if change.operation is Operation.SUBMIT:
        return False
    return change.operation not in {Operation.EXTEND, Operation.ANNOTATE} or change.list not in _BARE


def is_bounded_by_use(name: ListName, action: Action) -> bool:
    """Whether an entry without an end date ends by itself, 45 days after its last use, because "never" isn't to be had.

    Source: New-TenantAllowBlockListItems, `-NoExpiration` and `-RemoveAfter`: direct allow entries of senders and URLs.
    """
    return action is Action.ALLOW and name not in {*_BARE, ListName.IP}
