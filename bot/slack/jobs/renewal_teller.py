"""Asks owners about what is due for renewal, each by one direct message about all of theirs, and tells the approvers of
what no owner answers for.

A look at all comes round and queues a job for each who is to be told (`bot.workflow.watching.renewals`). What is new to
them is a message of its own, below which the one before leads to it; all else is an update in place. That somebody was
told is written down and logged in the transaction that puts the message on record: known by its number, it is posted
once. An owner who is gone is not asked: what is theirs goes to the approvers at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.requests.people import Right
from bot.domain.requests.renewal import PassedOn, Renewal, RenewalState
from bot.domain.requests.renewing import Unanswered, renewal_event
from bot.domain.telling.renewal_facts import RenewalFacts, answered_line
from bot.errors import DestinationGone, MembersUnread, TryLater
from bot.slack.block_kit.blocks import Message
from bot.slack.directory import Directory
from bot.slack.jobs.doubted_updates import SHOWN_AGAIN_AFTER, may_be_undone
from bot.slack.jobs.files_once import FileForPeople, FilesOnce
from bot.slack.jobs.poster import Poster
from bot.slack.memberships import PATIENT
from bot.slack.messages.renewal import newer_renewal, renewal_message
from bot.slack.pace import Importance
from bot.slack.renewals import lines_linked
from bot.slack.when_people_work import WhenPeopleWork
from bot.store import Job, UnitOfWork
from bot.store.renewal_messages import RenewalMessage
from bot.workflow.asking.renewals import OpenRenewals, due_entries, waiting_for, waiting_for_approvers
from bot.workflow.importing.result_files import renewals_file
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, PersonPayload
from bot.workflow.shared.jobs import ask_owner, tell_of_renewals
from bot.workflow.watching.renewals import APPROVERS

_log = structlog.get_logger(__name__)

#: So many go on to the approvers at a time.
_PORTION = 100
#: Seconds until somebody's roles are read again.
_ROLES_AGAIN = 30.0
#: So many stand in a file.
_MOST_IN_FILE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """How somebody's renewals stand, all of one moment: another job of theirs may be at it just now."""

    waiting: OpenRenewals
    untold: Sequence[tuple[int, int]]  #: those of which they haven't been told, each with its version
    last: RenewalMessage | None  #: the last message that they have

    @property
    def next(self) -> int:
        """The number of the message that would follow."""
        return 1 if self.last is None else self.last.number + 1


