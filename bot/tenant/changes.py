"""One change to one of the tenant's lists: what the workflow asks for, and what the commands are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists import Action, ListName
from bot.domain.requests import Operation

#: How many values go into one call. 20 is the portal's documented limit; the cmdlet's own is undocumented.
_VALUES_PER_CALL = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Values to add to one list, or to remove from it, all with the same action.

    `values` are in their normal form; a spoof pair is `<spoofed user>, <sending infrastructure>`. `expires` (aware, or
    None for never) and `notes` count only where the list keeps them: the connection filter and the spoof pairs keep
    neither.
    """

    operation: Operation
    action: Action
    list: ListName
    values: tuple[str, ...]
    expires: datetime | None = None
    notes: str = ""


def values_per_call(name: ListName) -> int:
    """How many values one `Tenant.apply` takes for this list, so that it is one call, done whole or not."""
    return 1 if name is ListName.SPOOF else _VALUES_PER_CALL
