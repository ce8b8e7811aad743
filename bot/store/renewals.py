"""The renewals: which entries came back to their owners, and what was answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, update

from bot.domain.auditing.events import clean_text
from bot.domain.figures.as_json import found_in, found_out
from bot.domain.figures.figures import Found
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Answer, Closing, PassedOn, Renewal, RenewalState
from bot.domain.requests.renewing import Renewing
from bot.store.databases import in_chunks
from bot.store.known_entries import COLUMNS as ENTRY_COLUMNS
from bot.store.known_entries import entry_of
from bot.store.renewal_tables import RenewalRow
from bot.store.scope import Scope
from bot.store.table import core
from bot.store.tables import KnownEntryRow

_INSERT = insert(core(RenewalRow))


class Renewals:
    """The renewals of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def owners_due(self, rules: Renewing, *, now: datetime, after: str, limit: int) -> list[str]:
        """Those of whose entries one is due now, as `bot.domain.requests.renewing.is_due` has it; at most so many, from
        `after` one on."""
        if (due := self._due(rules, now)) is None:
            return []
        owner = KnownEntryRow.requester
        query = select(owner).where(due, owner > after).distinct().order_by(owner).limit(limit)
        return list(await self._scope.session.scalars(query))

    async def due(
        self, rules: Renewing, owner: str, *, now: datetime, after: int, limit: int
    ) -> list[tuple[int, KnownEntry]]:
        """What of somebody's is due now or in the next days, each with the number of its row, from `after` one on."""
        if (due := self._due(rules, now + rules.together, ends_after=now)) is None:
            return []
        query = (
            select(*ENTRY_COLUMNS)
            .where(due, KnownEntryRow.requester == owner, KnownEntryRow.id > after)
            .order_by(KnownEntryRow.id)
            .limit(limit)
        )
        return [(row[0], entry_of(row)) for row in await self._scope.rows(query)]

    async def add(self, entries: Collection[KnownEntry], *, at: datetime, answer_by: datetime) -> list[Renewal]:
        """Open a renewal for each of these entries, none of which has one. They are asked of their requesters."""
        rows = [
            {
                "tenant_id": self._scope.tenant_id,
                "list": entry.list.value,
                "action": entry.action.value,
                "value": entry.value,
                "request_id": entry.request_id,
                "owner": entry.requester,
                "state": RenewalState.ASKED.value,
                "version": 1,
                "asked_at": at,
                "answer_by": answer_by,
                "why": "",
                "answer": "",
                "closing": "",
            }
            for entry in entries
        ]
        await self._scope.many(_INSERT, rows)
        keys = {(entry.list, entry.action, clean_text(entry.value)) for entry in entries}
        opened = await self._of_values({value for *_, value in keys}, RenewalRow.closed_at.is_(None))
        return [each for each in opened if (each.list, each.action, each.value) in keys]

    async def find(self, numbers: Collection[int], *, lock: bool = False) -> dict[int, Renewal]:
        """The renewals with these numbers. With `lock` nobody else changes them meanwhile."""
        query = self._query().where(RenewalRow.id.in_(sorted(numbers)))
        return {each.id: each for each in await self._found(query.with_for_update() if lock else query)}

    async def page(
        self,
        states: Collection[RenewalState],
        *,
        owner: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Renewal]:
        """Those in some states, of one owner or of all, the oldest first, from `after` one on."""
        query = self._query().where(*self._in(states, owner), RenewalRow.id > after)
        return await self._found(query if limit is None else query.limit(limit))

    async def count(self, states: Collection[RenewalState], *, owner: str | None = None) -> int:
        """How many there are in some states, of one owner or of all."""
        query = select(func.count()).select_from(RenewalRow).where(*self._in(states, owner))
        return int(await self._scope.session.scalar(query) or 0)

    async def readers(self) -> set[str]:
        """The owners who have something to answer, or are shown what they answered."""
        query = select(RenewalRow.owner).where(*self._in({RenewalState.ASKED, RenewalState.ANSWERED}, None)).distinct()
        return set(await self._scope.session.scalars(query))

    async def about(
        self, name: ListName, action: Action, values: Collection[str] | None, *, lock: bool = False
    ) -> list[Renewal]:
        """The open ones of some entries of a half of a list; None: of all."""
        half = [
            RenewalRow.closed_at.is_(None),
            RenewalRow.list == name.value,
            RenewalRow.action == action.value,
        ]
        if values is not None:
            return await self._of_values({clean_text(value) for value in values}, *half, lock=lock)
        query = self._query().where(*half)
        return await self._found(query.with_for_update() if lock else query)

    async def set(
        self,
        renewal: Renewal,
        state: RenewalState,
        *,
        why: PassedOn | None = None,
        answer: Answer | None = None,
        answer_id: int | None = None,
        closing: Closing | None = None,
        at: datetime,
    ) -> bool:
        """Bring a renewal into another state, as another version; False where it isn't the given version any more.

        Whoever is to answer from now on is to be told anew. What was passed on stays known for why.
        """
        passed = why or renewal.why
        values: dict[str, object] = {
            "state": state.value,
            "version": renewal.version + 1,
            "why": "" if passed is None else passed.value,
            "answer": "" if answer is None else answer.value,
            "answer_id": answer_id,
            "closing": "" if closing is None else closing.value,
            "closed_at": at if state is RenewalState.CLOSED else None,
        }
        if state.waits:
            values["told_at"] = None
        changed = await self._scope.changed(
            update(RenewalRow)
            .where(
                RenewalRow.tenant_id == self._scope.tenant_id,
                RenewalRow.id == renewal.id,
                RenewalRow.version == renewal.version,
                RenewalRow.state == renewal.state.value,
            )
            .values(**values)
        )
        return changed == 1

    async def answer_all(self, renewals: Collection[Renewal], answer: Answer, *, answer_id: int) -> None:
        """Bring renewals that wait, and that this unit of work holds locked, to be answered by one request, each as
        another version. Why some were passed on stays known."""
        rows = RenewalRow
        for some in in_chunks(sorted(each.id for each in renewals)):
            await self._scope.changed(
                update(rows)
                .where(rows.tenant_id == self._scope.tenant_id, rows.id.in_(some))
                .values(
                    state=RenewalState.ANSWERED.value,
                    version=rows.version + 1,
                    answer=answer.value,
                    answer_id=answer_id,
                )
            )

    async def untold(self, state: RenewalState, *, owner: str | None = None) -> list[tuple[int, int]]:
        """Those in a state of which whoever is to answer hasn't been told, each with its version."""
        query = select(RenewalRow.id, RenewalRow.version).where(*self._in({state}, owner), RenewalRow.told_at.is_(None))
        return [(number, version) for number, version in await self._scope.rows(query)]

    async def note_told(self, told: Collection[tuple[int, int]], *, at: datetime) -> None:
        """Whoever is to answer these, in these versions, has been told of them; not of what has changed since."""
        by_version: dict[int, list[int]] = defaultdict(list)
        for number, version in told:
            by_version[version].append(number)
        for version, numbers in sorted(by_version.items()):
            for some in in_chunks(sorted(numbers)):
                await self._scope.changed(
                    update(RenewalRow)
                    .where(
                        RenewalRow.tenant_id == self._scope.tenant_id,
                        RenewalRow.id.in_(some),
                        RenewalRow.version == version,
                        RenewalRow.told_at.is_(None),
                    )
                    .values(told_at=at)
                )

    async def note_reminded(self, owner: str, *, told_before: datetime, at: datetime) -> None:
        """An owner was reminded of all that they had been told of before a time."""
        rows = RenewalRow
        await self._scope.changed(
            update(rows)
            .where(
                *self._in({RenewalState.ASKED}, owner),
                rows.told_at < told_before,
                rows.reminded_at.is_(None),
            )
            .values(reminded_at=at)
        )

    async def is_untold(self, state: RenewalState, *, owner: str | None = None) -> bool:
        """Whether whoever is to answer those in a state hasn't been told of one of them."""
        query = select(RenewalRow.id).where(*self._in({state}, owner), RenewalRow.told_at.is_(None)).limit(1)
        return await self._scope.session.scalar(query) is not None

    async def figures(self, numbers: Collection[int]) -> dict[int, Found]:
        """What mail there was of some, by their numbers, as it was counted when their owners were asked."""
        query = select(RenewalRow.id, RenewalRow.figures).where(
            RenewalRow.tenant_id == self._scope.tenant_id, RenewalRow.id.in_(sorted(numbers))
        )
        kept = {number: found_in(stored) for number, stored in await self._scope.rows(query) if stored}
        return {number: found for number, found in kept.items() if found is not None}

    async def note_figures(self, number: int, found: Found) -> None:
        """Keep what mail there is of one."""
        await self._scope.changed(
            update(RenewalRow)
            .where(RenewalRow.tenant_id == self._scope.tenant_id, RenewalRow.id == number)
            .values(figures=found_out(found))
        )

    def _due(self, rules: Renewing, now: datetime, *, ends_after: datetime | None = None) -> ColumnElement[bool] | None:
        """That an entry is due at a time; None where nothing is."""
        if rules.every is None:
            return None
        entry, renewal = KnownEntryRow, RenewalRow
        since = now - rules.every
        same = and_(
            renewal.tenant_id == entry.tenant_id,
            renewal.list == entry.list,
            renewal.action == entry.action,
            renewal.value == entry.value,
            or_(
                renewal.closed_at.is_(None),
                and_(renewal.closing == Closing.STAYS.value, renewal.closed_at > since),
            ),
        )
        is_endless = entry.expires.is_(None)
        lasts = or_(is_endless, entry.expires > (ends_after or now) + rules.every)
        concerned = entry.action == Action.ALLOW.value
        if rules.blocks:
            concerned = or_(concerned, is_endless)
        return and_(
            entry.tenant_id == self._scope.tenant_id,
            entry.ended_at.is_(None),
            entry.since <= since,
            lasts,
            concerned,
            ~select(renewal.id).where(same).exists(),
        )

    def _in(self, states: Collection[RenewalState], owner: str | None) -> list[ColumnElement[bool]]:
        conditions = [
            RenewalRow.tenant_id == self._scope.tenant_id,
            RenewalRow.state.in_(sorted(state.value for state in states)),
        ]
        return conditions if owner is None else [*conditions, RenewalRow.owner == owner]

    def _query(self) -> Select[Any]:
        return select(RenewalRow).where(RenewalRow.tenant_id == self._scope.tenant_id).order_by(RenewalRow.id)

    async def _of_values(
        self, values: Collection[str], *conditions: ColumnElement[bool], lock: bool = False
    ) -> list[Renewal]:
        found: list[Renewal] = []
        for chunk in in_chunks(sorted(values)):
            query = self._query().where(RenewalRow.value.in_(chunk), *conditions)
            found += await self._found(query.with_for_update() if lock else query)
        return sorted(found, key=lambda each: each.id)

    async def _found(self, query: Select[Any]) -> list[Renewal]:
        return [_renewal(row) for row in await self._scope.session.scalars(query)]


def _renewal(row: RenewalRow) -> Renewal:
    return Renewal(
        id=row.id,
        list=ListName(row.list),
        action=Action(row.action),
        value=row.value,
        request_id=row.request_id,
        owner=row.owner,
        state=RenewalState(row.state),
        version=row.version,
        asked_at=row.asked_at,
        answer_by=row.answer_by,
        told_at=row.told_at,
        reminded_at=row.reminded_at,
        why=PassedOn(row.why) if row.why else None,
        answer=Answer(row.answer) if row.answer else None,
        answer_id=row.answer_id,
        closing=Closing(row.closing) if row.closing else None,
    )
