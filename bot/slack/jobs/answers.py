"""Answers to one person: where they asked, or by direct message once that works no longer.

Several answers to one question are told one after the other, each by a job of its own: one that fails is tried again by
itself, and none is told twice.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog

from bot.domain.indicators.indicator import Indicator, Kind, Note
from bot.domain.indicators.reader import recorded
from bot.domain.reading.lines import read_as_logged
from bot.domain.telling.mailbox_facts import mailbox_facts
from bot.domain.telling.verdict_facts import check_facts
from bot.domain.verdict.verdict import Verdict
from bot.errors import Conflict, DestinationGone, TenantError
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.client import respond
from bot.slack.jobs.poster import Poster
from bot.slack.messages.mailbox import mailbox_message, mailbox_unseen_message
from bot.slack.messages.verdict import snapshot_message, verdict_message
from bot.store import Job
from bot.workflow.asking import check
from bot.workflow.asking.mail import count_mail
from bot.workflow.asking.mailbox import look_into
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import CheckPayload, JobKind, MessageParts, ReplyPayload
from bot.workflow.shared.jobs import reply, reply_in_turn

_log = structlog.get_logger(__name__)


class Answers:
    """The handlers of the jobs that answer one person."""

    def __init__(self, *, context: Context, poster: Poster, tls: ssl.SSLContext) -> None:
        self._context = context
        self._poster = poster
        self._tls = tls

    async def check(self, job: Job, payload: CheckPayload) -> None:
        """Job: answer somebody's question about indicators, from the tenant as it is now.

        Or from the last snapshot, if that was read since they asked, or the tenant doesn't answer.
        """
        indicators = _asked_about(payload)
        checked = check.Checked()
        try:
            checked = await check.answer(self._context, indicators, asked_at=job.created_at)
            on_record = await check.on_record(self._context, checked)
        except TenantError as error:
            messages = [explain(error, doing="check")]
        else:
            if checked.is_live:
                told = [check_facts([verdict], on_record) for verdict in checked.verdicts]
                messages = [verdict_message(facts, may_propose=payload.may_propose) for facts in told]
            else:
                facts, now = check_facts(checked.verdicts, on_record), self._context.now()
                messages = [snapshot_message(facts, now=now, beside=checked.beside, may_propose=payload.may_propose)]
        if payload.mailbox:
            messages.append(await self._of_mailbox(payload.mailbox, indicators, checked.verdicts))
        parts = [MessageParts(text=message.text, blocks=message.blocks) for message in messages]
        async with self._context.store.write() as uow:
            await uow.jobs.finish(job)
            await reply_in_turn(uow, parts, user=payload.user, response_url=payload.response_url)

    async def _of_mailbox(self, mailbox: str, indicators: list[Indicator], verdicts: Sequence[Verdict]) -> Message:
        """How they stand in one mailbox; told after what the tenant's lists say, which may have the last word."""
        looked = await look_into(self._context, mailbox, indicators)
        if not looked.senders:
            return mailbox_unseen_message(looked.why_not, mailbox=mailbox)
        return mailbox_message(mailbox_facts(looked.senders, verdicts), mailbox=mailbox, as_of=looked.as_of)

    async def count_mail(self, job: Job, payload: CheckPayload) -> None:
        """Job: count the mail of what somebody checked, and fill it in where they asked.

        Raises TryLater while it can't be had.
        """
        indicators = _asked_about(payload)
        why_not = await count_mail(self._context, indicators, asked_at=job.created_at)
        checked = await check.by_snapshot(self._context, indicators)
        if checked.verdicts:
            facts = check_facts(checked.verdicts, await check.on_record(self._context, checked))
            now = self._context.now()
            message = snapshot_message(facts, now=now, beside=why_not, may_propose=payload.may_propose)
        else:
            message = explain(Conflict(checked.why_not, "Check it again: then the tenant is read."), doing="check")
        async with self._context.store.write() as uow:
            await uow.jobs.finish(job)
            await reply(uow, message.to_dict(), user=payload.user, response_url=payload.response_url, replaces=True)

    async def reply(self, job: Job, payload: ReplyPayload) -> None:
        """Job: tell one person something that only they should see, and have what follows it told next."""
        address = payload.response_url
        message = Message(text=payload.message.text, blocks=payload.message.blocks)
        key = f"answer:{job.id}"
        if not await self._poster.is_told(key):
            address = await self._answer(key, payload, message, job)
        async with self._context.store.write() as uow:
            await uow.jobs.finish(job)
            await reply_in_turn(uow, payload.then, user=payload.user, response_url=address)

    async def _answer(self, key: str, payload: ReplyPayload, message: Message, job: Job) -> str:
        """Where the person can be answered from now on."""
        address = payload.response_url
        if address:
            body = message.to_dict() | ({"replace_original": True} if payload.replaces else {})
            try:
                await self._poster.tell(key, partial(respond, address, body, tls=self._tls), job=job)
            except DestinationGone:
                # Used up or older than 30 minutes: the answer is still owed.
                async with self._context.store.write() as uow:
                    await uow.jobs.forget_address(job)
            else:
                return address
        if payload.only_there:
            return ""
        await self._answer_directly(f"{key}:directly", payload.user, message, job)
        return ""

    async def _answer_directly(self, key: str, user: str, message: Message, job: Job) -> None:
        try:
            await self._poster.post(user, message, key=key, job=job)
        except DestinationGone as error:
            _log.warning("somebody can't be answered", user=user, error=str(error))


#: An answer that Slack wouldn't take can't be told of in Slack: the log and the audit log have it.
ANSWER_JOBS: tuple[JobDefinition[Answers, Any], ...] = (
    JobDefinition(kind=JobKind.CHECK, handle=Answers.check, alerts=False),
    JobDefinition(kind=JobKind.COUNT_MAIL, handle=Answers.count_mail, alerts=False),
    JobDefinition(kind=JobKind.REPLY, handle=Answers.reply, alerts=False),
)


def _asked_about(payload: CheckPayload) -> list[Indicator]:
    """What somebody asks about, as it was read when they asked. Rows of older versions have the values only."""
    if not payload.kinds:
        return [read_as_logged(value) for value in payload.indicators]
    noted = payload.notes or ((),) * len(payload.indicators)
    return [
        recorded(Kind(kind), value, [Note(code=code, text=text) for code, text in notes])
        for kind, value, notes in zip(payload.kinds, payload.indicators, noted, strict=True)
    ]
