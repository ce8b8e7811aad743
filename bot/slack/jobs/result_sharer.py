"""The job that hands out what became of each indicator of a request, as a file: where a card can't show them all.

Each file is posted once: its id is remembered before anybody sees it, so that an attempt that died in between, or got
no answer, is found out about, not repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Request
from bot.domain.telling.headlines import counted_of
from bot.errors import DestinationGone, MessageGone, SlackError, SlackUnanswered, SlackUnavailable, TryLater
from bot.slack import files
from bot.slack.jobs.posting import demand_over
from bot.store import Job
from bot.store import PostedMessage as Posted
from bot.workflow.importing.result_files import result_file
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.jobs import notify

_log = structlog.get_logger(__name__)

#: What the files are called among the posted messages. Their `ts` is the file's id; version 1 is seen by people.
RESULT = "result"
_SENT, _SEEN = 0, 1

#: A card that is still to come is looked for again after so long, in seconds.
_NOT_YET = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A file, and what stands above it."""

    request: Request
    content: bytes
    comment: str


class ResultSharer:
    """The handler of the job."""

    def __init__(self, *, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        self._client = client

    async def post(self, job: Job, payload: RequestPayload) -> None:
        """Job: the file into the thread of the request's card, and to the requester.

        Raises SlackError to be tried again, and TryLater where the card is yet to be posted anew, and LeaseLost
        where another process does the job by now; what was posted by then is remembered and not posted twice.
        """
        request_id = payload.request_id
        async with self._context.store.read() as uow:
            request = await uow.requests.get(request_id)
            set_aside = await uow.requests.set_aside(request_id)
            is_part = len((await uow.requests.parts(request_id, items=1)).requests) > 1
            cards = await uow.messages.of_request(request.proposal_id, Purpose.CARD)
            copies = await uow.messages.of_request(request.proposal_id, Purpose.COPY)
            card_is_to_come = bool(await uow.jobs.waiting(key=f"{JobKind.NOTIFY}:{request.proposal_id}"))
        told = _Told(
            request=request,
            content=await asyncio.to_thread(result_file, request, set_aside),
            comment=_comment(request, is_part=is_part),
        )
        refused: list[SlackError] = []
        try:
            if copies:
                await self._to(copies[0].channel, told, job)
        except SlackUnavailable:
            raise
        except DestinationGone as error:
            _log.warning("the requester can't be given their result", request=request.id, error=str(error))
        except SlackError as error:
            # One place that Slack refuses keeps nothing from the other.
            refused.append(error)
        if cards:
            await self._under(cards[0], told, job)
        elif card_is_to_come:
            raise TryLater(_NOT_YET, "The file waits for the request's card, which is being posted anew.")
        if refused:
            raise refused[0]

    async def _under(self, card: Posted, told: _Told, job: Job) -> None:
        try:
            await self._to(card.channel, told, job, under=card)
        except MessageGone:
            # The card is gone: it is posted anew, and the next attempt goes under that.
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await uow.messages.become(card.id, Purpose.LOST_CARD)
                await notify(uow, told.request.id)
            raise

    async def _to(self, channel: str, told: _Told, job: Job, *, under: Posted | None = None) -> None:
        request = told.request
        async with self._context.store.read() as uow:
            posted = await uow.messages.of_request(request.id, RESULT)
            copies = await uow.messages.of_request(request.proposal_id, Purpose.COPY)
        before = next((message for message in posted if message.channel == channel), None)
        if before is None and under is not None:
            before = _sent_under(under, posted, {copy.channel for copy in copies})
        if before is not None:
            if before.version >= _SEEN or await files.is_shared(self._client, before.ts):
                await self._note_seen(before, request, job)
                return
            demand_over(self._context, before.posted_at)
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await uow.messages.forget(before.id)
        file = await files.send(self._client, name=f"request-{request.id}.csv", content=told.content)
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await uow.messages.put(purpose=RESULT, channel=channel, ts=file, request_id=request.id, version=_SENT)
            row = await uow.messages.find(channel, file)
        assert row is not None  # noqa: S101 - put there above, or there before
        try:
            await files.share(
                self._client,
                file,
                channel=channel,
                thread_ts=None if under is None else under.ts,
                title=f"Result of #{request.proposal_id}",
                comment=told.comment,
            )
        except SlackUnanswered:
            raise
        except SlackError:
            # Refused: nobody sees it, and nothing is to be found out about it.
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await uow.messages.forget(row.id)
            raise
        await self._note_seen(row, request, job)

    async def _note_seen(self, file: Posted, request: Request, job: Job) -> None:
        """Note that people see a file, and log it, once: whichever attempt finds out."""
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            if not await uow.messages.mark(file.id, version=_SEEN):
                return
            # Of no request: that it was posted is no part of its story.
            await uow.audit.append(
                EventKind.RESULT_SHARED,
                actor=PORTCULLIS,
                target=f"request {request.proposal_id}",
                payload={"request": request.id, "channel": file.channel, "indicators": request.total},
                at=self._context.now(),
            )


def _sent_under(card: Posted, posted: Sequence[Posted], to_requester: Collection[str]) -> Posted | None:
    """The file that was sent under this card while its channel had another id.

    Whatever was sent to a channel before the card was posted stood under another card.
    """
    sent = (file for file in posted if file.channel not in to_requester and file.posted_at >= card.posted_at)
    return next(sent, None)


def _comment(request: Request, *, is_part: bool) -> str:
    """What stands above the file: what is in it. Of a proposal of several lists it is about one, and says which."""
    counted = counted_of(request, request.total)
    aside = "the line" if request.set_aside == 1 else f"the {request.set_aside:,} lines"
    what = f"{'its' if is_part else 'the'} {counted}" + (f", and of {aside} set aside" if request.set_aside else "")
    others = " What became of its other lists stands in Details." if is_part else ""
    return (
        f"*#{request.proposal_id}*: what became of {what}.{others} "
        "The indicators in the file are as they are, not defanged."
    )


RESULT_JOB = JobDefinition(kind=JobKind.RESULT, handle=ResultSharer.post)
