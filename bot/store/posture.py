"""Since when each fault of the posture has been seen, and what each scan came to."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, select, tuple_, update

from bot.domain.posture.finding import Finding, as_record, of_record
from bot.domain.posture.scans import FaultKey, KeptFault, PostureScan
from bot.store.databases import in_chunks, insert_or_ignore
from bot.store.scope import Scope
from bot.store.table import core
from bot.store.watch_tables import PostureFaultRow, PostureScanRow

#: Six parameters a row.
_AT_ONCE = 300
_PAGE = 2_000
_SAME = ("number", "at", "as_of", "findings", "grave", "added", "gone", "worse_count", "summary_of")

_faults = core(PostureFaultRow)
_FORGET = delete(_faults).where(
    and_(
        _faults.c.tenant_id == bindparam("its_tenant"),
        _faults.c.finding == bindparam("its_finding"),
        _faults.c.fault == bindparam("its_fault"),
    )
)


class PostureRecords:
    """Those of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def faults(self, findings: Collection[str] | None = None) -> dict[FaultKey, KeptFault]:
        """What is kept of all faults, or of those of some findings, by their names. A full tenant's tens of thousands
        come in pages, so that others get their turn.
        """
        rows = PostureFaultRow
        query = select(rows.finding, rows.fault, rows.place, rows.since, rows.is_told).where(
            rows.tenant_id == self._scope.tenant_id
        )
        if findings is not None:
            chunks = in_chunks(sorted(set(findings)))
            found = [row for chunk in chunks for row in await self._scope.rows(query.where(rows.finding.in_(chunk)))]
            return _kept(found)
        kept: dict[FaultKey, KeptFault] = {}
        page, last = query.order_by(rows.finding, rows.fault).limit(_PAGE), ("", "")
        while found := list(await self._scope.rows(page.where(tuple_(rows.finding, rows.fault) > last))):
            kept |= _kept(found)
            last = (str(found[-1][0]), str(found[-1][1]))
            await asyncio.sleep(0)
        return kept

    async def untold(self) -> frozenset[FaultKey]:
        """The faults of which nobody has heard that has to."""
        rows = PostureFaultRow
        query = select(rows.finding, rows.fault).where(rows.tenant_id == self._scope.tenant_id, rows.is_told.is_(False))
        return frozenset((str(finding), str(fault)) for finding, fault in await self._scope.rows(query))

    async def add(self, faults: Mapping[FaultKey, str], *, since: datetime, is_told: bool) -> None:
        """Keep faults that are new, each with its place. One that is kept already stays as it is."""
        for chunk in in_chunks(sorted(faults.items()), _AT_ONCE):
            rows = [
                {
                    "tenant_id": self._scope.tenant_id,
                    "finding": finding,
                    "fault": fault,
                    "place": place,
                    "since": since,
                    "is_told": is_told,
                }
                for (finding, fault), place in chunk
            ]
            await self._scope.changed(insert_or_ignore(self._scope.dialect, PostureFaultRow, rows))

    async def forget(self, faults: Collection[FaultKey]) -> None:
        """Forget faults that are gone: should they come back, they begin anew."""
        tenant = self._scope.tenant_id
        rows = [{"its_tenant": tenant, "its_finding": finding, "its_fault": fault} for finding, fault in faults]
        await self._scope.many(_FORGET, rows)

    async def mark_told(self) -> None:
        """Whoever has to hear of what is kept has heard of it."""
        rows = PostureFaultRow
        await self._scope.changed(
            update(rows).where(rows.tenant_id == self._scope.tenant_id, rows.is_told.is_(False)).values(is_told=True)
        )

    async def add_scan(self, scan: PostureScan) -> None:
        """Keep what a scan came to, under the number of its event."""
        same = {name: getattr(scan, name) for name in _SAME}
        await self._scope.changed(
            insert(PostureScanRow).values(
                tenant_id=self._scope.tenant_id,
                counts=dict(scan.counts),
                unseen=list(scan.unseen),
                worse=[as_record(finding) for finding in scan.worse],
                gravest=[as_record(finding) for finding in scan.gravest],
                **same,
            )
        )

    async def scan(self, number: int) -> PostureScan | None:
        """The scan that an event tells of."""
        return next(iter(await self._scans(PostureScanRow.number == number, limit=1)), None)

    async def last_scan(self, *, before: datetime | None = None) -> PostureScan | None:
        """The newest scan; with `before`, the newest of those that were made before a time."""
        earlier = [] if before is None else [PostureScanRow.at < before]
        return next(iter(await self._scans(*earlier, limit=1)), None)

    async def scans(self, *, since: datetime, limit: int) -> list[PostureScan]:
        """The scans since a time, the oldest first; of more than the limit the newest."""
        return (await self._scans(PostureScanRow.at >= since, limit=limit))[::-1]

    async def first_scan(self) -> datetime | None:
        """When the posture was first scanned; None: never."""
        rows = PostureScanRow
        query = select(func.min(rows.at)).where(rows.tenant_id == self._scope.tenant_id)
        return await self._scope.session.scalar(query)

    async def week_before(self, scan: PostureScan) -> PostureScan | None:
        """What the weekly summary of a scan is held against: the scan of the summary before it, else the first scan of
        the week; None where there is none."""
        rows = PostureScanRow
        told = await self._scans(rows.summary_of.is_not(None), rows.number < scan.number, limit=1)
        if told:
            return told[0]
        query = (
            select(rows)
            .where(
                rows.tenant_id == self._scope.tenant_id,
                rows.number < scan.number,
                rows.at >= scan.at - timedelta(days=7),
            )
            .order_by(rows.number)
            .limit(1)
        )
        return next((_scan(row) for row in await self._scope.session.scalars(query)), None)

    async def last_summary(self) -> PostureScan | None:
        """The newest scan that a weekly summary was told of."""
        return next(iter(await self._scans(PostureScanRow.summary_of.is_not(None), limit=1)), None)

    async def forget_scans(self, before: datetime) -> int:
        """Delete the scans that were made before a time; how many."""
        rows = PostureScanRow
        return await self._scope.changed(delete(rows).where(rows.tenant_id == self._scope.tenant_id, rows.at < before))

    async def _scans(self, *where: Any, limit: int) -> list[PostureScan]:  # noqa: ANN401 - conditions of SQLAlchemy
        rows = PostureScanRow
        query = (
            select(rows)
            .where(rows.tenant_id == self._scope.tenant_id, *where)
            .order_by(rows.number.desc())
            .limit(limit)
        )
        return [_scan(row) for row in await self._scope.session.scalars(query)]


def _kept(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[FaultKey, KeptFault]:
    return {
        (finding, fault): KeptFault(place=place, since=since, is_told=is_told)
        for finding, fault, place, since, is_told in rows
    }


def _scan(row: PostureScanRow) -> PostureScan:
    given: dict[str, Any] = {each.name: getattr(row, each.name) for each in fields(PostureScan)}
    return PostureScan(
        **{
            **given,
            "counts": {str(name): int(count) for name, count in row.counts.items()},
            "unseen": tuple(map(str, row.unseen)),
            "worse": _findings(row.worse),
            "gravest": _findings(row.gravest),
        }
    )


def _findings(records: Sequence[Any]) -> tuple[Finding, ...]:
    """Those that this version can read: a newer one may know other faults."""
    found = []
    for record in records:
        try:
            found.append(of_record(record))
        except (KeyError, ValueError, TypeError):
            continue
    return tuple(found)
