"""The workflow and the notifier in one process, between both stand-ins, with a clock that the test moves."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.auditing.events import Event
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName, Plan
from bot.domain.policies.case import Rules
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Decision, Item, Request
from bot.playground.server import Playground
from bot.playground.slack.conversations import Message
from bot.playground.tenant import TenantStandIn
from bot.playground.tenant.faults import Fault, FaultKind
from bot.store import AuditFilter, Job, Store
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.listed import listed_for
from tests.integration.databases import Clock
from tests.support.deciding import decide_on
from tests.support.installation import APPROVALS, installed_workspace
from tests.support.jobs import Jobs
from tests.support.people import APPROVER, REQUESTER, SECOND
from tests.support.proposing import drafted, propose_all
from tests.support.stand_ins import SameClock, access_to


@dataclass
class Stage:
    """Everything that a request passes through, but for the deliveries."""

    playground: Playground
    standin: TenantStandIn
    context: Context
    jobs: Jobs
    clock: Clock
    results: list[int] = field(default_factory=list)  #: the requests whose file was due

    async def propose(self, *values: str, end: str = "30d", action: Action = Action.BLOCK) -> Request:
        """A pending request to block something, or to allow it."""
        proposals = drafted(self.context, *values, action=action, end=end, acknowledged=action is Action.ALLOW)
        made = await propose_all(self.context, actor=REQUESTER, proposals=proposals)
        [request] = made.requests
        return request

    async def want(self, operation: Operation, *values: str, **options: Any) -> Request:  # noqa: ANN401 - wanted's
        """An approved request for any operation, judged by the tenant as it is now; no worker has seen it yet."""
        return await self.all_approved(await self.wanted(operation, *values, **options))

    async def wanted(
        self,
        operation: Operation,
        *values: str,
        action: Action = Action.BLOCK,
        end: str | None = None,
        reason: str = "Phishing wave",
    ) -> Request:
        """A request for any operation, judged by the tenant as it is now, that nobody has decided on."""
        await self.snapshot()
        return await self.proposed(
            drafted(
                self.context,
                *values,
                operation=operation,
                action=action,
                end=end,
                reason=reason,
                acknowledged=True,
                listed=await listed_for(self.context, operation),
            )
        )

    async def granted(self, proposals: Sequence[Proposal]) -> Request:
        """The request that came of a proposal, approved by as many as it takes."""
        return await self.all_approved(await self.proposed(proposals))

    async def proposed(self, proposals: Sequence[Proposal]) -> Request:
        """The request that came of a proposal."""
        made = await propose_all(self.context, actor=REQUESTER, proposals=proposals, most=MOST_IMPORTED)
        assert made.requests, made.refusals
        [request] = made.requests
        return request

    async def all_approved(self, request: Request) -> Request:
        """A request, approved by as many as it takes."""
        for who in (APPROVER, SECOND)[: request.approvals_needed]:
            request = await self.decide(request, who=who)
        return request

    async def snapshot(self) -> None:
        """Proposals are judged by the tenant as it is now."""
        lists = await self.context.tenant.read_lists()
        async with self.context.store.write() as uow:
            await uow.snapshots.save(lists)

    async def known(self, name: ListName) -> list[KnownEntry]:
        """What Portcullis has on record of a list."""
        async with self.context.store.read() as uow:
            return await uow.known.active(name)

    async def item(self, request: Request) -> Item:
        """The only item of a request, as it is now."""
        [item] = (await self.request(request)).items
        return item

    async def item_of(self, request: Request, value: str) -> Item:
        """The item of a request with a value, as it is now."""
        return next(item for item in (await self.request(request)).items if item.value == value)

    async def decide(
        self, request: Request, decision: Decision = Decision.APPROVE, *, who: Person = APPROVER
    ) -> Request:
        return await decide_on(self.context, request, decision, who=who)

    async def approved(self, *values: str, **options: Any) -> Request:  # noqa: ANN401 - propose's
        """An approved request that no worker has seen yet."""
        return await self.decide(await self.propose(*values, **options))

    async def run(self) -> None:
        """Everything that is due now, to the end."""
        await self.jobs.worker.run_due()

    async def run_until_idle(self, *, longest: timedelta = timedelta(days=2)) -> None:
        """The same, moving the clock on to each job that waits within `longest`."""
        ends = self.clock() + longest
        while True:
            await self.run()
            waiting = [job for job in await self.waiting() if job.run_at <= ends]
            if not waiting:
                return
            self.clock.now = max(self.clock.now, waiting[0].run_at)

    async def request(self, request: Request) -> Request:
        async with self.context.store.read() as uow:
            return await uow.requests.get(request.id)

    async def events(self, request: Request) -> list[Event]:
        async with self.context.store.read() as uow:
            page = await uow.audit.page(filters=AuditFilter(request_id=request.id, limit=1000))
        return page[::-1]

    async def kinds(self, request: Request) -> list[str]:
        """The kinds of a request's events, oldest first."""
        return [str(event.kind) for event in await self.events(request)]

    async def waiting(self, kind: str | None = None) -> list[Job]:
        async with self.context.store.read() as uow:
            return await uow.jobs.waiting(kind=kind)

    def fault(self, kind: FaultKind, cmdlet: str | None = None, *, times: int = 1) -> None:
        self.standin.arm(Fault(kind=kind, cmdlet=cmdlet, times=times))

    def messages(self, channel: str) -> list[Message]:
        conversation = self.playground.slack.state.conversations.find(channel)
        return [] if conversation is None else conversation.messages

    def cards(self) -> list[Message]:
        return [message for message in self.messages(APPROVALS) if message.thread_ts is None]

    def thread(self) -> list[str]:
        """The messages below cards. One may tell several steps."""
        return [message.text for message in self.messages(APPROVALS) if message.thread_ts is not None]

    def lines(self) -> list[str]:
        """Their lines."""
        return [line for text in self.thread() for line in text.splitlines()]


@pytest.fixture
async def stage(store: Store, clock: Clock) -> AsyncIterator[Stage]:
    standin = TenantStandIn(
        tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_hex(24), now=clock
    )

    async def no_wait(seconds: float) -> None:
        assert seconds > 0

    async with Playground(
        port=0, workspace=installed_workspace(), tenant=standin, clock=SameClock(clock)
    ) as playground:
        tenant = Tenant(access_to(playground.environment()), wait=no_wait, now=clock)
        context = Context(store=store, tenant=tenant, rules=Rules(plan=Plan.PLAN1), now=clock)
        results: list[int] = []

        async def hand_out(job: Job) -> None:
            results.append(int(job.payload["request_id"]))

        yield Stage(
            playground=playground,
            standin=standin,
            context=context,
            jobs=Jobs(context, playground, instead={JobKind.RESULT: hand_out}),
            clock=clock,
            results=results,
        )
        await tenant.close()
