"""How far the budgets of calls are used up that all replicas share, by the database's own clock."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Float, Integer, case, cast, delete, literal
from sqlalchemy.orm import InstrumentedAttribute

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
        now = self._now(at)
        first = max(0, min(most, rate.burst - reserve))
        level = rate.burst - _greatest(BudgetRow.full_at - now, literal(0.0)) * rate.per_second
        free = level - reserve + ROUNDING
        count = case((free < 1, 0), (free > most, most), else_=floored(self._scope.dialect, free))
        granted, full_at, asked_at = await self._change(
            name,
            {"granted": first, "full_at": now + first / rate.per_second},
            {
                "granted": cast(count, Integer),
                "full_at": _greatest(BudgetRow.full_at, now) + cast(count, Float) / rate.per_second,
            },
            now,
        )
        return Granted(count=granted, wait=0.0 if granted else rate.wait(full_at, asked_at, reserve))

    async def hold_back(self, name: str, rate: Rate, seconds: float, *, at: float | None = None) -> None:
        """Let nobody call for so many seconds."""
        now = self._now(at)
        until = now + rate.held(0.0, 0.0, seconds)
        await self._change(
            name, {"granted": 0, "full_at": until}, {"granted": 0, "full_at": _greatest(BudgetRow.full_at, until)}, now
        )

    async def forget_full(self, *, since: float) -> None:
        """Delete what is on record of budgets that have been full for so many seconds."""
        await self._scope.changed(
            delete(BudgetRow).where(
                BudgetRow.tenant_id == self._scope.tenant_id, BudgetRow.full_at < self._now(None) - since
            )
        )

    def _now(self, at: float | None) -> ColumnElement[float]:
        return seconds_now(self._scope.dialect) if at is None else literal(at, Float)

    async def _change(
        self,
        name: str,
        new: dict[str, object],
        changed: dict[str, object],
        now: ColumnElement[float],
    ) -> tuple[int, float, float]:
        statement = insert_or_change(
            self._scope.dialect,
            BudgetRow,
            {"tenant_id": self._scope.tenant_id, "name": name, **new},
            key=("tenant_id", "name"),
            change=changed,
        ).returning(BudgetRow.granted, BudgetRow.full_at, now)
        granted, full_at, asked_at = (await self._scope.session.execute(statement)).one()
        return int(granted), float(full_at), float(asked_at)


def _greatest(
    one: ColumnElement[float] | InstrumentedAttribute[float], other: ColumnElement[float]
) -> ColumnElement[float]:
    return case((one > other, one), else_=other)
