"""The card of a proposal: where it stands, that there is one, and who hears of it when Slack takes none.

A proposal that waits for a decision has its card in the approval channel that is set now. One that stands elsewhere, or
that somebody asked to have again, is replaced: the new card is posted first, then the old one loses its buttons. Where
nothing can be done about an old one, that holds up nothing else. A card that was moved isn't moved back for a while, so
that replicas with different settings, as while they are updated, don't send it to and fro.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.domain.auditing.card_events import codes_refused
from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.binding import Purpose
from bot.domain.requests.calling import to_call
from bot.domain.requests.emergency import waits
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Request
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.request_facts import RequestFacts
from bot.errors import DestinationGone, MessageGone, SlackError, SlackUnavailable, TryLater
from bot.slack.beside import told_beside
from bot.slack.block_kit.blocks import Message
from bot.slack.error_codes import Fate, fate_of
from bot.slack.jobs import post_keys
from bot.slack.jobs.importance import importance_of
from bot.slack.jobs.poster import BegunPost, Poster
from bot.slack.jobs.posting import Record
from bot.slack.messages.card import card, replaced_card
from bot.store import Job, UnitOfWork
from bot.store import PostedMessage as Posted
from bot.store.beside import BESIDE_NOTHING, ShownBeside, StandsBeside
from bot.workflow.requesting.card_notes import note_called, note_posted, note_refused
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import later

_log = structlog.get_logger(__name__)

#: That each request has its card is looked after so often, and when Portcullis starts.
KEEP_CARDS_EVERY = timedelta(minutes=10)

#: A card that was moved to another channel isn't moved back within this time.
NOT_BACK_WITHIN = timedelta(minutes=15)

#: So many that have none are looked after at once, the newest first.
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Called:
    """A card as it is posted for the first time, and who is mentioned on it."""

    names: Sequence[str]
    facts: RequestFacts

    def message(self) -> Message:
        """Made where it is posted: most cards stand already."""
        return card(self.facts, called=self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunCard:
    """The first card of a proposal, written down and about to be posted, see `CardKeeper.begin`."""

    post: BegunPost
    called: _Called


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shows:
    """What a card shows: a version of the request, and what stands beside it, which decides nothing."""

    version: int
    beside: ShownBeside


class CardKeeper:
    """Keeps the card of a proposal."""

    def __init__(self, *, context: Context, poster: Poster, approval_channel: str, alert_channel: str) -> None:
        self._context = context
        self._poster = poster
        self._channel = approval_channel
        self._alert_channel = alert_channel

    async def keep(self, job: Job, parts: Parts, story: Sequence[StoryStep]) -> None:
        """Have a proposal's card show its version, and post one where there is none. `story` is of its first request,
        by whose number it is known.

        Raises SlackError. Where Slack takes no card that people wait for, that is logged and told first.
        """
        request, beside = parts.as_one, await self._beside(parts)
        facts = told_beside(parts_facts(parts), beside)
        try:
            called = _Called(names=self._to_call(parts, story), facts=facts)
            shows = _Shows(version=parts.version, beside=beside.events)
            there_is_one = await self._keep(request, card(facts), shows, called)
        except SlackUnavailable:
            raise
        except SlackError as error:
            # Nobody can decide on what nobody sees.
            if waits(request):
                await self._note_refused(job, request, story, error)
            elif not await self._known(request, Purpose.CARD):
                _log.warning("a request that is decided has no card", request=request.id, error=str(error))
                return
            raise
        if there_is_one and codes_refused(story):
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await note_posted(uow, self._context, request)
        await self._retire_old(request, facts)
        await self._find_elsewhere(request, facts)

    async def begin(
        self, uow: UnitOfWork, parts: Parts, story: Sequence[StoryStep], beside: StandsBeside, facts: RequestFacts
    ) -> BegunCard | None:
        """Write down, in a transaction of the caller's, that the card is about to be posted of a proposal that has none
        anywhere, for `post_begun`. `facts` are what is told of it, without what stands beside it. None where a card was
        called for before: then it is for `keep`. Raises TryLater.
        """
        request = parts.as_one
        post = await self._poster.begin(
            uow,
            self._channel,
            request=request,
            purpose=Purpose.CARD,
            version=parts.version,
            beside=beside.events,
            importance=importance_of(request),
        )
        if post is None:
            return None
        return BegunCard(post=post, called=_Called(names=self._to_call(parts, story), facts=told_beside(facts, beside)))

    async def post_begun(self, begun: BegunCard, *, record: Record) -> tuple[int, ...]:
        """Post it, and put it on record with what else there is to `record`: the numbers of the events that say whom it
        calls. Raises SlackError and TryLater; `keep` goes on with it.
        """
        logged: tuple[int, ...] = ()

        async def put_on_record(uow: UnitOfWork, channel: str, ts: str) -> None:
            nonlocal logged
            logged = await note_called(uow, self._context, begun.post.request, begun.called.names)
            await record(uow, channel, ts)

        await self._poster.post_begun(begun.post, begun.called.message(), record=put_on_record)
        return logged

    async def fail(self, job: Job, parts: Parts, story: Sequence[StoryStep], error: SlackError | TryLater) -> None:
        """What `keep` does where Slack takes no card, of one that was begun: log it, have it told, and raise it."""
        if isinstance(error, SlackError) and not isinstance(error, SlackUnavailable):
            await self._note_refused(job, parts.as_one, story, error)
        raise error

    async def keep_all(self, job: Job, _payload: NothingPayload) -> None:
        """Job: have each proposal that waits for a decision get its card in the approval channel that is set now."""
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            missing = await uow.messages.open_without_card(self._channel, purpose=Purpose.CARD, limit=_MOST_AT_ONCE)
            for request_id in missing:
                await later(uow, JobKind.NOTIFY, request_id)
            await uow.jobs.finish(job)

    async def _beside(self, parts: Parts) -> StandsBeside:
        """What stands beside a proposal on its card while it waits."""
        if not parts.is_open:
            return BESIDE_NOTHING
        async with self._context.store.read() as uow:
            return await uow.beside.of(parts.id)

    async def _keep(self, request: Request, message: Message, shows: _Shows, called: _Called) -> bool:
        """Whether there is a card now. One that is posted mentions the `called`."""
        cards = await self._known(request, Purpose.CARD)
        here = [known for known in cards if known.channel == self._channel]
        elsewhere = [known for known in cards if known.channel != self._channel]
        kept = [await self._is_kept(known, request, message, shows) for known in here]
        if any(kept):
            await self._replace(elsewhere)
            return True
        if waits(request):
            return await self._move_or_post(request, elsewhere, message, shows, called)
        if any([await self._is_kept(known, request, message, shows) for known in elsewhere]):
            return True
        return await self._post(request, shows, called)

    async def _move_or_post(
        self, request: Request, elsewhere: Sequence[Posted], message: Message, shows: _Shows, called: _Called
    ) -> bool:
        """A card where it should stand, instead of those elsewhere."""
        for known in elsewhere:
            if await self._stands_here(known, message, shows):
                return True
        if await self._left_lately(request, elsewhere) and any(
            [await self._is_kept(known, request, message, shows) for known in elsewhere]
        ):
            _log.warning("a card was moved just now, and isn't moved back yet", request=request.id)
            return True
        if await self._was_called_for_here(request, called.names):
            return await self._keep(request, message, shows, called)
        try:
            there_is_one = await self._post(request, shows, called)
        except DestinationGone as refused:
            # What people see elsewhere is better than nothing.
            if not any([await self._is_kept(known, request, message, shows) for known in elsewhere]):
                raise
            _log.warning("a card stays where it is", request=request.id, error=str(refused))
            return True
        await self._replace(elsewhere)
        return there_is_one

    async def _stands_here(self, known: Posted, message: Message, shows: _Shows) -> bool:
        """Whether a card that is on record elsewhere stands in the channel that is set: a private channel that is
        shared with another company gets another id, and what was said there keeps its time stamps."""
        async with self._context.store.read() as uow:
            if await uow.messages.find(self._channel, known.ts) is not None:
                return False
        try:
            answer = await self._poster.update(self._channel, known.ts, message)
        except (MessageGone, DestinationGone):
            return False
        async with self._context.store.write() as uow:
            await uow.messages.move(
                known.id, channel=str(answer.get("channel") or self._channel), version=shows.version
            )
            await uow.messages.mark_beside(known.id, shows.beside)
        return True

    async def _was_called_for_here(self, request: Request, names: Sequence[str]) -> bool:
        """Whether a card that was called for in another channel, where nobody knew whether it stands, stands in the one
        that is set: it is the same channel, with another id. Then it is on record, to be rendered anew."""

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            await uow.messages.put(purpose=Purpose.CARD, channel=channel, ts=ts, request_id=request.id)
            await note_called(uow, self._context, request, names)

        for key in (await self._in_doubt_elsewhere(request)).values():
            if await self._poster.adopt(key, channel=self._channel, record=record):
                return True
        return False

    async def _left_lately(self, request: Request, elsewhere: Sequence[Posted]) -> bool:
        """Whether a card was moved from the channel that is set here, a short time ago."""
        since = self._context.store.clock() - NOT_BACK_WITHIN
        if not any(known.posted_at > since for known in elsewhere):
            return False
        async with self._context.store.read() as uow:
            before = await uow.posts.find(post_keys.of_request(Purpose.CARD, request.id, self._channel))
        return before is not None and before.lost > 0

    async def _is_kept(self, known: Posted, request: Request, message: Message, shows: _Shows) -> bool:
        """Bring a card up to date; False where that can't be done any more, which is noted."""
        try:
            await self._poster.bring_up_to_date(known, request, message, shows.version, beside=shows.beside)
        except MessageGone as gone:
            _log.warning("a card is lost", request=request.id, error=str(gone))
        except DestinationGone as gone:
            if known.channel == self._channel:
                raise
            _log.warning("a card elsewhere is lost", request=request.id, error=str(gone))
        else:
            return True
        async with self._context.store.write() as uow:
            await uow.messages.become(known.id, Purpose.LOST_CARD)
        return False

    async def _post(self, request: Request, shows: _Shows, called: _Called) -> bool:
        """A card, unless it would be the third: what was lost twice is posted again if somebody asks for it.

        Slack notifies those whom it mentions when it is posted, and not when it is changed.
        """
        if len(await self._known(request, Purpose.LOST_CARD)) > 1:
            _log.warning("a card was lost twice, and isn't posted again", request=request.id)
            return False

        async def record(uow: UnitOfWork, _channel: str, _ts: str) -> None:
            await note_called(uow, self._context, request, called.names)

        await self._poster.post(
            self._channel,
            called.message(),
            request=request,
            purpose=Purpose.CARD,
            version=shows.version,
            beside=shows.beside,
            importance=importance_of(request),
            record=record,
        )
        return True

    def _to_call(self, parts: Parts, story: Sequence[StoryStep]) -> Sequence[str]:
        """Whom the next card that is posted calls: nobody whom an earlier one has called."""
        if any(step.kind == EventKind.APPROVERS_CALLED for step in story):
            return ()
        return to_call(self._context.calling.first, parts, self._context.rules.approvers)

    async def _replace(self, old: Sequence[Posted]) -> None:
        if old:
            async with self._context.store.write() as uow:
                for known in old:
                    await uow.messages.become(known.id, Purpose.OLD_CARD)

    async def _retire_old(self, request: Request, facts: RequestFacts) -> None:
        """Take the buttons off cards that others have replaced, where that can be done. Raises SlackUnavailable."""
        for known in await self._known(request, Purpose.OLD_CARD):
            message = replaced_card(facts, channel=self._channel)
            try:
                await self._poster.update(known.channel, known.ts, message)
            except SlackUnavailable:
                raise
            except SlackError as error:
                _log.warning("an old card keeps its buttons", request=request.id, error=str(error))
            async with self._context.store.write() as uow:
                await uow.messages.forget(known.id)

    async def _find_elsewhere(self, request: Request, facts: RequestFacts) -> None:
        """Retire what was called for in another channel before this one was set, where nobody knew whether it stands.

        Raises TryLater where that isn't sure yet, and SlackUnavailable.
        """
        channels = await self._in_doubt_elsewhere(request)

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            await uow.messages.put(purpose=Purpose.OLD_CARD, channel=channel, ts=ts, request_id=request.id)

        for channel, key in channels.items():
            if not await self._poster.adopt(key, channel=self._channel, record=record):
                await self._poster.settle(key, to=channel, record=record)
        if channels:
            await self._retire_old(request, facts)

    async def _in_doubt_elsewhere(self, request: Request) -> dict[str, str]:
        """The keys of the cards that were called for in other channels, where nobody knows whether they stand, by
        channel."""
        async with self._context.store.read() as uow:
            in_doubt = await uow.posts.in_doubt([post_keys.of_request(Purpose.CARD, request.id)])
        channels = {post_keys.which_of(intent.key): intent.key for intent in in_doubt}
        channels.pop(self._channel, None)
        return channels

    async def _note_refused(self, job: Job, request: Request, story: Sequence[StoryStep], error: SlackError) -> None:
        _log.error("a card can't be posted", request=request.id, error=str(error))
        # The alert channel can't tell that it takes nothing itself.
        alerts = self._channel != self._alert_channel or fate_of(error.code) is not Fate.CHANNEL
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await note_refused(uow, self._context, request, story, error, alerts=alerts)

    async def _known(self, request: Request, purpose: Purpose) -> list[Posted]:
        async with self._context.store.read() as uow:
            return await uow.messages.of_request(request.id, purpose)


KEEP_CARDS_JOB = JobDefinition(kind=JobKind.KEEP_CARDS, handle=CardKeeper.keep_all)
