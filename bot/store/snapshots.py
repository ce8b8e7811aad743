"""The tenant's lists as they were last read: a row for each part, so that one that can't be read hides no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, TypeAlias

from sqlalchemy import bindparam, select, update

from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName
from bot.store.databases import insert_or_update
from bot.store.scope import Scope
from bot.store.snapshot_text import (
    DOMAINS,
    PARTS,
    Contents,
    PreparedSnapshot,
    SnapshotMemory,
    SnapshotPart,
    assemble,
    parse,
    prepare,
    text_of,
)
from bot.store.table import core
from bot.store.tables import SnapshotRow

_table = core(SnapshotRow)
_ROWS = select(_table.c.list, _table.c.as_of, _table.c.digest, _table.c.error).where(
    _table.c.tenant_id == bindparam("tenant_id")
)
_DIGEST = select(_table.c.digest).where(
    _table.c.tenant_id == bindparam("tenant_id"), _table.c.list == bindparam("list")
)
_TOUCH = (
    update(_table)
    .where(
        _table.c.tenant_id == bindparam("its_tenant"),
        _table.c.list == bindparam("its_list"),
        _table.c.digest == bindparam("its_digest"),
        _table.c.error == bindparam("its_error"),
        _table.c.as_of <= bindparam("read_at"),
    )
    .values(as_of=bindparam("read_at"))
)
_REPLACE = (
    update(_table)
    .where(
        _table.c.tenant_id == bindparam("its_tenant"),
        _table.c.list == bindparam("its_list"),
        _table.c.as_of <= bindparam("read_at"),
    )
    .values(
        as_of=bindparam("read_at"),
        error=bindparam("new_error"),
        digest=bindparam("new_digest"),
        records=bindparam("new_records"),
    )
)
_RECORDS = _DIGEST.with_only_columns(_table.c.records)

_PLACE_OF = {name: place for place, name in enumerate(PARTS)}
_NAMES = {name.value: name for name in ListName}

#: What parts hold, by name and digest.
_Held: TypeAlias = dict[tuple[str, str], Contents]


class _Row(NamedTuple):
    """A part as it is kept, without its records."""

    list: str
    as_of: datetime
    digest: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLists:
    """The tenant's lists as they were last read."""

    lists: Snapshot
    ages: Mapping[ListName, datetime]  #: when each list was read; without those that could not be


