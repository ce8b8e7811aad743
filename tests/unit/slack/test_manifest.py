"""app.yaml installs exactly what the code serves, and Slack takes it.

Limits: Slack's manifest schema, version 1 (github.com/slackapi/manifest-schema, v0.5.0).
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.lists.ends import DEFAULT_DAYS, DEFAULT_IP_ALLOW_DAYS
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Rules
from bot.domain.reading.command_text import read_command
from bot.domain.reading.command_words import read_target
from bot.domain.reading.emergency_word import read_emergency
from bot.playground.slack.steps import Step
from bot.playground.slack.workspace import Workspace
from bot.slack.app import ROUTES
from bot.slack.block_kit.ids import ActionId, CallbackId, EventType, ShortcutId, StepId
from bot.slack.command_table import (
    ALLOW,
    BLOCK,
    CHECK,
    COMMANDS,
    EXTEND,
    NOTE,
    Command,
    command_named,
)
from bot.slack.diagnosis import READING_SCOPES, SCOPES, WORKING_SCOPES
from bot.slack.listeners.checks import MOST_CHECKED
from bot.slack.listeners.steps import INPUTS, TITLES
from bot.slack.messages.help import help_message

ROOT = Path(__file__).parents[3]
SLACK = ROOT / "bot" / "slack"
SOURCE = (ROOT / "app.yaml").read_text(encoding="utf-8")
URL = "https://YOUR-HOST/slack/events"


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded = yaml.safe_load(SOURCE)
    assert isinstance(loaded, dict)
    return loaded


def test_only_keys_that_the_schema_knows(manifest: dict[str, Any]) -> None:
    assert set(manifest) == {
        "_metadata",
        "display_information",
        "features",
        "oauth_config",
        "functions",
        "settings",
    }
    assert set(manifest["display_information"]) == {"name", "description", "background_color", "long_description"}
    assert set(manifest["features"]) == {"app_home", "bot_user", "shortcuts", "slash_commands"}
    assert set(manifest["features"]["app_home"]) == {
        "home_tab_enabled",
        "messages_tab_enabled",
        "messages_tab_read_only_enabled",
    }
    assert set(manifest["settings"]) == {
        "event_subscriptions",
        "function_runtime",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    }


def test_texts_are_within_the_limits(manifest: dict[str, Any]) -> None:
    shown = manifest["display_information"]
    assert 1 <= len(shown["name"]) <= 35
    assert 1 <= len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4_000
    assert re.fullmatch(r"#[0-9a-fA-F]{6}", shown["background_color"])
    assert re.fullmatch(r"[a-z0-9\-_.]{1,80}", manifest["features"]["bot_user"]["display_name"])


def test_the_commands_are_the_ones_that_are_served(manifest: dict[str, Any]) -> None:
    declared = manifest["features"]["slash_commands"]
    assert declared == [
        {
            "command": command.name,
            "description": command.description,
            "usage_hint": command.usage_hint,
            "should_escape": command.escapes,
        }
        for command in COMMANDS
    ]
    assert 1 <= len(declared) <= 50
    answered = {route.subject.name for route in ROUTES if isinstance(route.subject, Command)}
    assert answered == {command["command"] for command in declared}


def test_it_is_interactive_because_buttons_and_forms_are_answered(manifest: dict[str, Any]) -> None:
    answered = {type(route.subject) for route in ROUTES} - {Command, EventType, StepId}
    assert manifest["settings"]["interactivity"]["is_enabled"] is (answered == {ActionId, CallbackId, ShortcutId})


def test_it_asks_for_no_delivery_that_nobody_answers(manifest: dict[str, Any]) -> None:
    assert "unfurl_domains" not in manifest["features"]
    assert manifest["settings"]["event_subscriptions"] == {
        "bot_events": [
            *(route.subject for route in ROUTES if isinstance(route.subject, EventType)),
            "function_executed",  # of every step
        ]
    }
    assert {type(route.subject) for route in ROUTES} == {Command, ActionId, CallbackId, EventType, ShortcutId, StepId}


def test_the_shortcuts_are_the_ones_that_are_served(manifest: dict[str, Any]) -> None:
    declared = manifest["features"]["shortcuts"]
    answered = [route.subject for route in ROUTES if isinstance(route.subject, ShortcutId)]
    assert [shortcut["callback_id"] for shortcut in declared] == answered
    assert 1 <= len(declared) <= 10
    for shortcut in declared:
        assert set(shortcut) == {"name", "type", "callback_id", "description"}
        assert shortcut["type"] == ("message" if shortcut["callback_id"] == ShortcutId.MESSAGE else "global")
        assert 1 <= len(shortcut["name"]) <= 24
        assert 1 <= len(shortcut["description"]) <= 150


def test_the_steps_are_the_ones_that_are_served(manifest: dict[str, Any]) -> None:
    answered = {str(route.subject) for route in ROUTES if isinstance(route.subject, StepId)}
    assert manifest["functions"].keys() == answered
    for step in manifest["functions"].values():
        assert set(step) == {"title", "description", "input_parameters", "output_parameters"}
        assert 1 <= len(step["title"]) <= 255
        for parameters in (step["input_parameters"], step["output_parameters"]):
            assert 1 <= len(parameters) <= 20
            for name, parameter in parameters.items():
                assert set(parameter) == {"type", "name", "title", "description", "is_required"}
                assert parameter["name"] == name


def test_a_step_takes_what_is_read_of_it_and_who_started_it_from_nobody_but_slack(manifest: dict[str, Any]) -> None:
    step = manifest["functions"][StepId.PROPOSE_BLOCK]
    given = step["input_parameters"]
    assert given.keys() == INPUTS.keys()
    assert {name: parameter["title"] for name, parameter in given.items()} == TITLES
    for name, parameter in given.items():
        assert parameter["is_required"] is INPUTS[name].is_required()
        assert parameter["type"] == ("slack#/types/user_context" if name == "requester" else "string")
    assert "user_id" not in SOURCE, "whoever builds a workflow fills that in"
    told = {name: parameter["is_required"] for name, parameter in step["output_parameters"].items()}
    assert told == {"proposal": True, "card": False, "set_aside": False}
    assert f"Left out, it is {DEFAULT_DAYS} days" in given["lasts"]["description"]


@pytest.mark.parametrize("step", Workspace().steps, ids=lambda step: step.callback_id)
def test_the_playground_has_the_steps_of_the_manifest(step: Step, manifest: dict[str, Any]) -> None:
    declared = manifest["functions"][step.callback_id]
    for parameters, known in (
        (declared["input_parameters"], step.inputs),
        (declared["output_parameters"], step.outputs),
    ):
        assert [(each.name, each.type, each.title, each.description, each.is_required) for each in known] == [
            (each["name"], each["type"], each["title"], each["description"], each["is_required"])
            for each in parameters.values()
        ]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_each_command_is_within_the_limits(command: Command) -> None:
    assert re.fullmatch(r"/[a-z]{1,31}", command.name)
    assert 1 <= len(command.description) <= 2_000
    assert 1 <= len(command.usage_hint) <= 1_000
    assert command_named(command.name) is command


def test_the_scopes_are_the_least_that_works(manifest: dict[str, Any]) -> None:
    scopes = ["chat:write", "commands", "files:read", "files:write", "usergroups:read"]
    reading = ["channels:history", "groups:history", "im:history", "im:write"]
    working = ["users:read", "dnd:read"]
    assert manifest["oauth_config"] == {"scopes": {"bot": [*scopes, *reading, *working]}}
    assert (set(scopes), set(reading), set(working)) == (SCOPES, READING_SCOPES, WORKING_SCOPES), (
        "what the doctor looks for"
    )


#: A public channel's, a private one's, and that of direct messages.
_HISTORY = "channels:history groups:history im:history"

#: The scopes that each method of Slack's needs, by docs.slack.dev/reference/methods; None: any token will do.
SCOPE_OF: dict[str, str | None] = {
    "auth.teams.list": None,
    "auth.test": None,
    "chat.delete": "chat:write",
    "chat.getPermalink": None,
    "conversations.history": _HISTORY,
    "conversations.open": "im:write",
    "conversations.replies": _HISTORY,
    "apps.connections.open": None,  # the app-level token's own scope
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "files.info": "files:read",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
    "dnd.info": "dnd:read",
    "functions.completeError": None,
    "functions.completeSuccess": None,
    "views.open": None,
    "views.push": None,
    "views.publish": None,
}


def test_a_scope_is_asked_for_because_something_needs_it_and_the_other_way_round(manifest: dict[str, Any]) -> None:
    method = re.compile(r'"((?:apps|auth|chat|conversations|dnd|files|functions|usergroups|users|views)\.[a-zA-Z.]+)"')
    called = {name for path in sorted(SLACK.rglob("*.py")) for name in method.findall(path.read_text("utf-8"))}
    assert called == set(SCOPE_OF)
    needed = {scope for name in called for scope in (SCOPE_OF[name] or "").split()}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed | {"commands"}


def test_the_settings_are_for_socket_mode(manifest: dict[str, Any]) -> None:
    assert manifest["settings"] == {
        "event_subscriptions": {
            "bot_events": ["subteam_members_changed", "subteam_updated", "app_home_opened", "function_executed"]
        },
        "function_runtime": "remote",
        "interactivity": {"is_enabled": True},
        "org_deploy_enabled": True,  # without it Slack takes no step
        "socket_mode_enabled": True,
        "token_rotation_enabled": False,
    }


def test_the_way_to_http_is_written_in_the_lines_that_it_needs() -> None:
    http = re.sub(r"^(\s*)# ((request_)?url:)", r"\1\2", SOURCE, flags=re.MULTILINE)
    manifest = yaml.safe_load(http)
    assert manifest["settings"]["interactivity"]["request_url"] == URL
    assert manifest["settings"]["event_subscriptions"]["request_url"] == URL
    assert [command["url"] for command in manifest["features"]["slash_commands"]] == [URL] * len(COMMANDS)


def test_the_commands_that_propose_are_found_by_what_they_propose() -> None:
    proposing = [command for command in COMMANDS if command.operation is not None]
    assert [command.name for command in proposing] == [
        "/block",
        "/unblock",
        "/allow",
        "/unallow",
        "/extend",
        "/note",
        "/safelist",
    ]
    for command in proposing:
        assert command.operation is not None
        actions = set(Action if command.action is None else [command.action])
        others = [each for each in proposing if each is not command and each.operation is command.operation]
        assert all(each.action is not None and each.action not in actions for each in others)
    assert command_named("/nothing") is None


EXAMPLES = [typed for command in (BLOCK, ALLOW, EXTEND, NOTE, CHECK) for typed, _ in command.examples if " " in typed]


@pytest.mark.parametrize("typed", EXAMPLES)
def test_what_the_help_shows_can_be_typed(typed: str) -> None:
    command, _, said = typed.partition(" ")
    if command in {EXTEND.name, NOTE.name}:
        _, said = read_target(said)
    if command == BLOCK.name:
        said = read_emergency(said, today=date(2026, 1, 1)).text
    text = read_command(said.removeprefix("now "), today=date(2026, 1, 1), takes_lifetime=command != NOTE.name)
    assert text.indicators
    assert not text.problems


def test_the_help_names_the_limits_that_hold() -> None:
    assert f"Up to {MOST_CHECKED} indicators" in " ".join(CHECK.grammar)
    assert f"Left out, it is {DEFAULT_DAYS} days" in " ".join(BLOCK.grammar)
    assert f"{DEFAULT_IP_ALLOW_DAYS} days at most" in help_message(ALLOW).text
    assert "1 day at most" in help_message(ALLOW, rules=Rules(ip_allow_max_days=1)).text
    assert f"left out, it is {DEFAULT_DAYS} days" in " ".join(ALLOW.grammar)
