"""App Home: published when its person opens it, and brought up to date after what they do themselves.

For everybody else's acts nobody's Home changes: Slack takes some hundred calls a minute, and people open it anew. It is
kept up by the process in which it was opened last; where there are several, opening it or **Refresh** does it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.requests.people import Person
from bot.domain.telling.home_facts import home_facts
from bot.domain.telling.overview_facts import overview_facts
from bot.errors import SlackError, TryLater
from bot.slack.answering import told
from bot.slack.block_kit.blocks import Home
from bot.slack.card_links import overview_linked
from bot.slack.client import call
from bot.slack.directory import Directory
from bot.slack.messages.home import SHOWN, home_failed, home_view, home_without_role
from bot.slack.pace import PUBLISH, Importance, SlackPace
from bot.slack.renewals import lines_linked
from bot.workflow.asking.home import MOST_DUE, home
from bot.workflow.shared.context import Context

_log = structlog.get_logger(__name__)

#: So many people's Homes are kept up to date: those that were opened last.
_MOST_KEPT = 1_000
#: So long at most it is waited for Slack's pace, in seconds; then the page stays as it is until it is opened again.
_LONGEST_WAIT = 60.0


class Homes:
    """Everybody's Home. Publishing is done beside the delivery, which isn't kept waiting."""

    def __init__(self, context: Context, client: AsyncWebClient, directory: Directory) -> None:
        self._context = context
        self._client = client
        self._directory = directory
        self._pace = SlackPace(context.budgets)
        self._opened: OrderedDict[str, None] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._again: dict[str, bool] = {}

    def opened(self, user: str) -> None:
        """Somebody has opened their Home, or wants it up to date."""
        self._opened[user] = None
        self._opened.move_to_end(user)
        while len(self._opened) > _MOST_KEPT:
            self._opened.popitem(last=False)
        self._publish(user, noted=True)

    def acted(self, user: str) -> None:
        """Somebody has done something: their Home, if they have opened it, is brought up to date."""
        if user in self._opened:
            self._publish(user, noted=False)

    def _publish(self, user: str, *, noted: bool) -> None:
        """One call at a time for each person, and one more where something happened meanwhile."""
        if user in self._under_way:
            self._again[user] = self._again.get(user, False) or noted
            return
        self._under_way[user] = asyncio.create_task(self._keep(user, noted), name="app home")

    async def _keep(self, user: str, noted: bool) -> None:
        try:
            await self._published(user, noted=noted)
            while user in self._again:
                await self._published(user, noted=self._again.pop(user))
        finally:
            del self._under_way[user]

    async def _published(self, user: str, *, noted: bool) -> None:
        view = await self._view(user, noted=noted)
        arguments = {"user_id": user, "view": view.to_dict()}
        try:
            try:
                await self._call(arguments)
            except TryLater as later:
                await asyncio.sleep(min(later.seconds, _LONGEST_WAIT))
                await self._call(arguments)
        except (SlackError, TryLater) as error:
            _log.warning("somebody's home could not be published", user=user, error=str(error))

    async def _call(self, arguments: Mapping[str, object]) -> None:
        async with self._pace.turn(PUBLISH, "", Importance.CONFIRMATION):
            await call(self._client, PUBLISH, arguments)

    async def _view(self, user: str, *, noted: bool) -> Home:
        try:
            return await self._made(await self._directory.person(user), noted=noted)
        except Exception as error:  # noqa: BLE001 - the edge: the person is told, and the log has it
            return home_failed(*told(error, doing="home"), contact=self._context.contact)

    async def _made(self, person: Person, *, noted: bool) -> Home:
        context = self._context
        found = await home(context, actor=person, noted=noted)
        if found is None:
            return home_without_role(person.user_id, contact=context.contact)
        overview = await overview_linked(
            context,
            overview_facts(
                found.overview.for_me,
                found.overview.mine,
                more_for_me=found.overview.more_for_me,
                more_mine=found.overview.more_mine,
                due=found.overview.due,
                passed_on=found.overview.passed_on,
            ),
        )
        due = [*found.renewals.mine, *found.renewals.passed_on][:MOST_DUE]
        facts = home_facts(
            overview,
            found.ends_soon,
            found.lists,
            plan=context.rules.plan,
            at_most=SHOWN,
            due=await lines_linked(context, due),
            all_due=found.renewals.all_mine + found.renewals.all_passed_on,
            scan=found.scan,
        )
        return home_view(facts, rights=person.rights, now=context.now())
