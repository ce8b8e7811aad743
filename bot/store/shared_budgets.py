"""Budgets of calls that all replicas share: in the database where it serves many processes, in memory where one.

A call that is taken by itself waits for no disk. Where PostgreSQL's machine ends suddenly, what was taken in its last
second may be forgotten: then some calls too many are made, which are turned down and made again.
"""

from __future__ import annotations

import structlog

from bot.budgets import Budgets, BudgetsInMemory, Granted, Rate
from bot.errors import StoreError
from bot.store.unit_of_work import Store, UnitOfWork

_log = structlog.get_logger(__name__)


class SharedBudgets(Budgets):
    """The budgets of one tenant, on one database. While that can't be used, each process goes by its own count."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._own = BudgetsInMemory()

    async def take(self, name: str, rate: Rate, *, most: int = 1, reserve: int = 0) -> Granted:
        try:
            async with self._store.write() as uow:
                await uow.may_be_lost()
                return await uow.budgets.take(name, rate, most=most, reserve=reserve)
        except StoreError as error:
            _log.warning("budget.not_shared", budget=name, error=str(error))
            return await self._own.take(name, rate, most=most, reserve=reserve)

    async def hold_back(self, name: str, rate: Rate, seconds: float) -> None:
        try:
            async with self._store.write() as uow:
                await uow.may_be_lost()
                await uow.budgets.hold_back(name, rate, seconds)
        except StoreError as error:
            _log.warning("budget.not_shared", budget=name, error=str(error))
            await self._own.hold_back(name, rate, seconds)

    def within(self, transaction: object) -> Budgets:
        """Raises TypeError for anything but a unit of work of the store's."""
        if not isinstance(transaction, UnitOfWork):
            raise TypeError("Budgets in the database are taken in a unit of work.")
        return _BudgetsWithin(transaction)


class _BudgetsWithin(Budgets):
    """The budgets of one tenant, in a transaction of the caller's. Raises StoreError."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def take(self, name: str, rate: Rate, *, most: int = 1, reserve: int = 0) -> Granted:
        return await self._uow.budgets.take(name, rate, most=most, reserve=reserve)

    async def hold_back(self, name: str, rate: Rate, seconds: float) -> None:
        await self._uow.budgets.hold_back(name, rate, seconds)

    def within(self, transaction: object) -> Budgets:  # noqa: ARG002 - it is in one
        return self


def budgets_of(store: Store) -> Budgets:
    """Where the budgets of all processes on a store's database are kept. SQLite serves one process."""
    return BudgetsInMemory() if store.is_for_one_process else SharedBudgets(store)
