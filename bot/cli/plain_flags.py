"""Commands whose help reads well.

A flag is shown as a flag (`--json`, not `--json <bool>`, which looks as if it took a word), an argument without the
name of its type, and what a docstring says is wrapped to the terminal, not where its source happens to be.
"""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import Any

from typer.core import TyperCommand, TyperGroup


def _without_types(params: list[Any]) -> list[Any]:
    # typer carries a click of its own: its types have no public name.
    for param in params:
        if getattr(param, "is_flag", False) and param.metavar is None:
            param.metavar = ""
        if not param.expose_value and param.default is None:
            # typer's own flags for completion, which nobody is handed: of None it would have pydantic say what it is.
            param.default = False
        if param.param_type_name == "argument":
            param.display_type_rich = _no_type
    return params


def _no_type(ctx: Any) -> str:  # noqa: ANN401
    del ctx
    return ""


def _in_paragraphs(text: str | None) -> str | None:
    """A docstring with each paragraph on one line."""
    return None if text is None else re.sub(r"(?<!\n)\n(?!\n)", " ", cleandoc(text))


class PlainCommand(TyperCommand):
    """A command."""

    def __init__(self, *args: Any, help: str | None = None, **options: Any) -> None:  # noqa: ANN401, A002
        super().__init__(*args, help=_in_paragraphs(help), **options)

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """The options and arguments, `--help` among them."""
        return _without_types(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """A command with commands of its own."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """The same."""
        return _without_types(super().get_params(ctx))
