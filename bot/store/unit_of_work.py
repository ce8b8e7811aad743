"""The store: one transaction at a time, with the queries of every subject on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock, utc_now
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName
from bot.errors import StoreError
from bot.store.acts import Acts
from bot.store.addresses import is_sqlite, normalise, shown
from bot.store.approvers import Approvers
from bot.store.attachments import Attachments
from bot.store.audit_cursors import AuditCursors
from bot.store.audit_log import AuditLog
from bot.store.beside import BesideProposals
from bot.store.budgets import CallBudgets
from bot.store.deliveries import Deliveries
from bot.store.emergencies import EmergencyBlocks
from bot.store.engines import create_engine
from bot.store.failures import connection_errors, database_errors
from bot.store.figures import KeptFigures
from bot.store.gauges import Gauges
from bot.store.known_entries import KnownEntries
from bot.store.messages import Messages
from bot.store.people import People
from bot.store.posts import Posts
from bot.store.posture import PostureRecords
from bot.store.previews import Previews
from bot.store.queue import Queue
from bot.store.references import References, keep_reference
from bot.store.renewal_messages import RenewalMessages
from bot.store.renewals import Renewals
from bot.store.requests import Requests
from bot.store.scope import Scope
from bot.store.snapshot_text import PreparedSnapshot, SnapshotMemory, prepare
from bot.store.snapshots import Snapshots
from bot.store.socket_outages import SocketOutages
from bot.store.submissions import Submissions
from bot.store.transaction import Transactions
from bot.store.unfinished import UnfinishedRequests
from bot.store.unrequested import UnrequestedChanges
from bot.store.user_groups import UserGroups
from bot.store.watched_places import WatchedPlaces

_log = structlog.get_logger(__name__)

_T = TypeVar("_T")

#: How long the closing of connections may take, in seconds.
_CLOSING = 5.0


class _Part(Generic[_T]):
    """The queries of one subject, made when they are first asked for: most transactions are about a few."""

    def __init__(self, made_of: Callable[[Scope], _T]) -> None:
        self._made_of = made_of

    def __set_name__(self, owner: type[UnitOfWork], name: str) -> None:
        self._name = name

    def __get__(self, uow: UnitOfWork, owner: type[UnitOfWork] | None = None) -> _T:
        made = uow.__dict__[self._name] = self._made_of(uow._scope)  # noqa: SLF001 - a part of it
        return made


class UnitOfWork:
    """One transaction: everything done through it is committed together, or not at all."""

    requests = _Part(Requests)
    unfinished = _Part(UnfinishedRequests)
    audit = _Part(AuditLog)
    audit_cursors = _Part(AuditCursors)
    jobs = _Part(Queue)
    deliveries = _Part(Deliveries)
    messages = _Part(Messages)
    posts = _Part(Posts)
    known = _Part(KnownEntries)
    attachments = _Part(Attachments)
    submissions = _Part(Submissions)
    previews = _Part(Previews)
    people = _Part(People)
    user_groups = _Part(UserGroups)
    approvers = _Part(Approvers)
    emergencies = _Part(EmergencyBlocks)
    budgets = _Part(CallBudgets)
    figures = _Part(KeptFigures)
    beside = _Part(BesideProposals)
    socket_outages = _Part(SocketOutages)
    places = _Part(WatchedPlaces)
    unrequested = _Part(UnrequestedChanges)
    acts = _Part(Acts)
    posture = _Part(PostureRecords)
    references = _Part(References)
    gauges = _Part(Gauges)
    renewals = _Part(Renewals)
    renewal_messages = _Part(RenewalMessages)

    def __init__(self, scope: Scope, memory: SnapshotMemory) -> None:
        self._scope = scope
        self._memory = memory

    @cached_property
    def snapshots(self) -> Snapshots:
        """The tenant's lists as they were last read."""
        return Snapshots(self._scope, self._memory)

    async def may_be_lost(self) -> None:
        """Let nobody wait for PostgreSQL's disk: where its machine ends suddenly, this unit of work may be undone
        though it was committed. Only for what is no promise to anybody, such as how often was called."""
        await self._scope.may_be_lost()

    async def alone_with(self, name: str) -> None:
        """Wait for the other units of work of this tenant that said the same name; those after this one wait for it."""
        await self._scope.alone_with(f"{self._scope.tenant_id}:{name}")


@dataclass(slots=True, kw_only=True)
class _Look:
    """What one task reads in one transaction, see `Store.one_look`."""

    task: asyncio.Task[Any] | None
    store: Store
    stack: AsyncExitStack
    uow: UnitOfWork | None = None


