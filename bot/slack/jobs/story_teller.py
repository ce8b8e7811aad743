"""The story of a request, below its card and to the requester: each step once, those that wait together as one message.

Each is a job of its own, so that lines which can wait hold up no card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.requests.binding import Purpose
from bot.domain.requests.parts import Parts
from bot.domain.telling.audience import Stories, newest_event, told_below_the_card, told_to_the_requester
from bot.domain.telling.settled_questions import settled_questions
from bot.domain.telling.step_facts import StepFacts, StepKind
from bot.errors import DestinationGone, MessageGone
from bot.slack.error_codes import Fate, fate_of
from bot.slack.jobs import post_keys
from bot.slack.jobs.importance import importance_below
from bot.slack.jobs.poster import Poster
from bot.slack.messages.story import step_message, together
from bot.slack.pace import Importance
from bot.store import Job, PostedMessage, UnitOfWork
from bot.workflow.requesting.card_notes import note_told_late
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.jobs import notify

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where steps are told: below a message of a channel, or to somebody directly."""

    purpose: Purpose
    channel: str
    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """What is still to be told somewhere, and by which numbers steps were called for of which nobody knows whether they
    stand: those that are still due, and those that were overtaken, as by a decision on what needed one."""

    messages: Sequence[PostedMessage]  #: what was told there
    steps: Sequence[StepFacts]
    called: list[int]
    overtaken: list[int]

    def taken_for(self, step: StepFacts) -> int:
        """The number by which a step is called for, which is taken out. It is that of an earlier call that may stand,
        where it tells the same, or what isn't due any more: so that message, if it does stand, comes to tell this. With
        it may go what was told along and is due, which nobody could tell from what never was.
        """
        for numbers, fits in ((self.called, step.is_told_with), (self.overtaken, step.is_after)):
            if (number := next(filter(fits, numbers), None)) is not None:
                numbers.remove(number)
                return number
        return step.seq


