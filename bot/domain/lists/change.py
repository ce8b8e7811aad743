"""One change to one of the tenant's lists: what the workflow asks for, and what the commands are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.lists.traits import Action, ListName


class Operation(StrEnum):
    """What a request does to a list."""

    ADD = "add"
    REMOVE = "remove"
    EXTEND = "extend"  #: give an entry another end, later or earlier
    ANNOTATE = "annotate"  #: give an entry other notes: the request's reason is what they will say
    SAFE_LIST_OFF = "safe_list_off"  #: switch the safe list of a connection filter policy off
    SUBMIT = "submit"  #: tell Microsoft that it should not have been blocked, which makes the allow entries

    @property
    def gives_an_end(self) -> bool:
        """Whether it gives an entry its end, or says that it never ends."""
        return self in {Operation.ADD, Operation.EXTEND}

    @property
    def asks_for_an_end(self) -> bool:
        """Whether whoever proposes it says until when.

        A submission too, which gives no end: Microsoft makes the entry, and may hear what was wished for.
        """
        return self.gives_an_end or self is Operation.SUBMIT

    @property
    def takes_out(self) -> bool:
        """Whether what it is about is no longer there afterwards: an entry, or a safe list that was on."""
        return self in {Operation.REMOVE, Operation.SAFE_LIST_OFF}

    @property
    def edits(self) -> bool:
        """Whether it is about an entry that has to be there, and stays."""
        return self in {Operation.EXTEND, Operation.ANNOTATE}


def is_ip_allow(operation: Operation, action: Action, name: ListName) -> bool:
    """Whether a change of this kind lets an IP allow entry begin or go on, of either version.

    Whatever is told, asked or demanded of an IP allow goes by this: policy, the warning and its tick, the alert, the
    card and the question before its approval.
    """
    return operation.gives_an_end and action is Action.ALLOW and name.traits.holds_ips


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What to do to some values of one list, all with the same action.

    `values` are in their normal form; a spoof pair is `<spoofed user>, <sending infrastructure>`, and for the safe list
    they are the identities of connection filter policies. `expires` (aware, or None for never) counts for what is added
    and for another end, `notes` for what is added and for other notes, and both only where the list keeps them: the
    connection filter and the spoof pairs keep neither. `earlier_notes` is how an earlier version wrote the same notes,
    where it wrote them otherwise: an entry that has those is as asked too.
    """

    operation: Operation
    action: Action
    list: ListName
    values: tuple[str, ...]
    expires: datetime | None = None
    notes: str = ""
    earlier_notes: str = ""


def values_per_call(name: ListName, operation: Operation = Operation.ADD) -> int:
    """How many values one `Tenant.apply` takes for this list and operation.

    Where that is one cmdlet call, it is done whole or not at all.
    """
    return name.traits.values_per_addition if operation is Operation.ADD else name.traits.values_per_call


def reaches_tenant(change: Change) -> bool:
    """Whether there is anything to send for a change.

    False where the tenant keeps no such thing (an end or notes in the connection filter, or for a spoof pair): then
    only Portcullis's own record changes. False for submissions too, which don't go through Exchange Online.
    """
    match change.operation:
        case Operation.ADD | Operation.REMOVE | Operation.SAFE_LIST_OFF:
            return True
        case Operation.EXTEND:
            return change.list.traits.keeps_ends
        case Operation.ANNOTATE:
            return change.list.traits.keeps_notes
        case Operation.SUBMIT:
            return False
