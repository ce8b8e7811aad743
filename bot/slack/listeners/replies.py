"""Answering where the acknowledgement can't: a click, and a delivery that failed before any listener took it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.response import BoltResponse

from bot.errors import AnswerUntold, NotRecorded, PortcullisError, StoreError
from bot.slack.answering import explain, instead_of_form, told
from bot.slack.block_kit.blocks import Message
from bot.slack.client import respond
from bot.slack.listeners.doubts import became, hold_to_nothing
from bot.slack.listeners.told_nothing import ToldNothing
from bot.store.awaited import awaited, current
from bot.tls import outside_context
from bot.workflow.shared import jobs
from bot.workflow.shared.context import Context
from bot.workflow.shared.owed_answers import answer_key

_log = structlog.get_logger(__name__)

#: So long, in seconds, the acknowledgement waits for an answer that goes out past the database, beside what is left of
#: its person's time.
TOLD_WITHIN = 0.4

#: So long, in seconds, the database may take with the answer to what no listener took: who found that out has had some
#: of its person's time.
_QUEUED_WITHIN = 1.0

#: Answers that go out past the database: the loop itself holds on to no task.
_answering: set[asyncio.Task[bool]] = set()

#: What people do that has no answer in its acknowledgement.
_ANSWERED_APART = frozenset({"block_actions", "shortcut", "message_action", "interactive_message", "dialog_submission"})


async def reply(
    context: Context,
    body: Mapping[str, Any],
    message: Message,
    *,
    delivery: str,
    nothing: ToldNothing,
    replaces: bool = False,
) -> None:
    """Tell the person who clicked, and nobody else: by a job, or at once when the database can't take one.

    A delivery is answered once, however often it comes. With `replaces` the answer takes the place of the message that
    was clicked on. What is noted in `nothing` stays so from then on.

    Raises AnswerUntold where in time nobody knows that they were told: what isn't acknowledged, Slack itself tells them
    of, although this process may end now. The answer is still on its way then.
    """
    user, url = user_of(body), str(body.get("response_url") or "")
    is_nothing = nothing.is_answered(delivery) is not None
    try:
        async with context.store.write() as uow:
            if not await uow.deliveries.first_time(answer_key(delivery)):
                return
            if is_nothing:
                message = await became(uow, delivery) or message
            await jobs.reply(uow, message.to_dict(), user=user, response_url=url, replaces=replaces)
        nothing.answered(delivery)
    except StoreError as error:
        _log.warning("the answer goes out without the database", error=str(error))
        answering = asyncio.create_task(_directly(context, body, url, message, delivery=delivery, nothing=nothing))
        _answering.add(answering)
        answering.add_done_callback(_answering.discard)
        waiting = current()
        await asyncio.wait({answering}, timeout=TOLD_WITHIN + (0.0 if waiting is None else waiting.left))
        if not answering.done() or not answering.result():
            raise AnswerUntold("Somebody was not answered in time, so their click isn't acknowledged.") from error


async def _directly(
    context: Context, body: Mapping[str, Any], url: str, message: Message, *, delivery: str, nothing: ToldNothing
) -> bool:
    """Whether the person was told."""
    is_nothing = nothing.is_answered(delivery) is not None
    try:
        await respond(url, message.to_dict(), tls=outside_context())
    except PortcullisError as failure:
        _log.error("the answer can't be given", error=str(failure))
        nothing.failed(delivery)
        return False
    nothing.answered(delivery)
    if is_nothing:
        hold_to_nothing(context, body, delivery)
    return True


def not_acknowledged() -> BoltResponse:
    """The answer by which Slack tells the person that what they did may not have arrived."""
    return BoltResponse(status=503, body="")


async def answer_again(
    context: Context, body: Mapping[str, Any], *, delivery: str, nothing: ToldNothing, is_answered: bool
) -> BoltResponse:
    """Acknowledge once more what its person was told that nothing came of, or is being told."""
    if str(body.get("type")) in _ANSWERED_APART:
        return _acknowledged(None) if is_answered else not_acknowledged()
    return await answer_failure(context, body, NotRecorded(), delivery=delivery, nothing=nothing)


async def answer_failure(
    context: Context, body: Mapping[str, Any], error: Exception, *, delivery: str, nothing: ToldNothing
) -> BoltResponse:
    """Acknowledge a delivery that no listener did, in the way that shows its person what happened; not so where that
    can't be shown in time.
    """
    if isinstance(body.get("command"), str):
        message = explain(error, doing="command").to_dict()
        return _acknowledged({"response_type": "ephemeral", **message})
    kind = body.get("type")
    if kind == "view_submission":
        return _acknowledged(instead_of_form(error, doing="form"))
    if str(kind) in _ANSWERED_APART:
        try:
            with awaited(delivery, within=_QUEUED_WITHIN):
                await reply(context, body, explain(error, doing="click"), delivery=delivery, nothing=nothing)
        except AnswerUntold:
            return not_acknowledged()
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
