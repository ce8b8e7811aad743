"""Tells what became of a proposal that is decided and whose card and copy stand, as after nearly every decision.

It is what the notifier does, and the jobs that it queues, with what is written in a row written together, so that it
takes one look at the database and, of what is under way, one transaction:

1. the card shows it, and what is told within a few seconds is queued, which ends the job;

or, of what is over, three:

1. the card shows it, and the line below it is about to be posted;
2. the line stands;
3. the copy shows it, which ends the job.

A card that Slack keeps waiting keeps the copy waiting for a moment: then it is queued by itself. What isn't as expected
goes the notifier's usual way, to which each of these transactions means what it means there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.domain.auditing.card_events import codes_refused
from bot.domain.auditing.events import PORTCULLIS
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.binding import Purpose
from bot.domain.requests.emergency import waits
from bot.domain.requests.parts import Parts
from bot.domain.telling.audience import Stories, newest_event, told_below_the_card, told_to_the_requester
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.request_facts import RequestFacts
from bot.domain.telling.step_facts import StepFacts, StepKind
from bot.errors import LeaseLost, SlackError, SlackUnavailable, StoreError, TryLater
from bot.slack.jobs import post_keys
from bot.slack.jobs.doubted_updates import may_be_undone
from bot.slack.jobs.importance import importance_below, is_under_way
from bot.slack.jobs.poster import BegunPost, Poster
from bot.slack.messages.card import card, requester_message
from bot.slack.messages.story import step_message, together
from bot.store import Job, PostedMessage, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import not_tried_later, tell_below_of, tell_requester_of

_log = structlog.get_logger(__name__)

#: Of a request that is under way, what happens within this time is told together: most are over by then.
TOGETHER_WITHIN = timedelta(seconds=5)

#: A copy waits for its card for so long, in seconds, within which Slack mostly takes that.
_COPY_WAITS = 2.0

#: What may be on record of a proposal of which nothing is to be looked after but its card and its copy.
_PLAIN = frozenset(
    {
        Purpose.CARD,
        Purpose.COPY,
        Purpose.THREAD,
        Purpose.FORM,
        Purpose.DENY_FORM,
        Purpose.TOGETHER_FORM,
        Purpose.DETAILS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldBefore:
    """A proposal that is decided, and of which one card and one copy stand, as it was read in one look."""

    parts: Parts
    stories: Stories
    card: PostedMessage
    copy: PostedMessage
    below: Sequence[StepFacts]  #: what hasn't been told below the card, in one message

    @property
    def numbers(self) -> list[int]:
        """Its requests."""
        return [request.id for request in self.parts.requests]


@dataclass(slots=True, kw_only=True)
class _Told:
    """How far one telling has come."""

    is_done: bool = False  #: the job is ended
    goes_on: bool = False  #: there is more to be told
    line: BegunPost | None = None  #: the line below the card, once it is written down


class NextTelling:
    """Tells of proposals that were told of before."""

    def __init__(self, *, context: Context, poster: Poster, approval_channel: str) -> None:
        self._context = context
        self._poster = poster
        self._channel = approval_channel

    async def told_before(self, job: Job, parts: Parts, stories: Stories) -> ToldBefore | None:
        """The proposal, where it is decided, its card and its copy stand as they should, and nothing else is to be
        told than in these and in one line; else None. To be asked in the look in which `parts` and `stories` were read.
        """
        if may_be_undone(job) or not _is_plain(parts) or codes_refused(stories[parts.id]):
            return None
        if told_to_the_requester(parts, stories):
            return None
        numbers = [request.id for request in parts.requests]
        async with self._context.store.read() as uow:
            posted = [message for number in numbers for message in await uow.messages.of_request(number)]
            if (
                any(message.purpose not in _PLAIN for message in posted)
                or await uow.posts.in_doubt(post_keys.told_of(parts.id))
                or await uow.unrequested.readings_of(numbers)
            ):
                return None
        return self._of(parts, stories, posted)

    def _of(self, parts: Parts, stories: Stories, posted: Sequence[PostedMessage]) -> ToldBefore | None:
        """The same by what is on record of it."""
        cards = [message for message in posted if message.purpose == Purpose.CARD]
        copies = [message for message in posted if message.purpose == Purpose.COPY]
        told = {number for message in posted if message.purpose == Purpose.THREAD for number in _steps_of(message)}
        below = [step for step in told_below_the_card(parts, stories) if step.seq not in told]
        if [message.channel for message in cards] != [self._channel] or len(copies) != 1:
            return None
        if len(together(below)) > 1 or any(step.kind is StepKind.CALLED_LATE for step in below):
            return None
        return ToldBefore(parts=parts, stories=stories, card=cards[0], copy=copies[0], below=below)

    async def tell(self, job: Job, known: ToldBefore) -> bool:
        """Have it told: whether all is, or is queued, and the job is done. Where it isn't, the notifier goes on by what
        stands then.

        Raises SlackUnavailable where nobody knows whether the card or its copy shows it: whoever catches it has the
        copy told, and the job tried again.
        """
        parts, told = known.parts, _Told()
        facts, request = parts_facts(parts), parts.as_one
        at = self._context.store.clock() + TOGETHER_WITHIN if is_under_way(request) else None

        async def go_on(uow: UnitOfWork) -> None:
            await self._go_on(uow, job, known, told, at=at)

        async def end(uow: UnitOfWork) -> None:
            await self._end(uow, job, known, told)

        try:
            async with self._copy_owed(job, parts, at=at):
                await self._poster.bring_up_to_date(known.card, request, card(facts), parts.version, record=go_on)
            if not told.goes_on:
                return told.is_done
            if not await self._line_stands(known, told):
                return False
            message = requester_message(self._linked(facts, known.card))
            await self._poster.bring_up_to_date(known.copy, request, message, parts.version, record=end)
        except SlackUnavailable:
            raise
        except (SlackError, TryLater) as error:
            _log.info("a proposal is told of step by step", request=parts.id, error=str(error))
        return told.is_done

    async def _line_stands(self, known: ToldBefore, told: _Told) -> bool:
        """Post the line that is written down. False where it doesn't stand, or nobody knows: it is told by itself."""
        if told.line is None:
            return True
        try:
            await self._poster.post_begun(told.line, step_message(*known.below))
        except (SlackError, TryLater) as error:
            _log.info("the line below a card is told by itself", request=known.parts.id, error=str(error))
            return False
        return True

    async def _go_on(self, uow: UnitOfWork, job: Job, known: ToldBefore, told: _Told, *, at: datetime | None) -> None:
        """Write down what comes after the card, which shows the proposal now; nothing where the job is somebody else's
        by now. What came while the card was on its way has queued a job of its own, which comes after this one."""
        parts = known.parts
        if not await _is_held(uow, job):
            return
        if at is not None:
            await tell_requester_of(uow, parts.id, at=at)
            if known.below:
                await tell_below_of(uow, parts.id, at=at)
            told.is_done = await uow.jobs.end(job)
            return
        told.goes_on = True
        if known.below:
            told.line = await self._line(uow, known)
            if told.line is None:
                await tell_below_of(uow, parts.id)

    async def _line(self, uow: UnitOfWork, known: ToldBefore) -> BegunPost | None:
        """Write down that the line below the card is about to be posted. None where it has to wait for its turn, or was
        called for meanwhile."""
        first, *joined = (step.seq for step in known.below)
        try:
            return await self._poster.begin(
                uow,
                known.card.channel,
                request=known.parts.as_one,
                purpose=Purpose.THREAD,
                version=first,
                joined=joined,
                thread=known.card.ts,
                importance=importance_below(known.below),
            )
        except TryLater:
            return None

    async def _end(self, uow: UnitOfWork, job: Job, known: ToldBefore, told: _Told) -> None:
        """All is told: what was queued while it was under way has nothing left to do, unless something came since.

        Whoever needs one of these jobs at this moment is waited for where it is taken out, and then what they logged is
        seen.
        """
        if not await _is_held(uow, job):
            return
        number = known.parts.id
        had_copy = await not_tried_later(uow, JobKind.TELL_REQUESTER, number)
        is_below = told.line is not None or not known.below
        had_below = is_below and await not_tried_later(uow, JobKind.TELL_BELOW, number)
        if (had_copy or had_below) and await uow.audit.has_news(known.numbers, after=newest_event(known.stories)):
            if had_copy:
                await tell_requester_of(uow, number)
            if had_below:
                await tell_below_of(uow, number)
        told.is_done = await uow.jobs.end(job)

    @asynccontextmanager
    async def _copy_owed(self, job: Job, parts: Parts, *, at: datetime | None) -> AsyncIterator[None]:
        """Queue the requester's copy by itself where the card takes longer than that may wait."""

        async def owe() -> None:
            await asyncio.sleep(_COPY_WAITS)
            try:
                async with self._context.store.write() as uow:
                    await uow.jobs.hold(job)
                    await tell_requester_of(uow, parts.id, at=at)
            except (LeaseLost, StoreError) as error:
                _log.info("the requester's copy waits for the card", request=parts.id, error=str(error))

        owing = asyncio.create_task(owe())
        try:
            yield
        finally:
            owing.cancel()
            await asyncio.gather(owing, return_exceptions=True)

    def _linked(self, facts: RequestFacts, posted: PostedMessage) -> RequestFacts:
        return replace(facts, card_url=self._context.card_links.link(posted.channel, posted.ts))


async def _is_held(uow: UnitOfWork, job: Job) -> bool:
    """Whether the job is still this worker's, until the transaction ends: what stands in Slack is on record anyway."""
    try:
        await uow.jobs.hold(job)
    except LeaseLost:
        return False
    return True


def _steps_of(message: PostedMessage) -> tuple[int, ...]:
    """The numbers of the steps that a message tells."""
    return (message.version, *message.joined)


def _is_plain(parts: Parts) -> bool:
    """Whether a proposal is somebody's own, waits for nobody, and changes nothing of what was told of others: that an
    allow is to be taken out shows in the alert of one that nobody asked for."""
    return (
        parts.requester != PORTCULLIS
        and not parts.is_open
        and not waits(parts.as_one)
        and not any((part.operation, part.action) == (Operation.REMOVE, Action.ALLOW) for part in parts.requests)
    )
