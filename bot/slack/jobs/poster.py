"""Messages of the jobs on their way to Slack: each posted once, remembered and brought up to date."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Request, Status
from bot.errors import DestinationGone, MessageGone
from bot.slack.block_kit.blocks import Message
from bot.slack.jobs import post_keys
from bot.slack.jobs.doubted_updates import note_shown
from bot.slack.jobs.importance import importance_of
from bot.slack.jobs.posting import MOST_LOST, PlaceOfPost, Posting, Record
from bot.slack.pace import Importance, SlackPace
from bot.store import Job, PostIntent, UnitOfWork
from bot.store import PostedMessage as Posted
from bot.store.awaited import at_once
from bot.store.beside import NOTHING, ShownBeside
from bot.workflow.shared.context import Context

#: While a request is being sent, a copy shows its progress at most so often, in seconds: `chat.update` takes about
#: fifty calls a minute for the whole workspace.
PROGRESS_EVERY = 4.0

#: So many copies' progress is remembered; a forgotten one is shown once more.
_MOST_FOLLOWED = 1_000

#: What people look at to decide, and wait for.
_AWAITED = frozenset({Purpose.CARD, Purpose.COPY})
#: What tells a step of the story. Its version is the number of the step.
_STEPS = frozenset({Purpose.THREAD, Purpose.DIRECT})
_ANY_NUMBER = 1_000_000

#: Puts on record what else there is to say once a message shows what it should, in the same transaction.
Shown: TypeAlias = Callable[[UnitOfWork], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunPost:
    """A message of a request that is written down and about to be posted, see `Poster.begin`."""

    intent: PostIntent
    channel: str
    request: Request
    purpose: Purpose
    version: int
    beside: ShownBeside
    joined: Sequence[int] = ()
    thread: str | None = None


class Poster:
    """The way of every message that a job posts."""

    def __init__(self, *, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        pace = SlackPace(context.budgets, clock=lambda: context.store.clock().timestamp())
        self._posting = Posting(context=context, client=client, pace=pace)
        #: By copy: how much its progress showed when it was last brought up to date, and when that was.
        self._progress: dict[int, tuple[int, float]] = {}

    async def post(
        self,
        channel: str,
        message: Message,
        *,
        key: str = "",
        thread: str | None = None,
        request: Request | None = None,
        purpose: str = "",
        version: int = 0,
        joined: Sequence[int] = (),
        beside: ShownBeside = NOTHING,
        importance: Importance = Importance.OUTCOME,
        job: Job | None = None,
        record: Record | None = None,
        is_awaited: bool = False,
    ) -> PlaceOfPost | None:
        """Have a message stand in Slack, once, and on record where it is a `request`'s; see `Posting.post`.

        One of a request's is known by its purpose, its channel or the step that it tells, unless it has a `key`; any
        other has one.

        Raises TryLater, and SlackError and what stands under it in the tree.
        """

        async def put_on_record(uow: UnitOfWork, channel: str, ts: str) -> None:
            if request is not None:
                await uow.messages.put(
                    purpose=purpose,
                    channel=channel,
                    ts=ts,
                    request_id=request.id,
                    version=version,
                    joined=joined,
                    beside=beside,
                )
            if record is not None:
                await record(uow, channel, ts)

        return await self._posting.post(
            key or _key(channel, request, purpose, version),
            message,
            to=channel,
            thread=thread,
            job=job,
            record=put_on_record,
            importance=importance,
            is_awaited=is_awaited or purpose in _AWAITED,
            # Who keeps cards counts by itself which of them were lost, and is asked for others.
            most_lost=_ANY_NUMBER if purpose == Purpose.CARD else MOST_LOST,
        )

    async def begin(
        self,
        uow: UnitOfWork,
        channel: str,
        *,
        request: Request,
        purpose: Purpose,
        version: int,
        joined: Sequence[int] = (),
        thread: str | None = None,
        beside: ShownBeside = NOTHING,
        importance: Importance = Importance.OUTCOME,
    ) -> BegunPost | None:
        """Write down, in a transaction of the caller's, that a message of a request is about to be posted of which
        nothing is known, for `post_begun`; see `Posting.begin`. Raises TryLater."""
        intent = await self._posting.begin(
            uow, _key(channel, request, purpose, version), to=channel, importance=importance
        )
        if intent is None:
            return None
        return BegunPost(
            intent=intent,
            channel=channel,
            request=request,
            purpose=purpose,
            version=version,
            beside=beside,
            joined=joined,
            thread=thread,
        )

    async def post_begun(self, begun: BegunPost, message: Message, *, record: Record | None = None) -> PlaceOfPost:
        """Post it, and put it on record with what else there is to `record`. Raises as `post` does, which goes on with
        it."""

        async def put_on_record(uow: UnitOfWork, channel: str, ts: str) -> None:
            await uow.messages.put(
                purpose=begun.purpose,
                channel=channel,
                ts=ts,
                request_id=begun.request.id,
                version=begun.version,
                joined=begun.joined,
                beside=begun.beside,
            )
            if record is not None:
                await record(uow, channel, ts)

        return await self._posting.post_begun(
            begun.intent, message, to=begun.channel, thread=begun.thread, record=put_on_record
        )

    async def settle(self, key: str, *, to: str, thread: str | None = None, record: Record) -> bool:
        """Find out about a message that nobody wants any more whether it stands; see `Posting.settle`."""
        return await self._posting.settle(key, to=to, thread=thread, record=record)

    async def adopt(self, key: str, *, channel: str, record: Record) -> bool:
        """Look in one channel for a message that was called for in another; see `Posting.adopt`."""
        return await self._posting.adopt(key, channel=channel, record=record)

    async def tell(self, key: str, told: Callable[[], Awaitable[None]], *, job: Job) -> None:
        """Tell one person something that nobody can read afterwards; see `Posting.tell`."""
        await self._posting.tell(key, told, job=job)

    async def is_told(self, key: str) -> bool:
        """Whether `tell` has nothing more to do."""
        return await self._posting.is_told(key)

    async def update(
        self, channel: str, ts: str, message: Message, *, importance: Importance = Importance.OUTCOME
    ) -> Mapping[str, Any]:
        """Put a message in the place of one that was posted. Slack's answer.

        Raises SlackError and what stands under it in the tree, and TryLater while Slack takes no more.
        """
        return await self._posting.update(channel, ts, message, importance=importance)

    async def is_updated(
        self, channel: str, ts: str, message: Message, *, importance: Importance = Importance.OUTCOME
    ) -> bool:
        """The same; False where the message is there no longer: deleted, or in a channel that is archived or that the
        bot has left. Nothing can be done there."""
        try:
            await self.update(channel, ts, message, importance=importance)
        except (MessageGone, DestinationGone):
            return False
        return True

    async def bring_up_to_date(
        self,
        copy: Posted,
        request: Request,
        message: Message,
        version: int,
        *,
        beside: ShownBeside = NOTHING,
        record: Shown | None = None,
    ) -> None:
        """Have a copy of a request show its `version`, and but for the last seconds its progress; with what else there
        is to `record` once it does.

        What a card shows `beside` the request changes nothing of what it is bound to.
        Raises SlackError and what stands under it in the tree, and TryLater while Slack takes no more.
        """
        shows_all = copy.version >= version and not copy.is_outdated and copy.beside.has_all_of(beside)
        if shows_all and not self._shows_progress(copy, request):
            if record is not None:
                async with self._context.store.write() as uow:
                    await record(uow)
            return
        await self.update(copy.channel, copy.ts, message, importance=importance_of(request))
        if request.status is Status.APPLYING:
            if len(self._progress) >= _MOST_FOLLOWED:
                self._progress.clear()  # that the rest of them is over may have been shown by another replica
            self._progress[copy.id] = (request.sent, time.monotonic())
        else:
            self._progress.pop(copy.id, None)
        with at_once():  # a click on it waits for this
            async with self._context.store.write() as uow:
                await note_shown(uow, copy, version)
                if not shows_all:
                    await uow.messages.mark_beside(copy.id, beside)
                if record is not None:
                    await record(uow)

    def _shows_progress(self, copy: Posted, request: Request) -> bool:
        """Whether it is time for a copy to show how far its request has come since."""
        if request.status is not Status.APPLYING:
            return False
        sent, at = self._progress.get(copy.id, (0, float("-inf")))
        return request.sent != sent and time.monotonic() - at >= PROGRESS_EVERY


def _key(channel: str, request: Request | None, purpose: str, version: int) -> str:
    """The name of a message among all that are posted. A step is told once, wherever; a channel has its own card."""
    assert request is not None  # noqa: S101 - what is no request's has a key
    which = channel if purpose == Purpose.CARD else version if purpose in _STEPS else ""
    return post_keys.of_request(purpose, request.id, which)
