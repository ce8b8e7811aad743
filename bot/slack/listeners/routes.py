"""Which listener answers what Slack can deliver: a command of the table, a button, a form, an event, a step.

Each module of listeners declares its routes beside them, and `bot.slack.app` puts them together. What people can type,
click or submit has exactly one listener each, or the bot doesn't start: otherwise a user would find out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from slack_bolt.async_app import AsyncApp

from bot.errors import RoutesError
from bot.slack.block_kit.ids import ActionId, CallbackId, EventType, ShortcutId, StepId
from bot.slack.command_table import COMMANDS, Command
from bot.slack.jobs.late_decisions import Finisher
from bot.workflow.shared.context import Context

#: What a delivery can be about.
Subject: TypeAlias = Command | ActionId | CallbackId | EventType | ShortcutId | StepId
#: What is called with a delivery: with `ack`, `body` and `context`; for an event or a step by bolt, with those of its
#: own arguments that the function names.
Listener: TypeAlias = Callable[..., Awaitable[None]]

#: Everything that people can type, click or submit, and what Slack tells by itself.
SHOWN: tuple[Subject, ...] = (*COMMANDS, *ActionId, *CallbackId, *EventType, *ShortcutId, *StepId)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What is answered, and by whom. `listener` makes the function that bolt calls.

    `finish` does a decision that had to wait, see `bot.slack.jobs.late_decisions`; None: this is no decision.
    """

    subject: Subject
    listener: Callable[[Context], Listener]
    finish: Finisher | None = None


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who answers what people type, click, choose and send, by its name: what `listen` makes of the routes."""

    _by_kind: Mapping[type, Mapping[str, Listener]]

    def of(self, body: Mapping[str, Any]) -> Listener | None:
        """Whose a delivery is; None where it is an event, or Slack's own question, or nothing that is known here."""
        kind, name_of = _NAMED_BY.get(str(body.get("type", _TYPED)), _NOBODYS)
        try:
            return self._by_kind.get(kind, {}).get(str(name_of(body)))
        except (LookupError, TypeError):
            return None


#: What a command counts as, which Slack delivers without a type.
_TYPED = "command"

#: What Slack delivers, by its type: of which kind it is, and the name by which it says which.
_NAMED_BY: Mapping[str, tuple[type, Callable[[Mapping[str, Any]], object]]] = {
    _TYPED: (Command, lambda body: body["command"]),
    "block_actions": (ActionId, lambda body: body["actions"][0]["action_id"]),
    "view_submission": (CallbackId, lambda body: body["view"]["callback_id"]),
    "shortcut": (ShortcutId, lambda body: body["callback_id"]),
    "message_action": (ShortcutId, lambda body: body["callback_id"]),
}
_NOBODYS: tuple[type, Callable[[Mapping[str, Any]], object]] = (object, lambda _body: "")


def listen(app: AsyncApp, context: Context, routes: Sequence[Route]) -> Listeners:
    """Have bolt hand Slack's events to their listeners; those of what people do are given back.

    Raises RoutesError, see `demand_complete`.
    """
    demand_complete(routes)
    kinds: dict[type, dict[str, Listener]] = {}
    for route in routes:
        listener = route.listener(context)
        match route.subject:
            case EventType() as event_type:
                app.event(event_type)(listener)
            case StepId() as step_id:
                # bolt would acknowledge by itself, before anything is on disk.
                app.function(step_id, auto_acknowledge=False)(listener)
            case Command(name=name):
                kinds.setdefault(Command, {})[name] = listener
            case subject:
                kinds.setdefault(type(subject), {})[str(subject)] = listener
    return Listeners(kinds)


def demand_complete(routes: Sequence[Route], shown: Sequence[Subject] = SHOWN) -> None:
    """Raises RoutesError unless everything that is shown has one listener, and nothing else has any."""
    listeners = Counter(_name(route.subject) for route in routes)
    names = [_name(subject) for subject in shown]
    problems = [
        *(f"Nobody answers {name}: give it a listener, or don't show it." for name in names if not listeners[name]),
        *(f"{count} listeners answer {name}: leave one." for name, count in listeners.items() if count > 1),
        *(f"A listener answers {name}, which nothing shows." for name in listeners if name not in names),
    ]
    if problems:
        raise RoutesError(tuple(problems))


def _name(subject: Subject) -> str:
    match subject:
        case Command(name=name):
            return f"the command {name}"
        case ActionId():
            return f"the button {subject}"
        case CallbackId():
            return f"the form {subject}"
        case EventType():
            return f"the event {subject}"
        case ShortcutId():
            return f"the shortcut {subject}"
        case StepId():
            return f"the step {subject}"
