"""The file that is kept with a request until it has been handed over: other people's mail, so not a day longer."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete, select

from bot.errors import InvalidInput
from bot.store.databases import insert_or_update
from bot.store.scope import Scope
from bot.store.tables import AttachmentRow

#: Twenty mebibytes.
MOST_BYTES = 20 * 1024 * 1024


class Attachments:
    """The files of one tenant's requests, one each at most, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def put(self, request_id: int, name: str, content: bytes) -> str:
        """Keep a file with a request, in place of the one before; its SHA-256 digest in hexadecimal.

        Raises InvalidInput for more than 20 MiB.
        """
        if len(content) > MOST_BYTES:
            raise InvalidInput(
                f"The file has {len(content):,} bytes; a request takes {MOST_BYTES:,} at most.",
                "Hand over the message without its large attachments, or use the Submissions page.",
            )
        digest = hashlib.sha256(content).hexdigest()
        await self._scope.forget_thoroughly()
        await self._scope.changed(
            insert_or_update(
                self._scope.dialect,
                AttachmentRow,
                {
                    "tenant_id": self._scope.tenant_id,
                    "request_id": request_id,
                    "name": name,
                    "digest": digest,
                    "created_at": self._scope.clock(),
                    "content": content,
                },
                key=("tenant_id", "request_id"),
                update=("name", "digest", "created_at", "content"),
            )
        )
        return digest

    async def get(self, request_id: int) -> tuple[str, bytes] | None:
        """The name and the content of the file that is kept with a request; None if there is none."""
        found = (
            await self._scope.session.execute(
                select(AttachmentRow.name, AttachmentRow.content).where(
                    AttachmentRow.request_id == request_id, AttachmentRow.tenant_id == self._scope.tenant_id
                )
            )
        ).one_or_none()
        return None if found is None else (found.name, found.content)

    async def drop(self, request_id: int) -> bool:
        """Delete the file that is kept with a request; False if there was none.

        SQLite writes noughts over it. PostgreSQL frees its room at the next vacuum.
        """
        await self._scope.forget_thoroughly()
        return (
            await self._scope.changed(
                delete(AttachmentRow).where(
                    AttachmentRow.request_id == request_id, AttachmentRow.tenant_id == self._scope.tenant_id
                )
            )
            == 1
        )
