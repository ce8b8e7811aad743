"""The job that finishes a decision which had to wait: Slack couldn't say who is in a user group, or it takes too long.

Slack wants its acknowledgement within three seconds, and may want to be left alone for a minute. So the click is kept
as it was delivered, the person is told, and the click is done as soon as their roles can be read: with the roles that
they have then, and held to the card that they saw, like any other. Nothing is decided without that.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import MembersUnread, SlackError, StoreError
from bot.slack.answering import explain, told
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.directory import Directory
from bot.slack.memberships import PATIENT
from bot.slack.messages.error import error_message
from bot.store import Job, UnitOfWork
from bot.workflow.requesting.decided_once import has_counted
from bot.workflow.requesting.together import approved_before
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition, KindOfJob
from bot.workflow.shared.jobs import enqueue, reply
from bot.workflow.shared.lanes import Lane, Urgency

#: A decision waits for so long at most: what somebody clicked an hour ago, nobody expects to count.
WAITS = timedelta(minutes=10)

#: Does what a delivery asks for, and says what the person is told; None: the card says it. Raises MembersUnread.
Finisher: TypeAlias = Callable[[Context, AsyncBoltContext, Mapping[str, Any]], Awaitable[Message | None]]

#: Of a delivery, nobody needs these any more: a copy of the message, Slack's old-fashioned secret, and where the person
#: could be answered, which lets whoever has it write to them in Portcullis's name. What comes of it is told directly.
_LEFT_OUT = frozenset({"message", "token", "state", "response_url", "response_urls"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPayload:
    """A click or a submitted form, as it was delivered, with the name of its delivery.

    `proof` shows that the bot itself wrote it down: a row that somebody put into the database decides nothing.
    """

    subject: str
    body: Mapping[str, Any]
    delivery: str
    until: datetime
    proof: str


FINISH_DECISION = KindOfJob("decision.finish", DecisionPayload, Lane.TELLING, Urgency.FIRST)


async def queue_decision(
    context: Context,
    client: AsyncWebClient,
    *,
    subject: str,
    body: Mapping[str, Any],
    delivery: str,
    why: MembersUnread,
) -> MembersUnread:
    """Keep a decision until the roles can be read. Returns what the person is to be told. Raises StoreError."""
    wait = why.retry_after or 0.0
    await keep_decision(context, client, subject=subject, body=body, delivery=delivery, wait=wait)
    return MembersUnread(
        f"{why.what} So nothing is decided yet.",
        f"Your decision is kept, and counts in about {max(1, round(wait))} seconds, if you may still decide then and "
        "the request is still as you saw it. You will be told what came of it: there is no need to click again before.",
        retry_after=wait,
    )


async def keep_decision(
    context: Context,
    client: AsyncWebClient,
    *,
    subject: str,
    body: Mapping[str, Any],
    delivery: str,
    wait: float = 0.0,
) -> None:
    """Keep a decision for the job, in so many seconds. Delivered again, it is still one. Raises StoreError."""
    now = context.store.clock()
    until = now + WAITS
    kept = {name: value for name, value in body.items() if name not in _LEFT_OUT}
    payload = DecisionPayload(
        subject=subject,
        body=kept,
        delivery=delivery,
        until=until,
        proof=_proof(client, subject=subject, body=kept, delivery=delivery, until=until),
    )
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(f"decision:{delivery}"):
            await enqueue(uow, FINISH_DECISION, payload, at=now + timedelta(seconds=wait))


class LateDecisions:
    """The handler of the job, and what happens when it is given up. `finishers` go by the id of the button or form."""

    def __init__(
        self, *, context: Context, client: AsyncWebClient, directory: Directory, finishers: Mapping[str, Finisher]
    ) -> None:
        self._context = context
        self._client = client
        self._directory = directory
        self._finishers = finishers

    async def finish(self, job: Job, payload: DecisionPayload) -> None:
        """Job: do it, and tell the person.

        What can't be done is told and done with. Raises MembersUnread and StoreError to be tried again.
        """
        answer: Message | None = None
        failed: Exception | None = None
        try:
            answer = await self._finished(payload)
        except MembersUnread as error:
            if self._context.store.clock() + timedelta(seconds=error.retry_after or 0) < payload.until:
                raise
            failed = _not_counted(error.what)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - as at the edge: whatever it is, the person is told and the log has it
            failed = error
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            if failed is not None:
                answer = await _failed(uow, payload, failed)
            await reply(uow, (answer or _counted()).to_dict(), user=_user(payload.body))
            await uow.jobs.finish(job)

    async def give_up(self, uow: UnitOfWork, payload: DecisionPayload, why: str) -> None:
        """Called in the transaction that gives up a job of this kind: nobody must think that they have decided, unless
        they have, and only telling them failed."""
        counted = await has_counted(uow, payload.delivery)
        answer = _counted() if counted else await _failed(uow, payload, _not_counted(why))
        await reply(uow, answer.to_dict(), user=_user(payload.body))

    async def _finished(self, payload: DecisionPayload) -> Message:
        proof = _proof(
            self._client,
            subject=payload.subject,
            body=payload.body,
            delivery=payload.delivery,
            until=payload.until,
        )
        finisher = self._finishers.get(payload.subject)
        if finisher is None or not hmac.compare_digest(proof, payload.proof):
            raise _not_counted("It can't be told any more whether it was yours.")
        async with self._context.store.read() as uow:
            if await has_counted(uow, payload.delivery):
                return _counted()  # an attempt before this one ended before it could tell
        # Nobody was there to do it in time, or somebody has put it back after it was told that it doesn't count.
        if self._context.store.clock() >= payload.until:
            raise _not_counted("It has waited for too long.")
        bolt = AsyncBoltContext(
            {
                "client": self._client,
                "delivery": payload.delivery,
                "directory": self._directory,
                "within": PATIENT,
                "is_late": True,
            }
        )
        return await finisher(self._context, bolt, payload.body) or _counted()


def _proof(client: AsyncWebClient, *, subject: str, body: Mapping[str, Any], delivery: str, until: datetime) -> str:
    said = json.dumps([subject, body, delivery, until.timestamp()], sort_keys=True, separators=(",", ":"))
    return hmac.new(str(client.token).encode(), b"late decision:" + said.encode(), hashlib.sha256).hexdigest()


def _user(body: Mapping[str, Any]) -> str:
    user = body.get("user")
    return str(user.get("id") or "") if isinstance(user, Mapping) else ""


def _not_counted(why: str) -> SlackError:
    return SlackError(f"Your decision did not count. {why}", "Look at the request's card, and decide again.")


async def _failed(uow: UnitOfWork, payload: DecisionPayload, error: Exception) -> Message:
    """What is told of a decision that can't be finished. Of several, those that counted before that are named."""
    approved = await approved_before(uow, payload.delivery)
    if not approved:
        return explain(error, doing="decision")
    said, remedy, reference = told(error, doing="decision")
    numbers = ", ".join(f"#{number}" for number in approved)
    return error_message(
        f"Approved: {numbers}. Whatever else you ticked was not approved by this form: {said}", remedy, reference
    )


def _counted() -> Message:
    said = "Your decision of before has counted now: the request's card shows what came of it."
    return Message.build(name="decision-counted", text=said, blocks=[elements.section(said)])


DECISION_JOB = JobDefinition(
    kind=FINISH_DECISION, handle=LateDecisions.finish, give_up=LateDecisions.give_up, alerts=False
)
