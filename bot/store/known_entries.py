"""What Portcullis knows of the entries it made: who asked for them, and until when.

The connection filter keeps neither a date nor a note, so that for its entries this is the only record.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text, update

from bot.domain.lists import ListName
from bot.domain.verdict import KnownEntry
from bot.store.databases import insert_or_update
from bot.store.scope import Scope
from bot.store.tables import KnownEntryRow

_KEY = ("tenant_id", "list", "action", "value")
_FACTS = ("requester", "request_id", "reason", "since", "expires")


class KnownEntries:
    """The known entries of one tenant, within one unit of work. An entry is known by its list, action and value."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def put(self, entry: KnownEntry) -> None:
        """Record an entry that the tenant holds now; what was known of the same entry is replaced."""
        await self._scope.changed(
            insert_or_update(
                self._scope.dialect,
                KnownEntryRow,
                {
                    "tenant_id": self._scope.tenant_id,
                    "list": entry.list.value,
                    "action": str(entry.action),
                    "value": entry.value,
                    "requester": entry.requester,
                    "request_id": entry.request_id,
                    "reason": entry.reason,
                    "since": entry.since,
                    "expires": entry.expires,
                    "ended_at": None,
                    "ended_how": "",
                },
                key=_KEY,
                update=_FACTS,
                key_where=text("ended_at IS NULL"),
            )
        )

    async def end(
        self, list_name: ListName, action: str, value: str, at: datetime, how: str, *, request_id: int
    ) -> bool:
        """The entry is no longer this request's (`how`: expired, removed, missing …); False if it wasn't before.

        What another request keeps of the same value stays as it is.
        """
        return (
            await self._scope.changed(
                update(KnownEntryRow)
                .where(
                    KnownEntryRow.tenant_id == self._scope.tenant_id,
                    KnownEntryRow.list == list_name.value,
                    KnownEntryRow.action == str(action),
                    KnownEntryRow.value == value,
                    KnownEntryRow.request_id == request_id,
                    KnownEntryRow.ended_at.is_(None),
                )
                .values(ended_at=at, ended_how=how)
            )
            == 1
        )

    async def active(self, list_name: ListName | None = None) -> list[KnownEntry]:
        """The entries that have not ended, in the order in which they came."""
        query = (
            select(KnownEntryRow)
            .where(KnownEntryRow.tenant_id == self._scope.tenant_id, KnownEntryRow.ended_at.is_(None))
            .order_by(KnownEntryRow.id)
        )
        if list_name is not None:
            query = query.where(KnownEntryRow.list == list_name.value)
        return [_entry(row) for row in await self._scope.session.scalars(query)]


def _entry(row: KnownEntryRow) -> KnownEntry:
    return KnownEntry(
        list=ListName(row.list),
        action=row.action,
        value=row.value,
        requester=row.requester,
        request_id=row.request_id,
        reason=row.reason,
        since=row.since,
        expires=row.expires,
    )
