"""The views that are open: a stack of modals for each person, and their Home tab."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.playground.slack.block_rules import elements_of, with_ids
from bot.playground.slack.values import initial_state
from bot.playground.slack.workspace import Workspace

State = dict[str, dict[str, dict[str, Any]]]


@dataclass(slots=True, kw_only=True)
class OpenView:
    """A view on somebody's screen. `values` is Slack's state: block_id → action_id → what was chosen."""

    id: str
    user_id: str
    content: dict[str, Any]
    hash: str
    root_id: str
    previous_id: str | None = None
    values: State = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The view's blocks, every id filled in."""
        blocks: list[dict[str, Any]] = self.content["blocks"]
        return blocks


class OpenViews:
    """Who has which views open."""

    def __init__(self, *, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stacks: dict[str, list[OpenView]] = {}
        self._homes: dict[str, OpenView] = {}
        self._left: set[str] = set()

    def stack(self, user_id: str) -> list[OpenView]:
        """This person's modals, the one in front last."""
        return self._stacks.setdefault(user_id, [])

    def top(self, user_id: str) -> OpenView | None:
        """The modal in front, or None."""
        stack = self.stack(user_id)
        return stack[-1] if stack else None

    def home(self, user_id: str) -> OpenView | None:
        """This person's Home tab, or None if it was never published."""
        return self._homes.get(user_id)

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> OpenView | None:
        """An open view by Slack's id or by the app's, or None."""
        everything = [view for stack in self._stacks.values() for view in stack] + list(self._homes.values())
        for view in everything:
            if view.id == view_id or (external_id and view.content.get("external_id") == external_id):
                return view
        return None

    def open(self, user_id: str, content: dict[str, Any]) -> OpenView:
        """Show a modal; whatever was open before is gone."""
        self.leave(self.stack(user_id))
        self._stacks[user_id] = []
        return self.push(user_id, content)

    def push(self, user_id: str, content: dict[str, Any]) -> OpenView:
        """Show a modal in front of those that are open."""
        stack = self.stack(user_id)
        view_id = _new_id()
        view = OpenView(
            id=view_id,
            user_id=user_id,
            content={},
            hash="",
            root_id=stack[0].id if stack else view_id,
            previous_id=stack[-1].id if stack else None,
        )
        self.replace(view, content)
        stack.append(view)
        return view

    def publish(self, user_id: str, content: dict[str, Any]) -> OpenView:
        """Show this on the person's Home tab."""
        view = self._homes.get(user_id)
        if view is None:
            view_id = _new_id()
            view = self._homes[user_id] = OpenView(id=view_id, user_id=user_id, content={}, hash="", root_id=view_id)
        self.replace(view, content)
        return view

    def replace(self, view: OpenView, content: dict[str, Any]) -> None:
        """Show something else in the same view. What was typed stays where block and action keep their ids."""
        before = view.values
        view.content = {**content, "blocks": with_ids(content["blocks"])}
        view.hash = f"{secrets.randbelow(10**10):010d}.{secrets.token_hex(4)}"
        view.errors = {}
        view.values = {}
        for block in view.blocks:
            for element in elements_of(block):
                state = initial_state(element)
                kept = before.get(block["block_id"], {}).get(element["action_id"])
                if state is None:
                    continue
                if kept is not None and kept["type"] == element["type"]:
                    state = kept
                view.values.setdefault(block["block_id"], {})[element["action_id"]] = state

    def close(self, view: OpenView) -> None:
        """Take one modal away; the one behind it is in front again."""
        stack = self.stack(view.user_id)
        if view in stack:
            stack.remove(view)

    def leave(self, views: Iterable[OpenView]) -> None:
        """Note that somebody closes these modals, or opens another in their place, whatever the app is about to do."""
        self._left.update(view.id for view in views)

    def was_left(self, view_id: str) -> bool:
        """Whether somebody closed this modal, or opened another in its place."""
        return view_id in self._left

    def clear(self, user_id: str) -> None:
        """Take all of this person's modals away."""
        self._stacks[user_id] = []

    def as_slack(self, view: OpenView) -> dict[str, Any]:
        """The view as it stands in API answers and payloads."""
        content = view.content
        shown: dict[str, Any] = {
            "id": view.id,
            "team_id": self._workspace.team_id,
            "type": content["type"],
            "blocks": view.blocks,
            "private_metadata": content.get("private_metadata") or "",
            "callback_id": content.get("callback_id") or "",
            "state": {"values": view.values},
            "hash": view.hash,
            "title": content.get("title"),
            "clear_on_close": bool(content.get("clear_on_close")),
            "notify_on_close": bool(content.get("notify_on_close")),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "previous_view_id": view.previous_id,
            "root_view_id": view.root_id,
            "app_id": self._workspace.bot.app_id,
            "external_id": content.get("external_id") or "",
            "app_installed_team_id": self._workspace.team_id,
            "bot_id": self._workspace.bot.bot_id,
        }
        return shown


def _new_id() -> str:
    return f"V{secrets.token_hex(5).upper()}"
