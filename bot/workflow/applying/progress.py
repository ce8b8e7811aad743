"""What is written down while a request is being sent: the intent before each stride, and how far it has come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.lists.change import Operation
from bot.domain.requests.request import Item, ItemState, Request
from bot.store import Job, UnitOfWork
from bot.workflow.applying.others import Others, alone_with_intents, look_at_others
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import ApplyPayload, JobKind
from bot.workflow.shared.jobs import notify

#: The cards are brought up to date when so much time has passed, or such a part of the whole has been sent.
TELL_EVERY_SECONDS = 5.0
TELL_EVERY_PART = 0.05

#: A request of so few items is sent before anybody could look.
_TOO_FEW_TO_TELL = 20


async def tell_sent(uow: UnitOfWork, job: Job, request: Request, at: datetime) -> None:
    """Have the job told at its next attempt when something was sent last."""
    await uow.jobs.tell(job, JobKind.APPLY.as_stored(ApplyPayload(request_id=request.id, sent_at=at)))


class Progress:
    """How far one attempt has come: its `about_to_send` and `was_sent` are what a `Sending` calls.

    `missing` are the items that are to be sent; the others count as sent, because nothing is left to send for them.
    With `again` the job was told that something was sent before, and is told of each stride anew.
    """

    def __init__(
        self, context: Context, job: Job, request: Request, missing: Sequence[Item], *, again: bool = False
    ) -> None:
        self._context = context
        self._job = job
        self._request = request
        self._again = again
        self.held_up = Others()  #: what was left out, because another request has begun with it
        self._items = {item.value: item for item in missing}
        self._sent = request.total - len(missing)
        self._tells = request.total > _TOO_FEW_TO_TELL
        self._told = self._sent
        self._told_at = asyncio.get_running_loop().time()

    async def about_to_send(self, values: Sequence[str]) -> Sequence[str]:
        """Write down that these values may have been sent from now on. Returns them without those of another request
        that has begun with them since the list was read, or was approved: they are `held_up`.
        """
        async with self._context.store.write() as uow:
            await uow.jobs.hold(self._job)
            await alone_with_intents(uow, self._request)
            others = await look_at_others(uow, self._request, [self._items[value] for value in values])
            if self._request.operation is not Operation.ADD:
                # A removal is sent whoever adds the entry just then: its own reading shows whether it is gone.
                others = replace(others, first={})
            self.held_up |= others
            values = [value for value in values if value not in others]
            intended = {
                self._items[value].id: (ItemState.INTENDED, "")
                for value in values
                if self._items[value].state is not ItemState.INTENDED
            }
            await uow.requests.set_items(intended)
            if self._again and values:
                # A worker that dies now leaves a time that is long ago: what it sent would not be waited for.
                await tell_sent(uow, self._job, self._request, self._context.now())
            if self._tells:
                # Also what an attempt that died has left too high.
                await uow.requests.set_sent(self._request.id, self._sent)
        return values

    async def was_sent(self, count: int) -> None:
        """Note that so many more were sent, and have people told now and then."""
        self._sent += count
        now = asyncio.get_running_loop().time()
        due = (
            self._sent - self._told >= self._request.total * TELL_EVERY_PART
            or now - self._told_at >= TELL_EVERY_SECONDS
        )
        if not (self._tells and due):
            return
        self._told, self._told_at = self._sent, now
        async with self._context.store.write() as uow:
            await uow.jobs.hold(self._job)
            await uow.requests.set_sent(self._request.id, self._sent)
            await notify(uow, self._request.id)
