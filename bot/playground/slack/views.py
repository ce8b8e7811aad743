"""Modals and the Home tab, as strictly as Slack reads them. Source: https://docs.slack.dev/reference/views."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from bot.playground.slack.block_rules import file_input_problems, model_problems, view_problems
from bot.playground.slack.composition import PlainText, Strict, at_most

#: How deep views may be stacked.
STACK_DEPTH = 3
#: What a whole view may weigh, in bytes.
VIEW_BYTES = 250_000

_Label = Annotated[PlainText, at_most(24)]


class _View(Strict):
    blocks: list[Any]
    private_metadata: Annotated[str, StringConstraints(max_length=3000)] | None = None
    callback_id: Annotated[str, StringConstraints(max_length=255)] | None = None
    external_id: Annotated[str, StringConstraints(max_length=255)] | None = None


class Modal(_View):
    """A form or a notice in front of everything else."""

    type: Literal["modal"]
    title: _Label
    submit: _Label | None = None
    close: _Label | None = None
    clear_on_close: bool | None = None
    notify_on_close: bool | None = None
    submit_disabled: bool | None = None


class Home(_View):
    """The app's own tab."""

    type: Literal["home"]


_MODAL: TypeAdapter[Any] = TypeAdapter(Annotated[Modal | Home, Field(discriminator="type")])


def problems_of(view: object, *, kind: Literal["modal", "home"]) -> list[str]:
    """What is wrong with a view; nothing, if Slack takes it."""
    if not isinstance(view, dict):
        return ["[ERROR] must be a JSON object [json-pointer:/view]"]
    if view.get("type") != kind:
        return [f"[ERROR] must be a {kind} view [json-pointer:/view/type]"]
    problems = model_problems(_MODAL, view, at="/view") or view_problems(view["blocks"])
    if not problems and kind == "modal":
        needs_submit = any(block.get("type") == "input" for block in view["blocks"])
        if needs_submit and not view.get("submit"):
            problems.append(
                "[ERROR] missing required field: submit, because there are inputs [json-pointer:/view/submit]"
            )
    if not problems and kind == "home":
        problems = file_input_problems(view["blocks"], at="/view/blocks")
    if not problems and len(json.dumps(view).encode()) > VIEW_BYTES:
        problems.append(f"[ERROR] the view is larger than {VIEW_BYTES} bytes [json-pointer:/view]")
    return problems
