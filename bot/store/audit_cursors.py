"""How far the audit log has been handed on, to each of those who get it: it moves only once they have it."""

from __future__ import annotations

from sqlalchemy import select, update

from bot.store.audit_tables import AuditCursorRow
from bot.store.databases import insert_or_ignore
from bot.store.scope import Scope


class AuditCursors:
    """The cursors of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def at(self, name: str) -> int:
        """The number of the last event that was handed on under a name; 0: none yet."""
        query = select(AuditCursorRow.seq).where(
            AuditCursorRow.tenant_id == self._scope.tenant_id, AuditCursorRow.name == name
        )
        return int(await self._scope.session.scalar(query) or 0)

    async def move(self, name: str, seq: int) -> None:
        """Events up to this number were handed on. It never goes back: a slow peer may say so late."""
        now = self._scope.clock()
        first = {"tenant_id": self._scope.tenant_id, "name": name, "seq": seq, "moved_at": now}
        if await self._scope.changed(insert_or_ignore(self._scope.dialect, AuditCursorRow, first)):
            return
        await self._scope.changed(
            update(AuditCursorRow)
            .where(
                AuditCursorRow.tenant_id == self._scope.tenant_id,
                AuditCursorRow.name == name,
                AuditCursorRow.seq < seq,
            )
            .values(seq=seq, moved_at=now)
        )
