"""Tells people what happened: cards kept up to date, the story in their threads, direct messages, alerts, answers.

Everything here is done by jobs and built from the database as it is at that moment, so that it can be done again
after any failure, and so that what changed elsewhere reaches every posted copy.
"""

from __future__ import annotations

import ssl

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.audit import Event
from bot.domain.indicators import read
from bot.domain.requests import Request
from bot.errors import DestinationGone, MessageGone, TenantError
from bot.slack.answering import explain
from bot.slack.blocks import Message
from bot.slack.client import call, respond
from bot.slack.telling import Telling, alert_message, direct_messages, events_of, thread_lines
from bot.slack.views.card import card, requester_message
from bot.slack.views.verdict import verdict_message
from bot.store import Job
from bot.workflow import check
from bot.workflow.context import Context

_log = structlog.get_logger(__name__)

#: What people typed may be a malicious address: Slack must never fetch it.
_NO_UNFURL = {"unfurl_links": False, "unfurl_media": False}

CARD = "card"  #: in the approval channel
COPY = "copy"  #: the requester's own, with Withdraw
THREAD = "thread"
DIRECT = "dm"


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

    async def notify(self, job: Job) -> None:
        """Job: bring every posted copy of a request up to date, and tell what hasn't been told.

        Raises SlackError to be tried again; what was posted by then is remembered and not posted twice.
        """
        request_id = int(job.payload["request_id"])
        async with self._context.store.read() as uow:
            request = await uow.requests.get(request_id)
            events = await events_of(uow, request_id)
        version = events[-1].seq
        await self._keep_copy(request, version)
        await self._keep_card(request, version)
        await self._tell(request, thread_lines(request, events), THREAD)
        await self._tell(request, direct_messages(request, events), DIRECT)

    async def alert(self, job: Job) -> None:
        """Job: tell the alert channel."""
        what, request_id = str(job.payload["what"]), job.payload.get("request_id")
        details = str(job.payload.get("details") or "")
        request: Request | None = None
        events: list[Event] = []
        if request_id is not None:
            async with self._context.store.read() as uow:
                request = await uow.requests.get(int(request_id))
                events = await events_of(uow, int(request_id))
        message = alert_message(what, request, events, details, reference=f"job-{job.id}")
        await self._post(self._alert_channel, message)

    async def check(self, job: Job) -> None:
        """Job: answer somebody's question about indicators, from the tenant as it is now."""
        indicators = [read(str(value)) for value in job.payload["indicators"]]
        try:
            verdicts = await check.answer(self._context, indicators)
        except TenantError as error:
            await self._answer(job, [explain(error, doing="check")])
            return
        await self._answer(job, [verdict_message(verdict) for verdict in verdicts])

    async def reply(self, job: Job) -> None:
        """Job: tell one person something that only they should see."""
        message = job.payload["message"]
        await self._answer(job, [Message(text=str(message["text"]), blocks=tuple(message["blocks"]))])

    async def _answer(self, job: Job, messages: list[Message]) -> None:
        url, user = str(job.payload.get("response_url") or ""), str(job.payload["user"])
        for message in messages:
            try:
                await respond(url, message.to_dict(), tls=self._tls)
            except DestinationGone:
                # Used up or older than 30 minutes: the answer is still owed.
                await self._post(user, message)

    async def _keep_card(self, request: Request, version: int) -> None:
        message = card(request)
        async with self._context.store.read() as uow:
            copies = await uow.messages.of_request(request.id, CARD)
        kept = 0
        for copy in copies:
            kept += await self._update(copy.id, copy.channel, copy.ts, copy.version, message, version)
        if not kept and (request.is_open or not copies):
            await self._post(self._approval_channel, message, request=request, purpose=CARD, version=version)

    async def _keep_copy(self, request: Request, version: int) -> None:
        message = requester_message(request)
        async with self._context.store.read() as uow:
            copies = await uow.messages.of_request(request.id, COPY)
        if copies:
            await self._update(copies[0].id, copies[0].channel, copies[0].ts, copies[0].version, message, version)
            return
        try:
            await self._post(request.requester, message, request=request, purpose=COPY, version=version)
        except DestinationGone as error:
            _log.warning("the requester can't be written to", request=request.id, error=str(error))

    async def _update(self, row: int, channel: str, ts: str, shown: int, message: Message, version: int) -> bool:
        """Whether the copy is there and up to date."""
        if shown >= version:
            return True
        try:
            await call(self._client, "chat.update", {"channel": channel, "ts": ts, **message.to_dict(), **_NO_UNFURL})
        except MessageGone:
            async with self._context.store.write() as uow:
                await uow.messages.forget(row)
            return False
        async with self._context.store.write() as uow:
            await uow.messages.mark(row, version=version)
        return True

    async def _tell(self, request: Request, tellings: list[Telling], purpose: str) -> None:
        async with self._context.store.read() as uow:
            told = {message.version for message in await uow.messages.of_request(request.id, purpose)}
            cards = await uow.messages.of_request(request.id, CARD)
        for telling in tellings:
            if telling.seq in told:
                continue
            try:
                if purpose == DIRECT:
                    await self._post(
                        request.requester, telling.message, request=request, purpose=DIRECT, version=telling.seq
                    )
                elif cards:
                    await self._post(
                        cards[0].channel,
                        telling.message,
                        thread=cards[0].ts,
                        request=request,
                        purpose=THREAD,
                        version=telling.seq,
                    )
            except DestinationGone as error:
                if purpose != DIRECT:
                    raise
                _log.warning("the requester can't be written to", request=request.id, error=str(error))

    async def _post(
        self,
        channel: str,
        message: Message,
        *,
        thread: str | None = None,
        request: Request | None = None,
        purpose: str = "",
        version: int = 0,
    ) -> None:
        answer = await call(
            self._client,
            "chat.postMessage",
            {"channel": channel, "thread_ts": thread, **message.to_dict(), **_NO_UNFURL},
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
