"""The mail figures of an indicator: as they were found within the last hour, else asked for and kept."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.figures.figures import Found, MailFigures
from bot.domain.indicators.indicator import Indicator
from bot.workflow.shared.context import Context

#: What was found is good for so long.
LASTS = timedelta(hours=1)


async def figures_of(context: Context, indicator: Indicator, *, subjects: bool = False) -> Found | None:
    """What the last ten days' mail says of an indicator; None where Portcullis isn't to look.

    With `subjects` some are read along, for an approver alone. Raises a TenantError.
    """
    if context.tracing is None:
        return None
    now = context.now()
    async with context.store.read() as uow:
        kept = await uow.figures.find(indicator, since=now - LASTS)
    if kept is not None and not (subjects and isinstance(kept, MailFigures) and kept.messages and not kept.subjects):
        return kept
    found = await context.tracing.figures(indicator, subjects=subjects)
    async with context.store.write() as uow:
        await uow.figures.keep(indicator, found, at=now)
    return found
