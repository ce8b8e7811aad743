"""The bot as `bot.bootstrap` builds it, over a real store, between the stand-ins; its jobs run when a test says so."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from bot import bootstrap
from bot import settings as env
from bot.bootstrap import Portcullis, build
from bot.budgets import Rate, Turns
from bot.domain.auditing.events import Event
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import Item, Request, Status
from bot.playground.server import Playground
from bot.playground.slack.faults import Fault as SlackFault
from bot.playground.tenant import TenantStandIn
from bot.playground.tenant.faults import Fault as TenantFault
from bot.slack import pace
from bot.store import AuditFilter, Job, Store
from bot.store.addresses import normalise
from bot.store.engines import create_engine, for_writing
from bot.store.tables import JobRow
from tests.support import people
from tests.support.deciding import decide_on
from tests.support.installation import ALERTS, APPROVALS, APPROVER, REQUESTER, installed_workspace
from tests.support.proposing import drafted, propose_all
from tests.support.requests_made import newest_requests

#: For as long as a test breaks it.
_ALWAYS = 10_000


@dataclass(slots=True, kw_only=True)
class WholeBot:
    """What a test does with it, and looks at."""

    portcullis: Portcullis
    playground: Playground
    tenant: TenantStandIn
    database_url: str

    @property
    def store(self) -> Store:
        return self.portcullis.context.store

    @property
    def is_sqlite(self) -> bool:
        return "sqlite" in repr(self.store)

    def let_pass(self, time: timedelta) -> None:
        """From here on it is so much later, as far as requests go."""
        object.__setattr__(self.portcullis.context, "now", lambda: datetime.now(UTC) + time)

    async def run(self) -> None:
        """Every job that is due, and those that they queue to run at once."""
        await self.portcullis.worker.run_due()

    async def proposed(self, value: str, *, operation: Operation = Operation.ADD, end: str = "30d") -> Request:
        """A pending request to block something, or to submit it."""
        context = self.portcullis.context
        submits = operation is Operation.SUBMIT
        message = "https://graph.microsoft.com/v1.0/users/user@contoso.example/messages/AAMkAGI2"
        proposals = drafted(
            context,
            value,
            operation=operation,
            action=Action.ALLOW if submits else Action.BLOCK,
            end=end,
            evidence=Evidence(recipient="user@contoso.example", message_url=message) if submits else None,
        )
        made = await propose_all(context, actor=people.REQUESTER, proposals=proposals)
        [request] = made.requests
        return request

    async def approved(self, value: str, *, operation: Operation = Operation.ADD, end: str = "30d") -> Request:
        """The same, approved; no worker has seen it yet."""
        request = await self.proposed(value, operation=operation, end=end)
        return await decide_on(self.portcullis.context, request)

    async def request(self, request: Request) -> Request:
        async with self.store.read() as uow:
            return await uow.requests.get(request.id)

    async def status(self, request: Request) -> Status:
        return (await self.request(request)).status

    async def item(self, request: Request) -> Item:
        [item] = (await self.request(request)).items
        return item

    async def requests(self) -> Sequence[Request]:
        async with self.store.read() as uow:
            return await newest_requests(uow)

    async def events(self, kind: str) -> list[Event]:
        async with self.store.read() as uow:
            return await uow.audit.page(filters=AuditFilter(kind=kind, limit=100))

    async def waiting(self, kind: str) -> list[Job]:
        async with self.store.read() as uow:
            return await uow.jobs.waiting(kind=kind)

    async def dead(self) -> list[Job]:
        async with self.store.read() as uow:
            return await uow.jobs.dead()

    async def make_due(self, job: Job, *, attempts: int = 0) -> None:
        """Let a job that waits be due, with so many attempts behind it."""
        values = {"run_at": datetime.now(UTC) - timedelta(seconds=1), "attempts": attempts}
        async with self.store.write() as uow:
            await uow.jobs._scope.session.execute(update(JobRow).where(JobRow.id == job.id).values(**values))

    async def run_sql(self, statement: str) -> None:
        """What nobody does to a database but a test, on a connection of its own: the store changes rows, and
        takes back what changed none, such as another name for a table.
        """
        engine = create_engine(normalise(self.database_url))
        async with for_writing(engine).begin() as connection:
            await connection.execute(text(statement))
        await engine.dispose()

    def break_tenant(self) -> None:
        """No call gets an answer that is one; each is told to come back in an hour."""
        self.tenant.arm(TenantFault(kind="429", times=_ALWAYS, retry_after=3600))

    def break_sign_in(self) -> None:
        """No token is taken."""
        self.tenant.arm(TenantFault(kind="401", times=_ALWAYS))

    def break_slack(self, method: str, *, channel: str | None = None) -> None:
        """No call of the method gets through, or none to a channel or person."""
        fault = SlackFault(error="ratelimited", times=_ALWAYS, retry_after=0, channel=channel)
        self.playground.slack.state.faults.add(method, fault)

    def repair(self) -> None:
        """Slack and the tenant are well again."""
        self.tenant.disarm()
        self.playground.slack.state.faults.clear()

    def said(self, channel: str) -> str:
        """All that was said in a channel, or to a person."""
        conversation = self.playground.slack.state.conversations.find(channel)
        return "\n".join(message.text for message in conversation.messages) if conversation is not None else ""

    def alerts(self) -> str:
        return self.said(ALERTS)

    def cards(self) -> str:
        return self.said(APPROVALS)

    def told(self) -> str:
        """What the requester was told by direct message."""
        return self.said(f"D{REQUESTER[1:]}")

    def given_file(self, content: bytes, name: str) -> dict[str, str]:
        """A file that the requester put into a form, which Slack names by its id only."""
        kept = self.playground.slack.state.files.keep(name=name, content=content, user=REQUESTER, at=0)
        return {"id": kept.id, "name": name}


def click_on_card(bot: WholeBot, button: str, *, who: str) -> dict[str, Any]:
    """The delivery of a click on a button of the newest card in the approval channel."""
    conversation = bot.playground.slack.state.conversations.find(APPROVALS)
    assert conversation is not None
    card = next(message for message in reversed(conversation.messages) if not message.thread_ts)
    [element] = [
        element
        for block in card.blocks
        for element in block.get("elements") or []
        if element.get("type") == "button" and element["text"]["text"] == button
    ]
    return {
        "type": "block_actions",
        "team": {"id": bot.playground.workspace.team_id},
        "user": {"id": who},
        "trigger_id": secrets.token_hex(8),
        "container": {"type": "message", "channel_id": APPROVALS, "message_ts": card.ts},
        "actions": [{**element, "block_id": "b"}],
    }


async def _not_at_all(_turns: Turns, _seconds: float) -> None:
    """No test waits for an hour."""


@asynccontextmanager
async def open_whole_bot(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WholeBot]:
    """Build it as the settings say, on a migrated database."""
    tenant = TenantStandIn(
        tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_hex(24), plan="plan2"
    )
    async with Playground(port=0, workspace=installed_workspace(), tenant=tenant) as playground:
        settings = {
            **playground.environment(),
            "PORTCULLIS_DATABASE_URL": database_url,
            "PORTCULLIS_SUBMISSIONS": "on",
            "PORTCULLIS_ESCALATE_TO": APPROVER,
            "PORTCULLIS_WORKING_HOURS": "0-24",
            "PORTCULLIS_WORKING_DAYS": "mon-sun",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        # A machine that stands still loses no lease: what comes of that has tests of its own.
        for lease in ("LEASE_ALONE", "LEASE_AMONG_REPLICAS"):
            monkeypatch.setattr(bootstrap, lease, 3600.0)
        portcullis = build(env.load_all())
        # What was broken is well again at once: nothing is kept of how long the tenant asked to be left alone.
        monkeypatch.setattr(Turns, "hold_back", _not_at_all)
        # A job that failed is due again when the test makes it so, and not while a slow machine is still at the rest.
        monkeypatch.setattr(portcullis.worker, "_backoff", lambda _attempts: 3600.0)
        # No message waits for Slack to take one more.
        monkeypatch.setattr(pace, "RATES", dict.fromkeys(pace.RATES, Rate(per_second=10_000, burst=10_000)))
        yield WholeBot(portcullis=portcullis, playground=playground, tenant=tenant, database_url=database_url)
        context = portcullis.context
        context.reader.close()
        await context.tenant.close()
        if context.submissions is not None:
            await context.submissions.close()
        await context.store.close()
