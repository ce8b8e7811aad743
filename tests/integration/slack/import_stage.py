"""Imports and their answers between a real store and the stand-in for Slack: the jobs run, nobody waits for a bot."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.auditing.events import Event, EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName, Plan
from bot.domain.policies.case import Rules
from bot.domain.requests.request import Request
from bot.playground.server import Playground
from bot.playground.slack.conversations import Message
from bot.playground.slack.faults import Fault
from bot.slack.jobs.import_reader import READ_IMPORT, ImportPayload
from bot.store import AuditFilter, Store
from bot.tenant.access import TenantAccess
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import JobKind, enqueue
from tests.integration.databases import Clock
from tests.support.installation import installed_workspace
from tests.support.jobs import Jobs, nothing

REQUESTER, APPROVER, VISITOR = "U0REQUEST1", "U0APPROVE1", "U0VISITOR1"
APPROVALS, ALERTS = "C0APPROVALS", "C0ALERTS"


def entry(value: str, name: ListName = ListName.SENDER, action: Action = Action.BLOCK) -> Entry:
    return Entry(list=name, action=action, value=value, expires=None, notes="", identity=value)


def snapshot(at: datetime, *entries: Entry) -> Snapshot:
    return Snapshot(as_of=at, entries=entries, policies=(), accepted_domains=frozenset({"contoso.com"}))


@dataclass
class ImportStage:
    playground: Playground
    context: Context
    jobs: Jobs
    clock: Clock

    async def give(
        self,
        text: str = "",
        *,
        content: bytes | None = None,
        name: str = "evil.csv",
        who: str = REQUESTER,
        what: tuple[Operation, Action] = (Operation.ADD, Action.BLOCK),
        end: str = "30d",
        reason: str = "Phishing wave",
        delivery: str = "",
    ) -> str:
        """Queue an import, as the form does; its delivery."""
        state = self.playground.slack.state
        file: dict[str, Any] | None = None
        if content is not None:
            kept = state.files.keep(name=name, content=content, user=who, at=0)
            whole = state.file_as_slack(kept)
            file = {key: whole[key] for key in ("id", "name", "size", "url_private_download")}
        delivery = delivery or f"import:{secrets.token_hex(8)}"
        operation, action = what
        async with self.context.store.write() as uow:
            await enqueue(
                uow,
                READ_IMPORT,
                ImportPayload(
                    user=who,
                    operation=operation,
                    action=action,
                    end=end,
                    reason=reason,
                    text=text,
                    file=file,
                    delivery=delivery,
                ),
                key=f"{READ_IMPORT}:{delivery}",
            )
        return delivery

    async def run(self) -> None:
        """Everything that is due now, to the end."""
        await self.jobs.worker.run_due()

    async def run_until_idle(self) -> None:
        """The same, moving the clock on to what waits, for ten minutes at most."""
        ends = self.clock().timestamp() + 600
        while True:
            await self.run()
            async with self.context.store.read() as uow:
                waiting = [job for job in await uow.jobs.waiting() if job.run_at.timestamp() <= ends]
            if not waiting:
                return
            self.clock.now = max(self.clock.now, waiting[0].run_at)

    async def requests(self) -> list[Request]:
        async with self.context.store.read() as uow:
            return (await uow.requests.page())[::-1]

    async def events(self, kind: EventKind) -> list[Event]:
        async with self.context.store.read() as uow:
            return (await uow.audit.page(filters=AuditFilter(kind=kind, limit=100)))[::-1]

    def direct(self, who: str = REQUESTER) -> list[Message]:
        conversation = self.playground.slack.state.conversations.find(f"D{who[1:]}")
        return [] if conversation is None else conversation.messages

    def told(self, who: str = REQUESTER) -> list[Message]:
        """What somebody was told, but for the copies of their requests."""
        return [message for message in self.direct(who) if "Waits for approval" not in message.text]

    def files(self, channel: str) -> list[str]:
        """What the files in a conversation hold, oldest first."""
        conversation = self.playground.slack.state.conversations.find(channel)
        found = [] if conversation is None else [file for message in conversation.messages for file in message.files]
        kept = [self.playground.slack.state.files.find(file["id"]) for file in found]
        return [(file.content or b"").decode("utf-8-sig") for file in kept if file is not None]

    def fault(self, method: str, error: str, *, times: int = 1) -> None:
        self.playground.slack.state.faults.add(method, Fault(error=error, times=times, retry_after=0))

    def broken(self) -> list[dict[str, Any]]:
        report: list[dict[str, Any]] = self.playground.slack.state.ledger.report()["violations"]
        return report


@asynccontextmanager
async def open_import_stage(store: Store, clock: Clock, *, max_attempts: int = 20) -> AsyncIterator[ImportStage]:
    async with Playground(port=0, workspace=installed_workspace()) as playground:
        tenant = Tenant(TenantAccess(tenant_id="tenant", client_id="app", secret="none"))
        context = Context(store=store, tenant=tenant, rules=Rules(plan=Plan.PLAN2), now=clock)
        # The snapshot is the test's own.
        jobs = Jobs(context, playground, instead={JobKind.WATCH: nothing}, max_attempts=max_attempts)
        yield ImportStage(playground=playground, context=context, jobs=jobs, clock=clock)
        await tenant.close()
