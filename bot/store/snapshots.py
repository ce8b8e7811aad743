"""The tenant's lists as they were last read: a row for each list, so that one that can't be read hides no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.domain.audit import iso
from bot.domain.lists import Action, Entry, FilterPolicy, ListName, TenantLists
from bot.store.databases import insert_or_update
from bot.store.scope import Scope
from bot.store.tables import SnapshotRow

#: The tenant's own domains are kept beside its lists.
_DOMAINS = "accepted_domains"
_TIMES = ("expires", "last_used", "created")


class Snapshots:
    """The last reading of one tenant's lists, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save(self, lists: TenantLists) -> None:
        """Keep a reading, unread lists with their reason among it. One older than what is kept is ignored."""
        for name in ListName:
            error = lists.unreadable.get(name, "")
            records: dict[str, Any] = {}
            if not error:
                records["entries"] = [_entry_out(entry) for entry in lists.entries if entry.list is name]
            if name is ListName.CONNECTION_FILTER and not error:
                records["policies"] = [asdict(policy) for policy in lists.policies]
            await self._write(name.value, lists.as_of, records, error)
        await self._write(_DOMAINS, lists.as_of, {"domains": sorted(lists.accepted_domains)}, "")

    async def load(self) -> TenantLists | None:
        """The last reading, as of its oldest part; None before the first one."""
        rows = await self._rows()
        if not rows:
            return None
        entries: list[Entry] = []
        policies: tuple[FilterPolicy, ...] = ()
        unreadable: dict[ListName, str] = {}
        domains: frozenset[str] = frozenset()
        for name, row in rows.items():
            if name == _DOMAINS:
                domains = frozenset(row.records["domains"])
            elif row.error:
                unreadable[ListName(name)] = row.error
            else:
                entries += [_entry_in(record) for record in row.records["entries"]]
                policies += tuple(_policy_in(record) for record in row.records.get("policies", ()))
        return TenantLists(
            as_of=min(row.as_of for row in rows.values()),
            policies=policies,
            entries=tuple(entries),
            unreadable=unreadable,
            accepted_domains=domains,
        )

    async def times(self) -> Mapping[ListName, datetime]:
        """When each list was last read, or last could not be read."""
        return {ListName(name): row.as_of for name, row in (await self._rows()).items() if name != _DOMAINS}

    async def _rows(self) -> dict[str, SnapshotRow]:
        query = select(SnapshotRow).where(SnapshotRow.tenant_id == self._scope.tenant_id)
        rows = {row.list: row for row in await self._scope.session.scalars(query)}
        # In the order of the lists, so that what is loaded equals what was saved whatever order the database gives.
        return {name: rows[name] for name in (*ListName, _DOMAINS) if name in rows}

    async def _write(self, name: str, as_of: datetime, records: dict[str, Any], error: str) -> None:
        await self._scope.changed(
            insert_or_update(
                self._scope.dialect,
                SnapshotRow,
                {
                    "tenant_id": self._scope.tenant_id,
                    "list": name,
                    "as_of": as_of,
                    "records": records,
                    "error": error,
                },
                key=("tenant_id", "list"),
                update=("as_of", "records", "error"),
                newer="as_of",
            )
        )


def _entry_out(entry: Entry) -> dict[str, Any]:
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in asdict(entry).items()}


def _entry_in(record: Mapping[str, Any]) -> Entry:
    times = {name: datetime.fromisoformat(record[name]) if record[name] else None for name in _TIMES}
    return Entry(**{**record, **times, "list": ListName(record["list"]), "action": Action(record["action"])})


def _policy_in(record: Mapping[str, Any]) -> FilterPolicy:
    return FilterPolicy(**{**record, "allow": tuple(record["allow"]), "block": tuple(record["block"])})