class StoryTeller:
    """Tells what happened to requests, step by step."""

    def __init__(self, *, context: Context, poster: Poster) -> None:
        self._context = context
        self._poster = poster

    async def tell_below(self, job: Job, payload: RequestPayload) -> None:
        """Job: tell below a request's card what hasn't been told there. Where it has no card, nothing: the job that
        posts one has this done anew.

        Raises SlackError and TryLater to be run again; what was told by then is remembered and not told twice.
        """
        # What is read before the first call to Slack is read in one transaction.
        async with self._context.store.one_look():
            await self._tell_below(job, payload.request_id)

    async def _tell_below(self, job: Job, request_id: int) -> None:
        parts, stories = await self._load(request_id)
        messages = await self._messages(parts)
        cards = _of(messages, Purpose.CARD)
        if not cards:
            return
        due = told_below_the_card(parts, stories)
        owed = await self._owed(parts, due, _of(messages, Purpose.THREAD), Purpose.THREAD)
        below = _Place(purpose=Purpose.THREAD, channel=cards[0].channel, thread=cards[0].ts)
        stretches = list(together(owed.steps))
        ends = job if len(stretches) == 1 and not owed.overtaken else None
        try:
            for stretch in stretches:
                await self._post(parts, stretch, owed, below, importance_below(stretch), ends=ends)
            await self._settle_overtaken(parts, owed, below)
        except DestinationGone as error:
            if fate_of(error.code) is not Fate.THREAD:
                raise
            _log.warning("a thread takes no replies", request=parts.id, error=str(error))
        except MessageGone:
            # The card is gone although it seemed up to date: it is posted anew, and this is told there.
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await uow.messages.become(cards[0].id, Purpose.LOST_CARD)
                await notify(uow, parts.id)
                await uow.jobs.finish(job)

    async def tell_requester(self, parts: Parts, stories: Stories) -> None:
        """Tell the requester what they haven't been told, and take the button off questions that need no answer any
        more. Raises likewise."""
        settled = {step.seq: step for step in settled_questions(parts, stories[parts.id])}
        told = [settled.get(step.seq, step) for step in told_to_the_requester(parts, stories)]
        messages = _of(await self._messages(parts), Purpose.DIRECT, Purpose.SETTLED)
        owed = await self._owed(parts, told, messages, Purpose.DIRECT)
        directly = _Place(purpose=Purpose.DIRECT, channel=parts.requester)
        for stretch in together(owed.steps):
            await self._post(parts, stretch, owed, directly, Importance.OUTCOME)
        found = await self._settle_overtaken(parts, owed, directly)
        for message in (*owed.messages, *found):
            if message.purpose == Purpose.DIRECT and settled.keys() & _numbers(message):
                await self._settle(message, list({step.seq: step for step in (*told, *settled.values())}.values()))

    async def _settle(self, message: PostedMessage, told: Sequence[StepFacts]) -> None:
        """Show below a question that it needs no answer any more. One that can't be changed stays as it is."""
        steps = [step for step in told if step.seq in _numbers(message)]
        try:
            await self._poster.update(message.channel, message.ts, step_message(*steps))
        except MessageGone:
            _log.info("a question could not be brought up to date", channel=message.channel, ts=message.ts)
        async with self._context.store.write() as uow:
            await uow.messages.become(message.id, Purpose.SETTLED)

    async def owes_below(self, parts: Parts, stories: Stories) -> bool:
        """Whether something is to be told below a proposal's card, and there is one: as the log stands now, for what
        came while the card was on its way found no card to be told below.

        `parts` and `stories` are as they were before that; they are read anew only where the log has something new.
        """
        messages = await self._messages(parts)
        if not _of(messages, Purpose.CARD):
            return False
        newest = newest_event(stories)
        async with self._context.store.read() as uow:
            is_old = await uow.audit.has_news([request.id for request in parts.requests], after=newest)
        if is_old:
            parts, stories = await self._load(parts.id)
        due = told_below_the_card(parts, stories)
        owed = await self._owed(parts, due, _of(messages, Purpose.THREAD), Purpose.THREAD)
        return bool(owed.steps or owed.overtaken)

    async def _load(self, request_id: int) -> tuple[Parts, Stories]:
        async with self._context.store.read() as uow:
            parts = await uow.requests.parts(request_id, items=MOST_INDICATORS)
            return parts, {request.id: await uow.audit.story(request.id) for request in parts.requests}

    async def _messages(self, parts: Parts) -> list[PostedMessage]:
        """Every message of a proposal that is on record."""
        async with self._context.store.read() as uow:
            return await uow.messages.of_request(parts.id)

    async def _owed(
        self, parts: Parts, due: Sequence[StepFacts], messages: Sequence[PostedMessage], purpose: Purpose
    ) -> _Owed:
        """What is still to be told of the steps that are due, to those whom a purpose reaches and whom `messages` have
        told some."""
        async with self._context.store.read() as uow:
            in_doubt = await uow.posts.in_doubt([post_keys.of_request(purpose, parts.id)])
        called = [int(post_keys.which_of(intent.key)) for intent in in_doubt]
        return _Owed(
            messages=messages,
            steps=_not_in(messages, due),
            called=[number for number in called if any(step.is_told_with(number) for step in due)],
            overtaken=[number for number in called if not any(step.is_told_with(number) for step in due)],
        )

    async def _post(
        self,
        parts: Parts,
        steps: Sequence[StepFacts],
        owed: _Owed,
        where: _Place,
        importance: Importance,
        *,
        ends: Job | None = None,
    ) -> None:
        """Tell some steps in one message, which `ends` a job that has nothing else to do.

        Where it was called for so often without an answer that it is taken to stand, that goes for the first of them,
        by which it is known: of those that joined it since, nobody has heard.
        """
        left = list(steps)

        async def record(uow: UnitOfWork, _channel: str, _ts: str) -> None:
            if any(step.kind is StepKind.CALLED_LATE for step in left):
                await note_told_late(uow, self._context, parts.as_one)
            if ends is not None:
                # Where it is somebody else's by now, the message is on record all the same.
                await uow.jobs.end(ends)

        while left:
            first, *joined = (step.seq for step in left)
            called = owed.taken_for(left[0])
            standing = await self._poster.post(
                where.channel,
                step_message(*left),
                key=post_keys.of_request(where.purpose, parts.id, called),
                thread=where.thread,
                request=parts.as_one,
                purpose=where.purpose,
                version=first,
                joined=joined,
                importance=importance,
                record=record,
            )
            if standing is not None:
                return
            await self._count_as_told(parts, called, where.purpose, where.channel)
            if called == first:
                left.pop(0)

    async def _settle_overtaken(self, parts: Parts, owed: _Owed, where: _Place) -> list[PostedMessage]:
        """Put on record what was called for and may stand, and what nothing that is due took the place of: those that
        were found.

        Raises TryLater where that isn't sure yet, and SlackUnavailable.
        """
        for number in owed.overtaken:
            key = post_keys.of_request(where.purpose, parts.id, number)
            record = partial(_remember, parts.id, where.purpose, number)
            await self._poster.settle(key, to=where.channel, thread=where.thread, record=record)
        if not owed.overtaken:
            return []
        async with self._context.store.read() as uow:
            told = await uow.messages.of_request(parts.id, where.purpose)
        return [message for message in told if message.version in owed.overtaken]

    async def _count_as_told(self, parts: Parts, step: int, purpose: Purpose, channel: str) -> None:
        """Put on record that a step is told, in a message of which nobody knows where it stands."""
        async with self._context.store.write() as uow:
            await _remember(parts.id, purpose, step, uow, channel, f"{purpose}:{step}")


async def _remember(request_id: int, purpose: Purpose, step: int, uow: UnitOfWork, channel: str, ts: str) -> None:
    """Put on record that a step was told, and where."""
    await uow.messages.put(purpose=purpose, channel=channel, ts=ts, request_id=request_id, version=step)


def _of(messages: Sequence[PostedMessage], *purposes: Purpose) -> list[PostedMessage]:
    """Those of the messages that have one of some purposes."""
    return [message for message in messages if message.purpose in purposes]


def _numbers(message: PostedMessage) -> set[int]:
    """The numbers of the steps that a message tells."""
    return {message.version, *message.joined}


def _not_in(messages: Sequence[PostedMessage], steps: Sequence[StepFacts]) -> list[StepFacts]:
    """The steps that none of the messages tells."""
    told = {number for message in messages for number in _numbers(message)}
    return [step for step in steps if step.seq not in told]


STORY_JOB = JobDefinition(kind=JobKind.TELL_BELOW, handle=StoryTeller.tell_below)
