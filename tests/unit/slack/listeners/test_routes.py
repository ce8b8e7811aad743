"""What can be typed, clicked or submitted has one listener each, or the bot doesn't start."""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.policies.case import Rules
from bot.errors import RoutesError
from bot.slack.app import ROUTES, Workspace, build_app
from bot.slack.block_kit.ids import ActionId, CallbackId, EventType, ShortcutId, StepId
from bot.slack.client import web_client
from bot.slack.command_table import CHECK, COMMANDS, Command
from bot.slack.directory import Directory
from bot.slack.listeners.routes import SHOWN, Route, Subject, demand_complete
from bot.store import Store
from bot.tls import outside_context
from bot.workflow.shared.context import Context
from tests.support.stand_ins import unreached_tenant

SOURCES = Path(__file__).parents[4] / "bot" / "slack"


def named(subject: Subject) -> str:
    return subject.name if isinstance(subject, Command) else str(subject)


def without(subject: Subject) -> tuple[Route, ...]:
    return tuple(route for route in ROUTES if route.subject != subject)


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[Context]:
    store = Store(f"sqlite:///{tmp_path / 'unused.sqlite3'}", tenant_id="tenant")
    tenant = unreached_tenant()
    yield Context(store=store, tenant=tenant, rules=Rules())
    await store.close()
    await tenant.close()


def build(context: Context, *routes: Route) -> tuple[AsyncApp, AsyncWebClient]:
    client = web_client("token", api_url="http://127.0.0.1:1/api/", context=outside_context())
    directory = Directory(client, store=context.store, requesters=[], approvers=["U0APPROVE1"], auditors=[])
    workspace = Workspace(client=client, team_id="T1", greeted=True)
    return build_app(workspace=workspace, directory=directory, context=context, routes=routes), client


async def test_all_of_it_has_a_listener(context: Context) -> None:
    build(context, *ROUTES)
    assert {route.subject for route in ROUTES} == {*COMMANDS, *ActionId, *CallbackId, *EventType, *ShortcutId, *StepId}


@pytest.mark.parametrize("subject", SHOWN, ids=named)
async def test_the_bot_does_not_start_without_a_listener_for_it(context: Context, subject: Subject) -> None:
    with pytest.raises(
        RoutesError, match=f"Nobody answers the (command|button|form|event|shortcut|step) {named(subject)}: "
    ) as raised:
        build(context, *without(subject))
    assert len(raised.value.problems) == 1


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: named(route.subject))
async def test_nor_with_two(context: Context, route: Route) -> None:
    with pytest.raises(
        RoutesError, match=f"2 listeners answer the (command|button|form|event|shortcut|step) {named(route.subject)}: "
    ):
        build(context, *ROUTES, route)


@pytest.mark.parametrize("subject", SHOWN, ids=named)
def test_nor_with_a_listener_for_what_nothing_shows(subject: Subject) -> None:
    shown = [other for other in SHOWN if other != subject]
    with pytest.raises(RoutesError, match=f"A listener answers the .* {named(subject)}, which nothing shows"):
        demand_complete(ROUTES, shown)


def test_every_mistake_is_told_at_once() -> None:
    unknown = replace(without(CHECK)[0], subject=replace(CHECK, name="/checks"))
    with pytest.raises(RoutesError) as raised:
        demand_complete([*without(CHECK), ROUTES[0], unknown])
    assert len(raised.value.problems) == 3
    assert str(raised.value).count("\n") == 2


class Seen:
    """Notes which listener was called with which delivery, and acknowledges."""

    def __init__(self) -> None:
        self.subject: Subject | None = None
        self.client: AsyncWebClient | None = None

    def route(self, route: Route) -> Route:
        async def listen(ack: AsyncAck, context: AsyncBoltContext, **_others: object) -> None:
            self.subject, self.client = route.subject, context.client
            await ack()

        return replace(route, listener=lambda _context: listen)


def delivered(subject: Subject) -> dict[str, Any]:
    """What Slack delivers when somebody types, clicks, chooses or sends it, as far as it says what that is."""
    body: dict[str, Any] = {"team": {"id": "T1"}, "user": {"id": "U1"}}
    match subject:
        case Command(name=name):
            return {"command": name, "text": "", "team_id": "T1", "user_id": "U1"}
        case ActionId():
            return {**body, "type": "block_actions", "actions": [{"action_id": str(subject)}]}
        case CallbackId():
            return {**body, "type": "view_submission", "view": {"id": "V1", "callback_id": str(subject)}}
        case ShortcutId():
            return {**body, "type": "message_action", "callback_id": str(subject)}
        case _:
            event = {"type": str(subject), "user": "U1"}
            if isinstance(subject, StepId):
                event = {"type": "function_executed", "function": {"callback_id": str(subject)}}
                event |= {"function_execution_id": "Fx1", "inputs": {}}
            return {"team_id": "T1", "type": "event_callback", "event": event}


