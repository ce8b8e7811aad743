"""Alerts about a request, brought up to date: whoever was alarmed sees what became of it, with a link to its card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.auditing.card_events import codes_refused
from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Request
from bot.domain.telling.alert_facts import KEPT_UP_TO_DATE, AlertFacts, AlertName, as_it_stands, unnamed_as_it_stands
from bot.errors import SlackError, SlackUnavailable
from bot.slack.block_kit.blocks import Message
from bot.slack.client import call
from bot.slack.jobs.doubted_updates import note_shown
from bot.slack.jobs.poster import Poster
from bot.slack.messages.alert import alert_message, card_refused
from bot.store import AuditFilter, PostedMessage, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import ALERT_PURPOSE, JobKind
from bot.workflow.shared.jobs import later, notify

#: A removal of more than so many entries brings no alert of theirs up to date.
_MOST_REMOVED = 20


async def remember(uow: UnitOfWork, what: str, request: Request, *, channel: str, ts: str) -> None:
    """Remember an alert that was just posted, if it is one that is kept up to date, and have that done at once: by then
    its request may have moved on, and its card been posted.
    """
    if what not in KEPT_UP_TO_DATE and what != AlertName.CARD_REFUSED:
        return
    await uow.messages.put(purpose=f"{ALERT_PURPOSE}{what}", channel=channel, ts=ts, request_id=request.id)
    if what == AlertName.CARD_REFUSED:
        await later(uow, JobKind.NOTIFY, request.proposal_id)  # the card waits for its time to be tried again
    else:
        await notify(uow, request.id)


class AlertKeeper:
    """What the alert channel was told of requests."""

    def __init__(self, *, context: Context, client: AsyncWebClient, poster: Poster) -> None:
        self._context = context
        self._client = client
        self._poster = poster
        #: By alert of an allow that nobody asked for: what it showed last, by the numbers and versions of requests.
        self._shown: dict[int, tuple[int, ...]] = {}

    async def keep(self, request: Request, story: Sequence[StoryStep], version: int) -> None:
        """Bring the alerts of a request up to date, and those of what it asks to remove.

        Raises SlackError, and TryLater while Slack takes no more.
        """
        await self._keep_unnamed(request)
        async with self._context.store.read() as uow:
            posted = await uow.messages.of_request(request.id)
        alerts = [
            each
            for each in posted
            if each.purpose.startswith(ALERT_PURPOSE) and (each.version < version or each.is_outdated)
        ]
        if not alerts:
            return
        async with self._context.store.read() as uow:
            card = next(iter(await uow.messages.of_request(request.proposal_id, Purpose.CARD)), None)
        card_url = "" if card is None else await self._link(card)
        for each in alerts:
            message = alert_message(_facts(each.purpose.removeprefix(ALERT_PURPOSE), request, story), card_url=card_url)
            if await self._is_updated(each, message):
                async with self._context.store.write() as uow:
                    await note_shown(uow, each, version)

    def show_again(self, removals: Iterable[Request]) -> None:
        """Have the alerts of what these requests ask to remove rendered anew the next time, as shown nothing yet."""
        numbers = {removal.id for removal in removals}
        self._shown = {alert: shows for alert, shows in self._shown.items() if shows[0] not in numbers}

    async def _keep_unnamed(self, removal: Request) -> None:
        """The alerts of allows that nobody asked for, where a request asks to remove one."""
        if (removal.operation, removal.action) != (Operation.REMOVE, Action.ALLOW):
            return
        for item in removal.items[:_MOST_REMOVED]:
            of_item = AuditFilter(kind=EventKind.SUBMISSION_UNNAMED, target=item.value, limit=1)
            async with self._context.store.read() as uow:
                told = [each for each in await uow.audit.page(filters=of_item) if each.target == item.value]
                if not told or told[0].request_id is None:
                    continue
                submission = await uow.requests.summary(told[0].request_id, items=MOST_INDICATORS)
                posted = await uow.messages.of_request(submission.id, Purpose.UNNAMED_ALLOW)
            message = alert_message(unnamed_as_it_stands(submission, told[0], removal))
            shows = (removal.id, removal.version, submission.version)
            for each in posted:
                # Its own version is the event that it tells of.
                if each.version == told[0].seq and self._shown.get(each.id) != shows:
                    await self._is_updated(each, message)
                    self._shown[each.id] = shows

    async def _is_updated(self, posted: PostedMessage, message: Message) -> bool:
        """Show the alert as it is now; False where it is gone, and forgotten."""
        if await self._poster.is_updated(posted.channel, posted.ts, message):
            return True
        async with self._context.store.write() as uow:
            await uow.messages.forget(posted.id)
        return False

    async def _link(self, card: PostedMessage) -> str:
        """Where the card is read; empty where Slack doesn't say."""
        await self._context.store.look_anew()
        try:
            answer = await call(
                self._client, "chat.getPermalink", {"channel": card.channel, "message_ts": card.ts}, within=5
            )
        except SlackUnavailable:
            raise
        except SlackError:
            return ""
        return str(answer.get("permalink") or "")


def _facts(what: str, request: Request, story: Sequence[StoryStep]) -> AlertFacts:
    if what != AlertName.CARD_REFUSED:
        return as_it_stands(what, request, story)
    refused = [code for step in story if step.kind == EventKind.CARD_REFUSED for code in step.targets]
    posted = bool(refused) and not codes_refused(story)
    return card_refused(request, code="".join(refused[-1:]), posted=posted)
