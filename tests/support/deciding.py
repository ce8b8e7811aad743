"""Deciding on requests: with the card on record that Portcullis would have posted, and a click under it."""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, Request
from bot.workflow.requesting.close import withdraw
from bot.workflow.requesting.review import review
from bot.workflow.requesting.today import WhoIs
from bot.workflow.shared.context import Context
from tests.support.installation import APPROVALS
from tests.support.people import APPROVER, REQUESTER, who_is

#: The requester's direct messages with the bot.
_DIRECT = "D0REQUEST1"


async def shown(context: Context, request_id: int, *, purpose: Purpose = Purpose.CARD) -> ShownCard:
    """The card of a request, or its copy, as Slack shows it now and as it is on record.

    Where no job has posted one, it is put on record here. Raises NotFound.
    """
    async with context.store.write() as uow:
        version = (await uow.requests.summary(request_id, items=1)).version
        posted = await uow.messages.of_request(request_id, purpose)
        if posted:
            await uow.messages.mark(posted[0].id, version=version)
            return ShownCard(channel=posted[0].channel, ts=posted[0].ts, version=version)
        channel = APPROVALS if purpose is Purpose.CARD else _DIRECT
        ts = f"1700000000.{request_id:06}"
        await uow.messages.put(purpose=purpose, request_id=request_id, version=version, channel=channel, ts=ts)
        return ShownCard(version=version, channel=channel, ts=ts)


async def decide_on(
    context: Context,
    request: Request,
    decision: Decision = Decision.APPROVE,
    *,
    who: Person = APPROVER,
    seen: ShownCard | None = None,
    who_is: WhoIs = who_is,
    delivery: str = "",
) -> Request:
    """Somebody's decision on a request, in full view of it as it is now; or of what they have `seen`."""
    card = seen or await shown(context, request.id)
    if not card.in_full:
        card = await read_in_full(context, request.id, card, who=who)
    return await review(
        context,
        actor=who,
        request_id=request.id,
        decision=decision,
        shown=card,
        who_is=who_is,
        delivery=delivery or secrets.token_hex(8),
    )


async def read_in_full(context: Context, request_id: int, card: ShownCard, *, who: Person = APPROVER) -> ShownCard:
    """A card from which somebody has opened the form that shows all of it, in the version of the card."""
    form = f"V{request_id}.{card.version}"
    async with context.store.write() as uow:
        await uow.requests.summary(request_id, items=1)
        await uow.messages.put(
            purpose=Purpose.FORM, channel=who.user_id, ts=form, request_id=request_id, version=card.version
        )
    return replace(card, form=form)


async def take_back(
    context: Context,
    request_id: int,
    *,
    who: Person = REQUESTER,
    seen: ShownCard | None = None,
    delivery: str = "",
) -> Request:
    """Somebody clicks Withdraw under the requester's copy of a request as it is now; or under what they have `seen`."""
    copy = seen or await shown(context, request_id, purpose=Purpose.COPY)
    return await withdraw(
        context, actor=who, request_id=request_id, shown=copy, delivery=delivery or secrets.token_hex(8)
    )