class Snapshots:
    """The last reading of one tenant's lists, within one unit of work."""

    def __init__(self, scope: Scope, memory: SnapshotMemory) -> None:
        self._scope = scope
        self._memory = memory
        self._kept: KeptLists | None = None

    async def save(self, lists: Snapshot | PreparedSnapshot) -> None:
        """Keep a reading, unread lists with their reason among it. One older than what is kept is ignored.

        A reading of some lists leaves the others as they are kept. It is ignored before the first whole one: what was
        never read would look like a list that is empty.

        Give what `Store.prepare` made of the lists: it is a second's work for a full tenant, and everybody else who
        writes would wait for it.
        """
        reading = lists if isinstance(lists, PreparedSnapshot) else await prepare(lists)
        for part in reading.parts:
            keep = self._write if reading.is_whole else self._replace
            if await self._touch(part, reading) or await keep(part, reading):
                self._memory.put(part.name, part.digest, part.contents)

    async def load(self) -> Snapshot | None:
        """The last reading, as of its oldest part; None before the first one.

        What has not changed since this process last saved or loaded it comes from memory.
        """
        kept = await self.kept()
        return None if kept is None else kept.lists

    async def kept(self) -> KeptLists | None:
        """The same with when each list was read, as `age` has it, at one look; what only reads looks once."""
        if self._kept is None or not self._scope.only_reads:
            self._kept = await self._look()
        return self._kept

    async def _look(self) -> KeptLists | None:
        rows = await self._rows()
        held = self._remembered(rows)
        if len(held) < len(rows):
            async with self._memory.fetching:
                rows, held = await self._fetch()
        if not rows:
            return None
        as_of = min(row.as_of for row in rows)
        lists = self._memory.assembled(
            [(row.list, row.digest, row.error) for row in rows],
            lambda: assemble(
                as_of=as_of,
                contents={row.list: held[row.list, row.digest] for row in rows},
                unreadable={ListName(row.list): row.error for row in rows if row.error},
            ),
        )
        if lists.as_of != as_of:
            lists = replace(lists, as_of=as_of)
        return KeptLists(lists=lists, ages=_ages(rows))

    async def accepted_domains(self) -> frozenset[str]:
        """The tenant's own domains as they were last read, without the lists, which take a while to put together; none
        before the first reading."""
        mine = {"tenant_id": self._scope.tenant_id, "list": DOMAINS}
        digest = (await self._scope.prepared(_DIGEST, mine)).scalar()
        if digest is None:
            return frozenset()
        if (held := self._memory.get(DOMAINS, digest)) is None:
            records = (await self._scope.prepared(_RECORDS, mine)).scalar()
            held = await parse(DOMAINS, records or "")
        return frozenset(name for name in held if isinstance(name, str))

    async def age(self) -> Mapping[ListName, datetime] | None:
        """When each list was last read, at little cost; None before the first reading.

        A list that could not be read then is left out: nothing is known of it.
        """
        rows = await self._rows()
        return _ages(rows) if rows else None

    async def tenants(self) -> list[str]:
        """Every tenant of which this database has a snapshot, not only this one."""
        rows = await self._scope.session.scalars(
            select(SnapshotRow.tenant_id).distinct().order_by(SnapshotRow.tenant_id)
        )
        return [str(tenant_id) for tenant_id in rows]

    async def _fetch(self) -> tuple[list[_Row], _Held]:
        """Read and parse what isn't remembered, until it belongs together: a part may change between two looks."""
        held: _Held = {}
        while True:
            rows = await self._rows()
            held |= self._remembered(rows)
            missing = [row.list for row in rows if (row.list, row.digest) not in held]
            if not missing:
                return rows, held
            query = select(SnapshotRow.list, SnapshotRow.digest, SnapshotRow.records).where(
                SnapshotRow.tenant_id == self._scope.tenant_id, SnapshotRow.list.in_(missing)
            )
            for name, digest, records in (await self._scope.session.execute(query)).all():
                held[name, digest] = await parse(name, records)
                self._memory.put(name, digest, held[name, digest])

    async def _rows(self) -> list[_Row]:
        """Everything but the records, in the order of the parts: what is loaded equals what was saved."""
        found = await self._scope.prepared(_ROWS, {"tenant_id": self._scope.tenant_id})
        rows = [_Row(*row) for row in found if row.list in _PLACE_OF]
        return sorted(rows, key=lambda row: _PLACE_OF[row.list])

    def _remembered(self, rows: list[_Row]) -> _Held:
        found = {(row.list, row.digest): self._memory.get(row.list, row.digest) for row in rows}
        return {key: contents for key, contents in found.items() if contents is not None}

    async def _touch(self, part: SnapshotPart, reading: PreparedSnapshot) -> bool:
        """Note that a part is still so; False when something else is kept, or something newer."""
        known = {"its_list": part.name, "its_digest": part.digest, "its_error": part.error, "read_at": reading.as_of}
        touched = await self._scope.prepared(_TOUCH, {"its_tenant": self._scope.tenant_id, **known})
        return touched.rowcount == 1

    async def _replace(self, part: SnapshotPart, reading: PreparedSnapshot) -> bool:
        replaced = await self._scope.prepared(
            _REPLACE,
            {
                "its_tenant": self._scope.tenant_id,
                "its_list": part.name,
                "read_at": reading.as_of,
                "new_error": part.error,
                "new_digest": part.digest,
                "new_records": await text_of(part),
            },
        )
        return replaced.rowcount == 1

    async def _write(self, part: SnapshotPart, reading: PreparedSnapshot) -> bool:
        written = await self._scope.changed(
            insert_or_update(
                self._scope.dialect,
                SnapshotRow,
                {
                    "tenant_id": self._scope.tenant_id,
                    "list": part.name,
                    "as_of": reading.as_of,
                    "error": part.error,
                    "digest": part.digest,
                    "records": await text_of(part),
                },
                key=("tenant_id", "list"),
                update=("as_of", "error", "digest", "records"),
                only_where=lambda new: SnapshotRow.as_of <= new["as_of"],
            )
        )
        return written == 1


def _ages(rows: list[_Row]) -> Mapping[ListName, datetime]:
    return {_NAMES[row.list]: row.as_of for row in rows if row.list in _NAMES and not row.error}
