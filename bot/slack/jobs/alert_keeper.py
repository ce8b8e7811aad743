"""Alerts about a request, brought up to date: whoever was alarmed sees what became of it, with a link to its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Request
from bot.domain.telling.alert_facts import KEPT_UP_TO_DATE, AlertFacts, AlertName, as_it_stands
from bot.domain.telling.request_facts import request_facts
from bot.errors import DestinationGone, MessageGone, SlackError, SlackUnavailable
from bot.slack.client import NO_UNFURL, call
from bot.slack.messages.alert import alert_message, card_refused
from bot.store import PostedMessage
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify

#: Stands before the alert's name in what a posted message is called: none is ever renamed.
_PURPOSE = "alert:"


class AlertKeeper:
    """What the alert channel was told of requests."""

    def __init__(self, *, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        self._client = client

    async def remember(self, what: str, request: Request, *, channel: str, ts: str) -> None:
        """Remember an alert that was just posted, if it is one that is kept up to date, and have that done at once: by
        then its request may have moved on, and its card been posted."""
        if what not in KEPT_UP_TO_DATE and what != AlertName.CARD_REFUSED:
            return
        async with self._context.store.write() as uow:
            await uow.messages.add(purpose=f"{_PURPOSE}{what}", channel=channel, ts=ts, request_id=request.id)
            if what != AlertName.CARD_REFUSED:  # else the card, which is what is being tried, would be tried at once
                await notify(uow, request.id)

    async def keep(self, request: Request, story: Sequence[StoryStep], version: int) -> None:
        """Bring the alerts of a request up to date. Raises SlackError."""
        async with self._context.store.read() as uow:
            posted = await uow.messages.of_request(request.id)
        alerts = [each for each in posted if each.purpose.startswith(_PURPOSE) and each.version < version]
        if not alerts:
            return
        card = next((each for each in posted if each.purpose == Purpose.CARD), None)
        card_url = "" if card is None else await self._link(card)
        for each in alerts:
            message = alert_message(_facts(each.purpose.removeprefix(_PURPOSE), request, story), card_url=card_url)
            where = {"channel": each.channel, "ts": each.ts}
            try:
                await call(self._client, "chat.update", {**where, **message.to_dict(), **NO_UNFURL})
            except (MessageGone, DestinationGone):
                # Deleted, or in a channel that is archived, or that the bot has left: nothing can be done there.
                async with self._context.store.write() as uow:
                    await uow.messages.forget(each.id)
                continue
            async with self._context.store.write() as uow:
                await uow.messages.mark(each.id, version=version)

    async def _link(self, card: PostedMessage) -> str:
        """Where the card is read; empty where Slack doesn't say."""
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
    return replace(card_refused(request, details=""), now=request_facts(request).status_sentence)
