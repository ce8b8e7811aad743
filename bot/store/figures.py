"""Mail figures: what was found of an indicator, for an hour. What stands on cards is in `bot.store.beside`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from bot.domain.figures.as_json import found_in, found_out
from bot.domain.figures.figures import FiguresOf, Found
from bot.domain.indicators.indicator import Indicator
from bot.store.databases import insert_or_update
from bot.store.scope import Scope, short_key
from bot.store.tables import MailFiguresRow


class KeptFigures:
    """The mail figures of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def find(self, indicator: Indicator, *, since: datetime) -> Found | None:
        """What was found of an indicator at `since` or later; None where nobody has asked by then."""
        stored = await self._scope.session.scalar(
            select(MailFiguresRow.found).where(
                MailFiguresRow.tenant_id == self._scope.tenant_id,
                MailFiguresRow.kind == indicator.kind.value,
                MailFiguresRow.value == short_key(indicator.value),
                MailFiguresRow.as_of >= since,
            )
        )
        return found_in(stored) if isinstance(stored, Mapping) else None

    async def known(self, indicators: Sequence[Indicator], *, since: datetime) -> tuple[FiguresOf, ...]:
        """What was found of some indicators at `since` or later, in their order; the others are left out."""
        rows = MailFiguresRow
        found = await self._scope.session.execute(
            select(rows.kind, rows.value, rows.found).where(
                rows.tenant_id == self._scope.tenant_id,
                rows.value.in_(sorted({short_key(each.value) for each in indicators})),
                rows.as_of >= since,
            )
        )
        stored = {(kind, value): found_in(figures) for kind, value, figures in found if isinstance(figures, Mapping)}
        read = ((each, stored.get((each.kind.value, short_key(each.value)))) for each in indicators)
        return tuple(FiguresOf(indicator=each, found=figures) for each, figures in read if figures is not None)

    async def keep(self, indicator: Indicator, found: Found, *, at: datetime) -> None:
        """Keep what was found of an indicator, its subjects with it, in the place of what was found before."""
        await self._scope.changed(
            insert_or_update(
                self._scope.dialect,
                MailFiguresRow,
                {
                    "tenant_id": self._scope.tenant_id,
                    "kind": indicator.kind.value,
                    "value": short_key(indicator.value),
                    "as_of": at,
                    "found": found_out(found, subjects=True),
                },
                key=("tenant_id", "kind", "value"),
                update=("as_of", "found"),
            )
        )

    async def forget(self, before: datetime) -> int:
        """Delete what was found before a time; how much."""
        await self._scope.forget_thoroughly()
        return await self._scope.changed(
            delete(MailFiguresRow).where(
                MailFiguresRow.tenant_id == self._scope.tenant_id, MailFiguresRow.as_of < before
            )
        )
