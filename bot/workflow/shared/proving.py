"""Before anything is sent, a request is held against the log: what the database alone says of it is not believed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.requests.logged import contradictions, told
from bot.domain.requests.logged_items import item_contradictions
from bot.domain.requests.logged_proposal import Contradiction
from bot.domain.requests.request import Request
from bot.domain.telling.alert_facts import AlertName
from bot.store import UnitOfWork
from bot.workflow.shared.alerts import alert
from bot.workflow.shared.aside import judged_aside
from bot.workflow.shared.context import Context

#: So much of what was found is told to people; the event names all of it, as far as this.
_LONGEST = 800
_MOST_NAMED = 20


async def read_proved(uow: UnitOfWork, request_id: int) -> tuple[Request, tuple[Contradiction, ...]]:
    """A request with all its items, and what the database says otherwise of it than the log.

    To be called in a transaction that only reads: both are as they were at one moment. What is sent is what was
    returned here, whatever the rows say afterwards. Raises NotFound.
    """
    request = await uow.requests.get(request_id)
    holding = partial(contradictions, request, await uow.audit.logged(request_id))
    return request, tuple(await judged_aside(request.total, None, holding))


async def read_proved_items(uow: UnitOfWork, request_id: int) -> tuple[Request, tuple[Contradiction, ...]]:
    """The same, also held to what its events say that it has put on its list."""
    request, found = await read_proved(uow, request_id)
    return request, (*found, *item_contradictions(request, await uow.audit.logged_items(request_id)))


async def tell_of_contradictions(
    context: Context, uow: UnitOfWork, request: Request, found: Sequence[Contradiction]
) -> None:
    """Write down that a request isn't as the log says, and have the alert channel told, in this transaction."""
    await alert(uow, AlertName.LOG_CONTRADICTED, request_id=request.id, details=in_words(found))
    await uow.audit.append_all([_event(context, request, found)])


async def tell_once_a_day(context: Context, uow: UnitOfWork, request: Request, found: Sequence[Contradiction]) -> None:
    """The same, where it may be found again and again: told once a day, and at once where something else is found."""
    digest = hashlib.sha256(told(found).encode()).hexdigest()
    if await uow.deliveries.first_time(f"contradicted:{request.id}:{digest}"):
        await tell_of_contradictions(context, uow, request, found)


def in_words(found: Sequence[Contradiction]) -> str:
    """What was found, as far as there is room for it."""
    text = told(found)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _event(context: Context, request: Request, found: Sequence[Contradiction]) -> NewEvent:
    return NewEvent(
        kind=EventKind.REQUEST_CONTRADICTED,
        actor=PORTCULLIS,
        target=f"request {request.proposal_id}",
        request_id=request.id,
        payload={
            "outcome": "Nothing was sent.",
            "contradictions": [{"about": each.about, "details": each.details} for each in found[:_MOST_NAMED]],
            "count": len(found),
        },
        at=context.now(),
    )
