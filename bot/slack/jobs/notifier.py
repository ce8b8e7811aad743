"""Tells people what happened: cards kept up to date, the story in their threads, direct messages, alerts, answers.

Everything here is done by jobs and built from the database as it is at that moment, so that it can be done again
after any failure, and so that what changed elsewhere reaches every posted copy.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.auditing.events import Event
from bot.domain.auditing.steps import StoryStep
from bot.domain.indicators.indicator import Indicator, Kind, Note
from bot.domain.indicators.reader import recorded
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.reading.lines import read_as_logged
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Request, Status
from bot.domain.telling.alert_facts import AlertName, alert_facts, anchored
from bot.domain.telling.audience import steps_below_the_card, steps_for_the_requester
from bot.domain.telling.request_facts import request_facts
from bot.domain.telling.step_facts import StepFacts
from bot.domain.telling.verdict_facts import check_facts
from bot.errors import DestinationGone, MessageGone, SlackError, SlackUnavailable, TenantError
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.client import NO_UNFURL, call, respond
from bot.slack.jobs.alert_keeper import AlertKeeper
from bot.slack.jobs.outage_teller import OutageTeller
from bot.slack.messages.alert import alert_message, card_refused
from bot.slack.messages.card import card, requester_message
from bot.slack.messages.story import step_message
from bot.slack.messages.verdict import snapshot_message, verdict_message
from bot.store import Job
from bot.store import PostedMessage as Posted
from bot.workflow.asking import check
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.jobs import AlertPayload, CheckPayload, JobKind, ReplyPayload, RequestPayload, alert

_log = structlog.get_logger(__name__)

#: While a request is being sent, a copy shows its progress at most so often, in seconds: `chat.update` takes about
#: fifty calls a minute for the whole workspace.
PROGRESS_EVERY = 4.0


class Notifier:
    """The handlers of the jobs that end in Slack."""

    def __init__(
        self,
        *,
        context: Context,
        client: AsyncWebClient,
        tls: ssl.SSLContext,
        approval_channel: str,
        alert_channel: str,
    ) -> None:
        self._context = context
        self._client = client
        self._tls = tls
        self._approval_channel = approval_channel
        self._alert_channel = alert_channel
        self._alerts = AlertKeeper(context=context, client=client)
        self._outages = OutageTeller(context=context, client=client)
        #: By copy: how much its progress showed when it was last brought up to date, and when that was.
        self._progress: dict[int, tuple[int, float]] = {}

    async def notify(self, job: Job, payload: RequestPayload) -> None:
        """Job: bring every posted copy of a request up to date, and tell what hasn't been told.

        Raises SlackError to be tried again; what was posted by then is remembered and not posted twice.
        """
        request_id = payload.request_id
        async with self._context.store.read() as uow:
            request = await uow.requests.summary(request_id, items=MOST_INDICATORS)
            story = await uow.audit.story(request_id)
        version = request.version
        steps: tuple[Callable[[], Awaitable[None]], ...] = (
            partial(self._keep_copy, request, version),
            partial(self._keep_card, job, request, version),
            partial(self._alerts.keep, request, story, version),
            partial(self._tell, request, steps_below_the_card(request, story), Purpose.THREAD),
            partial(self._tell, request, steps_for_the_requester(request, story), Purpose.DIRECT),
        )
        refused: list[SlackError] = []
        for step in steps:
            try:
                await step()
            except SlackUnavailable:
                raise
            except SlackError as error:
                # One place that Slack refuses keeps nothing from the others.
                refused.append(error)
        if refused:
            raise refused[0]

    async def alert(self, job: Job, payload: AlertPayload) -> None:
        """Job: tell the alert channel."""
        if payload.outage is not None:
            await self._outages.tell(payload.outage, partial(self._post, self._alert_channel))
            return
        request: Request | None = None
        event: Event | None = None
        story: list[StoryStep] = []
        if payload.request_id is not None:
            async with self._context.store.read() as uow:
                request = await uow.requests.summary(payload.request_id, items=MOST_INDICATORS)
                story = await uow.audit.story(payload.request_id)
                event = None if payload.event is None else await uow.audit.find(payload.event)
        if payload.what == AlertName.CARD_REFUSED and request is not None:
            facts = card_refused(request, details=payload.details)
        elif payload.what == AlertName.LOG_ANCHORED:
            facts = anchored(payload.details)
        else:
            facts = alert_facts(
                payload.what, request, story, details=payload.details, reference=f"job-{job.id}", event=event
            )
        message = alert_message(facts)
        if facts.removable is not None:
            # A click on it counts only there, and only for the entry that it tells of.
            await self._post(
                self._alert_channel, message, request=request, purpose=Purpose.UNNAMED_ALLOW, version=facts.removable
            )
            return
        answer = await self._post(self._alert_channel, message)
        if request is not None:
            await self._alerts.remember(payload.what, request, channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def check(self, job: Job, payload: CheckPayload) -> None:
        """Job: answer somebody's question about indicators, from the tenant as it is now.

        Or from the last snapshot, if that was read since they asked, or the tenant doesn't answer.
        """
        indicators = _asked_about(payload)
        try:
            checked = await check.answer(self._context, indicators, asked_at=job.created_at)
            pending = await check.under_way(self._context, indicators)
        except TenantError as error:
            await self._answer(job, payload, [explain(error, doing="check")])
            return
        if checked.is_live:
            messages = [verdict_message(check_facts([verdict], pending)) for verdict in checked.verdicts]
        else:
            facts, now = check_facts(checked.verdicts, pending), self._context.now()
            messages = [snapshot_message(facts, now=now, beside=checked.beside)]
        await self._answer(job, payload, messages)

    async def reply(self, job: Job, payload: ReplyPayload) -> None:
        """Job: tell one person something that only they should see."""
        await self._answer(job, payload, [Message(text=payload.message.text, blocks=payload.message.blocks)])

    async def _answer(self, job: Job, asked: CheckPayload | ReplyPayload, messages: list[Message]) -> None:
        address = asked.response_url
        for message in messages:
            try:
                await respond(address, message.to_dict(), tls=self._tls)
            except DestinationGone:
                # Used up or older than 30 minutes: the answer is still owed.
                if address:
                    async with self._context.store.write() as uow:
                        await uow.jobs.forget_address(job)
                address = ""
                await self._answer_directly(asked.user, message)

    async def _answer_directly(self, user: str, message: Message) -> None:
        try:
            await self._post(user, message)
        except DestinationGone as error:
            _log.warning("somebody can't be answered", user=user, error=str(error))

    async def _keep_card(self, job: Job, request: Request, version: int) -> None:
        message = card(request_facts(request))
        try:
            if not await self._kept(request, Purpose.CARD, message, version):
                await self._post(
                    self._approval_channel, message, request=request, purpose=Purpose.CARD, version=version
                )
        except DestinationGone as error:
            # Nobody can decide on what nobody sees: the operator must hear of it before the job is given up.
            if request.is_open and job.attempts == 1:
                async with self._context.store.write() as uow:
                    await uow.jobs.hold(job)
                    await alert(uow, AlertName.CARD_REFUSED, request_id=request.id, details=str(error))
            raise

    async def _keep_copy(self, request: Request, version: int) -> None:
        message = requester_message(request_facts(request))
        try:
            if not await self._kept(request, Purpose.COPY, message, version):
                await self._post(request.requester, message, request=request, purpose=Purpose.COPY, version=version)
        except DestinationGone as error:
            _log.warning("the requester can't be written to", request=request.id, error=str(error))

    async def _kept(self, request: Request, purpose: str, message: Message, version: int) -> bool:
        """Bring every copy up to date. Whether there is one at all."""
        async with self._context.store.read() as uow:
            copies = await uow.messages.of_request(request.id, purpose)
        kept = 0
        for copy in copies:
            kept += await self._update(copy, request, message, version)
        return kept > 0

    async def _update(self, copy: Posted, request: Request, message: Message, version: int) -> bool:
        """Whether the copy is there and, but for the last seconds' progress, up to date."""
        if copy.version >= version and not self._shows_progress(copy, request):
            return True
        where = {"channel": copy.channel, "ts": copy.ts}
        try:
            await call(self._client, "chat.update", {**where, **message.to_dict(), **NO_UNFURL})
        except MessageGone:
            async with self._context.store.write() as uow:
                await uow.messages.forget(copy.id)
            return False
        except DestinationGone:
            if copy.purpose != Purpose.CARD or copy.channel == self._approval_channel:
                raise
            # The approval channel has another id by now: nothing that stands under the old one can be decided on.
            async with self._context.store.write() as uow:
                await uow.messages.forget(copy.id)
            return False
        if request.status is Status.APPLYING:
            self._progress[copy.id] = (request.sent, time.monotonic())
        else:
            self._progress.pop(copy.id, None)
        if copy.version < version:
            async with self._context.store.write() as uow:
                await uow.messages.mark(copy.id, version=version)
        return True

    def _shows_progress(self, copy: Posted, request: Request) -> bool:
        """Whether it is time for a copy to show how far its request has come since."""
        if request.status is not Status.APPLYING:
            return False
        sent, at = self._progress.get(copy.id, (0, float("-inf")))
        return request.sent != sent and time.monotonic() - at >= PROGRESS_EVERY

    async def _tell(self, request: Request, steps: list[StepFacts], purpose: str) -> None:
        async with self._context.store.read() as uow:
            told = {message.version for message in await uow.messages.of_request(request.id, purpose)}
            cards = await uow.messages.of_request(request.id, Purpose.CARD)
        for step in steps:
            if step.seq in told:
                continue
            if purpose == Purpose.DIRECT:
                await self._tell_requester(request, step)
            elif cards:
                await self._tell_thread(cards[0], request, step)

    async def _tell_requester(self, request: Request, step: StepFacts) -> None:
        try:
            await self._post(
                request.requester, step_message(step), request=request, purpose=Purpose.DIRECT, version=step.seq
            )
        except DestinationGone as error:
            _log.warning("the requester can't be written to", request=request.id, error=str(error))

    async def _tell_thread(self, under: Posted, request: Request, step: StepFacts) -> None:
        try:
            await self._post(
                under.channel,
                step_message(step),
                thread=under.ts,
                request=request,
                purpose=Purpose.THREAD,
                version=step.seq,
            )
        except MessageGone:
            # The card is gone although it seemed up to date: the next attempt posts it anew, and tells there.
            async with self._context.store.write() as uow:
                await uow.messages.forget(under.id)
            raise

    async def _post(
        self,
        channel: str,
        message: Message,
        *,
        thread: str | None = None,
        request: Request | None = None,
        purpose: str = "",
        version: int = 0,
    ) -> Mapping[str, Any]:
        answer = await call(
            self._client,
            "chat.postMessage",
            {"channel": channel, "thread_ts": thread, **message.to_dict(), **NO_UNFURL},
        )
        if request is not None:
            async with self._context.store.write() as uow:
                await uow.messages.add(
                    purpose=purpose,
                    channel=str(answer["channel"]),
                    ts=str(answer["ts"]),
                    request_id=request.id,
                    version=version,
                )
        return answer


#: An alert or an answer that Slack wouldn't take can't be told of in Slack: the log and the audit log have it.
NOTIFIER_JOBS: tuple[JobDefinition[Notifier, Any], ...] = (
    JobDefinition(kind=JobKind.NOTIFY, handle=Notifier.notify),
    JobDefinition(kind=JobKind.ALERT, handle=Notifier.alert, alerts=False),
    JobDefinition(kind=JobKind.CHECK, handle=Notifier.check, alerts=False),
    JobDefinition(kind=JobKind.REPLY, handle=Notifier.reply, alerts=False),
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
