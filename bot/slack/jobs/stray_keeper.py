"""The jobs about messages that stand in Slack and not on record: their buttons are taken off, or they are taken away.

A message that isn't on record decides nothing, whoever posted it. One that somebody clicked on says so afterwards; one
that carries what another message on record carries too stands twice, and is deleted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError, SlackUnavailable, TryLater
from bot.slack.client import call
from bot.slack.jobs import post_keys
from bot.slack.jobs.own_messages import OwnMessages
from bot.slack.jobs.poster import Poster
from bot.slack.messages.stray import stray_message
from bot.slack.pace import Importance
from bot.store import Job, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RepeatedPayload, StrayPayload

_log = structlog.get_logger(__name__)

#: While a message may stand and isn't on record yet, it could be this one: looked at again after so long, in seconds.
_NOT_YET = 5.0

#: A call is over after so long, whatever became of it.
_LONGEST_CALL = timedelta(minutes=10)


class StrayKeeper:
    """The handlers of the jobs."""

    def __init__(self, *, context: Context, client: AsyncWebClient, poster: Poster) -> None:
        self._context = context
        self._client = client
        self._poster = poster
        self._own = OwnMessages(context=context, client=client)

    async def retire(self, _job: Job, payload: StrayPayload) -> None:
        """Job: have a message that isn't on record say so, without buttons. Only the bot's own can be changed.

        Raises TryLater while it may still get on record or Slack takes no more, and SlackUnavailable to be tried again.
        """
        async with self._context.store.read() as uow:
            if await _is_on_record(uow, payload.channel, payload.ts):
                return
            if await _may_get_on_record(uow, payload, now=self._context.store.clock()):
                raise TryLater(_NOT_YET, "A message is being posted, and may be the one that was clicked on.")
        try:
            await self._poster.update(
                payload.channel, payload.ts, stray_message(payload.request_id), importance=Importance.CONFIRMATION
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


async def _may_get_on_record(uow: UnitOfWork, payload: StrayPayload, *, now: datetime) -> bool:
    """Whether a message that is being posted could be the one that was clicked on."""
    about = post_keys.beginnings(payload.channel, payload.request_id)
    in_doubt = await uow.posts.in_doubt(about)
    if payload.preview_id is not None:
        shown = await uow.posts.find(post_keys.of_preview(payload.preview_id))
        in_doubt += [shown] if shown is not None and shown.is_in_doubt else []
    return any(intent.sure_at is not None and intent.sure_at >= now - _LONGEST_CALL for intent in in_doubt)


STRAY_JOBS: tuple[JobDefinition[StrayKeeper, Any], ...] = (
    JobDefinition(kind=JobKind.RETIRE, handle=StrayKeeper.retire, alerts=False),
    JobDefinition(kind=JobKind.STRAYS, handle=StrayKeeper.look, alerts=False),
)
