"""What stands beside a proposal on its card and decides nothing: its mail figures, and whose its addresses are.

Each comes after the proposal, and an event says what is shown: it is read from there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, select

from bot.domain.auditing.events import EventKind
from bot.domain.figures.as_json import proposal_in
from bot.domain.figures.together import ProposalFigures
from bot.domain.senders.as_json import owners_in
from bot.domain.senders.owner import AddressOwner
from bot.store.audit_tables import AuditEventRow
from bot.store.scope import Scope
from bot.store.table import core


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBeside:
    """The numbers of the events with what a message shows beside a request; 0: it shows none."""

    figures: int = 0
    owners: int = 0

    def has_all_of(self, other: ShownBeside) -> bool:
        """Whether nothing of the other is newer than what this one shows."""
        return self.figures >= other.figures and self.owners >= other.owners


#: Of a message that shows nothing beside a request.
NOTHING = ShownBeside()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandsBeside:
    """What a proposal's card shows beside it, or is about to, and by which events."""

    events: ShownBeside = NOTHING
    figures: ProposalFigures | None = None
    owners: tuple[AddressOwner, ...] = ()


_rows = core(AuditEventRow)
_SHOWN = (
    select(_rows.c.request_id, _rows.c.seq, _rows.c.kind, _rows.c.payload)
    .where(
        _rows.c.tenant_id == bindparam("its_tenant"),
        _rows.c.request_id.in_(bindparam("ids", expanding=True)),
        _rows.c.kind.in_([EventKind.FIGURES_SHOWN.value, EventKind.OWNERS_SHOWN.value]),
    )
    .order_by(_rows.c.seq)
)

#: Of a proposal beside which nothing stands.
BESIDE_NOTHING = StandsBeside()


class BesideProposals:
    """What stands beside the proposals of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def of(self, proposal_id: int) -> StandsBeside:
        """What stands beside a proposal."""
        return (await self.of_all([proposal_id]))[proposal_id]

    async def of_all(self, proposal_ids: Collection[int]) -> dict[int, StandsBeside]:
        """What stands beside each of some proposals, by their numbers. What this version doesn't understand of it is
        left out."""
        if not proposal_ids:
            return {}
        asked = {"its_tenant": self._scope.tenant_id, "ids": sorted(proposal_ids)}
        found = await self._scope.prepared(_SHOWN, asked)
        beside = {number: StandsBeside() for number in proposal_ids}
        for number, seq, kind, payload in found:
            before = beside[number]
            if kind == EventKind.FIGURES_SHOWN:
                figures = proposal_in(payload)
                events = replace(before.events, figures=0 if figures is None else seq)
                beside[number] = replace(before, events=events, figures=figures)
            else:
                owners = owners_in(payload)
                beside[number] = replace(before, events=replace(before.events, owners=seq), owners=owners)
        return beside
