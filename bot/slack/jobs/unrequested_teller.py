"""The alert of changes that nobody requested: one for each reading, brought up to date as something comes of them."""

from __future__ import annotations

from bot.domain.requests.binding import Purpose
from bot.domain.telling.unrequested_facts import unrequested_facts
from bot.errors import DestinationGone, MessageGone
from bot.slack.jobs import post_keys
from bot.slack.jobs.doubted_updates import SHOWN_AGAIN_AFTER, may_be_undone
from bot.slack.jobs.poster import Poster
from bot.slack.messages.unrequested import unrequested_message
from bot.store import Job, PostedMessage, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import tell_of_unrequested


class UnrequestedTeller:
    """Tells the alert channel of unrequested changes as the database has them."""

    def __init__(self, *, context: Context, poster: Poster, alert_channel: str) -> None:
        self._context = context
        self._poster = poster
        self._alert_channel = alert_channel

    async def tell(self, reading: int, *, job: Job) -> None:
        """Post the alert of what a reading found, or bring it up to date. Raises SlackError and TryLater, to be tried
        again. Where an update of before may take effect after this one, it is shown once more.
        """
        async with self._context.store.read() as uow:
            changes = await uow.unrequested.of_reading(reading)
            asking = sorted({each.request_id for each in changes if each.request_id is not None})
            requests = {number: await uow.requests.summary(number, items=1) for number in asking}
            made = sorted({number for each in changes for number in each.made_by})
            proposals = await uow.requests.proposal_numbers(made)
            posted = await uow.messages.of_event(Purpose.UNREQUESTED, reading)
        if not changes:
            return
        message = unrequested_message(unrequested_facts(changes, requests, proposals))

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            await uow.messages.add(purpose=Purpose.UNREQUESTED, channel=channel, ts=ts, version=reading)

        if posted is None:
            await self._poster.post(
                self._alert_channel, message, key=post_keys.of_unrequested(reading), job=job, record=record
            )
            return
        try:
            await self._poster.update(posted.channel, posted.ts, message)
        except (MessageGone, DestinationGone):
            await self._forget(posted)
            return
        if may_be_undone(job):
            at = self._context.store.clock() + SHOWN_AGAIN_AFTER
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await tell_of_unrequested(uow, reading, at=at, after=job.id)

    async def _forget(self, posted: PostedMessage) -> None:
        """It was deleted, or stands in a channel that is archived or that the bot has left: nobody reads it there."""
        async with self._context.store.write() as uow:
            await uow.messages.become(posted.id, Purpose.LOST_CARD)
