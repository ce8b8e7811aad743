"""How much mail has there been of what was checked? Counted by a job, since the tenant takes its time, and told in the
answer to the check.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Indicator
from bot.domain.requests.people import Person, Right
from bot.errors import InvalidInput, PermissionMissing, SignInFailed, TenantError, Throttled, TryLater, ValueRefused
from bot.workflow.asking.check import WAITED_FOR, asked_of
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import enqueue
from bot.workflow.shared.limits import Limited, recount, within_limit
from bot.workflow.shared.mail_figures import LASTS, figures_of
from bot.workflow.shared.rights import required

#: Somebody waits: what can't be had by then is told so, with why.
GIVEN_UP_AFTER = timedelta(minutes=2)
#: So many seconds lie between two attempts.
_AGAIN = 15.0


async def ask_for_mail(
    context: Context, *, actor: Person, indicators: Sequence[Indicator], delivery: str, response_url: str
) -> bool:
    """Have the mail of some indicators counted; False where all of it is known already. That somebody asked is logged.

    A job answers at the `response_url`, in the place of the message that was clicked on, or by direct message where
    that is empty or used up. Raises NotPermitted, and InvalidInput where mail isn't counted, and for somebody who waits
    for too many answers already.
    """
    await required(context, actor, Right.CHECK)
    if context.tracing is None:
        raise InvalidInput("Mail isn't counted here.", "Whoever runs Portcullis can switch it on: MAIL_FIGURES.")
    person = actor.user_id
    async with (
        within_limit(context, person=person, what=Limited.CHECKS, delivery=delivery),
        context.store.write() as uow,
    ):
        known = await uow.figures.known(indicators, since=context.now() - LASTS)
        is_known = len(known) == len(indicators)
        if not await uow.deliveries.first_time(delivery):
            return not is_known
        if not is_known:
            count = partial(uow.jobs.count_of, person, WAITED_FOR)
            await recount(context, uow, count, person=person, what=Limited.CHECKS)
            payload = asked_of(indicators, actor=actor, response_url=response_url)
            await enqueue(uow, JobKind.COUNT_MAIL, payload, person=person)
        for indicator in indicators:
            await uow.audit.append(
                EventKind.CHECK_ASKED,
                actor=person,
                target=indicator.value,
                payload={"kind": indicator.kind, "from": "mail"},
                at=context.now(),
            )
    return not is_known


async def count_mail(context: Context, indicators: Sequence[Indicator], *, asked_at: datetime) -> str:
    """Count the mail of some indicators, and keep what was found; why some of it can't be counted, for people.

    Without subjects: those are for whoever approves. Raises TryLater while it can't be had, for two minutes at most.
    """
    for indicator in indicators:
        try:
            await figures_of(context, indicator)
        except (PermissionMissing, SignInFailed, ValueRefused) as error:
            return f"Mail can't be counted: {error.what}"
        except TenantError as error:
            wait = error.retry_after if isinstance(error, Throttled) and error.retry_after else _AGAIN
            # What would come after somebody has waited for so long isn't waited for.
            if context.now() + timedelta(seconds=wait) > asked_at + GIVEN_UP_AFTER + timedelta(seconds=_AGAIN):
                return f"Mail could not be counted in time: {error.what}"
            raise TryLater(wait, str(error)) from error
    return ""