@pytest.mark.parametrize("subject", SHOWN, ids=named)
async def test_a_delivery_gets_to_its_listener_with_the_one_client(context: Context, subject: Subject) -> None:
    seen = Seen()
    app, client = build(context, *map(seen.route, ROUTES))
    answer = await app.async_dispatch(AsyncBoltRequest(body=json.dumps(delivered(subject))))
    assert (answer.status, seen.subject) == (200, subject)
    if not isinstance(subject, EventType | StepId):
        # bolt's own for each delivery is bound by nothing, counted nowhere, and doesn't get out through a proxy.
        assert seen.client is client


#: What Slack could deliver, and its like that it never does: over the latter bolt stumbles, and the edge refuses it.
NOBODYS: tuple[dict[str, Any], ...] = (
    {},
    {"command": "/unknown"},
    {"command": ["/check"]},
    {"type": "command", "text": "/check"},
    {"type": ["block_actions"]},
    {"type": "block_actions"},
    {"type": "block_actions", "actions": []},
    {"type": "block_actions", "actions": [{}]},
    {"type": "block_actions", "actions": [{"action_id": "unknown"}]},
    {"type": "block_actions", "actions": [{"action_id": str(next(iter(CallbackId)))}]},
    {"type": "block_actions", "actions": {"action_id": "unknown"}},
    {"type": "view_submission"},
    {"type": "view_submission", "view": None},
    {"type": "view_submission", "view": {"callback_id": "unknown"}},
    {"type": "view_closed", "view": {"callback_id": str(next(iter(CallbackId)))}},
    {"type": "shortcut", "callback_id": None},
    {"type": "interactive_message", "callback_id": str(next(iter(ActionId)))},
    {"type": "unknown", "command": "/check"},
)


@pytest.mark.parametrize("body", NOBODYS, ids=json.dumps)
async def test_what_nobody_listens_to_gets_to_no_listener(context: Context, body: dict[str, Any]) -> None:
    seen = Seen()
    app, _client = build(context, *map(seen.route, ROUTES))
    named = {"team_id": "T1", "user_id": "U1", **body}
    with suppress(LookupError, TypeError, AttributeError):
        await app.async_dispatch(AsyncBoltRequest(body=json.dumps(named)))
    assert seen.subject is None


@cache
def every_call() -> dict[str, list[tuple[Path, ast.Call]]]:
    """Every call on the Slack side, by the name of the function or method. Read once: there are a hundred files."""
    found = defaultdict(list)
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found[getattr(node.func, "attr", getattr(node.func, "id", ""))].append((path, node))
    return found


def calls(function: str) -> list[tuple[Path, ast.Call]]:
    """Every call of a function or method of this name on the Slack side."""
    return every_call().get(function, [])


def given_as(call: ast.Call, argument: str) -> str | None:
    return next((ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == argument), None)


def test_each_button_is_shown_and_is_made_with_its_id() -> None:
    made = [given_as(call, "action_id") for name in ("button", "select", "menu") for _, call in calls(name)]
    # A function that is handed one of them makes the button that opens whichever form an answer names.
    assert set(made) - {"action_id"} == {f"ActionId.{action_id.name}" for action_id in ActionId}


def test_each_form_is_shown_and_is_made_with_its_id() -> None:
    made = [given_as(call, "callback_id") for name in ("build", "_form") for _, call in calls(name)]
    assert {callback_id for callback_id in made if callback_id is not None} - {"callback_id"} == {
        f"CallbackId.{callback_id.name}" for callback_id in CallbackId
    }


def test_nobody_makes_a_button_past_the_one_place_that_takes_an_id() -> None:
    assert [path.name for path, _ in calls("ButtonElement")] == ["elements.py"]


def test_nobody_listens_past_the_routes() -> None:
    names = ("action", "command", "view", "shortcut", "global_shortcut", "message_shortcut", "options", "event")
    listening = {
        path.name
        for name in names
        for path, call in calls(name)
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "app"
    }
    assert listening == {"routes.py"}
