"""Does one mailbox's own list name a sender? Asked by somebody who names the mailbox, and answered by a job.

That they asked is logged before anything is read. Of what is read nothing is kept but how their sender stands there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Indicator
from bot.domain.overrides.safe_senders import SENDERS, SenderInMailbox, in_mailbox
from bot.domain.requests.people import Person, Right
from bot.errors import InvalidInput, PermissionMissing, TenantError
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.asking.check import WAITED_FOR, asked_of, log_check
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import enqueue
from bot.workflow.shared.limits import Limited, recount, within_limit
from bot.workflow.shared.own_domains import own_domains
from bot.workflow.shared.rights import required

NO_RIGHT = "Portcullis may not look into mailboxes: whoever runs it finds with portcullis doctor how to give the right."

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found in a mailbox, a row for each sender; or, with no rows, why nothing was."""

    mailbox: str
    as_of: datetime
    senders: tuple[SenderInMailbox, ...] = ()
    why_not: str = ""  #: for people


async def ask_about_mailbox(
    context: Context,
    *,
    actor: Person,
    indicators: Sequence[Indicator],
    mailbox: str,
    delivery: str,
    response_url: str,
) -> None:
    """Have some senders checked, and looked up in one mailbox. Who asked about whose is logged.

    `mailbox` is an address as `read_mailbox` returns it. A job answers at the `response_url`, or by direct message
    where that is empty or used up. Raises NotPermitted, and InvalidInput where it is switched off, for what can't stand
    in a mailbox's lists, for an address of nobody here, and for somebody who waits for too many answers already.
    """
    await required(context, actor, Right.CHECK)
    demand_askable(indicators, mailbox=mailbox, is_on=context.safe_senders, own_domains=await own_domains(context))
    person = actor.user_id
    async with (
        within_limit(context, person=person, what=Limited.CHECKS, delivery=delivery),
        context.store.write() as uow,
    ):
        if not await uow.deliveries.first_time(delivery):
            return
        await recount(context, uow, partial(uow.jobs.count_of, person, WAITED_FOR), person=person, what=Limited.CHECKS)
        await log_check(context, uow, actor, indicators, source="tenant")
        await uow.audit.append(
            EventKind.MAILBOX_ASKED,
            actor=person,
            target=mailbox,
            payload={"senders": [indicator.value for indicator in indicators]},
            at=context.now(),
        )
        payload = asked_of(indicators, actor=actor, response_url=response_url, mailbox=mailbox)
        await enqueue(uow, JobKind.CHECK, payload, person=person)


def demand_askable(indicators: Sequence[Indicator], *, mailbox: str, is_on: bool, own_domains: Collection[str]) -> None:
    """Raises InvalidInput where this can't be asked of that mailbox."""
    if not is_on:
        raise InvalidInput(
            "Portcullis doesn't look into mailboxes here.", "Whoever runs it can switch it on: SAFE_SENDERS."
        )
    if any(indicator.kind not in SENDERS for indicator in indicators):
        raise InvalidInput(
            "The lists of a mailbox hold senders alone.", "Name addresses and domains only, or leave the mailbox out."
        )
    if not own_domains:
        raise InvalidInput(
            "Which domains are the tenant's own isn't known, so that nobody's mailbox can be looked into.",
            "Ask later; whoever runs Portcullis can name them: ACCEPTED_DOMAINS.",
        )
    if mailbox.rpartition("@")[2] not in own_domains:
        raise InvalidInput(
            "That mailbox is none of yours: its domain is none of the tenant's own.", "Name one of your own mailboxes."
        )


async def look_into(context: Context, mailbox: str, indicators: Sequence[Indicator]) -> Looked:
    """How some senders stand in the lists of one mailbox, now; or why that can't be told. Raises no TenantError."""
    if not context.safe_senders:
        return Looked(mailbox=mailbox, why_not="Looking into mailboxes was switched off.", as_of=context.now())
    return await looked_up(context.tenant, mailbox, indicators, now=context.now())


async def looked_up(tenant: Tenant, mailbox: str, indicators: Sequence[Indicator], *, now: datetime) -> Looked:
    """The same of a tenant, for whoever has no more at hand."""
    try:
        settings = await tenant.read_junk_settings(mailbox)
    except PermissionMissing:
        return Looked(mailbox=mailbox, why_not=NO_RIGHT, as_of=now)
    except TenantError as error:
        _log.warning("a mailbox could not be looked into", error=type(error).__name__)
        return Looked(mailbox=mailbox, why_not=str(error), as_of=now)
    return Looked(
        mailbox=mailbox, senders=tuple(in_mailbox(indicator, settings) for indicator in indicators), as_of=now
    )
