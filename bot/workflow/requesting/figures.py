"""Mail figures for a proposal that waits: read in the background, put into the log, and shown on its card.

They decide nothing: no version of a request depends on them, and a decision waits for none of them.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.figures.as_json import proposal_out
from bot.domain.figures.figures import FiguresOf
from bot.domain.figures.together import MOST_LOOKED_UP, ProposalFigures
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation, is_ip_allow
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import ItemState, Request
from bot.errors import PermissionMissing, SignInFailed, TenantError, Throttled, TryLater, ValueRefused
from bot.store import Job, UnitOfWork
from bot.store.beside import StandsBeside
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.jobs import later, notify
from bot.workflow.shared.mail_figures import figures_of

_log = structlog.get_logger(__name__)

#: What has come to nothing for so long since it was proposed is given up: the card goes without.
GIVEN_UP_AFTER = timedelta(hours=1)
#: So many seconds lie between two attempts.
_AGAIN = 20.0

#: What mail has to do with.
_ABOUT_MAIL = frozenset({Operation.ADD, Operation.REMOVE, Operation.SUBMIT})


async def count_later(uow: UnitOfWork, context: Context, request: Request) -> None:
    """Have the mail counted that a proposal would touch, where Portcullis is to look. `request` is any of its.

    When it is proposed, and again when an approver leaves some of it out while others are still to decide.
    """
    if context.tracing is not None and request.operation in _ABOUT_MAIL:
        await later(uow, JobKind.READ_FIGURES, request.proposal_id)


async def read_figures(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: read the figures of a proposal that waits, log them, and have its card show them.

    Raises TryLater while they can't be had, for an hour at most. What isn't granted, or is refused as it is asked,
    is no other in a while: that is no fault of the proposal's, and stands in the log of the process.
    """
    async with context.store.read() as uow:
        parts = await uow.requests.parts(payload.request_id, items=MOST_LOOKED_UP)
        shown = await uow.beside.of(parts.id)
    if not parts.is_open or _are_of(shown, parts) or context.tracing is None:
        return
    try:
        figures = await _read(context, parts)
    except (PermissionMissing, SignInFailed, ValueRefused) as error:
        _log.warning("mail figures can't be read", request=parts.id, error=str(error))
        return
    except TenantError as error:
        if context.now() - parts.lead.created_at > GIVEN_UP_AFTER:
            _log.warning("mail figures given up", request=parts.id, error=str(error))
            return
        wait = error.retry_after if isinstance(error, Throttled) and error.retry_after else _AGAIN
        raise TryLater(wait, str(error)) from error
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        now = await uow.requests.parts(parts.id, items=MOST_LOOKED_UP, lock=True)
        # What was left out meanwhile has a job of its own, and whoever was faster has said it.
        if now.is_open and _counted(now) == _counted(parts) and not _are_of(await uow.beside.of(parts.id), now):
            await uow.audit.append(
                EventKind.FIGURES_SHOWN,
                actor=PORTCULLIS,
                target=f"request {parts.id}",
                request_id=parts.id,
                payload=proposal_out(figures),
                at=context.now(),
            )
            await notify(uow, parts.id)
        await uow.jobs.finish(job)


async def _read(context: Context, parts: Parts) -> ProposalFigures:
    lets_skip = any(is_ip_allow(each.operation, each.action, each.list) for each in parts.open)
    indicators, total = _counted(parts)
    found = []
    for indicator in indicators:
        # Whoever approves what lets mail in past the filters sees which mail that is: in the details, and there alone.
        figures = await figures_of(context, indicator, subjects=lets_skip)
        if figures is not None:
            found.append(FiguresOf(indicator=indicator, found=figures))
    return ProposalFigures(
        of_each=tuple(found),
        total=max(total, len(found)),
        lets_skip=lets_skip,
    )


def _counted(parts: Parts) -> tuple[tuple[Indicator, ...], int]:
    """The indicators of which mail is counted, and how many there are, without those that an approver left out."""
    whole = parts.as_one
    items = [item for item in whole.items if item.state is not ItemState.LEFT_OUT]
    return tuple(Indicator(kind=item.kind, value=item.value) for item in items[:MOST_LOOKED_UP]), whole.asked


def _are_of(shown: StandsBeside, parts: Parts) -> bool:
    """Whether the figures that are shown are of a proposal as it is now."""
    if shown.figures is None:
        return False
    return (tuple(each.indicator for each in shown.figures.of_each), shown.figures.total) == _counted(parts)


READ_FIGURES_JOB = JobDefinition(kind=JobKind.READ_FIGURES, handle=read_figures, alerts=False)
