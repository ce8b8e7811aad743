"""The bolt app: who delivers, from which workspace, for whom; then the listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import AnswerUntold, InvalidInput
from bot.metrics import Metrics
from bot.reference import reference_of, referenced
from bot.slack.client import call
from bot.slack.delivery_keys import DeliveryKeys, delivery_key, delivery_kind, keys_of
from bot.slack.delivery_outcome import DeliveryOutcome, noting_outcome
from bot.slack.directory import Directory
from bot.slack.home import Homes
from bot.slack.install import find_served
from bot.slack.jobs.late_decisions import Finisher
from bot.slack.listeners import (
    actions,
    again,
    approvals,
    checking,
    commands,
    emergencies,
    entries,
    events,
    imports,
    modals,
    openers,
    others,
    portcullis,
    posture,
    questions,
    renewals,
    shortcuts,
    steps,
    submissions,
    together,
)
from bot.slack.listeners.replies import answer_again, answer_failure, not_acknowledged
from bot.slack.listeners.routes import Listener, Listeners, Route, listen
from bot.slack.listeners.told_nothing import ToldNothing
from bot.slack.memberships import WITHIN
from bot.slack.names import NameKeeper
from bot.slack.origins import is_for, not_served, visitor_of
from bot.workflow.shared.context import Context

_log = structlog.get_logger(__name__)

#: Every listener, for what people can type, click and submit, and for what Slack tells by itself.
ROUTES: tuple[Route, ...] = (
    *portcullis.ROUTES,
    *commands.ROUTES,
    *checking.ROUTES,
    *openers.ROUTES,
    *entries.ROUTES,
    *posture.ROUTES,
    *shortcuts.ROUTES,
    *actions.ROUTES,
    *again.ROUTES,
    *others.ROUTES,
    *renewals.ROUTES,
    *emergencies.ROUTES,
    *questions.ROUTES,
    *approvals.ROUTES,
    *together.ROUTES,
    *modals.ROUTES,
    *imports.ROUTES,
    *submissions.ROUTES,
    *events.ROUTES,
    *steps.ROUTES,
)

#: What finishes a decision that has to wait, by the id of its button or form.
FINISHERS: Mapping[str, Finisher] = {str(route.subject): route.finish for route in ROUTES if route.finish is not None}


@dataclass(slots=True)
class Workspace:
    """The one workspace that is served, and the bot's own identity in it, as Slack told at the last greeting."""

    client: AsyncWebClient
    team_id: str | None = None  #: set by the operator, or learned
    enterprise_id: str = ""  #: of the organization that the workspace is in, if it is in one
    by_organization: bool = False  #: the app is installed for that organization, and not in the workspace alone
    bot_user_id: str = ""
    bot_id: str = ""
    url: str = ""  #: where people open it
    greeted: bool = field(default=False)

    @property
    def organization(self) -> str:
        """The organization for which the app is installed; empty where the workspace has it by itself."""
        return self.enterprise_id if self.by_organization else ""

    async def greet(self, *, within: float | None = None) -> None:
        """Ask Slack who we are. Raises SlackError, and WrongInstall when the token is for something else than the one
        workspace that is served."""
        answer = await call(self.client, "auth.test", within=within)
        served = await find_served(self.client, answer, team_id=self.team_id, within=within)
        self.team_id, self.enterprise_id = served.team_id, served.enterprise_id
        self.by_organization = served.by_organization
        if served.others:
            _log.warning("the bot token reaches workspaces that are not served", count=len(served.others))
        self.bot_user_id = str(answer.get("user_id") or "")
        self.bot_id = str(answer.get("bot_id") or "")
        self.url = str(answer.get("url") or "")
        self.greeted = True


#: Has a listener answer what somebody has typed, clicked or sent, which is known by these keys.
_Straight: TypeAlias = Callable[[Listener, dict[str, Any], DeliveryKeys], Awaitable[BoltResponse]]

#: By what bolt's own context has those keys for what goes through bolt.
_KEYS = "keys"


