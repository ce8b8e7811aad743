"""How far the budgets of calls are used up that all replicas share, by the database's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Float, Integer, bindparam, case, cast, delete, literal, type_coerce
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import NullType

from bot.budgets import ROUNDING, Granted, Rate
from bot.store.databases import floored, insert_or_change, seconds_now
from bot.store.scope import Scope
from bot.store.tables import BudgetRow


class CallBudgets:
    """The budgets of one tenant, within one unit of work: see `bot.budgets.Rate` for what the figures mean.

    `at` replaces the database's clock: the seconds since 1970.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def take(self, name: str, rate: Rate, *, most: int = 1, reserve: int = 0, at: float | None = None) -> Granted:
        """Take up to `most` calls, and leave `reserve` for those who are more important: one statement."""
        asked = {
            "most": most,
            "reserve": reserve,
            "burst": rate.burst,
            "per_second": rate.per_second,
            "first": max(0, min(most, rate.burst - reserve)),
        }
        statement = _take(self._scope.dialect.name, is_dated=at is not None)
        granted, full_at, asked_at = await self._change(statement, name, asked, at)
        return Granted(count=granted, wait=0.0 if granted else rate.wait(full_at, asked_at, reserve))

    async def hold_back(self, name: str, rate: Rate, seconds: float, *, at: float | None = None) -> None:
        """Let nobody call for so many seconds."""
        statement = _hold_back(self._scope.dialect.name, is_dated=at is not None)
        await self._change(statement, name, {"held_for": rate.held(0.0, 0.0, seconds)}, at)

    async def forget_full(self, *, since: float) -> None:
        """Delete what is on record of budgets that have been full for so many seconds."""
        await self._scope.changed(
            delete(BudgetRow).where(
                BudgetRow.tenant_id == self._scope.tenant_id,
                BudgetRow.full_at < seconds_now(self._scope.dialect.name) - since,
            )
        )

    async def _change(
        self, statement: _Change, name: str, asked: Mapping[str, float], at: float | None
    ) -> tuple[int, float, float]:
        named = {"its_tenant": self._scope.tenant_id, "its_name": name, **asked}
        found = await self._scope.prepared(statement, named if at is None else {**named, "at": at})
        [(granted, full_at, asked_at)] = found.all()
        return int(granted), float(full_at), float(asked_at)


#: They give what was granted, when the budget is full again, and what time it is.
_Change: TypeAlias = ReturningInsert[int, float, float]


@cache
def _take(dialect: str, *, is_dated: bool) -> _Change:
    """Run before each call, so that it is put together once."""
    now = _now(dialect, is_dated=is_dated)
    most, first = bindparam("most", type_=Integer()), bindparam("first", type_=Integer())
    burst, reserve, per_second = (bindparam(name, type_=Float()) for name in ("burst", "reserve", "per_second"))
    level = burst - _greatest(BudgetRow.full_at - now, literal(0.0)) * per_second
    free = level - reserve + ROUNDING
    count = case((free < 1, 0), (free > most, most), else_=floored(dialect, free))
    return _changed(
        dialect,
        {"granted": first, "full_at": now + cast(first, Float) / per_second},
        {
            "granted": cast(count, Integer),
            "full_at": _greatest(BudgetRow.full_at, now) + cast(count, Float) / per_second,
        },
        now,
    )


@cache
def _hold_back(dialect: str, *, is_dated: bool) -> _Change:
    now = _now(dialect, is_dated=is_dated)
    until = now + bindparam("held_for", type_=Float())
    return _changed(
        dialect,
        {"granted": 0, "full_at": until},
        {"granted": 0, "full_at": _greatest(BudgetRow.full_at, until)},
        now,
    )


def _changed(
    dialect: str, new: Mapping[str, object], changed: Mapping[str, object], now: ColumnElement[float]
) -> _Change:
    return insert_or_change(
        dialect,
        BudgetRow,
        {"tenant_id": bindparam("its_tenant"), "name": bindparam("its_name"), **new},
        key=("tenant_id", "name"),
        change=changed,
    ).returning(BudgetRow.granted, _plain(BudgetRow.full_at).label("full_at"), _plain(now).label("asked_at"))


def _plain(number: ColumnElement[float] | InstrumentedAttribute[float]) -> ColumnElement[Any]:
    """A number as the driver gives it: SQLAlchemy chooses what it does with one by the first answer, which is none."""
    as_it_comes: Any = NullType()
    return type_coerce(number, as_it_comes)


def _now(dialect: str, *, is_dated: bool) -> ColumnElement[float]:
    return bindparam("at", type_=Float()) if is_dated else seconds_now(dialect)


def _greatest(
    one: ColumnElement[float] | InstrumentedAttribute[float], other: ColumnElement[float]
) -> ColumnElement[float]:
    return case((one > other, one), else_=other)
