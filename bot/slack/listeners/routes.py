"""Which listener answers what Slack can deliver: a command of the table, a button, a form, an event, a step.

Each module of listeners declares its routes beside them, and `bot.slack.app` puts them together. What people can type,
click or submit has exactly one listener each, or the bot doesn't start: otherwise a user would find out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.errors import RoutesError
from bot.slack.block_kit.ids import ActionId, CallbackId, EventType, ShortcutId, StepId
from bot.slack.command_table import COMMANDS, Command
from bot.slack.jobs.late_decisions import Finisher
from bot.workflow.shared.context import Context

#: What a delivery can be about.
Subject: TypeAlias = Command | ActionId | CallbackId | EventType | ShortcutId | StepId
#: What bolt calls with a delivery: with those of its own arguments that the function names.
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


def listen(app: AsyncApp, context: Context, routes: Sequence[Route]) -> None:
    """Have bolt hand each delivery to its listener. Raises RoutesError, see `demand_complete`."""
    demand_complete(routes)
    kinds: dict[type[Subject], dict[str, Listener]] = {}
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
    for kind, listeners in kinds.items():
        register, name_of = _REGISTER[kind]
        register(app)(_any_of(listeners))(_one_of(listeners, name_of))


#: How bolt is told of all that is of one kind, and by which name a delivery says which it is. bolt asks each of its
#: listeners in turn whether a delivery is its own, which takes longer than most of what they do: so each kind has one.
_REGISTER: Mapping[type, tuple[Callable[[AsyncApp], Any], Callable[[Mapping[str, Any]], str]]] = {
    Command: (lambda app: app.command, lambda body: str(body["command"])),
    ActionId: (lambda app: app.action, lambda body: str(_action_of(body))),
    CallbackId: (lambda app: app.view, lambda body: str(body["view"]["callback_id"])),
    ShortcutId: (lambda app: app.shortcut, lambda body: str(body["callback_id"])),
}


def _action_of(body: Mapping[str, Any]) -> object:
    # A button of an attachment, which Portcullis shows none of, has its message's name.
    return body["actions"][0]["action_id"] if body.get("type") == "block_actions" else body["callback_id"]


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\A(?:{'|'.join(map(re.escape, names))})\Z")


def _one_of(listeners: Mapping[str, Listener], name_of: Callable[[Mapping[str, Any]], str]) -> Listener:
    async def listen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await listeners[name_of(body)](ack=ack, body=body, context=context)

    return listen


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
