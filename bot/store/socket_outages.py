"""The times in which a process had no Socket Mode connection, and the message in which each is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from bot.store.scope import Scope
from bot.store.slack_tables import SocketOutageRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketOutage:
    """One such time. `ended_at` is None while it lasts; `channel` and `ts` are empty until it was told."""

    id: int
    process: str
    began_at: datetime
    ended_at: datetime | None
    channel: str
    ts: str


class SocketOutages:
    """Those of one tenant's processes, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def begin(self, process: str, *, at: datetime) -> int:
        """Write down that a process has had no connection since then; the outage's number. Once, however often."""
        known = await self._scope.session.scalar(
            select(SocketOutageRow.id).where(
                SocketOutageRow.tenant_id == self._scope.tenant_id,
                SocketOutageRow.process == process,
                SocketOutageRow.began_at == at,
                SocketOutageRow.ended_at.is_(None),
            )
        )
        if known is not None:
            return int(known)
        row = insert(SocketOutageRow).values(
            tenant_id=self._scope.tenant_id, process=process, began_at=at, channel="", ts=""
        )
        number = await self._scope.session.scalar(row.returning(SocketOutageRow.id))
        assert number is not None  # noqa: S101 - inserted above
        return int(number)

    async def find(self, number: int) -> SocketOutage | None:
        """The outage of this number, if it is still on record."""
        row = await self._scope.session.scalar(
            select(SocketOutageRow).where(
                SocketOutageRow.tenant_id == self._scope.tenant_id, SocketOutageRow.id == number
            )
        )
        return None if row is None else _outage(row)

    async def lasting(self) -> list[SocketOutage]:
        """Those that haven't ended, oldest first."""
        rows = await self._scope.session.scalars(
            select(SocketOutageRow)
            .where(SocketOutageRow.tenant_id == self._scope.tenant_id, SocketOutageRow.ended_at.is_(None))
            .order_by(SocketOutageRow.id)
        )
        return [_outage(row) for row in rows]

    async def end(self, number: int, *, at: datetime) -> bool:
        """Write down that an outage is over; False when that stands there already."""
        return (
            await self._scope.changed(
                update(SocketOutageRow)
                .where(
                    SocketOutageRow.tenant_id == self._scope.tenant_id,
                    SocketOutageRow.id == number,
                    SocketOutageRow.ended_at.is_(None),
                )
                .values(ended_at=at)
            )
            == 1
        )

    async def note_message(self, number: int, *, channel: str, ts: str) -> None:
        """Remember the message in which an outage was told."""
        await self._scope.changed(
            update(SocketOutageRow)
            .where(SocketOutageRow.tenant_id == self._scope.tenant_id, SocketOutageRow.id == number)
            .values(channel=channel, ts=ts)
        )

    async def forget(self, before: datetime) -> int:
        """Delete what ended before a time; how many."""
        return await self._scope.changed(
            delete(SocketOutageRow).where(
                SocketOutageRow.tenant_id == self._scope.tenant_id, SocketOutageRow.ended_at < before
            )
        )


def _outage(row: SocketOutageRow) -> SocketOutage:
    return SocketOutage(
        id=row.id,
        process=row.process,
        began_at=row.began_at,
        ended_at=row.ended_at,
        channel=row.channel,
        ts=row.ts,
    )
