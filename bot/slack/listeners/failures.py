"""What is told of a delivery that failed: in its acknowledgement, or apart from it, where that holds no words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from slack_bolt.async_app import AsyncBoltContext

from bot.errors import PortcullisError
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.listeners.doubts import ANSWERED_WITHIN, hold_to_nothing, in_plain_words
from bot.slack.listeners.replies import user_of
from bot.slack.listeners.told_nothing import ToldNothing
from bot.store.awaited import Awaited, awaited
from bot.workflow.shared.context import Context
from bot.workflow.shared.owed_answers import Asker, answer_key, asked_by


@contextmanager
def answered_apart(
    workflow: Context, bolt: AsyncBoltContext, body: Mapping[str, Any], *, doing: str
) -> Iterator[Awaited]:
    """Around what has no answer in its acknowledgement: what it is refused with is told by the refusing transaction."""

    def in_words(error: PortcullisError) -> Mapping[str, Any]:
        return explain(error, doing=doing, contact=workflow.contact).to_dict()

    delivery: str = bolt["delivery"]
    url = str(body.get("response_url") or "")
    with (
        awaited(delivery, within=ANSWERED_WITHIN) as waiting,
        asked_by(Asker(delivery=delivery, user=user_of(body), response_url=url, in_words=in_words)),
    ):
        yield waiting


def answer_apart(
    workflow: Context,
    bolt: AsyncBoltContext,
    body: Mapping[str, Any],
    error: Exception,
    waiting: Awaited,
    *,
    doing: str,
) -> Message | None:
    """What is still to be told of an error; None: a job tells it."""
    if waiting.has_claimed(answer_key(waiting.key)):
        return None
    said = in_plain_words(workflow, body, error, waiting, nothing=bolt["nothing"], sending=bolt["sending"])
    return explain(said, doing=doing, contact=workflow.contact)


def told_at_once(
    workflow: Context, bolt: AsyncBoltContext, body: Mapping[str, Any], error: Exception, waiting: Awaited
) -> Exception:
    """The error to tell in the acknowledgement. Where it says that nothing was recorded, it is held to that."""
    nothing: ToldNothing = bolt["nothing"]
    sending: str = bolt["sending"]
    said = in_plain_words(workflow, body, error, waiting, nothing=nothing, sending=sending)
    if nothing.is_answered(sending) is False:
        nothing.answered(sending)
        # A form that is sent once more, by its person, has the name of the one before: that may be done.
        if sending == waiting.key:
            hold_to_nothing(workflow, body, sending)
    return said
