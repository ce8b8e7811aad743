"""What Portcullis knows of the entries it made: who asked for them, and until when.

The connection filter keeps neither a date nor a note, so that for its entries this is the only record.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, text, update
from sqlalchemy.sql.dml import Insert

from bot.aside import aside
from bot.domain.auditing.events import clean_text
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.store.databases import in_chunks, insert_or_update
from bot.store.scope import Scope
from bot.store.tables import KnownEntryRow

_KEY = ("tenant_id", "list", "action", "value")
_FACTS = ("requester", "request_id", "reason", "since", "expires", "notes")
#: By what the columns hold: for thousands of entries quicker than to ask the enums.
_LISTS = {name.value: name for name in ListName}
_ACTIONS = {action.value: action for action in Action}
#: What `entry_of` reads, the number of its row first.
COLUMNS = tuple(getattr(KnownEntryRow, name) for name in ("id", "list", "action", "value", *_FACTS))
# Columns, not mapped rows: there may be thousands.
_ACTIVE = (
    select(*COLUMNS)
    .where(KnownEntryRow.tenant_id == bindparam("tenant_id"), KnownEntryRow.ended_at.is_(None))
    .order_by(KnownEntryRow.id)
)
#: Asked at each check.
_NAMED = _ACTIVE.where(KnownEntryRow.value.in_(bindparam("named", expanding=True)))
_NAMED_LOCKED = _NAMED.with_for_update()


class KnownEntries:
    """The known entries of one tenant, within one unit of work. An entry is known by its list, action and value."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def put(self, entry: KnownEntry, *, replace: bool = False) -> bool:
        """Record an entry that the tenant holds now, in place of what was known of the same entry.

        What another request keeps of it until later stays, though, but with `replace`: the tenant keeps one entry for
        both, and it must not be taken out before the later end (None: never). Returns whether it was recorded.
        """
        recorded = await self._scope.prepared(self._upsert(replace=replace), self._values(entry))
        return recorded.rowcount == 1

    async def put_all(self, entries: Collection[KnownEntry], *, replace: bool = False) -> None:
        """Record entries as `put` does; of several for the same entry, in their order."""
        # Everybody takes the rows in one order: otherwise two who write the same ones could wait for each other.
        in_order = sorted(entries, key=lambda entry: (entry.list, entry.action, entry.value))
        await self._scope.many(self._upsert(replace=replace), [self._values(entry) for entry in in_order])

    def _upsert(self, *, replace: bool) -> Insert:
        return _upsert(self._scope.dialect.name, replace=replace)

    def _values(self, entry: KnownEntry) -> dict[str, Any]:
        return {
            "tenant_id": self._scope.tenant_id,
            "list": entry.list.value,
            "action": entry.action.value,
            "value": entry.value,
            "requester": entry.requester,
            "request_id": entry.request_id,
            "reason": entry.reason,
            "since": entry.since,
            "expires": entry.expires,
            "notes": entry.notes,
            "ended_how": "",
        }

    async def end_all(self, entries: Collection[KnownEntry], at: datetime, how: str) -> list[KnownEntry]:
        """The entries are no longer their requests' (`how`: expired, removed, missing …). What another request keeps of
        the same value stays as it is.

        Returns those that ended by this, and not before.
        """
        ours = {(entry.list.value, entry.action.value, entry.value, entry.request_id) for entry in entries}
        ending: list[Any] = []
        for values in in_chunks(sorted({clean_text(entry.value) for entry in entries})):
            # Locked in one order, so that two who end the same entries wait for each other and don't collide.
            named = {"tenant_id": self._scope.tenant_id, "named": values}
            ending += [
                row
                for row in await self._scope.prepared(_NAMED_LOCKED, named)
                if (row.list, row.action, row.value, row.request_id) in ours
            ]
        for rows in in_chunks(ending):
            await self._scope.changed(
                update(KnownEntryRow)
                .where(KnownEntryRow.id.in_([row.id for row in rows]))
                .values(ended_at=at, ended_how=how)
            )
        return [entry_of(row) for row in sorted(ending, key=lambda row: row.id)]

    async def active(
        self,
        list_name: ListName | None = None,
        *,
        values: Collection[str] | None = None,
        request_id: int | None = None,
        lock: bool = False,
    ) -> list[KnownEntry]:
        """The entries that have not ended, in the order in which they came (of `put_all`: by list, action and value).

        Everything given must hold. With `lock`, nobody else changes them until this unit of work ends.
        """
        given: dict[str, Any] = {"tenant_id": self._scope.tenant_id}
        if list_name is not None:
            given["its_list"] = list_name.value
        if request_id is not None:
            given["its_request"] = request_id
        query = _query(frozenset(given), named=values is not None, lock=lock)
        if values is None:
            found = (await self._scope.prepared(query, given)).all()
            return await aside(len(found), lambda: list(map(entry_of, found)))
        rows = [
            row
            for chunk in in_chunks(sorted({clean_text(value) for value in values}))
            for row in await self._scope.prepared(query, {**given, "named": chunk})
        ]
        return await aside(len(rows), lambda: list(map(entry_of, sorted(rows, key=lambda row: row.id))))


@cache
def _query(given: frozenset[str], *, named: bool, lock: bool) -> Select[*tuple[Any, ...]]:
    query = _NAMED if named else _ACTIVE
    if "its_list" in given:
        query = query.where(KnownEntryRow.list == bindparam("its_list"))
    if "its_request" in given:
        query = query.where(KnownEntryRow.request_id == bindparam("its_request"))
    return query.with_for_update() if lock else query


@cache
def _upsert(dialect: str, *, replace: bool) -> Insert:
    row = KnownEntryRow
    return insert_or_update(
        dialect,
        KnownEntryRow,
        key=_KEY,
        update=_FACTS,
        key_where=text("ended_at IS NULL"),
        only_where=None
        if replace
        else lambda new: or_(
            row.request_id == new["request_id"], new["expires"].is_(None), row.expires <= new["expires"]
        ),
    )


def entry_of(row: Sequence[Any]) -> KnownEntry:
    """The entry in a row of `COLUMNS`."""
    _, list_name, action, value, requester, request_id, reason, since, expires, notes = row
    return KnownEntry(
        list=_LISTS[list_name],
        action=_ACTIONS[action],
        value=value,
        requester=requester,
        request_id=request_id,
        reason=reason,
        since=since,
        expires=expires,
        notes=notes,
    )
