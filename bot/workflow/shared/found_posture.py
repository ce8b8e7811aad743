"""What the posture finds fault with by the last snapshot of the lists, and since when each has been so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.entries import Snapshot
from bot.domain.posture.baseline import PostureResult, posture
from bot.domain.posture.finding import Finding
from bot.domain.posture.findings import find, unseen
from bot.domain.posture.scans import FaultKey, KeptFault, with_since
from bot.errors import InvalidInput
from bot.store import UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.own_domains import domains_known


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPosture:
    """The posture by one reading. `findings` are the gravest first, without since when."""

    lists: Snapshot
    baseline: tuple[PostureResult, ...]  #: empty where the connection filter could not be read
    findings: tuple[Finding, ...]
    unseen: tuple[str, ...]  #: what could not be seen, a sentence each

    @property
    def as_of(self) -> datetime:
        """When the oldest part of what was judged was read."""
        return self.lists.as_of


async def found_posture(context: Context) -> FoundPosture | None:
    """The posture by the last snapshot; None before the first one. A moment's work for a full tenant, in a thread."""
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
        known = [] if lists is None else await uow.known.active()
    if lists is None:
        return None
    own = domains_known(context.rules, lists)
    findings = await asyncio.to_thread(find, lists, known, now=context.now(), own_domains=own)
    return FoundPosture(
        lists=lists,
        baseline=posture(lists.policies, lists.places) if lists.policies else (),
        findings=findings,
        unseen=unseen(lists),
    )


async def demand_posture(context: Context) -> FoundPosture:
    """The same. Raises InvalidInput before the first snapshot."""
    found = await found_posture(context)
    if found is None:
        raise InvalidInput("The tenant's lists have not been read yet.", "Try again in some minutes.")
    return found


async def kept_of(uow: UnitOfWork, findings: tuple[Finding, ...]) -> Mapping[FaultKey, KeptFault]:
    """What is kept of some findings' faults."""
    return await uow.posture.faults({finding.name for finding in findings})


async def since_of(context: Context, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A few findings, each with since when it has been seen."""
    async with context.store.read() as uow:
        kept = await kept_of(uow, findings)
    return tuple(with_since(finding, kept) for finding in findings)