class RenewalTeller:
    """The handlers of the jobs that ask about renewals."""

    def __init__(
        self,
        *,
        context: Context,
        client: AsyncWebClient,
        poster: Poster,
        directory: Directory,
        files: FilesOnce,
        approval_channel: str,
    ) -> None:
        self._context = context
        self._poster = poster
        self._directory = directory
        self._files = files
        self._people = WhenPeopleWork(context=context, client=client)
        self._approval_channel = approval_channel

    async def ask(self, job: Job, payload: PersonPayload) -> None:
        """Job: ask an owner what they haven't been asked, remind them, or bring their message up to date.

        Raises SlackError to be tried again, and TryLater while Slack takes no more or their roles can't be read.
        """
        owner = payload.user
        state = await self._state_of(owner)
        if state.waiting.total and await self._is_gone(owner):
            await self._pass_on(job, owner)
            return
        try:
            await self._tell(job, owner, state, to=owner, anew=payload.anew)
        except DestinationGone as error:
            _log.warning("an owner can't be asked", person=owner, error=str(error))
            await self._pass_on(job, owner)

    async def tell(self, job: Job, payload: PersonPayload) -> None:
        """Job: tell the approvers of what no owner answers for, or bring that up to date. Raises likewise."""
        state = await self._state_of(APPROVERS)
        await self._tell(job, APPROVERS, state, to=self._approval_channel, anew=payload.anew)

    async def _state_of(self, reader: str) -> _State:
        state, owner = _whose(reader)
        async with self._context.store.read() as uow:
            theirs = await waiting_for(uow, owner, now=self._context.now()) if owner else None
            return _State(
                waiting=theirs or await waiting_for_approvers(uow),
                untold=await uow.renewals.untold(state, owner=owner),
                last=await uow.renewal_messages.find(reader),
            )

    async def _is_gone(self, owner: str) -> bool:
        """Whether somebody has left, or may not propose any more. Raises TryLater where nobody can tell."""
        person = await self._directory.person(owner, within=PATIENT)
        if not person.has(Right.PROPOSE):
            if isinstance(person.doubt, MembersUnread):
                raise TryLater(_ROLES_AGAIN, "An owner's roles can't be read.")
            return person.doubt is None
        return (await self._people.person(owner)).is_gone

    async def _pass_on(self, job: Job, owner: str) -> None:
        """Have the approvers answer for all that is an owner's."""
        while True:
            now = self._context.now()
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await uow.alone_with("renewals")
                asked = await uow.renewals.page({RenewalState.ASKED}, owner=owner, limit=_PORTION)
                kind, why = EventKind.RENEWAL_PASSED_ON, PassedOn.OWNER_GONE
                # What was answered just now is no more to be passed on.
                passed_on = [
                    each for each in asked if await uow.renewals.set(each, RenewalState.PASSED_ON, why=why, at=now)
                ]
                await uow.audit.append_all([renewal_event(kind, each, at=now, why=why) for each in passed_on])
                await tell_of_renewals(uow)
            if len(asked) < _PORTION:
                return

    async def _tell(self, job: Job, reader: str, state: _State, *, to: str, anew: bool) -> None:
        waiting = state.waiting
        if waiting.total and (waiting.is_untold or waiting.is_reminder_due):
            if state.last is not None and state.last.channel:
                await self._change(state.last, newer_renewal())
            await self._post(job, reader, state, to=to)
            return
        last = await self._settled(job, reader, state, to=to)
        if last is not None and last.channel:
            if anew or last.shown != waiting.shown:
                await self._bring_up_to_date(job, reader, last, waiting)
            if may_be_undone(job) and waiting.total > len(waiting.first):
                # An attempt of before may have ended between the message and its file.
                await self._give_file(job, reader, last.number, channel=last.channel)

    async def _settled(self, job: Job, reader: str, state: _State, *, to: str) -> RenewalMessage | None:
        """The last message that somebody has. One of which it isn't known whether it was posted isn't called for again:
        all of it may have been answered in it by now. Where nobody can look for it, the one before stays the last, and
        the next is another one."""
        waiting, number = state.waiting, state.next
        found: list[RenewalMessage] = []

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            found.append(RenewalMessage(number=number, channel=channel, ts=ts, shown=()))
            await uow.renewal_messages.note(reader, found[-1])
            await self._log_told(uow, reader, waiting.answered, waiting.total, is_reminder=False)

        key = _key(reader, number)
        if await self._poster.settle(key, to=to, record=record):
            return found[-1]
        if not await self._poster.is_told(key):
            return state.last
        channel, ts = ("", "") if state.last is None else (state.last.channel, state.last.ts)
        let_be = RenewalMessage(number=number, channel=channel, ts=ts, shown=())
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await uow.renewal_messages.note(reader, let_be)
        return let_be

    async def _log_told(
        self, uow: UnitOfWork, reader: str, named: Sequence[Renewal], total: int, *, is_reminder: bool
    ) -> None:
        await uow.audit.append(
            _told(reader, is_reminder=is_reminder),
            actor=PORTCULLIS,
            target="" if reader == APPROVERS else reader,
            payload={"renewals": [each.id for each in named], "entries": total},
            at=self._context.now(),
        )

    async def _post(self, job: Job, reader: str, state: _State, *, to: str) -> None:
        waiting, number = state.waiting, state.next
        is_reminder = not waiting.is_untold
        _, owner = _whose(reader)
        now = self._context.now()

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            shown = waiting.shown if channel else ()
            await uow.renewal_messages.note(reader, RenewalMessage(number=number, channel=channel, ts=ts, shown=shown))
            if owner is not None:
                # Whoever is told of something new is reminded of what they were asked before along with it.
                await uow.renewals.note_reminded(owner, told_before=now, at=now)
            # What came to them while this was on its way has a message of its own.
            await uow.renewals.note_told(state.untold, at=now)
            if channel:
                await self._log_told(uow, reader, waiting.first, waiting.total, is_reminder=is_reminder)

        message = await self._message(waiting, is_reminder=is_reminder, for_approvers=owner is None)
        standing = await self._poster.post(
            to, message, key=_key(reader, number), job=job, record=record, importance=Importance.STORY
        )
        if standing is None:
            # Nobody knows whether it stands: the reminder, or the approvers' message, comes in its time.
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await record(uow, "", "")
        elif waiting.total > len(waiting.first):
            await self._give_file(job, reader, number, channel=standing.channel)

    async def _bring_up_to_date(self, job: Job, reader: str, last: RenewalMessage, waiting: OpenRenewals) -> None:
        """Show what still waits, and what was answered. Where an update of before may take effect after this one, it is
        shown once more."""
        message = await self._message(waiting, is_reminder=False, for_approvers=reader == APPROVERS)
        is_there = await self._change(last, message)
        over = not waiting.total and not waiting.answered
        changed = RenewalMessage(
            number=last.number,
            # What is through is changed no more.
            channel=last.channel if is_there and not over else "",
            ts=last.ts,
            shown=waiting.shown if is_there else (),
        )
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await uow.renewal_messages.note(reader, changed)
            if may_be_undone(job) and changed.channel:
                at = self._context.store.clock() + SHOWN_AGAIN_AFTER
                if reader == APPROVERS:
                    await tell_of_renewals(uow, at=at, after=job.id)
                else:
                    await ask_owner(uow, reader, at=at, after=job.id)

    async def _change(self, last: RenewalMessage, message: Message) -> bool:
        """Put a message in the place of one that stands; False where it is there no longer."""
        return await self._poster.is_updated(last.channel, last.ts, message, importance=Importance.STORY)

    async def _message(self, waiting: OpenRenewals, *, is_reminder: bool, for_approvers: bool) -> Message:
        entries = await due_entries(self._context, [*waiting.first, *waiting.answered])
        first, answered = entries[: len(waiting.first)], entries[len(waiting.first) :]
        facts = RenewalFacts(
            lines=tuple(await lines_linked(self._context, first)),
            total=waiting.total,
            answered=tuple(
                answered_line(each.renewal, number=each.answered_by) for each in answered if each.answered_by
            ),
            answer_by=min((each.answer_by for each in waiting.first), default=None),
            for_approvers=for_approvers,
            is_reminder=is_reminder,
            removes=self._context.renewing.unanswered is Unanswered.REMOVE,
        )
        return renewal_message(facts)

    async def _give_file(self, job: Job, reader: str, number: int, *, channel: str) -> None:
        """All that is due, where it is more than a message shows: once for each message."""
        state, owner = _whose(reader)
        async with self._context.store.read() as uow:
            renewals = await uow.renewals.page({state}, owner=owner, limit=_MOST_IN_FILE)
            total = await uow.renewals.count({state}, owner=owner)
        entries = [
            (each.renewal, each.entry, each.number)
            for start in range(0, len(renewals), _PORTION)
            for each in await due_entries(self._context, renewals[start : start + _PORTION])
        ]
        file = FileForPeople(
            name="due-for-renewal.csv",
            content=await asyncio.to_thread(renewals_file, entries),
            title=f"{len(entries):,} entries due for renewal",
            comment=f"{_which(len(entries), total)}; the message above shows the first. What is in the file stands "
            "there as it is, not defanged. To answer for many at once, give lines of it to `/import`, as a removal or "
            "with a new end.",
        )
        await self._files.show(f"renewals:{reader}:{number}", file, channel=channel, job=job)


def _whose(reader: str) -> tuple[RenewalState, str | None]:
    """In which state is what a reader answers, and of which owner; None: of all."""
    return (RenewalState.PASSED_ON, None) if reader == APPROVERS else (RenewalState.ASKED, reader)


def _key(reader: str, number: int) -> str:
    return f"renewal:{reader}:{number}"


def _which(named: int, total: int) -> str:
    return "All of them" if named >= total else f"The first {named:,} of {total:,}"


def _told(reader: str, *, is_reminder: bool) -> EventKind:
    if reader == APPROVERS:
        return EventKind.RENEWAL_TOLD
    return EventKind.RENEWAL_REMINDED if is_reminder else EventKind.RENEWAL_ASKED


#: A message that isn't posted is no alarm: the next look comes in minutes.
RENEWAL_JOBS: tuple[JobDefinition[RenewalTeller, Any], ...] = (
    JobDefinition(kind=JobKind.ASK_OWNER, handle=RenewalTeller.ask, alerts=False),
    JobDefinition(kind=JobKind.TELL_OF_RENEWALS, handle=RenewalTeller.tell, alerts=False),
)
