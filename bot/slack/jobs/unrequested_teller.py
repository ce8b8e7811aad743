"""The alert of changes that nobody requested: one for each reading, brought up to date as something comes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.domain.requests.binding import Purpose
from bot.domain.requests.unrequested import TellBlocks, UnrequestedChange
from bot.domain.telling.unrequested_facts import unrequested_facts
from bot.slack.block_kit.blocks import Message
from bot.slack.jobs import post_keys
from bot.slack.jobs.doubted_updates import SHOWN_AGAIN_AFTER, may_be_undone
from bot.slack.jobs.files_once import FileForPeople, FilesOnce
from bot.slack.jobs.poster import Poster
from bot.slack.messages.unrequested import unrequested_message
from bot.store import Job, PostedMessage, UnitOfWork
from bot.workflow.importing.result_files import changes_file
from bot.workflow.shared.alerts import tell_of_unrequested
from bot.workflow.shared.context import Context


class UnrequestedTeller:
    """Tells the alert channel of unrequested changes as the database has them."""

    def __init__(self, *, context: Context, poster: Poster, files: FilesOnce, alert_channel: str) -> None:
        self._context = context
        self._files = files
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
        loud = self._context.tell_blocks is TellBlocks.ALARM
        # In a thread: of a list that was emptied there are thousands.
        facts = await asyncio.to_thread(unrequested_facts, changes, requests, proposals, loud_blocks=loud)
        message = unrequested_message(facts)

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            await uow.messages.put(purpose=Purpose.UNREQUESTED, channel=channel, ts=ts, version=reading)

        if posted is None:
            await self._poster.post(
                self._alert_channel, message, key=post_keys.of_unrequested(reading), job=job, record=record
            )
        else:
            await self._bring_up_to_date(posted, message, reading, job)
        if facts.counts:
            await self._give_file(reading, changes, job)

    async def _bring_up_to_date(self, posted: PostedMessage, message: Message, reading: int, job: Job) -> None:
        if not await self._poster.is_updated(posted.channel, posted.ts, message):
            await self._forget(posted)
            return
        if may_be_undone(job):
            at = self._context.store.clock() + SHOWN_AGAIN_AFTER
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await tell_of_unrequested(uow, reading, at=at, after=job.id)

    async def _give_file(self, reading: int, changes: Sequence[UnrequestedChange], job: Job) -> None:
        """All changes of a reading that has more than an alert shows, as a file."""
        file = FileForPeople(
            name=f"changes-{reading}.csv",
            content=await asyncio.to_thread(changes_file, changes),
            title=f"{len(changes):,} changes without a request",
            comment="Each change that no request asked for. What they are about stands there as it is, not defanged.",
        )
        await self._files.show(f"unrequested:{reading}", file, channel=self._alert_channel, job=job)

    async def _forget(self, posted: PostedMessage) -> None:
        """It was deleted, or stands in a channel that is archived or that the bot has left: nobody reads it there."""
        async with self._context.store.write() as uow:
            await uow.messages.become(posted.id, Purpose.LOST_CARD)