class _App(AsyncApp):
    """bolt's app, which counts what comes and has it go by a reference.

    What people type, click, choose and send goes straight to its listener: to find and call it takes bolt longer than
    most of what a listener does. Events, steps and whatever is unknown go through bolt.
    """

    def __init__(self, *, metrics: Metrics, **options: Any) -> None:  # noqa: ANN401 - bolt's own
        super().__init__(**options)
        self._metrics = metrics
        self._straight: tuple[Listeners, _Straight] | None = None

    def hand(self, listeners: Listeners, straight: _Straight) -> None:
        """Have what is one of these listeners' handed to it by `straight`."""
        self._straight = listeners, straight

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """The answer to a delivery, from whichever side it came."""
        loop = asyncio.get_running_loop()
        began, outcome = loop.time(), DeliveryOutcome.FAILED
        keys = keys_of(req.body)
        with referenced(reference_of(keys.delivery)), noting_outcome() as noted:
            try:
                answer = await self._answer(req, keys)
                outcome = noted.outcome if answer.status < 500 else DeliveryOutcome.NOT_ACKNOWLEDGED
                return answer
            finally:
                self._metrics.delivery(delivery_kind(req.body), outcome, seconds=loop.time() - began)

    async def _answer(self, req: AsyncBoltRequest, keys: DeliveryKeys) -> BoltResponse:
        if self._straight is not None:
            listeners, straight = self._straight
            if (listener := listeners.of(req.body)) is not None:
                return await straight(listener, req.body, keys)
        req.context[_KEYS] = keys
        return await super().async_dispatch(req)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrivals:
    """What comes before each listener, and what becomes of its errors, whichever way a delivery goes to it."""

    workflow: Context
    workspace: Workspace
    directory: Directory
    homes: Homes
    names: NameKeeper
    nothing: ToldNothing = field(default_factory=ToldNothing)

    async def straight(self, listener: Listener, body: dict[str, Any], keys: DeliveryKeys) -> BoltResponse:
        """The answer of a listener, as bolt has it with `process_before_response`: it leaves when the listener ends."""
        context = AsyncBoltContext({"client": self.workspace.client})
        ack = context.ack
        try:
            await self.greet()
            if (answer := await self.identify(body, context, keys)) is not None:
                return answer
            await listener(ack=ack, body=body, context=context)
        except Exception as error:  # noqa: BLE001 — the edge: the person is told, and the log has it
            return await self.unforeseen(error, body)
        return ack.response or not_acknowledged()

    async def greet(self) -> None:
        """Know the workspace. Raises SlackError, and WrongInstall."""
        if not self.workspace.greeted:
            await self.workspace.greet(within=WITHIN)
        self.workflow.card_links.workspace_at(self.workspace.url)

    async def identify(
        self, body: dict[str, Any], context: AsyncBoltContext, keys: DeliveryKeys
    ) -> BoltResponse | None:
        """Note for the listener whose delivery it is; or the answer, where none is to have it."""
        delivery = context["delivery"] = keys.delivery
        context["sending"] = keys.sending
        if not is_for(self.workspace.team_id, body, organization=self.workspace.organization):
            _log.warning("delivery from a workspace that is not served", type=str(body.get("type") or "command")[:40])
            return await self._turned_away(body, delivery)
        is_answered = self.nothing.is_answered(context["sending"])
        if is_answered is not None:
            return await answer_again(
                self.workflow, body, delivery=delivery, nothing=self.nothing, is_answered=is_answered
            )
        context["nothing"] = self.nothing
        context["directory"] = self.directory
        context["homes"] = self.homes
        context["visitor"] = visitor_of({str(self.workspace.team_id), self.workspace.enterprise_id}, body)
        if not context["visitor"]:
            self.names.keep(body)
        return None

    async def unforeseen(self, error: Exception, body: dict[str, Any]) -> BoltResponse:
        """The answer to what failed, or what has no listener."""
        if isinstance(error, BoltUnhandledRequestError):
            return await self._unknown(body)
        if isinstance(error, AnswerUntold):
            return not_acknowledged()
        return await answer_failure(self.workflow, body, error, delivery=delivery_key(body), nothing=self.nothing)

    async def _turned_away(self, body: Mapping[str, Any], delivery: str) -> BoltResponse:
        """The answer to a delivery from a workspace that is not served: who waits for one is told why."""
        organization = self.workspace.organization
        error = not_served(body, organization=organization)
        if not await steps.end_elsewhere(self.workflow, body, error, organization=organization):
            return not_acknowledged()
        return await answer_failure(self.workflow, body, error, delivery=delivery, nothing=self.nothing)

    async def _unknown(self, body: Mapping[str, Any]) -> BoltResponse:
        """The answer to a delivery that no listener knows, as that of another version of app.yaml."""
        _log.warning("delivery that no listener knows", type=str(body.get("type") or "command")[:40])
        if not await steps.end_unknown(self.workflow, body):
            return not_acknowledged()
        error = InvalidInput(
            "This Portcullis doesn't know that.",
            "The app in Slack and the bot may be of different versions: the operator compares it with app.yaml.",
        )
        return await answer_failure(self.workflow, body, error, delivery=delivery_key(body), nothing=self.nothing)


def build_app(
    *,
    workspace: Workspace,
    directory: Directory,
    context: Context,
    metrics: Metrics | None = None,
    routes: Sequence[Route] = ROUTES,
) -> AsyncApp:
    """The app with all listeners. Signatures are verified before anything gets here, by the HTTP edge.

    `metrics` counts what comes.

    Raises RoutesError when a command, button or form has no listener, or a listener nothing to answer.
    """
    workflow = context  # bolt's own context goes by that name below
    arrivals = _Arrivals(
        workflow=workflow,
        workspace=workspace,
        directory=directory,
        homes=Homes(workflow, workspace.client, directory),
        names=NameKeeper(workflow, workspace.client),
    )

    async def authorize() -> AuthorizeResult:
        await arrivals.greet()
        return AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team_id,
            bot_token=workspace.client.token,
            bot_user_id=workspace.bot_user_id,
            bot_id=workspace.bot_id,
        )

    app = _App(
        metrics=metrics or Metrics(),
        # Without one, bolt looks for the name of this file through the sources of everything that is on the stack.
        name="portcullis",
        client=workspace.client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        # What a step's delivery brings a token for, the bot's own does: no other ever gets into the one client.
        attaching_function_token_enabled=False,
        raise_error_for_unhandled_request=True,
    )

    @app.middleware
    async def identify(
        body: dict[str, Any],
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[None]],  # noqa: A002 — bolt's name
    ) -> BoltResponse | None:
        answer = await arrivals.identify(body, context, context[_KEYS])
        if answer is None:
            await next()
        return answer

    @app.error
    async def unforeseen(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return await arrivals.unforeseen(error, body)

    app.hand(listen(app, workflow, routes), arrivals.straight)
    return app
