"""Reminds approvers, each by one direct message, of all that waits for them; and brings it up to date.

Who is reminded of what, and when, is decided by `bot.domain.requests.reminders`. A look at all comes round and queues a
job for each approver who may be due, so that one who can't be written to keeps nobody else waiting. A reminder is
counted and logged in the transaction that puts its message on record: known by its number, it is posted once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.requests.binding import Purpose
from bot.domain.requests.people import Person, Role
from bot.domain.requests.reminders import Reminded, Waiting, is_due, reminded_events, theirs
from bot.domain.telling.request_facts import request_facts
from bot.errors import DestinationGone, SlackError, SlackUnavailable
from bot.slack.block_kit.blocks import Message
from bot.slack.client import call
from bot.slack.directory import Directory
from bot.slack.jobs.doubted_updates import SHOWN_AGAIN_AFTER, may_be_undone
from bot.slack.jobs.poster import Poster
from bot.slack.messages.reminder import MOST_NAMED, Reminder, newer_reminder, reminder
from bot.slack.pace import Importance
from bot.slack.when_people_work import WhenPeopleWork, is_fresh, zone_of
from bot.store import Job, UnitOfWork
from bot.store.approvers import KnownPerson, ReminderMessage
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, NothingPayload, PersonPayload
from bot.workflow.shared.jobs import enqueue

_log = structlog.get_logger(__name__)

#: How often it is looked who is to be reminded.
LOOK_EVERY = timedelta(minutes=5)

#: So much that waits is looked at, the oldest first, and so many people.
_MOST_WAITING = 500
_MOST_PEOPLE = 200

#: Stands for what a reminder may name that nobody knows: no proposal's number, so that the reminder is out of date
#: until it was changed, however often that fails.
_UNKNOWN = 0

#: How long Slack may take to say where a card is read, in seconds.
_LINKS_WITHIN = 5.0


class ApproverReminders:
    """The handlers of the jobs that remind approvers."""

    def __init__(self, *, context: Context, client: AsyncWebClient, poster: Poster, directory: Directory) -> None:
        self._context = context
        self._client = client
        self._poster = poster
        self._directory = directory
        self._people = WhenPeopleWork(context=context, client=client)

    async def remind_all(self, job: Job, _payload: NothingPayload) -> None:
        """Job: queue a reminder for each approver who may be due, and for each whose last one is out of date."""
        async with self._context.store.read() as uow:
            waiting = await uow.approvers.waiting(limit=_MOST_WAITING)
            messages = await uow.approvers.messages()
        people = await self._directory.approvers() if waiting or messages else dict[str, Person]()
        wanted = {
            user
            for user, message in messages.items()
            if _still(message, self._theirs(waiting, user, people)) != message.shown
        }
        if waiting and self._context.reminding.waits:
            wanted |= await self._due(waiting, people)
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await uow.approvers.forget_others([each.id for each in waiting])
            for user in sorted(wanted)[:_MOST_PEOPLE]:
                key = f"{JobKind.REMIND_APPROVER}:{user}"
                await enqueue(uow, JobKind.REMIND_APPROVER, PersonPayload(user=user), key=key)
            await uow.jobs.finish(job)

    async def remind(self, job: Job, payload: PersonPayload) -> None:
        """Job: bring somebody's last reminder up to date, and remind them if they are due.

        Raises SlackError to be tried again, and TryLater while Slack takes no more.
        """
        user = payload.user
        async with self._context.store.read() as uow:
            waiting = await uow.approvers.waiting(limit=_MOST_WAITING)
            last = (await uow.approvers.messages()).get(user)
            reminded = (await uow.approvers.reminded([user]))[user]
        people = await self._directory.approvers()
        waiting = self._theirs(waiting, user, people)
        if last is not None:
            last = await self._bring_up_to_date(job, user, last, waiting, anew=payload.anew)
        number = 1 if last is None else last.number + 1
        if not waiting or user not in people:
            await self._settle_overtaken(job, user, [], number=number)
            return
        known = await self._people.person(user)
        if known.is_gone:
            return
        if not self._is_due(waiting, reminded, zone_of(known)) or await self._is_quiet(user):
            await self._settle_overtaken(job, user, waiting, number=number)
            return
        if last is not None and last.channel:
            await self._change(last, newer_reminder())
        await self._remind(job, user, waiting, reminded, number=number)

    def _theirs(self, waiting: Sequence[Waiting], user: str, approvers: Mapping[str, Person]) -> list[Waiting]:
        """What somebody may decide. Who isn't among the approvers may be one: their group may be unread."""
        person = approvers.get(user, Person(user_id=user, roles=frozenset({Role.APPROVER})))
        return theirs(waiting, person, self._context.rules.approvers)

    async def _due(self, waiting: Sequence[Waiting], approvers: Mapping[str, Person]) -> set[str]:
        """The approvers who are due by what is kept of them; of whom nothing is kept, those who may be."""
        async with self._context.store.read() as uow:
            known = await uow.approvers.people(approvers)
            reminded = await uow.approvers.reminded(approvers)
        now = self._context.now()
        return {
            user
            for user in approvers
            if (own := self._theirs(waiting, user, approvers))
            and self._may_be_due(own, reminded[user], known.get(user), now)
        }

    def _may_be_due(
        self, waiting: Sequence[Waiting], reminded: Mapping[int, Reminded], known: KnownPerson | None, now: datetime
    ) -> bool:
        if known is None or not is_fresh(known, now=now):
            first = self._context.reminding.waits[0]
            return any(now - each.since >= min(first, self._context.reminding.wait(0)) for each in waiting)
        return not known.is_gone and self._is_due(waiting, reminded, zone_of(known))

    def _is_due(self, waiting: Sequence[Waiting], reminded: Mapping[int, Reminded], zone: tzinfo) -> bool:
        return is_due(waiting, reminded, now=self._context.now(), zone=zone, reminding=self._context.reminding)

    async def _is_quiet(self, user: str) -> bool:
        quiet = await self._people.quiet(user)
        return quiet is not None and quiet.covers(self._context.now())

    async def _remind(
        self, job: Job, user: str, waiting: Sequence[Waiting], reminded: Mapping[int, Reminded], *, number: int
    ) -> None:
        named = waiting[:MOST_NAMED]
        now = self._context.now()

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            shown = tuple(each.id for each in named)
            await uow.approvers.note_message(
                user, ReminderMessage(number=number, channel=channel, ts=ts, shown=shown if channel else ())
            )
            await uow.approvers.note_reminded(user, [each.id for each in waiting], reminded, at=now)
            if channel:
                await uow.audit.append_all(reminded_events(user, named, reminded, at=now))

        message = await self._message(named, total=len(waiting))
        try:
            standing = await self._poster.post(
                user, message, key=_key(user, number), job=job, record=record, importance=Importance.STORY
            )
        except DestinationGone as error:
            _log.warning("an approver can't be reminded", person=user, error=str(error))
            standing = None
        if standing is None:
            # Nobody knows whether it stands, or they can't be written to: the next one comes after the next wait.
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await record(uow, "", "")

    async def _settle_overtaken(self, job: Job, user: str, waiting: Sequence[Waiting], *, number: int) -> None:
        """Where a reminder was called for and may stand, and nobody is due for one any more: have it name what still
        waits, or nothing. It counts as none: what it named, and so who was notified of what, nobody knows.

        Raises TryLater where that isn't sure yet, and SlackError.
        """
        found: list[ReminderMessage] = []

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            shown = (_UNKNOWN, *(waits.id for waits in waiting[:MOST_NAMED]))
            found.append(ReminderMessage(number=number, channel=channel, ts=ts, shown=shown))
            await uow.approvers.note_message(user, found[-1])

        key = _key(user, number)
        if await self._poster.settle(key, to=user, record=record):
            for each in found:
                await self._bring_up_to_date(job, user, each, waiting, anew=False)
        elif await self._poster.is_told(key):
            # Nobody can look whether it stands: the next reminder is another one, and not taken for this.
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await uow.approvers.note_message(user, ReminderMessage(number=number, channel="", ts="", shown=()))

    async def _bring_up_to_date(
        self, job: Job, user: str, last: ReminderMessage, waiting: Sequence[Waiting], *, anew: bool
    ) -> ReminderMessage:
        """Take from somebody's last reminder what waits for them no longer. Where an update of before may take effect
        after this one, it is shown once more."""
        still = _still(last, waiting)
        if not last.channel or (still == last.shown and not anew):
            return last
        left = [each for each in waiting if each.id in still]
        is_there = await self._change(last, await self._message(left, total=len(left)))
        changed = ReminderMessage(
            number=last.number, channel=last.channel if is_there else "", ts=last.ts, shown=still if is_there else ()
        )
        async with self._context.store.write() as uow:
            await uow.approvers.note_message(user, changed)
            if may_be_undone(job):
                again = PersonPayload(user=user, anew=True)
                at = self._context.store.clock() + SHOWN_AGAIN_AFTER
                await enqueue(uow, JobKind.REMIND_APPROVER, again, at=at, key=f"{JobKind.SHOW_AGAIN}:{job.id}")
        return changed

    async def _change(self, last: ReminderMessage, message: Message) -> bool:
        """Put a message in the place of a reminder; False where it is there no longer."""
        return await self._poster.is_updated(last.channel, last.ts, message, importance=Importance.STORY)

    async def _message(self, waiting: Sequence[Waiting], *, total: int) -> Message:
        reminders: list[Reminder] = []
        for each in waiting:
            async with self._context.store.read() as uow:
                request = (await uow.requests.parts(each.id)).lead
                cards = await uow.messages.of_request(each.id, Purpose.CARD)
            url = await self._link(cards[0].channel, cards[0].ts) if cards else ""
            reminders.append(Reminder(facts=request_facts(request), card_url=url))
        return reminder(reminders, total=total)

    async def _link(self, channel: str, ts: str) -> str:
        """Where a card is read; empty where Slack doesn't say."""
        try:
            place = {"channel": channel, "message_ts": ts}
            answer = await call(self._client, "chat.getPermalink", place, within=_LINKS_WITHIN)
        except SlackUnavailable:
            raise
        except SlackError:
            return ""
        return str(answer.get("permalink") or "")


def _key(user: str, number: int) -> str:
    return f"reminder:{user}:{number}"


def _still(last: ReminderMessage, waiting: Sequence[Waiting]) -> tuple[int, ...]:
    """What a reminder names and still waits for whom it reminds."""
    own = {each.id for each in waiting}
    return tuple(number for number in last.shown if number in own)


#: A reminder that isn't posted is no alarm: the next look comes in minutes.
APPROVER_JOBS: tuple[JobDefinition[ApproverReminders, Any], ...] = (
    JobDefinition(kind=JobKind.REMIND_APPROVERS, handle=ApproverReminders.remind_all, alerts=False),
    JobDefinition(kind=JobKind.REMIND_APPROVER, handle=ApproverReminders.remind, alerts=False),
)
