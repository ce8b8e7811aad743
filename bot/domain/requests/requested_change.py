"""From a request to the change that goes to the tenant: what the tenant is told of its end, and in its notes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from bot.domain.lists.change import Change, Operation
from bot.domain.requests.ends import is_ours_to_end
from bot.domain.requests.noted import earlier_reference, reference
from bot.domain.requests.request import Item, Request

#: So long may the reason be in the note of what is added: Microsoft names no limit, and a portal shows a line.
LONGEST_REASON = 200


def change_for(request: Request, items: Sequence[Item], *, operation: Operation | None = None) -> Change:
    """What goes to the tenant for some items of a request. An end that Portcullis keeps isn't told to the tenant."""
    operation = operation or request.operation
    return Change(
        operation=operation,
        action=request.action,
        list=request.list,
        values=tuple(item.value for item in items),
        expires=request.expires if operation.gives_an_end and not is_ours_to_end(request) else None,
        notes=_notes(request, operation, reference(request)),
        earlier_notes=_notes(request, operation, earlier_reference(request)),
    )


def _notes(request: Request, operation: Operation, named: str) -> str:
    # The tenant's own audit log shows the application only; this is the way back to the people.
    if operation is Operation.ADD:
        reason = _in_a_line(request.reason)
        return f"{reason} ({named})" if reason else named
    if operation is Operation.ANNOTATE:
        return f"{request.reason} ({named})"
    return ""


def _in_a_line(reason: str) -> str:
    """A reason without what has no look in a line, cut at a word where it is long."""
    shown = "".join(char if unicodedata.category(char)[0] not in "CZ" else " " for char in reason)
    words = " ".join(shown.split())
    if len(words) <= LONGEST_REASON:
        return words
    kept = words[: LONGEST_REASON - 1]
    return f"{(kept[: kept.rindex(' ')] if ' ' in kept else kept).rstrip(' ,;:.')}…"
