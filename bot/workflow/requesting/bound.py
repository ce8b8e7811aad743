"""A click held against what Portcullis posted: only what somebody really had before them can be decided on.

What to do with a click is decided by `bot.domain.requests.binding`. People's rights are checked before any of this:
whoever has none learns nothing here, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.requests.binding import (
    CardOnRecord,
    Purpose,
    ShownCard,
    Unbound,
    may_catch_up,
    unbound_error,
    unbound_event,
    why_not_posted,
    why_unbound,
)
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person
from bot.domain.requests.request import Request
from bot.errors import Conflict
from bot.store import PostedMessage, UnitOfWork
from bot.store.beside import NOTHING, ShownBeside
from bot.workflow.shared.context import Context
from bot.workflow.shared.early_clicks import once_on_record
from bot.workflow.shared.jobs import notify, retire
from bot.workflow.shared.owed_answers import owe


async def let_record_catch_up(context: Context, shown: ShownCard, request_id: int) -> None:
    """Wait, a second at most, while a message that shows the request as it is now isn't on record as such yet.

    Raises NotFound.
    """
    await _once_on_record(context, shown, request_id, is_early=lambda parts, of: may_catch_up(parts.lead, shown, of))


async def look_up(
    uow: UnitOfWork, request: Request, shown: ShownCard, *, purpose: Purpose, actor: Person
) -> Unbound | None:
    """Why a click decides nothing; None where it is bound to what Portcullis posted, in the version of now.

    `request` is locked: until this unit of work ends, it stays so.
    """
    why = why_unbound(
        request,
        shown,
        await _on_record(uow, shown),
        purpose=purpose,
        form_on_record=await _at(uow, actor.user_id, shown.form) if shown.form else None,
    )
    if why is Unbound.UNKNOWN_MESSAGE and await _elsewhere(uow, request, shown, purpose=purpose):
        return Unbound.OTHER_CHANNEL
    return why


async def remember_form(
    context: Context,
    request: Request,
    form: str,
    *,
    actor: Person,
    purpose: Purpose = Purpose.FORM,
    beside: ShownBeside = NOTHING,
) -> None:
    """Put on record that a form about a request, as it is here, was opened for somebody: it alone will count.

    `beside` is what it shows beside the request.
    """
    async with context.store.write() as uow:
        await uow.messages.put(
            purpose=purpose,
            channel=actor.user_id,
            ts=form,
            request_id=request.proposal_id,
            version=request.version,
            beside=beside,
        )


async def demand_posted(
    context: Context,
    request_id: int,
    shown: ShownCard,
    *,
    purpose: Purpose,
    actor: Person,
    wanted: str,
    delivery: str,
) -> None:
    """Hold a click that decides nothing by itself to a message that Portcullis posted for this request, in any version.

    One that isn't on record yet has a second to get there. Raises NotFound, and Conflict, after it was logged, once for
    each delivery.
    """
    parts, on_record = await _once_on_record(context, shown, request_id, is_early=lambda _, of: of is None)
    request = parts.of(request_id)
    why = why_not_posted(request, on_record, purpose=purpose)
    if why is None:
        return
    error = unbound_error(request, why, purpose=purpose)
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(f"refused:{delivery}"):
            event = unbound_event(request, shown, why, actor=actor.user_id, wanted=wanted, at=context.now())
            await uow.audit.append_all([event])
            await _retire(uow, request, shown, why)
            await owe(uow, error)
    raise error


async def turn_down(
    uow: UnitOfWork,
    context: Context,
    request: Request,
    shown: ShownCard,
    why: Unbound,
    *,
    purpose: Purpose,
    actor: Person,
    wanted: str,
) -> None:
    """Log a click that decides nothing, and have what Portcullis posted for this decision brought up to date.

    What it posted and Slack has lost is posted anew. A message that isn't on record loses its buttons. Whoever clicked
    is told by its caller, in the same transaction: see `owe`. What others have before them goes on to count, where it
    shows the request as it is: nobody's old click keeps them from deciding.
    """
    await uow.messages.outdate(request.proposal_id, purpose)
    if why is Unbound.OTHER_CHANNEL:
        # It counts once Slack has let Portcullis change it there: it changes nobody else's.
        for known in await _elsewhere(uow, request, shown, purpose=purpose):
            await uow.messages.move(known.id, channel=shown.channel, version=0)
    event = unbound_event(request, shown, why, actor=actor.user_id, wanted=wanted, at=context.now())
    await uow.audit.append_all([event])
    await _retire(uow, request, shown, why)
    await notify(uow, request.proposal_id)


async def turn_down_on_card(
    uow: UnitOfWork,
    context: Context,
    request: Request,
    shown: ShownCard,
    why: Unbound,
    *,
    actor: Person,
    wanted: str,
    stands: Conflict | None,
) -> Conflict:
    """Turn a click on a card down, and return what to tell. `stands` is what keeps anybody from it by now: that says
    more to whoever was too late than that their card is old."""
    await turn_down(uow, context, request, shown, why, purpose=Purpose.CARD, actor=actor, wanted=wanted)
    if stands is not None and why is Unbound.OLD_VERSION:
        return stands
    return unbound_error(request, why, purpose=Purpose.CARD)


async def _elsewhere(uow: UnitOfWork, request: Request, shown: ShownCard, *, purpose: Purpose) -> list[PostedMessage]:
    """What was posted for a request at the same moment in a channel with another id.

    A private channel that is shared with another company gets a new id; its messages keep their time stamps.
    """
    posted = await uow.messages.of_request(request.proposal_id, purpose)
    return [known for known in posted if known.ts == shown.ts and known.channel != shown.channel]


async def _retire(uow: UnitOfWork, request: Request, shown: ShownCard, why: Unbound) -> None:
    if why is Unbound.UNKNOWN_MESSAGE and shown.channel and shown.ts:
        await retire(uow, request.proposal_id, channel=shown.channel, ts=shown.ts)


async def _once_on_record(
    context: Context,
    shown: ShownCard,
    request_id: int,
    *,
    is_early: Callable[[Parts, CardOnRecord | None], bool],
) -> tuple[Parts, CardOnRecord | None]:
    """A proposal, and what is on record of a message, read again while the click `is_early`. Raises NotFound."""

    async def look() -> tuple[Parts, CardOnRecord | None]:
        async with context.store.read() as uow:
            return await uow.requests.parts(request_id, items=1), await _on_record(uow, shown)

    return await once_on_record(look, is_early=lambda seen: is_early(*seen))


async def _on_record(uow: UnitOfWork, shown: ShownCard) -> CardOnRecord | None:
    return await _at(uow, shown.channel, shown.ts)


async def _at(uow: UnitOfWork, channel: str, ts: str) -> CardOnRecord | None:
    posted = await uow.messages.find(channel, ts)
    if posted is None:
        return None
    return CardOnRecord(request_id=posted.request_id, purpose=posted.purpose, version=posted.version)