_LOOK: ContextVar[_Look | None] = ContextVar("look", default=None)


class Store:
    """One tenant's data in a database.

    `async with store.write() as uow:` commits at the end of the block and undoes everything when it raises. Keep the
    block short, with no call to anybody else in it: SQLite has one writer at a time. Every failure of the database is
    a StoreError, with the library's error as its cause. `clock` gives the time, aware.
    """

    def __init__(self, url: str, *, tenant_id: str, clock: Clock = utc_now) -> None:
        self._url = normalise(url)
        self.tenant_id = tenant_id
        self.clock = clock
        #: Called after each commit that queued a job which may run at once.
        self.on_enqueued: list[Callable[[], None]] = []
        #: The numbers of jobs that committed transactions have finished, until whoever runs them has taken note.
        self.finished: set[int] = set()
        self._engine: AsyncEngine | None = None
        self._memory = SnapshotMemory()
        self._transactions = Transactions(self._url, tenant_id=tenant_id)

    def __repr__(self) -> str:
        return f"Store({shown(self._url)!r}, tenant_id={self.tenant_id!r})"

    @property
    def is_for_one_process(self) -> bool:
        """Whether only one process may serve this database, see `bot.store.process_lock`."""
        return is_sqlite(self._url)

    @asynccontextmanager
    async def one_look(self) -> AsyncIterator[None]:
        """Whatever this task reads of the store in the block is read in one transaction, as it was at the first look.

        What is written ends that look, and so does a failure, or `look_anew`: say it before anything that takes its
        time. What is read after it is read at another.
        """
        async with AsyncExitStack() as stack:
            look = _Look(task=asyncio.current_task(), store=self, stack=stack)
            token = _LOOK.set(look)
            try:
                yield
            finally:
                _LOOK.reset(token)

    async def look_anew(self) -> None:
        """What this task reads from here on is read anew, see `one_look`."""
        if (look := self._look()) is not None:
            look.uow = None
            await look.stack.aclose()

    def _look(self) -> _Look | None:
        look = _LOOK.get()
        return look if look is not None and look.store is self and look.task is asyncio.current_task() else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that may change things. Raises StoreError, and CommitUnknown when it may have changed them."""
        await self.look_anew()
        async with self._transactions.write(self._open(), self.clock, done=self._committed) as scope:
            yield UnitOfWork(scope, self._memory)
            await keep_reference(scope)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that only reads, and sees the database as it was at the first read. Raises StoreError."""
        look = self._look()
        if look is None:
            async with self._transactions.read(self._open(), self.clock) as scope:
                yield UnitOfWork(scope, self._memory)
            return
        if look.uow is None:
            scope = await look.stack.enter_async_context(self._transactions.read(self._open(), self.clock))
            look.uow = UnitOfWork(scope, self._memory)
        try:
            yield look.uow
        except database_errors(StoreError, TimeoutError, asyncio.CancelledError) as error:
            # The transaction may have failed with it, or its connection be gone: what is read later needs another.
            # It is ended with what went wrong, and tells that as what it is: its time is over, or the database failed.
            look.uow = None
            await look.stack.__aexit__(type(error), error, error.__traceback__)
            raise

    async def prepare(self, lists: Snapshot, names: Collection[ListName] | None = None) -> PreparedSnapshot:
        """What `uow.snapshots.save` takes, made in a thread: a second's work for a full tenant, so do it first.

        `names` are the lists that were read, where it wasn't all of them with the accepted domains.
        """
        return await prepare(lists, names, known=self._memory.digests())

    async def ping(self) -> None:
        """Make sure that the database can be reached and has its tables. Raises StoreError."""
        async with self._transactions.read(self._open(), self.clock) as scope:
            await scope.session.execute(text("SELECT 1 FROM audit_heads LIMIT 1"))

    async def close(self) -> None:
        """Give the connections back. The store can be used again afterwards."""
        await self._transactions.close()
        engine, self._engine = self._engine, None
        if engine is None:
            return
        try:
            async with asyncio.timeout(_CLOSING):
                await engine.dispose()
        except connection_errors() as error:
            _log.info("the connections to the database could not be closed", kind=type(error).__name__)

    def _open(self) -> AsyncEngine:
        if self._engine is None:
            self._engine = create_engine(self._url, begins=False)
        return self._engine

    def _committed(self, scope: Scope) -> None:
        self.finished |= scope.finished
        if scope.enqueued:
            for callback in self.on_enqueued:
                callback()
