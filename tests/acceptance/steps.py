"""Steps that several acceptance tests take, and what they look up behind the scenes: store and tenant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.domain.auditing.events import Event
from bot.domain.requests.request import Request
from bot.playground.page_client import Json, PageClient
from bot.playground.plain_http import NO_AUTHORITIES
from bot.playground.server import Playground
from bot.playground.slack.workspace import Person, Workspace
from bot.store import AuditFilter, Job, Store, UnitOfWork
from bot.workflow.shared.job_kinds import JobKind
from tests.support.installation import ACK_LIMIT, APPROVALS, APPROVER, REQUESTER, Installation, installed_workspace
from tests.support.postgres import PostgresServer
from tests.support.requests_made import newest_requests

NEW = "New-TenantAllowBlockListItems"

#: Jobs that wait for a time far off, or come round.
_NOT_DUE = frozenset(
    {
        JobKind.WATCH,
        JobKind.CLEAN,
        JobKind.ANCHOR,
        JobKind.FORGET_ADDRESSES,
        JobKind.LAPSE,
        JobKind.CALL_LATE,
        JobKind.REMIND_APPROVERS,
        JobKind.SCAN_POSTURE,
        JobKind.RENEWALS,
        JobKind.STRAYS,  # a minute after a message was called for again
        JobKind.EXPIRE,
        JobKind.REMIND,
        JobKind.FOLLOW,
    }
)


def installation(
    kind: str,
    *,
    request: pytest.FixtureRequest,
    folder: Path,
    approvers: Sequence[Person] = (),
    ack_limit: float = ACK_LIMIT,
    settings: Mapping[str, str] | None = None,
    workspace: Workspace | None = None,
    limits: bool = False,
) -> Installation:
    """An installation such as `http-postgresql`, not started. A slow machine is no fault but by `ack_limit`."""
    mode, database = kind.split("-")
    url = None
    if database == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.new_database(template=request.getfixturevalue("postgres_template")))
    workspace = (workspace or installed_workspace()).with_extra_people(tuple(approvers), approvers=True)
    here = Installation(
        folder=folder,
        mode=mode,
        database_url=url,
        workspace=workspace,
        # The lists are read at the start and after each change: nothing takes a fault that was meant for another.
        settings={"PORTCULLIS_WATCH_EVERY": "1d", **(settings or {})},
    )
    here.playground = Playground(
        port=0,
        mode="http" if mode == "http" else "socket",
        bot_url=f"{here.bot_url}/slack/events",
        workspace=workspace,
        tenant=here.tenant,
        ack_limit=ack_limit,
        limits=limits,
    )
    return here


def defanged(value: str) -> str:
    head, _, tail = value.rpartition(".")
    return f"{head}[.]{tail}"


async def propose(page: PageClient, *names: str, who: str = REQUESTER) -> Json:
    """A pending block of some domains; its card."""
    answer = await page.type(who, f"/block {' '.join(names)} 30d Phishing wave")
    assert answer["problem"] is None
    return await page.message(APPROVER, APPROVALS, defanged(names[0]), "Waits for approval")


async def entry(page: PageClient, value: str) -> Json:
    """What the tenant has of a sender."""
    [found] = [item for item in (await page.lists())["items"]["Sender"] if item["Value"] == value]
    return dict(found)


async def approved(page: PageClient, command: str, *words: str) -> None:
    """Propose by a command, approve the card that has these words, and wait until it is applied."""
    answer = await page.type(REQUESTER, command)
    assert answer["problem"] is None
    card = await page.message(APPROVER, APPROVALS, *words, "Waits for approval")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, *words, "Applied")


async def cards(page: PageClient, name: str) -> list[Json]:
    """Every card in the approval channel that names this, oldest first."""
    conversation = await page.get("/api/conversation", **{"as": APPROVER, "channel": APPROVALS})
    return [
        message
        for message in conversation["messages"]
        if defanged(name) in message["text"] and not message["ephemeral"] and not message["thread_ts"]
    ]


@asynccontextmanager
async def looking(here: Installation) -> AsyncIterator[UnitOfWork]:
    """The bot's database, from outside."""
    store = Store(here.database_url, tenant_id=here.playground.environment()["PORTCULLIS_TENANT_ID"])
    try:
        async with store.read() as uow:
            yield uow
    finally:
        await store.close()


async def requests_for(here: Installation, name: str) -> list[Request]:
    """Every request about a value, newest first."""
    async with looking(here) as uow:
        page = await newest_requests(uow, limit=500)
    return [request for request in page if any(item.value == name for item in request.items)]


async def only_request(here: Installation, name: str) -> Request:
    [request] = await requests_for(here, name)
    return request


async def events_for(here: Installation, request: Request) -> list[Event]:
    """The events of a request, oldest first."""
    async with looking(here) as uow:
        return (await uow.audit.page(filters=AuditFilter(request_id=request.id, limit=1000)))[::-1]


async def count_events(here: Installation, name: str, kind: str) -> int:
    return [str(event.kind) for event in await events_for(here, await only_request(here, name))].count(kind)


async def under_way(here: Installation) -> list[Job]:
    """The jobs that are due or done, dead ones apart."""
    async with looking(here) as uow:
        return [job for job in await uow.jobs.waiting() if job.kind not in _NOT_DUE]


async def idle(page: PageClient, here: Installation, *, but_for_retries: bool = False) -> None:
    """Wait until no job is left to do, or none but those that failed before, which may not be due for minutes.

    Nobody waits for the time of what is left: it passes at once.
    """

    async def look() -> bool | None:
        async with looking(here) as uow:
            waiting = await uow.jobs.waiting()
        left = [job for job in waiting if job.kind not in _NOT_DUE and not (but_for_retries and job.failures)]
        if left and all(job.lease_until is None for job in waiting):
            here.skip(min(job.run_at for job in left) - here.now())
        return not left or None

    await page.until("the outbox to be empty", look)


async def status(page: PageClient, here: Installation, name: str, *wanted: str) -> Request:
    """The request about a value, once it has one of these statuses."""

    async def look() -> Request | None:
        request = await only_request(here, name)
        return request if request.status in wanted else None

    return await page.until(f"{name} to be {' or '.join(wanted)}", look)


async def changes(page: PageClient, name: str, *, cmdlet: str = NEW, taken: bool = False) -> list[Json]:
    """The tenant's calls of a cmdlet that name a value; only those that it carried out, if `taken`."""

    def fits(call: Json) -> bool:
        names = name in ((call["parameters"] or {}).get("Entries") or [])
        return call["cmdlet"] == cmdlet and names and not (taken and call["error"])

    return [call for call in await page.get("/api/tenant/calls") if fits(call)]


async def listed(page: PageClient, name: str) -> int:
    """How many entries the tenant has for a sender."""
    return [item["Value"] for item in (await page.lists())["items"]["Sender"]].count(name)


async def fault(page: PageClient, kind: str, cmdlet: str = NEW, **options: object) -> None:
    """Something goes wrong in the tenant. The API answers with what is armed."""
    await page.post("/api/tenant/faults", {"kind": kind, "cmdlet": cmdlet, **options})


async def clear_faults(here: Installation) -> None:
    """The tenant works again."""
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, base_url=here.url, trust_env=False) as client:
        (await client.delete("/api/tenant/faults")).raise_for_status()


async def slack_fault(
    page: PageClient, method: str, error: str, *, times: int = 1, retry_after: int = 1, channel: str | None = None
) -> None:
    body = {"method": method, "error": error, "times": times, "retry_after": retry_after, "channel": channel}
    await page.post("/api/faults", body)
