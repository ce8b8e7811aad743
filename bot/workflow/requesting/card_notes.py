"""What is written down of a request's card: that Slack takes none, that it takes it after all, whom it calls, and that
others are called below it.

Each is an event of the log, and who is to be told of it is told once, by what the log says.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.auditing.card_events import codes_refused
from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.calling import called_events
from bot.domain.requests.request import Request
from bot.domain.telling.alert_facts import AlertName
from bot.errors import SlackError
from bot.store import UnitOfWork
from bot.workflow.shared.alerts import alert
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import ALERT_PURPOSE
from bot.workflow.shared.jobs import tell_requester_of


async def note_refused(
    uow: UnitOfWork,
    context: Context,
    request: Request,
    story: Sequence[StoryStep],
    error: SlackError,
    *,
    alerts: bool,
) -> None:
    """Slack took no card of a request that waits for a decision: log it, and have it told, once for each of Slack's
    codes until the card is posted. Without `alerts` the alert channel isn't told: it is where the card should stand."""
    if error.code in codes_refused(story):
        return
    await uow.audit.append(
        EventKind.CARD_REFUSED,
        actor=PORTCULLIS,
        target=error.code,
        request_id=request.proposal_id,
        payload={"code": error.code, "error": str(error)},
        at=context.now(),
    )
    await tell_requester_of(uow, request.proposal_id)
    if alerts:
        await alert(uow, AlertName.CARD_REFUSED, request_id=request.proposal_id, details=error.code)


async def note_posted(uow: UnitOfWork, context: Context, request: Request) -> None:
    """The card that Slack refused is posted after all: log it, and have whoever was told of it told of that as well."""
    await uow.audit.append(
        EventKind.CARD_POSTED,
        actor=PORTCULLIS,
        target=f"request {request.proposal_id}",
        request_id=request.proposal_id,
        at=context.now(),
    )
    await uow.messages.outdate(request.proposal_id, f"{ALERT_PURPOSE}{AlertName.CARD_REFUSED}")
    await tell_requester_of(uow, request.proposal_id)


async def note_called(uow: UnitOfWork, context: Context, request: Request, names: Sequence[str]) -> tuple[int, ...]:
    """A card was posted that mentions these people and user groups, so that Slack notifies them: log it. The events'
    numbers."""
    events = called_events(EventKind.APPROVERS_CALLED, request, names, at=context.now())
    return tuple(event.seq for event in await uow.audit.append_all(events))


async def note_told_late(uow: UnitOfWork, context: Context, request: Request) -> None:
    """The line stands below the card that mentions those who were to be called before the request lapses: log it."""
    await uow.audit.append(
        EventKind.APPROVERS_TOLD_LATE,
        actor=PORTCULLIS,
        target=f"request {request.proposal_id}",
        request_id=request.proposal_id,
        at=context.now(),
    )
