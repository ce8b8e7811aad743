"""Posts messages, each once: what is to be posted is written down first, and where it stands afterwards.

An outcome that isn't known, after a kill, a cut connection or an answer that took too long, is settled by looking for
the message, which carries the token of what was written down:

* found: it is brought up to date and put on record;
* surely not there: it is posted;
* can't be told, because the bot may not read there: it is posted once more. The first one, if it stands, decides
  nothing, and loses its buttons at the first click (`stray_keeper`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import (
    MessageGone,
    PayloadRefused,
    SlackError,
    SlackUnanswered,
    SlackUnavailable,
    StoreError,
    TryLater,
)
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.plainest import plainest
from bot.slack.client import NO_UNFURL, call
from bot.slack.jobs.own_messages import OwnMessages, metadata_of
from bot.slack.pace import POST, UPDATE, Importance, SlackPace
from bot.store import Job, PostIntent, UnitOfWork
from bot.store.awaited import at_once
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import look_for_strays

_T = TypeVar("_T")

_log = structlog.get_logger(__name__)

#: So long, in seconds, the answer to a post is waited for: Slack takes a dozen on a bad day, and it was posted.
ANSWERED_WITHIN = 20.0

#: Slack has done what it was asked to so long after a call began or was given up, or it never will.
SURE_AFTER = timedelta(seconds=10)

#: A message that was called for again is looked for once more after so long: the call of before may have come late.
STRAYS_AFTER = timedelta(minutes=1)

#: What can't be looked for is called for so often. A message that people wait for is called for again after a while.
MOST_CALLS = 2
AGAIN_AFTER = timedelta(minutes=10)

#: A message that was found to be gone is posted anew so often: not at each change of what it is about.
MOST_LOST = 1

#: By these codes Slack says that a message isn't there, and not only that it can't be changed.
_NOT_THERE = frozenset({"message_not_found", "thread_not_found"})

#: What somebody else has just called for is looked at again after so long, in seconds.
_LOOKED_AT_AGAIN = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOfPost:
    """Where a message stands."""

    channel: str
    ts: str


#: Puts on record what else there is to say of a message that stands now, in the same transaction: channel and ts.
Record: TypeAlias = Callable[[UnitOfWork, str, str], Awaitable[None]]


def demand_over(context: Context, sent_at: datetime) -> None:
    """Raises TryLater while Slack may still show a file that it was sent at a time: it takes its time for that too."""
    left = sent_at + timedelta(seconds=ANSWERED_WITHIN) + SURE_AFTER - context.store.clock()
    if left > timedelta(0):
        raise TryLater(left.total_seconds(), "Slack may still show the file: whether it does is looked at again.")


class Posting:
    """The one way by which messages get into Slack."""

    def __init__(
        self,
        *,
        context: Context,
        client: AsyncWebClient,
        pace: SlackPace | None = None,
        answered_within: float = ANSWERED_WITHIN,
    ) -> None:
        self._context = context
        self._client = client
        self._pace = pace or SlackPace(None)
        self._answered_within = answered_within
        self._own = OwnMessages(context=context, client=client)

    async def post(
        self,
        key: str,
        message: Message,
        *,
        to: str,
        thread: str | None = None,
        job: Job | None = None,
        record: Record | None = None,
        importance: Importance = Importance.OUTCOME,
        is_awaited: bool = False,
        most_lost: int = MOST_LOST,
    ) -> PlaceOfPost | None:
        """Have a message stand in Slack, once for its `key`, whatever happened before. Where it stands.

        `to` is a channel or a person, `thread` the `ts` of the message that it goes below, `job` the one on whose
        behalf it is done. None where it is not posted: it has been gone too often, or was called for as often as may
        be without an answer, so that nobody knows where it stands; one that people wait for (`is_awaited`) is then
        called for again later.

        Raises TryLater where it isn't sure yet that an earlier call came to nothing, and while Slack takes no more; and
        SlackError and what stands under it in the tree.
        """
        before = await self._find(key)
        is_repeated, is_absent = before is not None and before.is_in_doubt, False
        if before is not None:
            if before.is_posted:
                return PlaceOfPost(channel=before.channel, ts=before.ts) if before.ts else None
            if before.lost > most_lost:
                return None
            if before.is_in_doubt:
                found = await self._found(before, message, to=to, thread=thread, importance=importance)
                if found:
                    await self._put_on_record(key, found[0], record, is_repeated=len(found) > 1, thread=thread)
                    return found[0]
                if found is None and not await self._may_call_again(before, is_awaited=is_awaited):
                    return None
                is_absent = found is not None
        async with self._pace.turn(POST, to, importance, need=key):
            intent = await self._intend(key, job, seen=before, is_absent=is_absent, to=to)
            standing = await self._call(intent, message, to=to, thread=thread)
        await self._put_on_record(key, standing, record, is_repeated=is_repeated, thread=thread)
        return standing

    async def begin(self, uow: UnitOfWork, key: str, *, to: str, importance: Importance) -> PostIntent | None:
        """Write down, in a transaction of the caller's, that a message is about to be posted of which nothing is known:
        `post_begun` posts it once that is committed. None where something is known of it: then it is for `post`.

        Raises TryLater while Slack takes no more.
        """
        await self._pace.take(POST, to, importance, need=key, within=uow)
        return await uow.posts.call(key, sure_at=self._context.store.clock() + SURE_AFTER, seen=None, to=to)

    async def post_begun(
        self, begun: PostIntent, message: Message, *, to: str, record: Record, thread: str | None = None
    ) -> PlaceOfPost:
        """Post a message that has just been written down; where it stands. Raises as `post` does: what is known of it
        by then is on record, so that `post` goes on with it.
        """
        async with self._pace.calling(POST, to):
            standing = await self._call(begun, message, to=to, thread=thread)
        await self._put_on_record(begun.key, standing, record)
        return standing

    async def _call(self, intent: PostIntent, message: Message, *, to: str, thread: str | None) -> PlaceOfPost:
        """Make the call that is written down."""
        where = {"channel": to, "thread_ts": thread, "metadata": metadata_of(intent.token)}
        answer = await self._called(intent.key, self._send(POST, where, message, within=self._answered_within))
        return PlaceOfPost(channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def settle(self, key: str, *, to: str, thread: str | None = None, record: Record) -> bool:
        """Find out about a message that nobody wants any more whether it stands; what does is put on record. Whether
        it does.

        Raises TryLater where that isn't sure yet, and SlackUnavailable. Where nobody can tell, it is let be by then.
        """
        before = await self._find(key)
        if before is None or not before.is_in_doubt:
            return False
        channel, found = await self._standing(before, to=to, thread=thread)
        if found:
            place = PlaceOfPost(channel=channel, ts=found[0])
            await self._put_on_record(key, place, record, is_repeated=len(found) > 1, thread=thread)
            return True
        self._demand_sure(before)
        if found is None:
            await self._take_to_stand(key)
        else:
            await self._not_sent(key)
        return False

    async def adopt(self, key: str, *, channel: str, record: Record) -> bool:
        """Look in one channel for a message that was called for in another, of which nobody knows whether it stands:
        a channel can get another id. Whether it stands there; then it is on record. Raises SlackUnavailable.
        """
        before = await self._find(key)
        if before is None or not before.is_in_doubt:
            return False
        found = await self._own.carrying(before.token, channel=channel, thread=None, since=before.begun_at)
        if not found:
            return False
        place = PlaceOfPost(channel=channel, ts=found[0])
        await self._put_on_record(key, place, record, is_repeated=len(found) > 1)
        return True

    async def update(
        self, channel: str, ts: str, message: Message, *, importance: Importance = Importance.OUTCOME
    ) -> Mapping[str, Any]:
        """Put a message in the place of one that was posted. Slack's answer.

        Raises SlackError and what stands under it in the tree, and TryLater while Slack takes no more.
        """
        async with self._pace.turn(UPDATE, channel, importance, need=f"{channel}:{ts}"):
            return await self._send(UPDATE, {"channel": channel, "ts": ts}, message)

    async def _send(
        self, method: str, where: Mapping[str, object], message: Message, *, within: float | None = None
    ) -> Mapping[str, Any]:
        """Make a call with a message, which goes out in its plainest form where Slack doesn't take it as it is made.

        Raises SlackError and what stands under it in the tree.
        """
        await self._context.store.look_anew()
        try:
            return await call(self._client, method, {**where, **message.to_dict(), **NO_UNFURL}, within=within)
        except PayloadRefused as refused:
            _log.warning("a message goes out in its plainest form", method=method, error=str(refused))
            plain = plainest(message)
            return await call(self._client, method, {**where, **plain.to_dict(), **NO_UNFURL}, within=within)

    async def is_told(self, key: str) -> bool:
        """Whether `tell` has nothing more to do for a key."""
        return _is_told(await self._find(key))

    async def tell(self, key: str, told: Callable[[], Awaitable[None]], *, job: Job | None = None) -> None:
        """Tell something that can't be read afterwards, once for its `key`; twice at most where an answer was lost.

        Raises what `told` raises.
        """
        before = await self._find(key)
        if _is_told(before):
            return
        await self._intend(key, job, seen=before)
        await self._called(key, told())
        await self._take_to_stand(key)

    async def _find(self, key: str) -> PostIntent | None:
        async with self._context.store.read() as uow:
            return await uow.posts.find(key)

    async def _intend(
        self, key: str, job: Job | None, *, seen: PostIntent | None, is_absent: bool = False, to: str = ""
    ) -> PostIntent:
        """Write down that a call is about to be made. Raises TryLater where somebody else has called since it was
        looked: this process stood still, and its job was taken over."""
        sure_at = self._context.store.clock() + SURE_AFTER
        async with self._context.store.write() as uow:
            if job is not None:
                await uow.jobs.hold(job)
            intent = await uow.posts.call(key, sure_at=sure_at, seen=seen, is_absent=is_absent, to=to)
        if intent is None:
            raise TryLater(_LOOKED_AT_AGAIN, "Somebody else has just called for the same message.")
        return intent

    async def _called(self, key: str, calling: Awaitable[_T]) -> _T:
        """Make the call that was written down, and note where it is known to have come to nothing."""
        try:
            return await calling
        except SlackUnanswered:
            # Where the note fails, what was written down before the call says nearly the same.
            with suppress(StoreError):
                async with self._context.store.write() as uow:
                    await uow.posts.unanswered(key, sure_at=self._context.store.clock() + SURE_AFTER)
            raise
        except SlackError:
            with suppress(StoreError):
                await self._not_sent(key)
            raise

    async def _not_sent(self, key: str) -> None:
        async with self._context.store.write() as uow:
            await uow.posts.not_sent(key)

    async def _found(
        self, intent: PostIntent, message: Message, *, to: str, thread: str | None, importance: Importance
    ) -> Sequence[PlaceOfPost] | None:
        """Where a message stands whose outcome isn't known; nowhere where it surely doesn't; None: nobody can tell.

        What stands there may be older than what is to be told now: the first place is brought up to date.
        """
        channel, found = await self._standing(intent, to=to, thread=thread)
        if found is None:
            return None
        for place, ts in enumerate(found):
            try:
                await self.update(channel, ts, message, importance=importance)
            except MessageGone as gone:
                if gone.code in _NOT_THERE:
                    continue
                # It stands, and can't be changed any more: another would stand beside it.
                _log.warning("a message that was found stays as it is", key=intent.key, code=gone.code)
            return [PlaceOfPost(channel=channel, ts=standing) for standing in found[place:]]
        self._demand_sure(intent)
        return ()

    async def _standing(self, intent: PostIntent, *, to: str, thread: str | None) -> tuple[str, Sequence[str] | None]:
        """The conversation in which a message stands, if it does, and the `ts` of each one that carries its token; None
        in their place where nobody can tell. Where another channel is set by now than when it was called for, it may
        stand in that one."""
        channel = await self._own.conversation_of(to)
        if channel is None:
            return "", None
        found = await self._own.carrying(intent.token, channel=channel, thread=thread, since=intent.begun_at)
        if not found and thread is None and intent.channel not in {"", to, channel}:
            before = await self._own.carrying(intent.token, channel=intent.channel, thread=None, since=intent.begun_at)
            if before:
                return intent.channel, before
        return channel, found

    def _demand_sure(self, intent: PostIntent) -> None:
        """Raises TryLater while Slack may still do what it was asked to."""
        now = self._context.store.clock()
        if intent.sure_at is not None and now < intent.sure_at:
            why = "A message was called for, and Slack may still post it: whether it stands is looked at again."
            raise TryLater((intent.sure_at - now).total_seconds(), why)

    async def _may_call_again(self, intent: PostIntent, *, is_awaited: bool) -> bool:
        """Whether a message that can't be looked for is called for once more: it may stand twice by then."""
        if intent.calls < MOST_CALLS:
            return True
        if not is_awaited:
            _log.warning("a message was called for twice without an answer, and is taken to stand", key=intent.key)
            await self._take_to_stand(intent.key)
            return False
        now = self._context.store.clock()
        again_at = (intent.sure_at or now) + AGAIN_AFTER
        if now < again_at:
            raise SlackUnavailable(
                "A message was called for twice, and Slack answered neither call.",
                "With the scopes of app.yaml Portcullis can look whether it stands.",
                retry_after=(again_at - now).total_seconds(),
            )
        return True

    async def _take_to_stand(self, key: str) -> None:
        async with self._context.store.write() as uow:
            await uow.posts.posted(key, channel="", ts="")

    async def _put_on_record(
        self,
        key: str,
        standing: PlaceOfPost,
        record: Record | None,
        *,
        is_repeated: bool = False,
        thread: str | None = None,
    ) -> None:
        # Slack shows it by now: a click on it waits for this.
        with at_once():
            async with self._context.store.write() as uow:
                await uow.posts.posted(key, channel=standing.channel, ts=standing.ts)
                if record is not None:
                    await record(uow, standing.channel, standing.ts)
                if is_repeated:
                    # The call of before may take effect yet, or has.
                    await look_for_strays(uow, key, thread=thread, at=self._context.store.clock() + STRAYS_AFTER)


def _is_told(intent: PostIntent | None) -> bool:
    """Whether what can't be read afterwards was told, or called for so often that it is taken to have been."""
    return intent is not None and (intent.is_posted or intent.calls >= MOST_CALLS)
