"""Mail figures: what was found of an indicator, for an hour, and what stands of a proposal's on its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from bot.domain.auditing.events import EventKind
from bot.domain.figures.as_json import found_in, found_out, proposal_in
from bot.domain.figures.figures import Found
from bot.domain.figures.together import ProposalFigures
from bot.domain.indicators.indicator import Indicator
from bot.store.audit_tables import AuditEventRow
from bot.store.databases import insert_or_update
from bot.store.scope import Scope, short_key
from bot.store.tables import MailFiguresRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresShown:
    """The figures of a proposal as its card shows them, and the number of the event that says so."""

    seq: int
    figures: ProposalFigures


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

    async def shown(self, proposal_id: int) -> FiguresShown | None:
        """The figures that a proposal's card shows, or is about to; None where there are none."""
        rows = AuditEventRow
        found = await self._scope.session.execute(
            select(rows.seq, rows.payload)
            .where(
                rows.tenant_id == self._scope.tenant_id,
                rows.request_id == proposal_id,
                rows.kind == EventKind.FIGURES_SHOWN.value,
            )
            .order_by(rows.seq.desc())
            .limit(1)
        )
        for seq, payload in found:
            figures = proposal_in(payload)
            return None if figures is None else FiguresShown(seq=int(seq), figures=figures)
        return None
