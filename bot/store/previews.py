"""Imports that were shown before anything of them is requested: each with what was given, until it is over.

Each change is a compare-and-set on the version, so that of two clicks on one message only one counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, insert, select, update

from bot.aside import aside
from bot.domain.importing.preview import ImportPreview, PreviewState, Shown, ShownLine
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.import_reading import Given
from bot.errors import NotFound
from bot.store.column_types import json_text, of_json_text
from bot.store.scope import Scope, short_key
from bot.store.tables import ImportPreviewRow

#: All but what is large: what was given, and what was shown.
_COLUMNS = tuple(
    getattr(ImportPreviewRow, name)
    for name in (
        *("id", "owner", "state", "version", "delivery", "operation", "action", "end", "reason", "name", "sha256"),
        *("read_by", "takes_ends", "channel", "ts", "created_at"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedShown:
    """What a version shows, ready to be kept."""

    text: str = field(repr=False)


async def prepare_shown(shown: Shown) -> PreparedShown:
    """Make what a version shows ready for `Previews.show`, outside its transaction: a while's work for many lines."""
    text = await aside(len(shown.lines), lambda: json_text(_shown_out(shown)))
    return PreparedShown(text=text)


class Previews:
    """The previews of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(
        self,
        given: Given,
        *,
        owner: str,
        delivery: str,
        operation: Operation,
        action: Action,
        end: str,
        reason: str,
    ) -> ImportPreview:
        """Keep what somebody gave, in an open preview of version 1 of which nothing has been shown yet.

        Added again under the same `delivery`, it is the one that is there.
        """
        if (before := await self._find(ImportPreviewRow.delivery == short_key(delivery))) is not None:
            return before
        content = given.content if isinstance(given.content, bytes) else given.content.encode("utf-8", "surrogatepass")
        now = self._scope.clock()
        await self._scope.session.execute(
            insert(ImportPreviewRow).values(
                tenant_id=self._scope.tenant_id,
                owner=owner,
                state=PreviewState.OPEN.value,
                version=1,
                delivery=short_key(delivery),
                operation=operation.value,
                action=action.value,
                end=end,
                reason=reason,
                name=given.name,
                sha256=hashlib.sha256(content).hexdigest(),
                read_by="",
                takes_ends=False,
                channel="",
                ts="",
                created_at=now,
                changed_at=now,
                shown=None,
                is_text=isinstance(given.content, str),
                content=content,
            )
        )
        made = await self.made_of(delivery)
        assert made is not None  # noqa: S101 - inserted above
        return made

    async def get(self, preview_id: int, *, lock: bool = False) -> ImportPreview:
        """The preview as it is now. With `lock`, nobody else changes it until this unit of work ends.

        Raises NotFound when this tenant has none, or no longer.
        """
        found = await self._find(ImportPreviewRow.id == preview_id, lock=lock)
        if found is None:
            raise NotFound("This preview of an import is no longer kept.", "Give the file or the lines once more.")
        return found

    async def made_of(self, delivery: str) -> ImportPreview | None:
        """The preview of what was given by a delivery; None where none was made of it, or it is no longer kept."""
        return await self._find(ImportPreviewRow.delivery == short_key(delivery))

    async def find_at(self, channel: str, ts: str) -> ImportPreview | None:
        """The preview whose message stands there; None where that is no preview's."""
        return await self._find(and_(ImportPreviewRow.channel == channel, ImportPreviewRow.ts == ts))

    async def given(self, preview_id: int) -> Given | None:
        """What was given, as it was; None when it is no longer kept."""
        row = ImportPreviewRow
        found = (
            await self._scope.session.execute(
                select(row.name, row.is_text, row.content).where(row.id == preview_id, self._mine())
            )
        ).one_or_none()
        if found is None or found.content is None:
            return None
        content = found.content.decode("utf-8", "surrogatepass") if found.is_text else found.content
        return Given(content=content, name=found.name)

    async def shown(self, preview_id: int) -> Shown | None:
        """What the newest version showed; None when nothing has been shown of it."""
        found: Mapping[str, Any] | None = await self._scope.session.scalar(
            select(ImportPreviewRow.shown).where(ImportPreviewRow.id == preview_id, self._mine())
        )
        return None if found is None else await aside(len(found["lines"]), _shown, found)

    async def show(self, preview: ImportPreview, shown: PreparedShown) -> bool:
        """Keep what the next version shows; False if it is no longer open, or no longer of this version."""
        return await self._change(preview, {"shown": of_json_text(self._scope.dialect, shown.text)})

    async def read_otherwise(
        self, preview: ImportPreview, *, column: str | None = None, takes_ends: bool | None = None
    ) -> bool:
        """Have it read by another column, or with or without the rows' ends: what was shown counts no more.

        What is None stays as it is. False if it is no longer open, or no longer of this version.
        """
        change: dict[str, Any] = {"shown": None}
        if column is not None:
            change["read_by"] = column
        if takes_ends is not None:
            change["takes_ends"] = takes_ends
        return await self._change(preview, change)

    async def move(self, preview: ImportPreview, to: PreviewState) -> bool:
        """Take it to another state; False if it is no longer in the state, or no longer of the version, of `preview`.

        Once it is over, what was given and what was shown is deleted: SQLite writes noughts over it, PostgreSQL frees
        its room at the next vacuum.
        """
        change: dict[str, Any] = {"state": to.value}
        if to.is_over:
            await self._scope.forget_thoroughly()
            change |= {"content": None, "shown": None}
        return await self._change(preview, change)

    async def posted(self, preview_id: int, *, channel: str, ts: str) -> None:
        """Remember where its message stands."""
        await self._scope.changed(
            update(ImportPreviewRow)
            .where(ImportPreviewRow.id == preview_id, self._mine())
            .values(channel=channel, ts=ts)
        )

    async def open_of(self, owner: str) -> list[ImportPreview]:
        """The open previews of one person, oldest first."""
        row = ImportPreviewRow
        return await self._all(self._select().where(row.owner == owner, row.state == PreviewState.OPEN.value))

    async def unfinished_since(self, before: datetime) -> list[ImportPreview]:
        """Those that were given before a time and are not over, oldest first."""
        row = ImportPreviewRow
        states = [state.value for state in PreviewState if not state.is_over]
        return await self._all(self._select().where(row.state.in_(states), row.created_at < before))

    async def forget(self, before: datetime) -> int:
        """Delete those that were over before a time: nobody clicks on them any more. How many."""
        row = ImportPreviewRow
        states = [state.value for state in PreviewState if state.is_over]
        return await self._scope.changed(
            delete(row).where(self._mine(), row.state.in_(states), row.changed_at < before)
        )

    async def _change(self, preview: ImportPreview, change: Mapping[str, Any]) -> bool:
        row = ImportPreviewRow
        return (
            await self._scope.changed(
                update(row)
                .where(
                    row.id == preview.id,
                    self._mine(),
                    row.version == preview.version,
                    row.state == preview.state.value,
                )
                .values(version=preview.version + 1, changed_at=self._scope.clock(), **change)
            )
            == 1
        )

    async def _find(self, which: ColumnElement[bool], *, lock: bool = False) -> ImportPreview | None:
        query = self._select().where(which)
        if lock:
            query = query.with_for_update()
        return next(iter(await self._all(query)), None)

    async def _all(self, query: Select[*tuple[Any, ...]]) -> list[ImportPreview]:
        return [_preview(row) for row in await self._scope.rows(query)]

    def _select(self) -> Select[*tuple[Any, ...]]:
        return select(*_COLUMNS).where(self._mine()).order_by(ImportPreviewRow.id)

    def _mine(self) -> ColumnElement[bool]:
        return and_(ImportPreviewRow.tenant_id == self._scope.tenant_id)


def _preview(row: Row[*tuple[Any, ...]]) -> ImportPreview:
    return ImportPreview(
        id=row.id,
        owner=row.owner,
        state=PreviewState(row.state),
        version=row.version,
        delivery=row.delivery,
        operation=Operation(row.operation),
        action=Action(row.action),
        end=row.end,
        reason=row.reason,
        name=row.name,
        sha256=row.sha256,
        column=row.read_by,
        takes_ends=row.takes_ends,
        channel=row.channel,
        ts=row.ts,
        created_at=row.created_at,
    )


def _shown_out(shown: Shown) -> dict[str, Any]:
    return {
        "lines": [
            [line.list.value, line.value, line.end and line.end.isoformat()]
            for line in sorted(shown.lines, key=lambda line: (line.list, line.value))
        ],
        "columns": list(shown.columns),
    }


def _shown(found: Mapping[str, Any]) -> Shown:
    lines: Sequence[Sequence[str]] = found["lines"]
    return Shown(
        lines=frozenset(
            ShownLine(list=ListName(name), value=value, end=date.fromisoformat(end) if end else None)
            for name, value, end in lines
        ),
        columns=tuple(found["columns"]),
    )
