"""The tenant's own domains, for whatever reads what people type: they are named as such, and not offered."""

from __future__ import annotations

from bot.workflow.shared.context import Context


async def own_domains(context: Context) -> frozenset[str]:
    """Those that the operator has named, and those that the lists were last read with; in lower case."""
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    return context.rules.accepted_domains | (lists.accepted_domains if lists is not None else frozenset())
