"""The Web API's `views.*` methods. Source: https://docs.slack.dev/reference/methods#views."""

from __future__ import annotations

from typing import Any, Literal

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.arguments import Arguments
from bot.playground.slack.escaping import advice_on
from bot.playground.slack.method_registry import Method, method
from bot.playground.slack.open_views import OpenView
from bot.playground.slack.state import SlackState
from bot.playground.slack.triggers import LIFETIME, Trigger
from bot.playground.slack.views import STACK_DEPTH, problems_of

_TRIGGER_TROUBLE = {
    "invalid_trigger_id": "this trigger_id was never handed out",
    "exchanged_trigger_id": "a trigger_id works once",
    "expired_trigger_id": f"a trigger_id lives {LIFETIME:g} seconds",
}


def checked_view(state: SlackState, view: object, *, kind: Literal["modal", "home"]) -> dict[str, Any]:
    """The view, if Slack takes it. Raises Refused."""
    problems = problems_of(view, kind=kind)
    if problems:
        raise Refused("invalid_arguments", broke="; ".join(problems), messages=problems)
    assert isinstance(view, dict)  # noqa: S101 - problems_of saw to it
    _advise(state, view)
    external_id = view.get("external_id")
    if external_id and kind == "modal":
        other = state.views.find(external_id=external_id)
        if other is not None:
            raise Refused("duplicate_external_id", broke=f"external_id {external_id} is in use by {other.id}")
    return view


def _advise(state: SlackState, view: dict[str, Any]) -> None:
    for rule, what in advice_on(None, view["blocks"]):
        state.ledger.hint(rule, what, call=f"view {view.get('callback_id') or ''}".strip())


def _view(state: SlackState, args: Arguments, *, kind: Literal["modal", "home"]) -> dict[str, Any]:
    view = args.structure("view", error="invalid_arguments")
    if view is None:
        raise Refused("invalid_arguments", broke="view is missing", messages=["[ERROR] missing required field: view"])
    return checked_view(state, view, kind=kind)


def _trigger(state: SlackState, args: Arguments) -> Trigger:
    trigger = state.triggers.use(args.required("trigger_id"))
    if isinstance(trigger, str):
        raise Refused(trigger, broke=_TRIGGER_TROUBLE[trigger])
    return trigger


def _answer(state: SlackState, view: OpenView) -> dict[str, Any]:
    state.changes.bump()
    return {"view": state.views.as_slack(view)}


def _open(state: SlackState, args: Arguments) -> dict[str, Any]:
    view = _view(state, args, kind="modal")
    trigger = _trigger(state, args)
    return _answer(state, state.views.open(trigger.user_id, view))


def _push(state: SlackState, args: Arguments) -> dict[str, Any]:
    view = _view(state, args, kind="modal")
    trigger = _trigger(state, args)
    if trigger.view_id is None or state.views.find(view_id=trigger.view_id) is None:
        # No app can know that somebody closes a modal a moment after a click in it.
        was_left = trigger.view_id is not None and state.views.was_left(trigger.view_id)
        broke = None if was_left else "views.push needs a trigger_id from within an open modal"
        raise Refused("invalid_trigger_id", broke=broke)
    require_room(state, trigger.user_id)
    return _answer(state, state.views.push(trigger.user_id, view))


def require_room(state: SlackState, user_id: str) -> None:
    """Raises Refused when one more modal would be too many."""
    if len(state.views.stack(user_id)) >= STACK_DEPTH:
        raise Refused("push_limit_reached", broke=f"modals can be {STACK_DEPTH} deep")


def _hash_holds(view: OpenView | None, args: Arguments) -> None:
    expected = args.text("hash")
    if expected and view is not None and expected != view.hash:
        raise Refused("hash_conflict")


def _update(state: SlackState, args: Arguments) -> dict[str, Any]:
    if "view_id" not in args and "external_id" not in args:
        raise Refused("invalid_arguments", broke="either view_id or external_id is needed")
    view = state.views.find(view_id=args.text("view_id"), external_id=args.text("external_id"))
    content = args.structure("view", error="invalid_arguments")
    problems = problems_of(content, kind="modal")
    if problems:
        raise Refused("invalid_arguments", broke="; ".join(problems), messages=problems)
    if view is None:
        raise Refused("not_found")
    _hash_holds(view, args)
    _advise(state, content)
    state.views.replace(view, content)
    return _answer(state, view)


def _publish(state: SlackState, args: Arguments) -> dict[str, Any]:
    user_id = args.required("user_id")
    content = _view(state, args, kind="home")
    if state.workspace.person(user_id) is None:
        raise Refused("user_not_found")
    _hash_holds(state.views.home(user_id), args)
    return _answer(state, state.views.publish(user_id, content))


METHODS: dict[str, Method] = {
    "views.open": method(_open, "trigger_id view"),
    "views.push": method(_push, "trigger_id view"),
    "views.update": method(_update, "view view_id external_id hash"),
    "views.publish": method(_publish, "user_id view hash"),
}
