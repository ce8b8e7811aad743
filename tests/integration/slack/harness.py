"""Delivering what Slack would to the bot's Slack side, and looking at what came of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.domain.policies.case import Rules
from bot.domain.requests.binding import Purpose
from bot.metrics import Metrics
from bot.playground.plain_http import NO_AUTHORITIES
from bot.slack.app import Workspace, build_app
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.store import Job, Store
from bot.tls import outside_context
from bot.web.edge import build_edge
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.tenant.scripted import serving_app
from tests.support.deciding import shown
from tests.support.scripted_slack import ScriptedSlack, ok, scripted_slack
from tests.support.stand_ins import unreached_tenant

TEAM = "T0PORTCULL"
REQUESTER, APPROVER, AUDITOR, VISITOR = "U0REQUEST1", "U0APPROVE1", "U0AUDITOR1", "U0VISITOR1"
ON_CALL = "U0ONCALL01"  #: may block at once

Body = dict[str, Any]

#: The commands that read a text, and texts that are long, odd or meant to do harm.
TEXT_COMMANDS = ("/block", "/unallow", "/extend", "/note", "/safelist", "/check", "/lists", "/requests", "/audit")
HOSTILE_TEXTS = (
    "x" * 300_000,
    "evil.example " * 5_000,
    "[.]" * 50_000,
    "<" * 50_000 + "http://x|y>",
    "\x00\x07\u202e\ud7ff",
    "evil.example 30d <!channel> `rm -rf` {}[]' OR 1=1 --",
    "999999999999d",
    "-1",
    "🙂" * 10_000,
)


@dataclass
class Bot:
    """Delivers what Slack would, and looks at what came of it."""

    http: httpx.AsyncClient
    slack: ScriptedSlack
    store: Store
    context: Context
    secret: str
    metrics: Metrics
    numbers: count[int] = field(default_factory=count)

    async def deliver(
        self, body: Body, *, as_form: bool = False, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        raw = urlencode(body if as_form else {"payload": json.dumps(body)}).encode()
        stamp = str(int(time.time()))
        proof = "v0=" + hmac.new(self.secret.encode(), f"v0:{stamp}:".encode() + raw, hashlib.sha256).hexdigest()
        signed = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": proof,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return await self.http.post("/slack/events", content=raw, headers={**signed, **(headers or {})})

    async def command(
        self,
        command: str,
        text: str = "",
        /,
        *,
        who: str = REQUESTER,
        headers: Mapping[str, str] | None = None,
        **changes: object,
    ) -> httpx.Response:
        body: Body = {
            "command": command,
            "text": text,
            "user_id": who,
            "team_id": TEAM,
            "channel_id": "C0GENERAL",
            "trigger_id": self.trigger(),
            "response_url": f"{self.slack.url}/hook",
        }
        return await self.deliver(changed(body, changes), as_form=True, headers=headers)

    async def click(self, action_id: str, value: object, *, who: str = APPROVER, **changes: object) -> httpx.Response:
        body: Body = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": who},
            "trigger_id": self.trigger(),
            "response_url": f"{self.slack.url}/hook",
            "container": {"type": "message", "channel_id": "C0APPROVALS", "message_ts": "1700000000.000100"},
            "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
        }
        return await self.deliver(changed(body, changes))

    async def click_on(
        self,
        action_id: str,
        request_id: int,
        *,
        who: str = APPROVER,
        purpose: Purpose = Purpose.CARD,
        **changes: object,
    ) -> httpx.Response:
        """A click on what Portcullis posted for a request, which is on record and shows it as it is now."""
        seen = await shown(self.context, request_id, purpose=purpose)
        place = {"container": {"type": "message", "channel_id": seen.channel, "message_ts": seen.ts}}
        return await self.click(action_id, f"{request_id}.{seen.version}", who=who, **{**place, **changes})

    async def submit(self, view: object, *, who: str = REQUESTER, **changes: object) -> httpx.Response:
        body: Body = {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": who},
            "trigger_id": self.trigger(),
            "view": view,
        }
        return await self.deliver(changed(body, changes))

    def trigger(self) -> str:
        return f"trigger{next(self.numbers)}"

    async def jobs(self) -> list[Job]:
        """Every job that is due, taken."""
        async with self.store.write() as uow:
            return await uow.jobs.claim("test", self.store.clock(), 60, 100)

    async def replies(self) -> list[str]:
        """What people were answered by job, as text."""
        return [
            json.dumps(job.payload["message"], ensure_ascii=False)
            for job in await self.jobs()
            if job.kind == JobKind.REPLY
        ]


class Missing:
    """In `changes`: this key is not there at all."""


MISSING = Missing()


def changed(body: Body, changes: dict[str, object]) -> Body:
    merged = {**body, **changes}
    return {key: value for key, value in merged.items() if value is not MISSING}


@asynccontextmanager
async def open_bot(database: Path | str, *, contact: str = "", organization: str = "") -> AsyncIterator[Bot]:
    """The Slack side whole, on loopback, over a migrated database: a SQLite file, or an address.

    `contact` is whom people ask, as the operator may have set it; `organization` for which the app is installed.
    """
    url = f"sqlite:///{database}" if isinstance(database, Path) else database
    store = Store(url, tenant_id="tenant")
    context = Context(store=store, tenant=unreached_tenant(), rules=Rules(), contact=contact)
    secret = secrets.token_hex(16)
    async with scripted_slack() as slack:
        slack.answers |= {
            "auth.test": ok(team_id=TEAM, user_id="U0BOT", bot_id="B0BOT"),
            "views.open": ok(view={"id": "V1"}),
            "views.publish": ok(view={"id": "V2"}),
            "hook": ok(),
        }
        if organization:
            whole = {"team_id": organization, "enterprise_id": organization, "is_enterprise_install": True}
            slack.answers["auth.test"] = ok(**whole, user_id="U0BOT", bot_id="B0BOT")
            slack.answers["auth.teams.list"] = ok(teams=[{"id": TEAM}, {"id": "T0OTHER"}])
        client = web_client("token", api_url=slack.api_url, context=outside_context())
        directory = Directory(
            client,
            store=store,
            requesters=[REQUESTER],
            approvers=[APPROVER, "S0APPROVERS"],
            auditors=[AUDITOR],
            emergency=[ON_CALL],
        )
        slack.answers["usergroups.users.list"] = ok(users=[])
        metrics = Metrics()
        workspace = Workspace(client=client, team_id=TEAM if organization else None)
        app = build_app(workspace=workspace, directory=directory, context=context, metrics=metrics)

        async def ready() -> dict[str, str]:
            return {}

        edge = build_edge(readiness=ready, slack=app, signing_secret=secret)
        async with (
            serving_app(edge) as edge_url,
            httpx.AsyncClient(verify=NO_AUTHORITIES, base_url=edge_url, trust_env=False, timeout=60) as http,
        ):
            yield Bot(http=http, slack=slack, store=store, context=context, secret=secret, metrics=metrics)
    await store.close()
    await context.tenant.close()
