"""What people are called, kept when they act.

Slack says the handle with each delivery, so that no right to ask is needed. What it shows, the name of their profile,
is read beside it, once a day of whoever acts: with the scope `users:read`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError, SlackUnavailable, StoreError, TryLater
from bot.slack.client import call
from bot.slack.pace import WHO, Importance, SlackPace
from bot.store.people import Names
from bot.workflow.shared.context import Context

_log = structlog.get_logger(__name__)

#: A process remembers so many names, and then begins anew: only what it doesn't remember is written.
_MOST_REMEMBERED = 10_000
#: A profile is read anew after so long.
_READ_ANEW_AFTER = timedelta(days=1)


class NameKeeper:
    """Keeps the names of those who act, beside what they do: nobody waits for it, and nothing fails by it."""

    def __init__(self, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        self._client = client
        self._pace = SlackPace(context.budgets)
        #: The handle of each, and when it was kept.
        self._remembered: dict[str, tuple[str, datetime]] = {}
        self._may_ask = True
        #: What is still being written: the loop itself holds on to no task.
        self.writing: set[asyncio.Task[None]] = set()

    def keep(self, body: Mapping[str, Any]) -> None:
        """Have the names written down of whoever acts, unless they are known already."""
        user_id, handle = told_name(body)
        now = self._context.now()
        kept, at = self._remembered.get(user_id, ("", now))
        if not user_id or not handle or (kept == handle and now - at < _READ_ANEW_AFTER):
            return
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[user_id] = (handle, now)
        task = asyncio.create_task(self._write(user_id, handle))
        self.writing.add(task)
        task.add_done_callback(self.writing.discard)

    async def _write(self, user_id: str, handle: str) -> None:
        try:
            async with self._context.store.write() as uow:
                await uow.people.meet(user_id, handle)
            names = await self._read(user_id) if self._may_ask else None
            if names is not None:
                async with self._context.store.write() as uow:
                    await uow.people.describe(user_id, names)
        except (StoreError, TryLater, SlackError) as error:
            self._remembered.pop(user_id, None)
            _log.info("a person's names could not be kept", user=user_id, error=str(error))

    async def _read(self, user_id: str) -> Names | None:
        """What somebody's profile says; None where Slack doesn't tell."""
        try:
            async with self._pace.turn(WHO, user_id, Importance.CONFIRMATION, need=user_id):
                answer = await call(self._client, WHO, {"user": user_id})
        except SlackError as error:
            if isinstance(error, SlackUnavailable):
                raise
            # Without the scope, no other question is answered either.
            self._may_ask = error.code != "missing_scope"
            _log.info("a person's profile can't be read", user=user_id, error=str(error))
            return None
        found = answer.get("user")
        return names_in(found) if isinstance(found, Mapping) else None


def names_in(person: Mapping[str, Any]) -> Names:
    """What somebody is called by what Slack says of them, which is read with suspicion."""
    told = person.get("profile")
    profile: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    return Names(
        handle=str(person.get("name") or ""),
        display=str(profile.get("display_name") or ""),
        real=str(profile.get("real_name") or person.get("real_name") or ""),
    )


def told_name(body: Mapping[str, Any]) -> tuple[str, str]:
    """Who acts, and what Slack says they are called; empty where it doesn't say, as with events."""
    user = body.get("user")
    if isinstance(user, Mapping):
        return str(user.get("id") or ""), str(user.get("username") or user.get("name") or "")
    return str(body.get("user_id") or ""), str(body.get("user_name") or "")
