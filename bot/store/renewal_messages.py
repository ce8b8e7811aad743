"""The messages in which owners, and the approvers together, are asked about renewals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from bot.store.databases import insert_or_update
from bot.store.renewal_tables import RenewalMessageRow
from bot.store.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalMessage:
    """The last message in which somebody was asked: the how manieth, where it stands, and what it shows."""

    number: int
    channel: str  #: empty: nobody knows where it stands
    ts: str
    shown: tuple[str, ...]


class RenewalMessages:
    """The last message of each reader, of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def find(self, reader: str) -> RenewalMessage | None:
        """The last message in which somebody was asked, if there was one."""
        rows = RenewalMessageRow
        row = await self._scope.session.scalar(
            select(rows).where(rows.tenant_id == self._scope.tenant_id, rows.reader == reader)
        )
        return None if row is None else _message(row)

    async def standing(self) -> Mapping[str, RenewalMessage]:
        """Where a message stands, by its reader."""
        rows = await self._scope.session.scalars(
            select(RenewalMessageRow).where(
                RenewalMessageRow.tenant_id == self._scope.tenant_id, RenewalMessageRow.channel != ""
            )
        )
        return {row.reader: _message(row) for row in rows}

    async def note(self, reader: str, message: RenewalMessage) -> None:
        """Somebody's last message is this one, or shows this from now on."""
        values = {
            "tenant_id": self._scope.tenant_id,
            "reader": reader,
            "number": message.number,
            "channel": message.channel,
            "ts": message.ts,
            "shown": list(message.shown),
        }
        await self._scope.changed(
            insert_or_update(
                self._scope.dialect,
                RenewalMessageRow,
                values,
                key=("tenant_id", "reader"),
                update=("number", "channel", "ts", "shown"),
            )
        )


def _message(row: RenewalMessageRow) -> RenewalMessage:
    return RenewalMessage(
        number=row.number, channel=row.channel, ts=row.ts, shown=tuple(str(each) for each in row.shown)
    )
