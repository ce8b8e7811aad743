"""Requests at a desk: a store on either database and a clock, and no tenant, which none of it asks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from bot.domain.auditing.events import Event
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName, Plan
from bot.domain.policies.case import IpAllow, Rules
from bot.domain.requests.binding import ShownCard
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, Request, Status
from bot.store import AuditFilter, Job, Store
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.databases import Clock
from tests.support import people
from tests.support.deciding import decide_on, shown
from tests.support.people import APPROVER, REQUESTER
from tests.support.proposing import drafted, propose_all
from tests.support.stand_ins import unreached_tenant

IP = "203.0.113.7"

#: What is never shown to anybody, and goes when a request comes to nothing.
MAIL = b"From: somebody"


@dataclass
class Desk:
    """Where requests are proposed and decided: a store and a clock, and no tenant, which neither of them asks."""

    context: Context
    clock: Clock
    left: set[str] = field(default_factory=set)  #: who is no longer in any group

    @property
    def store(self) -> Store:
        return self.context.store

    def rule(self, ip_allow: IpAllow) -> None:
        """The operator sets another policy."""
        self.context = replace(self.context, rules=replace(self.context.rules, ip_allow=ip_allow))

    async def lists_hold(self, *entries: tuple[Action, str]) -> None:
        """A snapshot of the tenant's lists comes in, in which the connection filter holds these."""
        held = [Entry(list=ListName.CONNECTION_FILTER, action=action, value=value) for action, value in entries]
        async with self.store.write() as uow:
            await uow.snapshots.save(Snapshot(as_of=self.clock(), entries=tuple(held)))

    async def on_record(self, value: str) -> KnownEntry:
        """Portcullis knows an IP allow, from a request before."""
        before = await self.proposed(value)
        entry = KnownEntry(
            list=ListName.CONNECTION_FILTER,
            action=Action.ALLOW,
            value=value,
            requester=REQUESTER.user_id,
            request_id=before.id,
            reason="A supplier",
            since=self.clock(),
            expires=None,
        )
        async with self.store.write() as uow:
            await uow.known.put(entry)
        return entry

    async def proposed(
        self,
        *values: str,
        end: str | None = "7d",
        action: Action = Action.ALLOW,
        operation: Operation = Operation.ADD,
    ) -> Request:
        """A pending request, its file, and nothing that waits but its end: an IP allow, if nothing is said."""
        proposals = drafted(
            self.context,
            *(values or (IP,)),
            operation=operation,
            action=action,
            end=end,
            reason="The supplier's mail is held back",
            acknowledged=True,
        )
        made = await propose_all(self.context, actor=REQUESTER, proposals=proposals)
        [request] = made.requests
        async with self.store.write() as uow:
            await uow.attachments.put(request.id, "message.eml", MAIL)
            for job in await uow.jobs.claim("by hand", self.clock(), 30, 50):
                await uow.jobs.finish(job)
        return request

    async def review(
        self,
        request: Request,
        decision: Decision = Decision.APPROVE,
        *,
        who: Person = APPROVER,
        seen: ShownCard | None = None,
        delivery: str = "",
    ) -> Request:
        return await decide_on(
            self.context, request, decision, who=who, seen=seen, who_is=self.who_is, delivery=delivery
        )

    async def card(self, request: Request) -> ShownCard:
        """The card of a request as it is now, on record as Slack shows it."""
        return await shown(self.context, request.id)

    async def who_is(self, user_id: str) -> Person:
        """Who somebody is by now: those that a test has taken out of their group have no role any more."""
        return Person(user_id=user_id) if user_id in self.left else await people.who_is(user_id)

    async def lapse_job(self, request: Request) -> Job:
        """The job that ends a request which nobody decided on, claimed when it is due."""
        async with self.store.write() as uow:
            jobs = await uow.jobs.claim("by hand", request.lapses_at, 30, 50)
        return next(job for job in jobs if job.kind == JobKind.LAPSE)

    async def now(self, request: Request) -> Request:
        async with self.store.read() as uow:
            return await uow.requests.get(request.id)

    async def status(self, request: Request) -> Status:
        return (await self.now(request)).status

    async def events(self, request: Request) -> list[Event]:
        """What was logged since it was proposed, oldest first."""
        async with self.store.read() as uow:
            page = await uow.audit.page(filters=AuditFilter(request_id=request.id))
        return [event for event in reversed(page) if event.kind not in {"request.proposed", "ip_allow.warned"}]

    async def kinds(self, request: Request) -> list[str]:
        return [event.kind for event in await self.events(request)]

    async def due(self, request: Request) -> list[str]:
        """The kinds of the jobs that are due now, all of which are about a request."""
        async with self.store.read() as uow:
            due = [job for job in await uow.jobs.waiting() if job.run_at <= self.clock()]
        assert all(job.payload["request_id"] == request.id for job in due)
        return sorted(job.kind for job in due)

    async def has_file(self, request: Request) -> bool:
        async with self.store.read() as uow:
            return await uow.attachments.get(request.id) is not None


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    rules = Rules(plan=Plan.PLAN1, ip_allow=IpAllow.TWO_PERSON)
    return Desk(context=Context(store=store, tenant=unreached_tenant(), rules=rules, now=clock), clock=clock)
