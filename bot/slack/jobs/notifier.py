"""Tells people what happened to proposals: cards kept up to date, the story in their threads, direct messages, alerts.

Everything here is done by jobs and built from the database as it is at that moment, so that it can be done again
after any failure, and so that what changed elsewhere reaches every posted copy. The card and the requester's messages
are jobs of their own: what keeps one of them waiting keeps the other from nothing. The first of each are told by one
job (`first_telling`), and so is what became of a proposal once it is decided (`next_telling`): there the card keeps the
copy waiting for two seconds at most.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.domain.auditing.card_events import codes_refused
from bot.domain.auditing.events import PORTCULLIS, Event, EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.requests.binding import Purpose
from bot.domain.requests.emergency import waits
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Request
from bot.domain.telling.alert_facts import AlertName, alert_facts, anchored
from bot.domain.telling.parts_facts import parts_facts
from bot.errors import DestinationGone, MessageGone, SlackError, SlackUnavailable, TryLater
from bot.slack.card_links import requests_linked
from bot.slack.error_codes import Fate, fate_of
from bot.slack.jobs import post_keys
from bot.slack.jobs.alert_keeper import AlertKeeper, remember
from bot.slack.jobs.card_keeper import CardKeeper
from bot.slack.jobs.doubted_updates import DoubtedUpdates, may_be_undone
from bot.slack.jobs.first_telling import FirstTelling
from bot.slack.jobs.importance import is_under_way
from bot.slack.jobs.next_telling import TOGETHER_WITHIN, NextTelling
from bot.slack.jobs.outage_teller import OutageTeller
from bot.slack.jobs.poster import Poster
from bot.slack.jobs.posture_teller import TELLS as POSTURE_TELLS
from bot.slack.jobs.posture_teller import PostureTeller
from bot.slack.jobs.story_teller import StoryTeller
from bot.slack.jobs.unrequested_teller import UnrequestedTeller
from bot.slack.messages.alert import alert_message, card_refused
from bot.slack.messages.card import requester_message
from bot.store import Job, UnitOfWork
from bot.store import PostedMessage as Posted
from bot.workflow.shared.alerts import tell_of_unrequested
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import AlertPayload, JobKind, RequestPayload
from bot.workflow.shared.jobs import later, tell_below_of, tell_requester_of

_log = structlog.get_logger(__name__)

#: A card that Slack takes none of is tried again after as long as it has been refused, within these, for as long as its
#: request is open: whoever mends it at once sees it at once.
_SOONEST, _LATEST = timedelta(seconds=5), timedelta(minutes=5)

_Step = Callable[[], Awaitable[None]]


class Notifier:
    """The handlers of the jobs that keep people up to date about requests, and of alerts."""

    def __init__(
        self,
        *,
        context: Context,
        poster: Poster,
        cards: CardKeeper,
        alerts: AlertKeeper,
        outages: OutageTeller,
        unrequested: UnrequestedTeller,
        posture: PostureTeller,
        stories: StoryTeller,
        first: FirstTelling,
        after: NextTelling,
        alert_channel: str,
    ) -> None:
        self._context = context
        self._poster = poster
        self._cards = cards
        self._alerts = alerts
        self._stories = stories
        self._first = first
        self._next = after
        self._alert_channel = alert_channel
        self._outages = outages
        self._unrequested = unrequested
        self._posture = posture
        self._doubted = DoubtedUpdates(context=context)

    async def notify(self, job: Job, payload: RequestPayload) -> None:
        """Job: bring a proposal's card and alerts up to date, and have told below the card what hasn't been told.

        Raises SlackError to be tried again, and TryLater while Slack takes no more; what was posted by then is
        remembered and not posted twice. A card that Slack takes none of, and that people wait for, is told of and tried
        again in a while, however often.
        """
        async with self._context.store.one_look():
            parts, stories = await self._load(payload.request_id)
            untold = await self._first.untold(job, parts, stories)
            known = await self._next.told_before(job, parts, stories)
        failed: SlackError | TryLater | None = None
        if untold is not None or known is not None:
            try:
                if untold is not None and await self._first.tell(job, untold):
                    return
                if known is not None and await self._next.tell(job, known):
                    return
                parts, stories = await self._load(payload.request_id)
            except (SlackError, TryLater) as error:
                failed = error
        # Of what moves on by itself, the steps of a moment are told together, and the copy shows where it came to.
        at = self._context.store.clock() + TOGETHER_WITHIN if is_under_way(parts.as_one) else None
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await tell_requester_of(uow, parts.id, at=at)
            for reading in await uow.unrequested.readings_of([request.id for request in parts.requests]):
                await tell_of_unrequested(uow, reading)
        async with self._context.store.one_look():
            await self._show(job, parts, stories, at=at, failed=failed)

    async def _show(
        self,
        job: Job,
        parts: Parts,
        stories: dict[int, list[StoryStep]],
        *,
        at: datetime | None,
        failed: SlackError | TryLater | None,
    ) -> None:
        """The card, unless that has just `failed`, and the alerts. What is read after the last call to Slack is read in
        one transaction."""
        story = stories[parts.id]
        now = parts
        refused: list[SlackError] = []
        put_off: list[TryLater] = []
        keep = partial(self._cards.keep, job, parts, story)
        await _each(refused, put_off, keep if failed is None else partial(self._cards.fail, job, parts, story, failed))
        is_missing = bool(refused) and not isinstance(refused[0], SlackUnavailable) and waits(parts.as_one)
        if codes_refused(story) or is_missing:
            now, stories = await self._load(parts.id)  # what became of the card is a step of it
            story = stories[parts.id]
        for request in parts.requests:
            await _each(refused, put_off, partial(self._alerts.keep, request, stories[request.id], parts.version))
        is_done = not refused and not put_off and not may_be_undone(job)
        if await self._stories.owes_below(now, stories):
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await tell_below_of(uow, parts.id, at=at)
                if is_done:
                    await uow.jobs.finish(job)
        if not refused:
            if put_off:
                raise min(put_off, key=lambda later: later.seconds)
            if await self._doubted.look_after(job, parts.id):
                self._alerts.show_again(parts.requests)
            return
        if is_missing and len(refused) == 1:
            async with self._context.store.write() as uow:
                await uow.jobs.finish(job)
                again = self._context.store.clock() + _wait(story, now=self._context.now())
                await later(uow, JobKind.NOTIFY, parts.id, at=again)
            return
        raise refused[0]

    async def tell(self, job: Job, payload: RequestPayload) -> None:
        """Job: bring the requester's own copy up to date, and tell them what they haven't been told.

        Nobody is told of what Portcullis proposed itself. Raises SlackError and TryLater likewise. A copy that has to
        wait for its turn, or that Slack refuses, keeps no news from them. Somebody who can't be written to any more is
        told nothing, and the log has it.
        """
        async with self._context.store.one_look():
            await self._tell(job, payload.request_id)

    async def _tell(self, job: Job, request_id: int) -> None:
        parts, stories = await self._load(request_id)
        if parts.requester == PORTCULLIS:
            return
        held_up: TryLater | SlackError | None = None
        try:
            try:
                await self._keep_copy(parts)
            except (SlackUnavailable, DestinationGone):
                raise
            except (TryLater, SlackError) as error:
                held_up = error
            await self._stories.tell_requester(parts, stories)
        except DestinationGone as error:
            _log.warning("the requester can't be written to", request=parts.id, error=str(error))
            return
        if held_up is not None:
            raise held_up
        await self._doubted.look_after(job, parts.id)

    async def alert(self, job: Job, payload: AlertPayload) -> None:
        """Job: tell the alert channel."""
        if await self._is_told_by_another(job, payload):
            return
        request: Request | None = None
        event: Event | None = None
        story: list[StoryStep] = []
        if payload.request_id is not None:
            parts, stories = await self._load(payload.request_id)
            request, story = parts.of(payload.request_id), stories[payload.request_id]
            async with self._context.store.read() as uow:
                event = None if payload.event is None else await uow.audit.find(payload.event)
        key = post_keys.of_alert(job.id)

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            if request is not None:
                await remember(uow, payload.what, request, channel=channel, ts=ts)

        if payload.what == AlertName.CARD_REFUSED and request is not None:
            if not waits(request) or (payload.details not in codes_refused(story) and " " not in payload.details):
                # It was posted, or decided, before anybody could be told, or before it was known that they were.
                await self._poster.settle(key, to=self._alert_channel, record=record)
                return
            facts = card_refused(request, code=payload.details)
        elif payload.what == AlertName.LOG_ANCHORED:
            facts = anchored(payload.details)
        else:
            facts = alert_facts(
                payload.what, request, story, details=payload.details, reference=f"job-{job.id}", event=event
            )
        message = alert_message(facts)
        if facts.removable is not None and request is not None:
            # A click on it counts only there, and only for the entry that it tells of.
            await self._poster.post(
                self._alert_channel,
                message,
                key=key,
                request=request,
                purpose=Purpose.UNNAMED_ALLOW,
                version=facts.removable,
                job=job,
            )
            return
        await self._poster.post(self._alert_channel, message, key=key, job=job, record=record)

    async def _is_told_by_another(self, job: Job, payload: AlertPayload) -> bool:
        """Tell what is made of records of its own, and of no request; False where it is something else."""
        if payload.outage is not None:
            await self._outages.tell(payload.outage, job=job)
        elif payload.event is not None and payload.what == AlertName.UNREQUESTED:
            await self._unrequested.tell(payload.event, job=job)
        elif payload.event is not None and payload.what in POSTURE_TELLS:
            await self._posture.tell(payload.what, payload.event, job=job)
        else:
            return False
        return True

    async def _load(self, request_id: int) -> tuple[Parts, dict[int, list[StoryStep]]]:
        async with self._context.store.read() as uow:
            parts = await uow.requests.parts(request_id, items=MOST_INDICATORS)
            return parts, {request.id: await uow.audit.story(request.id) for request in parts.requests}

    async def _keep_copy(self, parts: Parts) -> None:
        request, version = parts.as_one, parts.version
        [facts] = await requests_linked(self._context, [parts_facts(parts)])
        message = requester_message(facts)
        async with self._context.store.read() as uow:
            copies = await uow.messages.of_request(request.id, Purpose.COPY)
        kept = [
            await self._is_kept(copy, partial(self._poster.bring_up_to_date, copy, request, message, version))
            for copy in copies
        ]
        if not any(kept):
            await self._poster.post(request.requester, message, request=request, purpose=Purpose.COPY, version=version)

    async def _is_kept(self, copy: Posted, bring_up_to_date: _Step) -> bool:
        try:
            await bring_up_to_date()
        except MessageGone:
            async with self._context.store.write() as uow:
                await uow.messages.forget(copy.id)
            return False
        return True


def _wait(story: Sequence[StoryStep], *, now: datetime) -> timedelta:
    """How long to wait with a card that is refused."""
    refused = [step.at for step in story if step.kind == EventKind.CARD_REFUSED]
    return min(max(now - refused[-1], _SOONEST), _LATEST) if refused else _SOONEST


async def _each(refused: list[SlackError], put_off: list[TryLater], step: _Step) -> None:
    """One place that Slack refuses keeps nothing from the others; a Slack that doesn't answer isn't asked again."""
    try:
        await step()
    except TryLater as later:
        put_off.append(later)
    except SlackUnavailable as error:
        if fate_of(error.code) is not Fate.PASSING:
            raise
        refused.insert(0, error)
    except SlackError as error:
        refused.append(error)


#: An alert that Slack wouldn't take can't be told of in Slack: the log and the audit log have it.
NOTIFIER_JOBS: tuple[JobDefinition[Notifier, Any], ...] = (
    JobDefinition(kind=JobKind.NOTIFY, handle=Notifier.notify),
    JobDefinition(kind=JobKind.TELL_REQUESTER, handle=Notifier.tell),
    JobDefinition(kind=JobKind.ALERT, handle=Notifier.alert, alerts=False),
)
