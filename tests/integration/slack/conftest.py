"""The bot's Slack side whole: edge, bolt app and listeners over a real store; Slack itself is scripted."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.domain.policies.case import Rules
from bot.slack.app import Workspace, build_app
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.store import Store
from bot.store.migrate import migrate
from bot.web.edge import build_edge
from bot.workflow.shared.context import Context
from tests.integration.slack.harness import APPROVER, AUDITOR, REQUESTER, TEAM, Bot
from tests.integration.tenant.scripted import serving_app
from tests.support.scripted_slack import ok, scripted_slack
from tests.support.stand_ins import unreached_tenant


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slack") / "template.sqlite3"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def bot(migrated: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    path = shutil.copy(migrated, tmp_path / "portcullis.sqlite3")
    store = Store(f"sqlite:///{path}", tenant_id="tenant")
    context = Context(store=store, tenant=unreached_tenant(), rules=Rules())
    secret = secrets.token_hex(16)
    async with scripted_slack() as slack:
        slack.answers |= {
            "auth.test": ok(team_id=TEAM, user_id="U0BOT", bot_id="B0BOT"),
            "views.open": ok(view={"id": "V1"}),
            "hook": ok(),
        }
        client = web_client("token", api_url=slack.api_url, context=ssl.create_default_context())
        directory = Directory(client, requesters=[REQUESTER], approvers=[APPROVER, "S0APPROVERS"], auditors=[AUDITOR])
        slack.answers["usergroups.users.list"] = ok(users=[])
        app = build_app(workspace=Workspace(client=client), directory=directory, context=context)

        async def ready() -> dict[str, str]:
            return {}

        edge = build_edge(readiness=ready, slack=app, signing_secret=secret)
        async with serving_app(edge) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as http:
            yield Bot(http=http, slack=slack, store=store, context=context, secret=secret)
    await store.close()
    await context.tenant.close()
