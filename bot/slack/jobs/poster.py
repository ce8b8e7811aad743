"""Messages on their way to Slack: posted and remembered, brought up to date, and in their plainest form where Slack
doesn't take them as they are."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.requests.request import Request, Status
from bot.errors import PayloadRefused
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.plainest import plainest
from bot.slack.client import NO_UNFURL, call
from bot.slack.jobs.importance import importance_of
from bot.slack.pace import POST, UPDATE, Importance, SlackPace
from bot.store import PostedMessage as Posted
from bot.workflow.shared.context import Context

_log = structlog.get_logger(__name__)

#: While a request is being sent, a copy shows its progress at most so often, in seconds: `chat.update` takes about
#: fifty calls a minute for the whole workspace.
PROGRESS_EVERY = 4.0


class Poster:
    """The way of every message that a job posts."""

    def __init__(self, *, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        self._client = client
        self._pace = SlackPace(context.budgets, clock=lambda: context.store.clock().timestamp())
        #: By copy: how much its progress showed when it was last brought up to date, and when that was.
        self._progress: dict[int, tuple[int, float]] = {}

    async def post(
        self,
        channel: str,
        message: Message,
        *,
        thread: str | None = None,
        request: Request | None = None,
        purpose: str = "",
        version: int = 0,
        joined: Sequence[int] = (),
        importance: Importance = Importance.OUTCOME,
    ) -> Mapping[str, Any]:
        """Post a message, and remember it where it is a `request`'s. Slack's answer.

        Raises SlackError and what stands under it in the tree, and TryLater while Slack takes no more.
        """
        answer = await self._send(POST, {"channel": channel, "thread_ts": thread}, message, importance)
        if request is not None:
            async with self._context.store.write() as uow:
                await uow.messages.add(
                    purpose=purpose,
                    channel=str(answer["channel"]),
                    ts=str(answer["ts"]),
                    request_id=request.id,
                    version=version,
                    joined=joined,
                )
        return answer

    async def update(
        self, channel: str, ts: str, message: Message, *, importance: Importance = Importance.OUTCOME
    ) -> Mapping[str, Any]:
        """Put a message in the place of one that was posted. Slack's answer.

        Raises SlackError and what stands under it in the tree, and TryLater while Slack takes no more.
        """
        return await self._send(UPDATE, {"channel": channel, "ts": ts}, message, importance)

    async def bring_up_to_date(self, copy: Posted, request: Request, message: Message, version: int) -> None:
        """Have a copy of a request show its `version`, and but for the last seconds its progress.

        Raises SlackError and what stands under it in the tree, and TryLater while Slack takes no more.
        """
        if copy.version >= version and not self._shows_progress(copy, request):
            return
        await self.update(copy.channel, copy.ts, message, importance=importance_of(request))
        if request.status is Status.APPLYING:
            self._progress[copy.id] = (request.sent, time.monotonic())
        else:
            self._progress.pop(copy.id, None)
        if copy.version < version:
            async with self._context.store.write() as uow:
                await uow.messages.mark(copy.id, version=version)

    async def _send(
        self, method: str, where: Mapping[str, object], message: Message, importance: Importance
    ) -> Mapping[str, Any]:
        async with self._pace.turn(method, str(where["channel"]), importance):
            return await self._send_now(method, where, message)

    async def _send_now(self, method: str, where: Mapping[str, object], message: Message) -> Mapping[str, Any]:
        try:
            return await call(self._client, method, {**where, **message.to_dict(), **NO_UNFURL})
        except PayloadRefused as refused:
            _log.warning("a message goes out in its plainest form", method=method, error=str(refused))
            return await call(self._client, method, {**where, **plainest(message).to_dict(), **NO_UNFURL})

    def _shows_progress(self, copy: Posted, request: Request) -> bool:
        """Whether it is time for a copy to show how far its request has come since."""
        if request.status is not Status.APPLYING:
            return False
        sent, at = self._progress.get(copy.id, (0, float("-inf")))
        return request.sent != sent and time.monotonic() - at >= PROGRESS_EVERY
