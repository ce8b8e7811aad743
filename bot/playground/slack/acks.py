"""What the bot said when it acknowledged, and what the person sees of it."""

from __future__ import annotations

from typing import Any

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.message_rules import checked_blocks
from bot.playground.slack.open_views import OpenView
from bot.playground.slack.state import SlackState
from bot.playground.slack.view_methods import checked_view, require_room
from bot.playground.slack.views import problems_of

_MESSAGE_KEYS = frozenset(
    {"text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts", "mrkdwn", "metadata"}
)
_UNFURL_KEYS = frozenset({"unfurl_links", "unfurl_media"})
#: What a body holds for each `response_action`.
_RESPONSE_ACTIONS: dict[str, frozenset[str]] = {
    "errors": frozenset({"response_action", "errors"}),
    "update": frozenset({"response_action", "view"}),
    "push": frozenset({"response_action", "view"}),
    "clear": frozenset({"response_action"}),
}
#: What a person sees when a form's answer makes no sense.
TROUBLE = "We had some trouble connecting. Try again?"


def response_message(
    state: SlackState, body: object, *, user_id: str, call: str, thread_ts: str | None = None
) -> Message:
    """The message that an acknowledgement or a `response_url` carries. Raises Refused."""
    if isinstance(body, str):
        body = {"text": body}
    if not isinstance(body, dict):
        raise Refused("invalid_payload", broke="the body is neither a text nor a JSON object")
    unknown = sorted(body.keys() - _MESSAGE_KEYS - _UNFURL_KEYS)
    if unknown:
        raise Refused("invalid_payload", broke=f"unknown keys: {', '.join(unknown)}")
    response_type = body.get("response_type", "ephemeral")
    if response_type not in {"ephemeral", "in_channel"}:
        raise Refused("invalid_payload", broke=f"response_type {response_type!r}")
    text = body.get("text")
    if text is not None and not isinstance(text, str):
        raise Refused("invalid_payload", broke="text must be a text")
    if response_type == "in_channel":
        for flag in sorted(_UNFURL_KEYS):
            if body.get(flag) is not False:
                state.ledger.violation(flag, f"{flag} is not false: an address may be fetched", call=call)
    blocks = checked_blocks(state.ledger, text=text, blocks=body.get("blocks"), call=call)
    return Message(
        ts=state.conversations.next_ts(),
        user=state.workspace.bot.id,
        text=text or "",
        blocks=blocks,
        thread_ts=body.get("thread_ts") or thread_ts,
        ephemeral_for=user_id if response_type == "ephemeral" else None,
    )


def command_acknowledged(
    state: SlackState, body: object, *, conversation: Conversation, user_id: str, call: str
) -> str | None:
    """Show what the acknowledgement of a command carries. Returns a problem that the person sees, or None."""
    if body in (None, "", {}):
        return None
    try:
        message = response_message(state, body, user_id=user_id, call=call)
    except Refused as refused:
        state.ledger.violation("ack_body", f"{refused.code}: {refused.broke or ''}", call=call)
        return "invalid_command_response"
    state.say(conversation, message)
    return None


def must_be_empty(state: SlackState, body: object, *, call: str) -> None:
    """A click and a closed view are acknowledged without a word; what is said is lost."""
    if body not in (None, "", {}):
        state.ledger.violation("ack_body", "this acknowledgement can carry nothing: its body is lost", call=call)


def submission_acknowledged(state: SlackState, body: object, *, view: OpenView, call: str) -> str | None:
    """Do with the modals what the acknowledgement of a form says. Returns a problem that the person sees, or None."""
    try:
        if body in (None, "", {}):
            state.views.close(view)
        else:
            _respond(state, body, view=view)
    except Refused as refused:
        state.ledger.violation("ack_body", f"{refused.code}: {refused.broke or ''}", call=call)
        return TROUBLE
    finally:
        state.changes.bump()
    return None


def _respond(state: SlackState, body: object, *, view: OpenView) -> None:
    if not isinstance(body, dict):
        raise Refused("invalid_payload", broke="the body is not a JSON object")
    action = body.get("response_action")
    if action not in _RESPONSE_ACTIONS:
        raise Refused("invalid_payload", broke=f"response_action {action!r}")
    if unknown := sorted(body.keys() - _RESPONSE_ACTIONS[action]):
        raise Refused("invalid_payload", broke=f"unknown keys: {', '.join(unknown)}")
    if action == "errors":
        view.errors = _checked_errors(body.get("errors"), view=view)
    elif action == "clear":
        state.views.clear(view.user_id)
    elif action == "push":
        content = checked_view(state, body.get("view"), kind="modal")
        require_room(state, view.user_id)
        state.views.push(view.user_id, content)
    else:
        replacement = body.get("view")
        problems = problems_of(replacement, kind="modal")
        if problems or not isinstance(replacement, dict):
            raise Refused("invalid_arguments", broke="; ".join(problems))
        state.views.replace(view, replacement)


def _checked_errors(errors: Any, *, view: OpenView) -> dict[str, str]:  # noqa: ANN401 - JSON
    if not isinstance(errors, dict) or not errors:
        raise Refused("invalid_payload", broke="errors must name at least one block")
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if strange := sorted(errors.keys() - inputs):
        raise Refused(
            "invalid_payload", broke=f"errors for blocks that are no inputs of the view: {', '.join(strange)}"
        )
    if any(not isinstance(text, str) or not text for text in errors.values()):
        raise Refused("invalid_payload", broke="every error must be a text")
    return dict(errors)
