"""What people are called, kept when they act: Slack says it with each delivery, so that no right to ask is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from bot.errors import StoreError
from bot.store import Store

_log = structlog.get_logger(__name__)

#: A process remembers so many names, and then begins anew: only what it doesn't remember is written.
_MOST_REMEMBERED = 10_000


class NameKeeper:
    """Keeps the names of those who act, beside what they do: nobody waits for it, and nothing fails by it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remembered: dict[str, str] = {}
        #: What is still being written: the loop itself holds on to no task.
        self.writing: set[asyncio.Task[None]] = set()

    def keep(self, body: Mapping[str, Any]) -> None:
        """Have the name written down that a delivery gives whoever acts, unless that is known already."""
        user_id, name = told_name(body)
        if not user_id or not name or self._remembered.get(user_id) == name:
            return
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[user_id] = name
        task = asyncio.create_task(self._write(user_id, name))
        self.writing.add(task)
        task.add_done_callback(self.writing.discard)

    async def _write(self, user_id: str, name: str) -> None:
        try:
            async with self._store.write() as uow:
                await uow.people.meet(user_id, name)
        except StoreError as error:
            self._remembered.pop(user_id, None)
            _log.info("a person's name could not be kept", user=user_id, error=str(error))


def told_name(body: Mapping[str, Any]) -> tuple[str, str]:
    """Who acts, and what Slack says they are called; empty where it doesn't say, as with events."""
    user = body.get("user")
    if isinstance(user, Mapping):
        return str(user.get("id") or ""), str(user.get("username") or user.get("name") or "")
    return str(body.get("user_id") or ""), str(body.get("user_name") or "")
