"""What the app was given, and what it wasn't. Source: https://docs.slack.dev/reference/scopes."""

from __future__ import annotations

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.state import SlackState


def require_scope(state: SlackState, scope: str, *, is_optional: bool = False) -> None:
    """Raises Refused when the app was not given a scope.

    That breaks a rule unless the scope `is_optional`: then the bot may ask, and go on without it.
    """
    if scope in state.workspace.scopes:
        return
    raise Refused(
        "missing_scope",
        broke=None if is_optional else f"the app was not given {scope}",
        more={"needed": scope, "provided": ",".join(sorted(state.workspace.scopes))},
    )
