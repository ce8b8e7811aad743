"""Commands whose help shows a flag as a flag: `--json`, not `--json <bool>`, which looks as if it took a word."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup


def _without_types(params: list[Any]) -> list[Any]:
    # typer carries a click of its own: its types have no public name.
    for param in params:
        if getattr(param, "is_flag", False) and param.metavar is None:
            param.metavar = ""
    return params


class PlainCommand(TyperCommand):
    """A command."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """The options and arguments, `--help` among them."""
        return _without_types(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """A command with commands of its own."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """The same."""
        return _without_types(super().get_params(ctx))
