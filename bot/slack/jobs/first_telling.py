"""Tells of a proposal of which nothing stands in Slack yet, as after each command: its card, then the requester's copy.

It is what the notifier does, with what is written in a row written together, so that it takes one look at the database
and three transactions:

1. the card is about to be posted, and the copy is owed;
2. the card stands, and the copy is about to be posted;
3. the copy stands, which ends the job.

What is owed meanwhile is a job that waits: a card that Slack keeps waiting keeps the copy waiting for a moment. What
isn't as expected goes the notifier's usual way, to which each of these transactions means what it means there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog

from bot.domain.auditing.card_events import codes_refused
from bot.domain.auditing.events import PORTCULLIS
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.binding import Purpose
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Status
from bot.domain.telling.audience import Stories, newest_event, told_below_the_card, told_to_the_requester
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.request_facts import RequestFacts
from bot.errors import DestinationGone, SlackError, TryLater
from bot.slack.jobs import post_keys
from bot.slack.jobs.card_keeper import BegunCard, CardKeeper
from bot.slack.jobs.doubted_updates import may_be_undone
from bot.slack.jobs.poster import BegunPost, Poster
from bot.slack.messages.card import requester_message
from bot.store import Job, UnitOfWork
from bot.store.beside import StandsBeside
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import not_later, tell_requester_of

_log = structlog.get_logger(__name__)

#: A copy waits for its card for so long, in which most are posted: then it leads there. Then it is told by itself.
COPY_WAITS = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A proposal of which nothing stands in Slack, and nothing may stand, as it was read in one look."""

    parts: Parts
    stories: Stories
    beside: StandsBeside


@dataclass(slots=True, kw_only=True)
class _Copy:
    """The requester's copy, once it is written down, and what is told in it."""

    facts: RequestFacts
    begun: BegunPost | None = None


class FirstTelling:
    """Tells of proposals for the first time."""

    def __init__(self, *, context: Context, poster: Poster, cards: CardKeeper) -> None:
        self._context = context
        self._poster = poster
        self._cards = cards

    async def untold(self, job: Job, parts: Parts, stories: Stories) -> Untold | None:
        """The proposal, where this is the first that is told of it, and there is nothing else to be told than its card
        and its copy; else None. To be asked in the look in which `parts` and `stories` were read."""
        if may_be_undone(job) or not _is_plain(parts) or codes_refused(stories[parts.id]):
            return None
        if told_below_the_card(parts, stories) or told_to_the_requester(parts, stories):
            return None
        numbers = [request.id for request in parts.requests]
        async with self._context.store.read() as uow:
            if any([await uow.messages.of_request(number) for number in numbers]):
                return None
            if await uow.posts.in_doubt(post_keys.told_of(parts.id)):
                return None
            if await uow.unrequested.readings_of(numbers):
                return None
            return Untold(parts=parts, stories=stories, beside=await uow.beside.of(parts.id))

    async def tell(self, job: Job, untold: Untold) -> bool:
        """Have the card stand, and the copy: whether both do, and the job is done. Where it isn't, the notifier goes on
        by what stands then.

        Raises SlackError and TryLater where the card doesn't stand: whoever catches them has the copy told.
        """
        parts, copy = untold.parts, _Copy(facts=parts_facts(untold.parts))
        begun = await self._begin(job, untold, copy.facts)
        if begun is None:
            return False
        called = await self._cards.post_begun(begun, record=partial(self._begin_copy, parts, copy))
        if copy.begun is None:
            return False
        is_done = False

        async def end(uow: UnitOfWork, _channel: str, _ts: str) -> None:
            nonlocal is_done
            # What came while the card was on its way found no card to be told below.
            newest = newest_event(untold.stories)
            if not await uow.audit.has_news([part.id for part in parts.requests], after=newest, but=called):
                is_done = await uow.jobs.end(job)

        try:
            await self._poster.post_begun(copy.begun, requester_message(copy.facts), record=end)
        except DestinationGone as error:
            _log.warning("the requester can't be written to", request=parts.id, error=str(error))
            async with self._context.store.write() as uow:
                await end(uow, "", "")
        except (SlackError, TryLater) as error:
            _log.info("the requester's copy is told by itself", request=parts.id, error=str(error))
        return is_done

    async def _begin(self, job: Job, untold: Untold, facts: RequestFacts) -> BegunCard | None:
        """Write down that the card is about to be posted, and that the copy is owed. None where the card isn't new
        after all. Raises TryLater where it has to wait for its turn."""
        parts = untold.parts
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await tell_requester_of(uow, parts.id, at=self._context.store.clock() + COPY_WAITS)
            return await self._cards.begin(uow, parts, untold.stories[parts.id], untold.beside, facts)

    async def _begin_copy(self, parts: Parts, copy: _Copy, uow: UnitOfWork, channel: str, ts: str) -> None:
        """Write down that the copy is about to be posted, with the way to its card, in place of the job that owes it.
        One that is being done by now goes on."""
        if not await not_later(uow, JobKind.TELL_REQUESTER, parts.id):
            return
        copy.facts = replace(copy.facts, card_url=self._context.card_links.link(channel, ts))
        try:
            copy.begun = await self._poster.begin(
                uow, parts.requester, request=parts.as_one, purpose=Purpose.COPY, version=parts.version
            )
        except TryLater:
            copy.begun = None
        if copy.begun is None:
            await tell_requester_of(uow, parts.id)


def _is_plain(parts: Parts) -> bool:
    """Whether a proposal waits as it was made, is somebody's own, and changes nothing of what was told of others: that
    an allow is to be taken out shows in the alert of one that nobody asked for."""
    return parts.requester != PORTCULLIS and not any(
        request.status is not Status.PENDING or (request.operation, request.action) == (Operation.REMOVE, Action.ALLOW)
        for request in parts.requests
    )
