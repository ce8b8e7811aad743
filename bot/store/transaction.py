"""One transaction, from getting a connection to giving it back: whatever fails on the way is a StoreError.

What was begun is undone, and the connection given back, whoever is told to stop meanwhile. A commit that was sent goes
on to its end, and is unknown as long as the database hasn't said what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from sqlite3 import OperationalError

import structlog
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.errors import CommitUnknown, StoreError
from bot.store import engines
from bot.store.addresses import is_sqlite, shown
from bot.store.awaited import Awaited, at_once, current, quiet
from bot.store.drivers import Driver
from bot.store.engines import CONNECT_SECONDS
from bot.store.failures import commit_unknown, connection_errors, database_errors, is_refusal, store_error
from bot.store.kept_drivers import KeptDrivers
from bot.store.scope import Scope
from bot.store.turn import Turn

_log = structlog.get_logger(__name__)

#: How long the giving back of a connection is waited for. It goes on by itself.
_UNDOING = 2.0

#: Kept of what an answer has: for the answer itself, once a wait for a lock has ended, in seconds.
_FOR_THE_REST = 0.1

#: How long SQLite waits for a lock at a time, in seconds; then it is tried again.
_ONE_TRY = 0.2

#: A commit that is sent at the last moment is waited for so long, in seconds.
_LAST_MOMENT = 0.2


class Transactions:
    """The transactions of one tenant in one database, over one engine."""

    def __init__(self, url: URL, *, tenant_id: str) -> None:
        self._url = url
        self._tenant_id = tenant_id
        # Ten concurrent writers made SQLite's own waiting take 250 ms at the 99th percentile; in line they don't meet.
        self._turn = Turn() if is_sqlite(url) else None
        self._kept = KeptDrivers()
        #: What goes on although nobody waits for it any more.
        self._going_on: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def write(self, engine: AsyncEngine, clock: Clock, *, done: Callable[[Scope], None]) -> AsyncIterator[Scope]:
        """A transaction that is committed when the block ends, and undone when it raises.

        `done` is called once it was committed, which may be after a CommitUnknown. Raises StoreError, and CommitUnknown
        where nobody can tell what came of the commit.
        """
        held = _Held(self._url, self._turn, self._kept)
        waiting = current()
        await quiet()
        with at_once():
            async with self._within(held, waiting):
                # SQLite's thread can't be told to stop waiting for a lock, so that it waits little at a time.
                one_try = _ONE_TRY if is_sqlite(self._url) else None
                driver = await held.begin(engine, writes=True, busy=_busy(waiting), one_try=one_try)
                async with self._session(driver, engine, clock) as scope:
                    yield scope
        await self._commit(held, scope, waiting, done)

    @asynccontextmanager
    async def read(self, engine: AsyncEngine, clock: Clock) -> AsyncIterator[Scope]:
        """A transaction that changes nothing, and is undone at its end. Raises StoreError."""
        held = _Held(self._url, None, self._kept)
        waiting = current()
        await quiet()
        async with self._within(held, waiting):
            driver = await held.begin(engine, writes=False, busy=_busy(waiting))
            async with self._session(driver, engine, clock, only_reads=True) as scope:
                yield scope
        if not held.give_back_at_once():
            await self._let_go(held)

    async def close(self) -> None:
        """Wait for what goes on, for some seconds, and give the kept connections back."""
        if self._going_on:
            await asyncio.wait(self._going_on, timeout=CONNECT_SECONDS)
        await self._kept.let_go()

    @asynccontextmanager
    async def _within(self, held: _Held, waiting: Awaited | None) -> AsyncIterator[None]:
        """Whatever goes wrong in the block, and its taking too long, is undone and told as what it is."""
        ends = asyncio.timeout_at(None if waiting is None else waiting.ends)
        try:
            async with ends:
                yield
        except TimeoutError as error:
            await self._let_go(held)
            if not ends.expired():
                raise
            raise StoreError(
                "The database was held by somebody else, or did not answer, for too long; nothing was recorded.",
                "Try again.",
                where=shown(self._url),
            ) from error
        except database_errors() as error:
            await self._let_go(held)
            told = store_error(error, self._url)
            _log.info("the database failed", kind=type(error).__name__, cause=type(error.__cause__).__name__)
            raise told from error
        except BaseException:
            await self._let_go(held)
            raise

    @asynccontextmanager
    async def _session(
        self, driver: Driver, engine: AsyncEngine, clock: Clock, *, only_reads: bool = False
    ) -> AsyncIterator[Scope]:
        scope = Scope(
            driver=driver, tenant_id=self._tenant_id, clock=clock, dialect=engine.dialect, only_reads=only_reads
        )
        try:
            yield scope
        except BaseException:
            with suppress(*connection_errors(StoreError)):  # why the block failed says more
                await _close_session(scope)
            raise
        await _close_session(scope)

    async def _commit(self, held: _Held, scope: Scope, waiting: Awaited | None, done: Callable[[Scope], None]) -> None:
        keys = frozenset(scope.claimed)
        if waiting is not None:
            waiting.committing(keys)

        async def commit() -> None:
            try:
                await held.commit()
            except CommitUnknown:
                raise
            except StoreError:
                if waiting is not None:
                    waiting.committed(keys, done=False)
                raise
            else:
                if waiting is not None:
                    waiting.committed(keys, done=True)
                done(scope)
            finally:
                await held.give_back()

        committing = self._go_on(commit())
        await asyncio.wait({committing}, timeout=None if waiting is None else max(_LAST_MOMENT, waiting.left))
        if not committing.done():
            raise commit_unknown()
        committing.result()

    async def _let_go(self, held: _Held) -> None:
        """Undo what was begun, and give back what was taken, for as long as that takes."""
        letting_go = self._go_on(held.give_back())
        await asyncio.wait({letting_go}, timeout=_UNDOING if current() is None else _LAST_MOMENT)

    def _go_on(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._going_on.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._going_on.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.info("a transaction ended badly", kind=type(error).__name__, error=str(error))


def _busy(waiting: Awaited | None) -> float:
    """How long a lock is waited for, in seconds."""
    return engines.BUSY_SECONDS if waiting is None else max(_FOR_THE_REST, waiting.left - _FOR_THE_REST)


async def _close_session(scope: Scope) -> None:
    if scope.opened is not None:
        await scope.opened.close()


class _Held:
    """What one transaction has taken: its turn, and a connection."""

    def __init__(self, url: URL, turn: Turn | None, kept: KeptDrivers) -> None:
        self._url = url
        self._turn = turn
        self._kept = kept
        self.has_turn = False
        self._driver: Driver | None = None

    async def begin(self, engine: AsyncEngine, *, writes: bool, busy: float, one_try: float | None = None) -> Driver:
        """Take both; a lock is waited for `busy` seconds, `one_try` at a time. Raises StoreError."""
        ends = asyncio.get_running_loop().time() + busy
        at_a_time = max(1, int((one_try or busy) * 1000))
        if self._turn is not None:
            await self._turn.take(first=current() is not None)
        self.has_turn = True
        try:
            try:
                return await self._connect(engine, ends, writes=writes, busy_milliseconds=at_a_time)
            except connection_errors(StoreError) as error:
                if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError) or not self._is_gone:
                    raise
                # The connection was broken before, and nothing was done on it: the next is a new one.
                await self._close()
                return await self._connect(engine, ends, writes=writes, busy_milliseconds=at_a_time)
        except connection_errors() as error:
            raise store_error(error, self._url) from error

    @property
    def _is_gone(self) -> bool:
        return self._driver is not None and self._driver.is_gone

    async def _connect(self, engine: AsyncEngine, ends: float, *, writes: bool, busy_milliseconds: int) -> Driver:
        driver = self._driver = await self._kept.take(engine)
        if not is_sqlite(self._url):
            async with asyncio.timeout(CONNECT_SECONDS):
                await driver.begin(writes=writes, busy_milliseconds=busy_milliseconds)
            return driver
        while True:
            try:
                await driver.begin(writes=writes, busy_milliseconds=busy_milliseconds)
            except OperationalError as error:
                if "is locked" not in str(error) or asyncio.get_running_loop().time() >= ends:
                    raise
            else:
                return driver

    async def commit(self) -> None:
        """Raises StoreError, and CommitUnknown unless the database has refused it."""
        try:
            if self._driver is not None:
                await self._driver.commit()
        except connection_errors() as error:
            raise (store_error(error, self._url) if is_refusal(error) else commit_unknown()) from error
        except StoreError as error:
            raise commit_unknown() from error

    def give_back_at_once(self) -> bool:
        """Give back what read and changed nothing, where that takes no time; False: it takes some."""
        if self._driver is None or not self._driver.undo_at_once() or not self._kept.keep(self._driver):
            return False
        self._driver = None
        return True

    async def give_back(self) -> None:
        """Undo what wasn't committed. Never raises: what can't be undone ends with its connection."""
        try:
            await self._close()
        finally:
            if self.has_turn and self._turn is not None:
                self._turn.give()
            self.has_turn = False

    async def _close(self) -> None:
        driver, self._driver = self._driver, None
        if driver is None:
            return
        is_gone = driver.is_gone
        try:
            await driver.give_back(self._kept.keep)
        except connection_errors(StoreError) as error:
            _log.info("a connection could not be given back", kind=type(error).__name__)
            try:
                await driver.connection.invalidate()
                await driver.connection.close()
            except connection_errors(StoreError) as still:
                _log.warning("a connection is lost", kind=type(still).__name__)
        if is_gone:
            await self._kept.let_go()
