"""The alert of a lost Socket Mode connection: posted once, and brought up to date when the connection is back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.telling.outage_facts import socket_lost
from bot.errors import DestinationGone, MessageGone
from bot.slack.block_kit.blocks import Message
from bot.slack.client import NO_UNFURL, call
from bot.slack.messages.alert import alert_message
from bot.workflow.shared.context import Context

#: Posts a message into the alert channel, and gives Slack's answer.
Posts: TypeAlias = Callable[[Message], Awaitable[Mapping[str, Any]]]


class OutageTeller:
    """Tells of outages as the database has them."""

    def __init__(self, *, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        self._client = client

    async def tell(self, number: int, post: Posts) -> None:
        """Post or bring up to date the message of an outage. Raises SlackError, to be tried again."""
        async with self._context.store.read() as uow:
            outage = await uow.socket_outages.find(number)
        if outage is None:
            return
        message = alert_message(
            socket_lost(outage.process, number=number, began_at=outage.began_at, ended_at=outage.ended_at)
        )
        if not outage.ts:
            answer = await post(message)
            async with self._context.store.write() as uow:
                await uow.socket_outages.note_message(number, channel=str(answer["channel"]), ts=str(answer["ts"]))
            return
        try:
            await call(
                self._client,
                "chat.update",
                {"channel": outage.channel, "ts": outage.ts, **message.to_dict(), **NO_UNFURL},
            )
        except (MessageGone, DestinationGone):
            return  # deleted, or in a channel that is archived or that the bot has left: nobody reads it there
