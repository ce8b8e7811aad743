"""The Web API's `chat.*` methods. Source: https://docs.slack.dev/reference/methods#chat."""

from __future__ import annotations

import re
from typing import Any

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.arguments import Arguments
from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.message_rules import TEXT_ADVISED, TEXT_LIMIT, checked_blocks
from bot.playground.slack.method_registry import Method, method
from bot.playground.slack.state import SlackState

_EVENT_TYPE = re.compile(r"[A-Za-z0-9_]+")
_UNFURLING = ("unfurl_links", "unfurl_media")


def _destination(state: SlackState, args: Arguments, *, people_too: bool) -> Conversation:
    channel_id = args.required("channel")
    conversation = state.conversations.find(channel_id)
    if conversation is None and channel_id.startswith(("U", "W")):
        if not people_too:
            broke = f"{channel_id} is a person: this method needs the id of the channel (D…)"
            raise Refused("channel_not_found", broke=broke)
        conversation = state.conversations.direct(channel_id)
    if conversation is None:
        raise Refused("channel_not_found")
    return conversation


def _writable(conversation: Conversation) -> None:
    if conversation.archived:
        raise Refused("is_archived")
    if not conversation.has_bot:
        raise Refused("not_in_channel")


def _content(
    state: SlackState, args: Arguments, *, call: str, text_limit: int = TEXT_LIMIT
) -> tuple[str, list[dict[str, Any]] | None]:
    """Text and blocks, judged. The blocks are None when there was no such argument."""
    if "attachments" in args:
        raise Refused("invalid_attachments", broke="attachments are legacy: everything must be in blocks")
    text = args.text("text")
    blocks = args.structure("blocks", error="invalid_blocks_format")
    checked = checked_blocks(state.ledger, text=text, blocks=blocks, call=call, text_limit=text_limit)
    return text or "", None if blocks is None else checked


def _metadata(args: Arguments) -> dict[str, Any] | None:
    """What is written beside the message; None when there was no such argument, empty to take it away.

    Source: https://docs.slack.dev/messaging/message-metadata
    """
    given = args.structure("metadata", error="invalid_metadata_format")
    if given is None or given == {}:
        return None if given is None else {}
    kind = given.get("event_type") if isinstance(given, dict) else None
    payload = given.get("event_payload") if isinstance(given, dict) else None
    if not (isinstance(kind, str) and _EVENT_TYPE.fullmatch(kind)) or not isinstance(payload, dict):
        what = "metadata has an event_type of letters, digits and _, and an event_payload that is an object"
        raise Refused("invalid_metadata_format", broke=what)
    return {"event_type": kind, "event_payload": payload}


def _thread(conversation: Conversation, args: Arguments) -> str | None:
    thread_ts = args.text("thread_ts")
    if not thread_ts:
        return None
    parent = conversation.message(thread_ts)
    if parent is None:
        raise Refused("thread_not_found")
    return parent.thread_ts or parent.ts


def _own_message(state: SlackState, conversation: Conversation, args: Arguments, *, refusal: str) -> Message:
    message = conversation.message(args.required("ts"))
    if message is None or message.ephemeral_for is not None:
        raise Refused("message_not_found")
    if message.user != state.workspace.bot.id:
        raise Refused(refusal, broke=f"message {message.ts} is somebody else's")
    return message


def _post_message(state: SlackState, args: Arguments) -> dict[str, Any]:
    call = "chat.postMessage"
    conversation = _destination(state, args, people_too=True)
    _writable(conversation)
    for flag in _UNFURLING:
        if args.flag(flag) is not False:
            state.ledger.violation(flag, f"{flag} is not false: an address in the message may be fetched", call=call)
    text, blocks = _content(state, args, call=call)
    thread_ts = _thread(conversation, args)
    metadata = _metadata(args)
    _pace(state, conversation)
    message = Message(
        ts=state.conversations.next_ts(),
        user=state.workspace.bot.id,
        text=text,
        blocks=blocks or [],
        thread_ts=thread_ts,
        metadata=metadata or None,
    )
    state.say(conversation, message)
    return {"channel": conversation.id, "ts": message.ts, "message": state.message_as_slack(message)}


