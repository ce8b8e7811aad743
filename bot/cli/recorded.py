"""What the database has for a check: the last snapshot of the tenant's lists, and who asked for which entry.

And what it keeps of one: that somebody looked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.cli.account import log_mailbox, note_looking
from bot.cli.audit_tenants import database_url, served_tenant
from bot.cli.posture_report import Records
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_query import ListQuery
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.browsing import browse
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.telling.verdict_facts import OnRecord
from bot.domain.verdict.verdict import Verdict
from bot.errors import InvalidInput, StoreError
from bot.store import Store, UnitOfWork
from bot.workflow.asking.browse import Browsed, on_record, requests_of
from bot.workflow.asking.check import look_up
from bot.workflow.shared.keeping import with_names

_T = TypeVar("_T")

#: So far back the posture's scans are shown, and so many of them.
_HISTORY = timedelta(days=365)
_MOST_SCANS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The database that a command was given, or that the settings name, and whose records in it."""

    database: str = ""  #: empty: the setting's
    tenant: str  #: empty: the only one in the database

    def snapshot(self, names: Collection[ListName]) -> Snapshot:
        """The last snapshot, as of the oldest of these lists. Raises StoreError, InvalidInput and SettingsError."""

        async def read(uow: UnitOfWork) -> Snapshot:
            ages = await uow.snapshots.age() or {}
            lists = await uow.snapshots.load()
            of_these = [ages[name] for name in names if name in ages]
            if lists is None or not of_these:
                raise InvalidInput(
                    "The database has no snapshot of these lists of this tenant.",
                    "Leave --snapshot out to ask the tenant itself; a running bot takes a snapshot every few minutes.",
                )
            return replace(lists, as_of=min(of_these))

        return self._read(read)

    def listed(self, query: ListQuery, *, now: datetime) -> Browsed:
        """The entries of the last snapshot that a query is about, with who asked for each.

        Raises StoreError, InvalidInput and SettingsError.
        """

        async def read(uow: UnitOfWork) -> Browsed:
            lists = await uow.snapshots.load()
            if lists is None:
                raise InvalidInput(
                    "The database has no snapshot of this tenant's lists.",
                    "A running bot takes one every few minutes.",
                )
            rows = browse(lists.entries, await on_record(uow, query), query, now=now)
            return Browsed(rows=await requests_of(uow, rows), as_of=lists.as_of, unreadable=lists.unreadable)

        return self._read(read)

    def known(self, values: Collection[str]) -> list[KnownEntry]:
        """What is on record of entries with these values. Raises StoreError, InvalidInput and SettingsError."""

        async def read(uow: UnitOfWork) -> list[KnownEntry]:
            return await with_names(uow, await uow.known.active(values=values))

        return self._read(read)

    def beside(self, verdict: Verdict) -> OnRecord:
        """What is on record beside a verdict. Raises StoreError, InvalidInput and SettingsError."""

        async def read(uow: UnitOfWork) -> OnRecord:
            return await look_up(uow, [verdict])

        return self._read(read)

    def posture(self, *, now: datetime) -> Records:
        """What the posture goes by beside the lists. Raises StoreError, InvalidInput and SettingsError."""

        async def read(uow: UnitOfWork) -> Records:
            if await uow.snapshots.age() is None:
                raise InvalidInput("The database has no snapshot of this tenant's lists.", "Let a bot run for a while.")
            scans = await uow.posture.scans(since=now - _HISTORY, limit=_MOST_SCANS)
            known = [entry for entry in await uow.known.active() if entry.action is Action.ALLOW]
            return Records(
                known=await with_names(uow, known),
                numbers=await uow.requests.proposal_numbers({entry.request_id for entry in known}),
                kept=await uow.posture.faults(),
                scans=scans,
                tenant=self.tenant,
            )

        return self._read(read)

    def note(self, command: str, payload: Mapping[str, object]) -> None:
        """Write down that somebody had a command show this, if the database is at hand. Raises SettingsError."""

        async def work(store: Store) -> None:
            await note_looking(store, command, payload)

        with suppress(InvalidInput, StoreError):  # a database that serves no tenant, or several
            self._with_store(work)

    def log_mailbox(self, mailbox: str, senders: Sequence[str]) -> None:
        """Write down that somebody looks senders up in a mailbox: before they do, or they don't.

        Raises StoreError, InvalidInput and SettingsError.
        """

        async def work(store: Store) -> None:
            await log_mailbox(store, mailbox, senders)

        self._with_store(work)

    def _read(self, work: Callable[[UnitOfWork], Awaitable[_T]]) -> _T:
        async def read(store: Store) -> _T:
            async with store.read() as uow:
                return await work(uow)

        return self._with_store(read)

    def _with_store(self, work: Callable[[Store], Awaitable[_T]]) -> _T:
        url = database_url(self.database)

        async def go() -> _T:
            tenant = await served_tenant(url, self.tenant)
            if tenant is None:
                raise InvalidInput("The database serves no tenant yet.", "Set PORTCULLIS_TENANT_ID, or use --tenant.")
            store = Store(url, tenant_id=tenant)
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(go())
