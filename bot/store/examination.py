"""What a database comes to, looked at as a whole: each tenant's log, its requests, and what is not concluded."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.chain import ChainFindings
from bot.domain.auditing.events import Json, iso
from bot.domain.requests.request import Status
from bot.store.audit_triggers import TriggerFinding
from bot.store.request_verification import RequestFindings
from bot.store.unit_of_work import Store

_UNDER_WAY = (Status.APPROVED, Status.APPLYING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedTenant:
    """One tenant's part of a database."""

    tenant_id: str
    chain: ChainFindings
    requests: RequestFindings
    triggers: tuple[TriggerFinding, ...]
    last_at: datetime | None  #: when the log's last event was
    pending: tuple[int, ...]  #: the numbers of the proposals that wait for a decision
    under_way: tuple[int, ...]  #: of those that are approved and not concluded

    @property
    def verifies(self) -> bool:
        """Whether the log is as it was written, and the requests are as the log says."""
        return self.chain.intact and not (self.requests.findings or self.triggers)

    @property
    def events(self) -> int:
        """The number of its last event."""
        return 0 if self.chain.head is None else self.chain.head.seq

    @property
    def problems(self) -> tuple[str, ...]:
        """What doesn't verify, a line each."""
        return (
            *(f"event {each.seq}: {each.problem.value}. {each.details}" for each in self.chain.findings),
            *(f"request {each.request_id}: {each.details}" for each in self.requests.findings),
            *(f"trigger: {each.details}" for each in self.triggers),
        )

    def as_json(self) -> dict[str, Json]:
        head = self.chain.head
        return {
            "tenant_id": self.tenant_id,
            "head": None if head is None else {"seq": head.seq, "hash": head.hash},
            "last_at": None if self.last_at is None else iso(self.last_at),
            "verifies": self.verifies,
            "problems": list(self.problems),
            "pending": list(self.pending),
            "under_way": list(self.under_way),
        }


async def examine(url: str, done: Callable[[int, int], None]) -> tuple[ExaminedTenant, ...]:
    """Look at every tenant that has a log in a database, each as it was at one time. Raises StoreError.

    `done` is told how many of a log's events were looked at, and how many there are.
    """
    store = Store(url, tenant_id="")
    try:
        async with store.read() as uow:
            tenants = await uow.audit.tenants()
    finally:
        await store.close()
    return tuple([await _examined(url, tenant, done) for tenant in tenants])


async def _examined(url: str, tenant_id: str, done: Callable[[int, int], None]) -> ExaminedTenant:
    store = Store(url, tenant_id=tenant_id)
    try:
        async with store.read() as uow:
            head = await uow.audit.head()
            rows = 0 if head is None else head.seq

            def passed(seq: int, _hash: str) -> None:
                if 0 < seq <= rows:
                    done(seq, rows)

            chain = await uow.audit.verify(passed)
            last = None if head is None else await uow.audit.find(head.seq)
            return ExaminedTenant(
                tenant_id=tenant_id,
                chain=chain,
                requests=await uow.audit.verify_requests(),
                triggers=await uow.audit.wrong_triggers(),
                last_at=None if last is None else last.at,
                pending=await uow.requests.proposals_that_are([Status.PENDING]),
                under_way=await uow.requests.proposals_that_are(_UNDER_WAY),
            )
    finally:
        await store.close()


def all_verify(tenants: Collection[ExaminedTenant]) -> bool:
    """Whether every tenant's part is as it was written."""
    return all(each.verifies for each in tenants)
