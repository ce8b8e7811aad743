"""The alert of a lost Socket Mode connection: posted once, and brought up to date when the connection is back."""

from __future__ import annotations

from bot.domain.telling.outage_facts import socket_lost
from bot.slack.jobs.doubted_updates import SHOWN_AGAIN_AFTER, may_be_undone
from bot.slack.jobs.poster import Poster
from bot.slack.messages.alert import alert_message
from bot.store import Job, UnitOfWork
from bot.workflow.shared.alerts import alert_of_socket
from bot.workflow.shared.context import Context


class OutageTeller:
    """Tells the alert channel of outages as the database has them."""

    def __init__(self, *, context: Context, poster: Poster, alert_channel: str) -> None:
        self._context = context
        self._poster = poster
        self._alert_channel = alert_channel

    async def tell(self, number: int, *, job: Job) -> None:
        """Post or bring up to date the message of an outage. Raises SlackError and TryLater, to be tried again.

        Where an update of before may take effect after this one, it is shown once more.
        """

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            await uow.socket_outages.note_message(number, channel=channel, ts=ts)

        async with self._context.store.read() as uow:
            outage = await uow.socket_outages.find(number)
        if outage is None:
            return
        message = alert_message(
            socket_lost(outage.process, number=number, began_at=outage.began_at, ended_at=outage.ended_at)
        )
        if not outage.ts:
            await self._poster.post(self._alert_channel, message, key=f"outage:{number}", job=job, record=record)
            return
        if not await self._poster.is_updated(outage.channel, outage.ts, message):
            return
        if may_be_undone(job):
            at = self._context.store.clock() + SHOWN_AGAIN_AFTER
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await alert_of_socket(uow, number, at=at, after=job.id)
