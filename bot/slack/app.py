"""The bolt app: who delivers, from which workspace, for whom; then the listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
from bot.slack.delivery_keys import delivery_key, delivery_kind, sending_key
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
from bot.slack.listeners.routes import Route, listen
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


class _App(AsyncApp):
    """bolt's app, which counts what comes and has it go by a reference."""

    def __init__(self, *, metrics: Metrics, **options: Any) -> None:  # noqa: ANN401 - bolt's own
        super().__init__(**options)
        self._metrics = metrics

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """The answer to a delivery, from whichever side it came."""
        loop = asyncio.get_running_loop()
        began, outcome = loop.time(), DeliveryOutcome.FAILED
        key = delivery_key(req.body)
        with referenced(reference_of(key)), noting_outcome() as noted:
            try:
                answer = await super().async_dispatch(req)
                outcome = noted.outcome if answer.status < 500 else DeliveryOutcome.NOT_ACKNOWLEDGED
                return answer
            finally:
                self._metrics.delivery(delivery_kind(req.body), outcome, seconds=loop.time() - began)


async def _turned_away(
    workflow: Context, body: Mapping[str, Any], *, organization: str, delivery: str, nothing: ToldNothing
) -> BoltResponse:
    """The answer to a delivery from a workspace that is not served: who waits for one is told why."""
    error = not_served(body, organization=organization)
    if not await steps.end_elsewhere(workflow, body, error, organization=organization):
        return not_acknowledged()
    return await answer_failure(workflow, body, error, delivery=delivery, nothing=nothing)


async def _unknown(workflow: Context, body: Mapping[str, Any], *, nothing: ToldNothing) -> BoltResponse:
    """The answer to a delivery that no listener knows, as that of another version of app.yaml."""
    _log.warning("delivery that no listener knows", type=str(body.get("type") or "command")[:40])
    if not await steps.end_unknown(workflow, body):
        return not_acknowledged()
    error = InvalidInput(
        "This Portcullis doesn't know that.",
        "The app in Slack and the bot may be of different versions: the operator compares it with app.yaml.",
    )
    return await answer_failure(workflow, body, error, delivery=delivery_key(body), nothing=nothing)


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
    names = NameKeeper(context, workspace.client)

    async def authorize() -> AuthorizeResult:
        if not workspace.greeted:
            await workspace.greet(within=WITHIN)
        workflow.card_links.workspace_at(workspace.url)
        return AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team_id,
            bot_token=workspace.client.token,
            bot_user_id=workspace.bot_user_id,
            bot_id=workspace.bot_id,
        )

    homes = Homes(context, workspace.client, directory)
    nothing = ToldNothing()
    app = _App(
        metrics=metrics or Metrics(),
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
        context["delivery"] = delivery_key(body)
        context["sending"] = sending_key(body)
        organization = workspace.organization
        if not is_for(workspace.team_id, body, organization=organization):
            _log.warning("delivery from a workspace that is not served", type=str(body.get("type") or "command")[:40])
            return await _turned_away(
                workflow, body, organization=organization, delivery=context["delivery"], nothing=nothing
            )
        is_answered = nothing.is_answered(context["sending"])
        if is_answered is not None:
            return await answer_again(
                workflow, body, delivery=context["delivery"], nothing=nothing, is_answered=is_answered
            )
        context["nothing"] = nothing
        context["directory"] = directory
        context["homes"] = homes
        context["visitor"] = visitor_of({str(workspace.team_id), workspace.enterprise_id}, body)
        await next()
        if not context["visitor"]:
            names.keep(body)
        return None

    @app.error
    async def unforeseen(error: Exception, body: dict[str, Any]) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            return await _unknown(workflow, body, nothing=nothing)
        if isinstance(error, AnswerUntold):
            return not_acknowledged()
        return await answer_failure(workflow, body, error, delivery=delivery_key(body), nothing=nothing)

    listen(app, workflow, routes)
    return app
