"""The names of people, as Slack last told them: to read a log by. Whoever a name belongs to may change it any day."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from bot.store.databases import insert_or_update
from bot.store.scope import Scope
from bot.store.slack_tables import PersonRow

#: Of a name, so much is kept.
LONGEST_NAME = 80


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

    async def names(self) -> Mapping[str, str]:
        """The names of all of them, by user id."""
        query = select(PersonRow.user_id, PersonRow.name).where(PersonRow.tenant_id == self._scope.tenant_id)
        return {str(user_id): str(name) for user_id, name in await self._scope.rows(query)}

    async def called(self, name: str) -> list[str]:
        """The ids of those who are called so, in capital or small letters."""
        wanted = cleaned(name).casefold()
        return sorted(user_id for user_id, each in (await self.names()).items() if each.casefold() == wanted)


def cleaned(name: str) -> str:
    """A name on one line, without what can't be shown, cut to what is kept."""
    visible = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(visible.split())[:LONGEST_NAME]
