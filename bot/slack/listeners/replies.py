"""Answering where the acknowledgement can't: a click, and a delivery that failed before any listener took it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.response import BoltResponse

from bot.errors import PortcullisError, StoreError
from bot.slack.answering import explain, instead_of_form, told
from bot.slack.block_kit.blocks import Message
from bot.slack.client import respond
from bot.tls import outside_context
from bot.workflow.shared import jobs
from bot.workflow.shared.context import Context

_log = structlog.get_logger(__name__)

#: So long, in seconds, the acknowledgement waits for an answer that goes out past the database.
TOLD_WITHIN = 0.4

#: Answers that go out past the database: the loop itself holds on to no task.
_answering: set[asyncio.Task[None]] = set()

#: What people do that has no answer in its acknowledgement.
_ANSWERED_APART = frozenset({"block_actions", "shortcut", "message_action", "interactive_message", "dialog_submission"})


async def reply(
    context: Context, body: Mapping[str, Any], message: Message, *, delivery: str = "", replaces: bool = False
) -> None:
    """Tell the person who clicked, and nobody else: by a job, or at once when the database can't take one.

    A delivery that is named is answered once, however often it comes. With `replaces` the answer takes the place of the
    message that was clicked on. Never raises: the acknowledgement has to go out.
    """
    user, url = user_of(body), str(body.get("response_url") or "")
    try:
        async with context.store.write() as uow:
            if delivery and not await uow.deliveries.first_time(f"reply:{delivery}"):
                return
            await jobs.reply(uow, message.to_dict(), user=user, response_url=url, replaces=replaces)
    except StoreError as error:
        _log.warning("the answer goes out without the database", error=str(error))
        answering = asyncio.create_task(_directly(url, message))
        _answering.add(answering)
        answering.add_done_callback(_answering.discard)
        # Who is told before that knows what became of it although this process ends then. Longer it isn't waited for:
        # the database has taken the time that there was, and the acknowledgement is due.
        await asyncio.wait({answering}, timeout=TOLD_WITHIN)


async def _directly(url: str, message: Message) -> None:
    try:
        await respond(url, message.to_dict(), tls=outside_context())
    except PortcullisError as failure:
        _log.error("the answer can't be given", error=str(failure))


async def answer_failure(
    context: Context, body: Mapping[str, Any], error: Exception, *, delivery: str = ""
) -> BoltResponse:
    """Acknowledge a delivery that no listener did, in the way that shows its person what happened."""
    if isinstance(body.get("command"), str):
        message = explain(error, doing="command").to_dict()
        return _acknowledged({"response_type": "ephemeral", **message})
    kind = body.get("type")
    if kind == "view_submission":
        return _acknowledged(instead_of_form(error, doing="form"))
    if str(kind) in _ANSWERED_APART:
        await reply(context, body, explain(error, doing="click"), delivery=delivery)
    else:
        told(error, doing="delivery")  # for the log: nobody waits for an answer
    return _acknowledged(None)


def user_of(body: Mapping[str, Any]) -> str:
    """Who acted, in a click or a submission; empty when that can't be read."""
    user = body.get("user")
    return str(user.get("id") or "") if isinstance(user, Mapping) else ""


def _acknowledged(answer: Mapping[str, Any] | None) -> BoltResponse:
    if answer is None:
        return BoltResponse(status=200, body="")
    return BoltResponse(status=200, body=json.dumps(answer), headers={"content-type": ["application/json"]})
