"""From a request to the change that goes to the tenant: what the tenant is told of its end, and in its notes."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.lists.change import Change, Operation
from bot.domain.requests.ends import is_ours_to_end
from bot.domain.requests.request import Item, Request


def reference(request: Request) -> str:
    """What a request is called in the tenant's notes and in the log of calls."""
    return f"Portcullis request {request.id}"


def change_for(request: Request, items: Sequence[Item], *, operation: Operation | None = None) -> Change:
    """What goes to the tenant for some items of a request. An end that Portcullis keeps isn't told to the tenant."""
    operation = operation or request.operation
    return Change(
        operation=operation,
        action=request.action,
        list=request.list,
        values=tuple(item.value for item in items),
        expires=request.expires if operation.gives_an_end and not is_ours_to_end(request) else None,
        notes=_notes(request, operation),
    )


def _notes(request: Request, operation: Operation) -> str:
    # The tenant's own audit log shows the application only; this is the way back to the people.
    if operation is Operation.ADD:
        return reference(request)
    if operation is Operation.ANNOTATE:
        return f"{request.reason} ({reference(request)})"
    return ""
