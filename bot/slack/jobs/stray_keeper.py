"""The jobs about messages that stand in Slack and not on record: their buttons are taken off, or they are taken away.

A message that isn't on record decides nothing, whoever posted it. One that somebody clicked on says so afterwards; one
that carries what another message on record carries too stands twice, and is deleted.
"""

from __future__ import annotations

from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError, SlackUnavailable, TryLater
from bot.slack.client import NO_UNFURL, call
from bot.slack.jobs.own_messages import OwnMessages
from bot.slack.messages.stray import stray_message
from bot.store import Job, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.jobs import JobKind, RepeatedPayload, StrayPayload

_log = structlog.get_logger(__name__)

#: While a message may stand and isn't on record yet, it could be this one: looked at again after so long, in seconds.
_NOT_YET = 5.0


class StrayKeeper:
    """The handlers of the jobs."""

    def __init__(self, *, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        self._client = client
        self._own = OwnMessages(context=context, client=client)

    async def retire(self, _job: Job, payload: StrayPayload) -> None:
        """Job: have a message that isn't on record say so, without buttons. Only the bot's own can be changed.

        Raises TryLater while it may still get on record, and SlackUnavailable to be tried again.
        """
        async with self._context.store.read() as uow:
            if await _is_on_record(uow, payload.channel, payload.ts):
                return
            if await uow.posts.any_in_doubt():
                raise TryLater(_NOT_YET, "A message is being posted, and may be the one that was clicked on.")
        where = {"channel": payload.channel, "ts": payload.ts}
        try:
            await call(
                self._client, "chat.update", {**where, **stray_message(payload.request_id).to_dict(), **NO_UNFURL}
            )
        except SlackUnavailable:
            raise
        except SlackError as error:
            # Deleted, ephemeral, or somebody else's: then it has no buttons that come here.
            _log.info(
                "a message that isn't on record stays as it is",
                request=payload.request_id,
                preview=payload.preview_id,
                code=error.code,
            )

    async def look(self, _job: Job, payload: RepeatedPayload) -> None:
        """Job: delete what carries the same as a message that was posted again. Raises SlackUnavailable."""
        async with self._context.store.read() as uow:
            intent = await uow.posts.find(payload.key)
        if intent is None or not intent.ts:
            return
        standing = await self._own.carrying(
            intent.token, channel=intent.channel, thread=payload.thread, since=intent.begun_at
        )
        for ts in standing or ():
            async with self._context.store.read() as uow:
                is_known = await _is_on_record(uow, intent.channel, ts)
            if ts == intent.ts or is_known:
                continue
            try:
                await call(self._client, "chat.delete", {"channel": intent.channel, "ts": ts})
            except SlackUnavailable:
                raise
            except SlackError as error:
                _log.info("a message that stands twice can't be deleted", key=payload.key, code=error.code)


async def _is_on_record(uow: UnitOfWork, channel: str, ts: str) -> bool:
    if await uow.messages.find(channel, ts) is not None:
        return True
    return await uow.previews.find_at(channel, ts) is not None


STRAY_JOBS: tuple[JobDefinition[StrayKeeper, Any], ...] = (
    JobDefinition(kind=JobKind.RETIRE, handle=StrayKeeper.retire, alerts=False),
    JobDefinition(kind=JobKind.STRAYS, handle=StrayKeeper.look, alerts=False),
)
