"""The bot's own ways to Slack and to the tenant, pointed at the stand-ins; and the way to a tenant that nobody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.server import Playground
from bot.playground.slack import Clock as SlackClock
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.store import Store
from bot.tenant.access import Patience, TenantAccess
from bot.tenant.exchange.tenant import Tenant
from bot.tls import outside_context

#: No test waits for a backoff, and none hangs for long.
QUICK = Patience(connect=2, read=5, total=10, attempts=2, first_wait=0.001, longest_wait=0.002, longest_retry_after=0)


def access_to(environment: Mapping[str, str], **changes: Any) -> TenantAccess:  # noqa: ANN401 - TenantAccess's
    """Where the stand-in for the tenant is, and the secret that it takes, from what it sets in the environment.

    `changes` are fields of `TenantAccess` that a test wants otherwise.
    """
    access = TenantAccess(
        tenant_id=environment["PORTCULLIS_TENANT_ID"],
        client_id=environment["PORTCULLIS_CLIENT_ID"],
        secret=environment["PORTCULLIS_CLIENT_SECRET"],
        exchange_url=environment["PORTCULLIS_EXCHANGE_URL"],
        graph_url=environment.get("PORTCULLIS_GRAPH_URL"),
        authority_url=environment["PORTCULLIS_AUTHORITY_URL"],
        calls_per_second=1000,
        patience=QUICK,
    )
    return replace(access, **changes)


def unreached_tenant() -> Tenant:
    """A tenant for what never calls one."""
    return Tenant(TenantAccess(tenant_id="tenant", client_id="app", secret="none", ssl_context=outside_context()))


class SameClock(SlackClock):
    """The stand-in for Slack goes by a test's own clock, as Slack's and the bot's are the same but for minutes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp() + self._ahead


def client_of(playground: Playground) -> AsyncWebClient:
    """The way to the stand-in for Slack."""
    environment = playground.environment()
    return web_client(
        environment["PORTCULLIS_SLACK_BOT_TOKEN"],
        api_url=environment["PORTCULLIS_SLACK_API_URL"],
        context=outside_context(),
    )


def directory_of(playground: Playground, client: AsyncWebClient, store: Store) -> Directory:
    """Who is who in the stand-in's workspace."""
    people = playground.workspace
    return Directory(
        client, store=store, requesters=people.requesters, approvers=people.approvers, auditors=people.auditors
    )
