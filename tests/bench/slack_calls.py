"""How many calls to Slack requests cost, and how long many of them take to come to rest, by Slack's own rates.

`python -m tests.bench.slack_calls [requests [people]]`. Everything is the bot's own but the time: both stand-ins and
the outbox go by a clock that moves on to whatever is due next, so that minutes take seconds.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
import tempfile
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import structlog

from bot.bootstrap import MOST_ATTEMPTS
from bot.budgets import BudgetsInMemory
from bot.domain.policies.case import Rules
from bot.domain.requests.people import Person, Role
from bot.domain.requests.request import Status
from bot.jobs import Worker
from bot.jobs.backoff import Backoff
from bot.playground.server import Playground
from bot.playground.slack.clock import Clock
from bot.playground.slack.workspace import Person as Somebody
from bot.playground.tenant import TenantStandIn
from bot.store import Store
from bot.store.migrate import migrate
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.shared.context import Context
from tests.support.deciding import decide_on
from tests.support.installation import APPROVALS, installed_workspace
from tests.support.jobs import Jobs
from tests.support.proposing import drafted, propose_all
from tests.support.requests_made import newest_requests
from tests.support.stand_ins import access_to

#: A job that waits for longer is the confirmation, or the end: what came before it has come to rest.
_REST = timedelta(minutes=30)
_CONFIRMED_AFTER = timedelta(hours=1)
_GIVEN_UP = timedelta(hours=2)


class Moved(Clock):
    """The time, as the bench moves it: for Slack's side and for the bot's."""

    def __init__(self) -> None:
        super().__init__()
        self.at = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> float:
        return self.at.timestamp()

    def __call__(self) -> datetime:
        return self.at


class Bench:
    """The workflow and the jobs that end in Slack, between both stand-ins."""

    def __init__(self, store: Store, clock: Moved, playground: Playground, context: Context) -> None:
        self.store = store
        self.clock = clock
        self.playground = playground
        self.context = context
        jobs = Jobs(context, playground)
        self.worker = Worker(
            store,
            jobs.registry.handlers,
            name="bench",
            lanes=jobs.registry.lanes,
            backoff=Backoff(longest=600, chance=lambda: 0.5),
            max_attempts=MOST_ATTEMPTS,
            on_dead=jobs.give_up,
        )
        self.decided: set[int] = set()

    async def propose(self, number: int, people: int) -> None:
        requester = Person(user_id=f"U0MANY{number % people}", roles=frozenset({Role.REQUESTER}))
        await propose_all(
            self.context, actor=requester, proposals=drafted(self.context, f"bad{number}.example", end="30d")
        )

    async def approve(self) -> None:
        """Somebody approves whatever they see a card of."""
        async with self.store.read() as uow:
            pending = await newest_requests(uow, statuses=[Status.PENDING], limit=1000)
            shown = [request for request in pending if await uow.messages.of_request(request.id, "card")]
        for request in shown:
            await decide_on(self.context, request, who=Person(user_id="U0APPROVE1", roles=frozenset({Role.APPROVER})))

    async def rest(self, within: timedelta) -> timedelta:
        """Go on until nothing waits that is due `within` a time; how long that took."""
        began = self.clock()
        while True:
            await self.worker.run_due()
            await self.approve()
            async with self.store.read() as uow:
                waiting = await uow.jobs.waiting()
            due = [job.run_at for job in waiting if job.run_at <= self.clock() + within]
            if not due:
                return self.clock() - began
            if self.clock() - began > _GIVEN_UP:
                raise RuntimeError(f"no rest: {Counter(job.kind for job in waiting)}")
            self.clock.at = max(self.clock.at, min(due))

    def told(self, title: str, requests: int, took: timedelta) -> None:
        calls = self.playground.slack.state.ledger.calls
        taken = Counter(call.method for call in calls if call.answer.get("ok"))
        refused = Counter(call.method for call in calls if call.answer.get("error") == "ratelimited")
        below = sum(
            call.method == "chat.postMessage" and call.params.get("channel") == APPROVALS and "thread_ts" in call.params
            for call in calls
            if call.answer.get("ok")
        )
        sys.stdout.write(f"{title}: at rest after {took.total_seconds():.0f} s\n")
        sys.stdout.write(
            f"  {taken.total() / requests:.2f} calls a request: {dict(taken)}; {below} of them below cards\n"
        )
        sys.stdout.write(f"  {refused.total()} refused: {dict(refused)}\n")
        calls.clear()


async def main(requests: int, people: int) -> None:
    clock = Moved()
    standin = TenantStandIn(
        tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_hex(24), now=clock
    )
    workspace = installed_workspace()
    many = tuple(Somebody(id=f"U0MANY{number}", name=f"Requester {number}") for number in range(people))
    workspace = installed_workspace(people=(*workspace.people, *many))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        await migrate(url)
        store = Store(url, tenant_id="bench", clock=clock)
        async with Playground(port=0, workspace=workspace, tenant=standin, clock=clock, limits=True) as playground:
            tenant = Tenant(access_to(playground.environment()), now=clock)
            context = Context(
                store=store,
                tenant=tenant,
                rules=Rules(),
                confirm_after=_CONFIRMED_AFTER,
                budgets=BudgetsInMemory(clock=clock.now),
                now=clock,
            )
            bench = Bench(store, clock, playground, context)
            lists = await tenant.read_lists()
            prepared = await store.prepare(lists)
            async with store.write() as uow:
                await uow.snapshots.save(prepared)
            for number in range(requests):
                await bench.propose(number, people)
            took = await bench.rest(_REST)
            bench.told(f"{requests} requests by {people} people, approved and applied", requests, took)
            clock.at += _CONFIRMED_AFTER - timedelta(minutes=20)
            took = await bench.rest(_REST)
            bench.told("and confirmed (20 minutes are the wait for it)", requests, took)
            await tenant.close()
            await store.close()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    given = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(main(*(given + [40, 20][len(given) :])[:2]))
