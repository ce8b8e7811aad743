"""The `response_url`s: answers to what somebody did, up to five times within thirty minutes.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.playground.slack.acks import response_message
from bot.playground.slack.api_errors import Refused
from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.state import ResponseUrl, SlackState

USES = 5


def routes(state: SlackState) -> list[Route]:
    """Where the `response_url`s lead."""

    async def respond(request: Request) -> Response:
        known = state.response_urls.get(request.path_params["ticket"])
        try:
            body = _json(await request.body())
            _answer(state, known, body)
        except Refused as refused:
            if refused.broke is not None:
                state.ledger.violation(refused.code, refused.broke, call="response_url")
            gone = refused.code in {"used_url", "expired_url"}
            return PlainTextResponse(refused.code, status_code=404 if gone else 400)
        return PlainTextResponse("ok")

    return [Route("/slack/response/{ticket}", respond, methods=["POST"])]


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Refused("invalid_payload", broke="the body is not a JSON object")
    return value


def _answer(state: SlackState, known: ResponseUrl | None, body: dict[str, Any]) -> None:
    if known is None:
        raise Refused("expired_url", broke="this address was never handed out")
    if state.clock.now() > known.expires:
        raise Refused("expired_url", broke="a response_url lives thirty minutes")
    if known.uses >= USES:
        raise Refused("used_url", broke=f"a response_url works {USES} times")
    conversation = state.conversations.find(known.channel_id)
    if conversation is None or conversation.archived:
        raise Refused("is_archived")
    known.uses += 1
    original = conversation.message(known.original_ts) if known.original_ts else None
    if body.get("delete_original"):
        if original is None:
            raise Refused("message_not_found")
        conversation.remove(original)
        state.changes.bump()
        return
    answer = response_message(state, body, user_id=known.user_id, call="response_url")
    if body.get("replace_original") and original is not None:
        _replace(state, original, answer)
        return
    _say(state, conversation, known, answer)


def _replace(state: SlackState, original: Message, answer: Message) -> None:
    original.earlier.append(original.blocks)
    original.text, original.blocks = answer.text, answer.blocks
    original.edited = answer.ts
    original.chosen = {}
    state.changes.bump()


def _say(state: SlackState, conversation: Conversation, known: ResponseUrl, answer: Message) -> None:
    if known.original_ts is None:
        # A later answer to the same command may replace this one.
        known.original_ts = answer.ts
    state.say(conversation, answer)
