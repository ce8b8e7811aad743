"""A card that Slack shows and the database doesn't know, because a crash came between: it is kept up to date too."""

from __future__ import annotations

from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify

#: What the notifier calls the cards in the approval channel, and the requester's own copy of one.
CARD = "card"
COPY = "copy"


async def adopt(context: Context, request_id: int, *, channel: str, ts: str, purpose: str = CARD) -> None:
    """Remember a card that somebody clicked on, and have it brought up to date, whatever becomes of the click.

    Does nothing for one that is known. Raises NotFound for a request that isn't.
    """
    if not channel or not ts:
        return
    async with context.store.read() as uow:
        known = await uow.messages.find(channel, ts)
        await uow.requests.get(request_id)
    if known is None:
        async with context.store.write() as uow:
            await uow.messages.add(purpose=purpose, channel=channel, ts=ts, request_id=request_id)
            await notify(uow, request_id)
