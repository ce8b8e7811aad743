"""What a Web API method is to the stand-in: its handler, who may call it, and which arguments it knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.playground.slack.arguments import Arguments
from bot.playground.slack.state import SlackState

Handler = Callable[[SlackState, Arguments], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One Web API method. `handler` returns the answer without its `ok`, or raises Refused.

    `caller` says whose token it takes. `takes_json` is false for methods whose page at
    docs.slack.dev lists form fields only.
    """

    handler: Handler
    arguments: frozenset[str]
    caller: Literal["bot", "app", "any"] = "bot"
    takes_json: bool = True


def method(
    handler: Handler,
    arguments: str,
    *,
    caller: Literal["bot", "app", "any"] = "bot",
    takes_json: bool = True,
) -> Method:
    """A Method, its known arguments written as one text."""
    return Method(handler=handler, arguments=frozenset(arguments.split()), caller=caller, takes_json=takes_json)
