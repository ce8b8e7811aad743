"""Looks in Slack for a message of one's own by the token that it carries: for who lost the answer to a post.

The bot may read where it was given `channels:history`, `groups:history` and `im:history`, and asks for a person's
direct messages with `im:write`; see app.yaml. Without them nothing is found out, and nothing fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import MessageGone, SlackError, SlackUnavailable
from bot.slack.client import call
from bot.workflow.shared.context import Context

_log = structlog.get_logger(__name__)

#: The name of what a message carries, among the metadata of all apps.
_EVENT_TYPE = "portcullis_message"

#: Slack's clock and the machine's may differ by so much: deliveries with a greater difference are refused.
_CLOCKS_DIFFER = timedelta(minutes=5)

#: So many messages a page, and pages at most. Whoever finds more said since can't be sure of anything.
_A_PAGE, _MOST_PAGES = 100, 10


def metadata_of(token: str) -> dict[str, Any]:
    """What a message carries: the argument `metadata` of `chat.postMessage`."""
    return {"event_type": _EVENT_TYPE, "event_payload": {"key": token}}


class OwnMessages:
    """What the bot itself has posted, as Slack tells it."""

    def __init__(self, *, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        self._client = client

    async def conversation_of(self, to: str) -> str | None:
        """The conversation that a channel or a person stands for; None where that can't be found out.

        Raises SlackUnavailable.
        """
        if not to.startswith(("U", "W")):
            return to
        async with self._context.store.read() as uow:
            known = await uow.messages.direct_channel(to)
        if known:
            return known
        try:
            opened = (await self._call("conversations.open", {"users": to})).get("channel")
        except SlackUnavailable:
            raise
        except SlackError as error:
            _log.info("a person's direct messages can't be found", user=to, code=error.code)
            return None
        return str(opened.get("id") or "") or None if isinstance(opened, Mapping) else None

    async def carrying(self, token: str, *, channel: str, thread: str | None, since: datetime) -> Sequence[str] | None:
        """The `ts` of each message of the bot's own that carries a token, oldest first; None where that can't be told.

        `channel` is a conversation's id; `thread` the `ts` that they stand below. Raises SlackUnavailable.
        """
        try:
            me = str((await self._call("auth.test")).get("user_id") or "")
            return await self._read(token, me=me, channel=channel, thread=thread, since=since)
        except SlackUnavailable:
            raise
        except MessageGone:
            return ()  # what it would stand below is gone, and it with it
        except SlackError as error:
            _log.info("Slack doesn't let the bot look for its own message", channel=channel, code=error.code)
            return None

    async def _call(self, method: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        await self._context.store.look_anew()
        return await call(self._client, method, arguments)

    async def _read(
        self, token: str, *, me: str, channel: str, thread: str | None, since: datetime
    ) -> Sequence[str] | None:
        method = "conversations.history" if thread is None else "conversations.replies"
        asked = {
            "channel": channel,
            "ts": thread,
            "oldest": f"{(since - _CLOCKS_DIFFER).timestamp():.6f}",
            "limit": _A_PAGE,
            "include_all_metadata": True,
        }
        found: list[str] = []
        cursor = ""
        for _ in range(_MOST_PAGES):
            answer = await self._call(method, {**asked, "cursor": cursor or None})
            found += [
                str(message.get("ts"))
                for message in _listed(answer.get("messages"))
                if message.get("user") == me and _token_of(message) == token
            ]
            cursor = _cursor(answer)
            if not cursor:
                return sorted(found, key=float)
        return sorted(found, key=float) or None


def _listed(messages: object) -> list[Mapping[str, Any]]:
    return [each for each in messages if isinstance(each, Mapping)] if isinstance(messages, list) else []


def _token_of(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != _EVENT_TYPE:
        return ""
    payload = metadata.get("event_payload")
    return str(payload.get("key") or "") if isinstance(payload, Mapping) else ""


def _cursor(answer: Mapping[str, Any]) -> str:
    more = answer.get("response_metadata")
    return str(more.get("next_cursor") or "") if isinstance(more, Mapping) else ""
