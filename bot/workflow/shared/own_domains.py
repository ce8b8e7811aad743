"""The tenant's own domains, for whatever reads what people type: they are named as such, and not offered."""

from __future__ import annotations

from bot.domain.lists.entries import Snapshot
from bot.domain.policies.case import Rules
from bot.workflow.shared.context import Context


def domains_known(rules: Rules, lists: Snapshot | None) -> frozenset[str]:
    """Those that the operator has named, and those that these lists were read with; in lower case."""
    return rules.accepted_domains | (lists.accepted_domains if lists is not None else frozenset())


async def own_domains(context: Context) -> frozenset[str]:
    """The same by the last reading, without the lists: they are put together once, for policy."""
    async with context.store.read() as uow:
        read = await uow.snapshots.accepted_domains()
    return context.rules.accepted_domains | read