def _pace(state: SlackState, conversation: Conversation) -> None:
    """More than one new message a second in a channel works in bursts only."""
    bot = state.workspace.bot.id
    mine = [float(message.ts) for message in conversation.messages if message.user == bot]
    if mine and 0 <= state.clock.now() - mine[-1] < 1:
        state.ledger.hint(
            "message_rate", f"more than one message a second in {conversation.id}", call="chat.postMessage"
        )


def _post_ephemeral(state: SlackState, args: Arguments) -> dict[str, Any]:
    conversation = _destination(state, args, people_too=False)
    _writable(conversation)
    user_id = args.required("user")
    if user_id not in conversation.members:
        raise Refused("user_not_in_channel")
    text, blocks = _content(state, args, call="chat.postEphemeral")
    message = Message(
        ts=state.conversations.next_ts(),
        user=state.workspace.bot.id,
        text=text,
        blocks=blocks or [],
        thread_ts=_thread(conversation, args),
        ephemeral_for=user_id,
    )
    state.say(conversation, message)
    return {"message_ts": message.ts}


def _update(state: SlackState, args: Arguments) -> dict[str, Any]:
    call = "chat.update"
    conversation = _destination(state, args, people_too=False)
    if conversation.archived:
        raise Refused("is_archived")
    message = _own_message(state, conversation, args, refusal="cant_update_message")
    text, blocks = _content(state, args, call=call, text_limit=TEXT_ADVISED)
    sent = args.structure("blocks", error="invalid_blocks_format") or []
    same = {block["block_id"] for block in sent if "block_id" in block} & {
        block["block_id"] for block in message.blocks
    }
    if same:
        what = f"block_id {min(same)} is the same as before the update: clients may show the old block"
        state.ledger.hint("block_id_unchanged", what, call=call)
    metadata = _metadata(args)
    if metadata is not None:  # without it, what was there before stays
        message.metadata = metadata or None
    message.earlier.append(message.blocks)
    message.blocks = blocks or []
    message.text = text
    message.edited = state.conversations.next_ts()
    message.chosen = {}
    state.changes.bump()
    return {
        "channel": conversation.id,
        "ts": message.ts,
        "text": message.text,
        "message": state.message_as_slack(message),
    }


def _delete(state: SlackState, args: Arguments) -> dict[str, Any]:
    conversation = _destination(state, args, people_too=False)
    message = _own_message(state, conversation, args, refusal="cant_delete_message")
    conversation.remove(message)
    state.changes.bump()
    return {"channel": conversation.id, "ts": message.ts}


def _permalink(state: SlackState, args: Arguments) -> dict[str, Any]:
    conversation = _destination(state, args, people_too=False)
    ts = args.required("message_ts")
    if conversation.message(ts) is None:
        raise Refused("message_not_found")
    return {
        "channel": conversation.id,
        "permalink": f"{state.base_url}/archives/{conversation.id}/p{ts.replace('.', '')}",
    }


METHODS: dict[str, Method] = {
    "chat.postMessage": method(
        _post_message,
        "channel text blocks attachments thread_ts reply_broadcast unfurl_links unfurl_media mrkdwn link_names parse "
        "metadata",
    ),
    "chat.postEphemeral": method(
        _post_ephemeral, "channel user text blocks attachments thread_ts link_names parse mrkdwn"
    ),
    "chat.update": method(
        _update,
        "channel ts text blocks attachments link_names parse reply_broadcast metadata unfurl_links unfurl_media",
    ),
    "chat.delete": method(_delete, "channel ts"),
    "chat.getPermalink": method(_permalink, "channel message_ts", takes_json=False),
}
