"""What was said in a conversation, or below a message, for an app that may read it.

Source: https://docs.slack.dev/reference/methods/conversations.history and conversations.replies beside it.
"""

from __future__ import annotations

import re
from typing import Any

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.arguments import Arguments
from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.method_registry import Method, method
from bot.playground.slack.scopes import require_scope
from bot.playground.slack.state import SlackState

_MOST = 999
_TS = re.compile(r"\d+(\.\d+)?")
#: What the id of a conversation begins with, and the scope to read it.
_SCOPES = {"C": "channels:history", "G": "groups:history", "D": "im:history"}


def _readable(state: SlackState, args: Arguments) -> Conversation:
    channel_id = args.required("channel")
    if channel_id[0] in _SCOPES:
        require_scope(state, _SCOPES[channel_id[0]], is_optional=True)
    conversation = state.conversations.find(channel_id)
    if conversation is None:
        raise Refused("channel_not_found")
    if not conversation.has_bot:
        raise Refused("not_in_channel")
    return conversation


def _history(state: SlackState, args: Arguments) -> dict[str, Any]:
    conversation = _readable(state, args)
    said = [message for message in conversation.messages if message.thread_ts is None]
    return _page(state, args, said[::-1])


def _replies(state: SlackState, args: Arguments) -> dict[str, Any]:
    conversation = _readable(state, args)
    asked = conversation.message(args.required("ts"))
    if asked is None or asked.ephemeral_for is not None:
        raise Refused("thread_not_found")
    root = asked.thread_ts or asked.ts
    return _page(state, args, [each for each in conversation.messages if root in {each.ts, each.thread_ts}], root=root)


def _page(state: SlackState, args: Arguments, said: list[Message], *, root: str = "") -> dict[str, Any]:
    """So many of them as are asked for. The message that a thread is below always comes first."""
    oldest, latest = _time(args, "oldest"), _time(args, "latest")
    inclusive = bool(args.flag("inclusive"))
    with_metadata = bool(args.flag("include_all_metadata"))

    def is_meant(message: Message) -> bool:
        at = float(message.ts)
        if message.ephemeral_for is not None:
            return False
        if message.ts == root:
            return True
        after = oldest is None or at > oldest or (inclusive and at == oldest)
        return after and (latest is None or at < latest or (inclusive and at == latest))

    found = [message for message in said if is_meant(message)]
    start = _start(args, found)
    page = found[start : start + _limit(args)]
    more = start + len(page) < len(found)
    answer: dict[str, Any] = {
        "messages": [_shown(state, message, with_metadata=with_metadata) for message in page],
        "has_more": more,
    }
    if more:
        answer["response_metadata"] = {"next_cursor": f"next_ts:{page[-1].ts}"}
    return answer


def _shown(state: SlackState, message: Message, *, with_metadata: bool) -> dict[str, Any]:
    shown = state.message_as_slack(message)
    if message.metadata is None:
        return shown
    # The kind is always there; what else was written only for who asks for all of it.
    payload = message.metadata["event_payload"] if with_metadata else {}
    return shown | {"metadata": {"event_type": message.metadata["event_type"], "event_payload": payload}}


def _time(args: Arguments, name: str) -> float | None:
    given = args.text(name)
    if not given:
        return None
    if not _TS.fullmatch(given):
        raise Refused(f"invalid_ts_{name}", broke=f"{name} is {given}")
    return float(given)


def _limit(args: Arguments) -> int:
    given = args.text("limit") or "100"
    if not given.isdigit() or not 1 <= int(given) <= _MOST:
        raise Refused("invalid_limit", broke=f"limit is {given}")
    return int(given)


def _start(args: Arguments, found: list[Message]) -> int:
    cursor = args.text("cursor")
    if not cursor:
        return 0
    places = [place for place, message in enumerate(found) if cursor == f"next_ts:{message.ts}"]
    if not places:
        raise Refused("invalid_cursor", broke=f"the cursor is {cursor}")
    return places[0] + 1


_ARGUMENTS = "channel cursor include_all_metadata inclusive latest limit oldest"
METHODS: dict[str, Method] = {
    "conversations.history": method(_history, _ARGUMENTS),
    "conversations.replies": method(_replies, f"{_ARGUMENTS} ts"),
}
