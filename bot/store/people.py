"""The names of people, as Slack last told them: to read a log by. Whoever a name belongs to may change it any day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from bot.domain.auditing.names import name_key
from bot.store.databases import insert_or_update
from bot.store.scope import Scope
from bot.store.slack_tables import PersonRow

#: Of a name, so much is kept.
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What one person is called: the handle, and what their profile shows; empty where that isn't known."""

    handle: str
    display: str = ""
    real: str = ""

    @property
    def shown(self) -> str:
        """The one that Slack shows beside what they write."""
        return self.display or self.real or self.handle

    @property
    def keys(self) -> frozenset[str]:
        """All of them, as they are compared."""
        return frozenset(filter(None, map(name_key, (self.handle, self.display, self.real))))


class People:
    """The people of one tenant's workspace whom the bot has met, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def meet(self, user_id: str, name: str) -> None:
        """Keep what somebody is called now. Any text: what can't be shown on a line is left out."""
        shown = cleaned(name)
        if not shown:
            return
        values = {
            "tenant_id": self._scope.tenant_id,
            "user_id": user_id,
            "name": shown,
            "met_at": self._scope.clock(),
        }
        await self._scope.changed(
            insert_or_update(
                self._scope.dialect, PersonRow, values, key=("tenant_id", "user_id"), update=("name", "met_at")
            )
        )

    async def describe(self, user_id: str, names: Names) -> None:
        """Keep all that somebody is called now, as their profile has it. Any text, as for `meet`."""
        handle = cleaned(names.handle)
        if not handle:
            return
        values = {
            "tenant_id": self._scope.tenant_id,
            "user_id": user_id,
            "name": handle,
            "display_name": cleaned(names.display),
            "real_name": cleaned(names.real),
            "met_at": self._scope.clock(),
        }
        await self._scope.changed(
            insert_or_update(
                self._scope.dialect,
                PersonRow,
                values,
                key=("tenant_id", "user_id"),
                update=("name", "display_name", "real_name", "met_at"),
            )
        )

    async def names(self) -> Mapping[str, str]:
        """The handles of all of them, by user id."""
        query = select(PersonRow.user_id, PersonRow.name).where(PersonRow.tenant_id == self._scope.tenant_id)
        return {str(user_id): str(name) for user_id, name in await self._scope.rows(query)}

    async def known(self) -> Mapping[str, Names]:
        """All that they are called, by user id."""
        query = select(PersonRow.user_id, PersonRow.name, PersonRow.display_name, PersonRow.real_name).where(
            PersonRow.tenant_id == self._scope.tenant_id
        )
        return {
            str(user_id): Names(handle=str(handle), display=str(display or ""), real=str(real or ""))
            for user_id, handle, display, real in await self._scope.rows(query)
        }


def cleaned(name: str) -> str:
    """A name on one line, without what can't be shown, cut to what is kept."""
    visible = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(visible.split())[:LONGEST_NAME]
