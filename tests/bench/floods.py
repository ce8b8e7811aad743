"""How long people wait, and how much the bot holds, while others send more than it can do at once.

`python -m tests.bench.floods [queue|edge] [rounds]`: the real bot between both stand-ins.

What is to be reached: with 16 imports and 100 live checks waiting a block is applied within 5 s of its approval, on
SQLite and PostgreSQL; with 1,100 idle connections at 1,024 files, heads that never end, and 300 held bodies of 2 MiB a
signed command is acknowledged within 3 s, and the bot holds 300 MB at most. Of a machine that does other things as well
the load is shown: it says nothing of the bot.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot.domain.requests.request import Status
from bot.playground.page_client import PageClient
from bot.playground.server import Playground
from bot.slack.jobs.import_reader import READ_IMPORT
from bot.store import Store
from bot.store.migrate import migrate
from bot.web.bodies import MAX_BODY
from bot.workflow.importing.previews import IMPORT_KINDS
from bot.workflow.shared.job_kinds import JobKind
from tests.support.floods import (
    BODIES,
    CONNECTIONS,
    ENDLESS_HEAD,
    FILES,
    fill_queue,
    head_of_a_body,
    held_connections,
    memory,
)
from tests.support.installation import APPROVALS, APPROVER, REQUESTER, Installation
from tests.support.postgres import PostgresServer
from tests.support.requests_made import newest_requests

#: Far beyond what is to be reached: what takes longer is told as that, and no bench waits for ever.
_PATIENCE = 300.0
_COMMANDS = 5
_SLOWEST_ACK = 60.0


def said(what: str, figures: str) -> None:
    load, *_ = os.getloadavg()
    sys.stdout.write(f"{what:34} {figures}   (load {load:.1f} on {os.cpu_count()} processors)\n")
    sys.stdout.flush()


def installation(folder: Path, mode: str, url: str | None = None) -> Installation:
    here = Installation(folder=folder, mode=mode, database_url=url, settings={"PORTCULLIS_WATCH_EVERY": "1d"})
    here.playground = Playground(
        port=0,
        mode="http" if mode == "http" else "socket",
        bot_url=f"{here.bot_url}/slack/events",
        workspace=here.playground.workspace,
        tenant=here.tenant,
        ack_limit=_SLOWEST_ACK,
    )
    return here


async def until_idle(store: Store) -> None:
    """Until everything that is due has been done."""
    while True:
        async with store.read() as uow:
            if not [job for job in await uow.jobs.waiting() if job.run_at <= store.clock()]:
                return
        await asyncio.sleep(0.2)


async def applied(page: PageClient, here: Installation, store: Store, number: int) -> str:
    """Approve a block while everything else waits; the seconds until it is applied, and what waited then."""
    name = f"wave{number}.example"
    await page.type(REQUESTER, f"/block {name} 30d Phishing wave")
    card = await page.message(APPROVER, APPROVALS, f"wave{number}[.]example", "Waits for approval")
    await until_idle(store)
    await fill_queue(here, called=f"flood{number}-")
    began = time.monotonic()
    await page.click(APPROVER, APPROVALS, card, "Approve")
    acknowledged = time.monotonic() - began
    while True:
        async with store.read() as uow:
            requests = await newest_requests(uow, limit=50)
        [request] = [each for each in requests if any(item.value == name for item in each.items)]
        if request.status is Status.APPLIED:
            break
        if time.monotonic() - began > _PATIENCE:
            raise TimeoutError(f"{name} is {request.status} after {_PATIENCE:.0f} s")
        await asyncio.sleep(0.02)
    took = time.monotonic() - began
    async with store.read() as uow:
        jobs = await uow.jobs.waiting()
    imports = sum(job.kind in {READ_IMPORT, *IMPORT_KINDS} for job in jobs)
    checks = sum(job.kind == JobKind.CHECK for job in jobs)
    await page.message(APPROVER, APPROVALS, f"wave{number}[.]example", "Applied")
    shown = time.monotonic() - began
    return (
        f"applied {took:5.2f} s after the click (acknowledged {acknowledged:.2f} s, on the card {shown:5.2f} s), "
        f"{imports} imports and {checks} checks waiting then"
    )


async def measure_queue(here: Installation, what: str, rounds: int) -> None:
    store = Store(here.database_url, tenant_id=here.playground.environment()["PORTCULLIS_TENANT_ID"])
    async with here.page(patience=_PATIENCE) as page:
        for number in range(rounds):
            said(what, await applied(page, here, store, number))
            await until_idle(store)
    await store.close()


async def measure_edge(here: Installation, what: str, connections: int, first: Callable[[], bytes]) -> None:
    async with here.page(patience=_PATIENCE) as page, held_connections(here, connections, first()) as writers:
        if first() == ENDLESS_HEAD:
            writers[0].write(b"a" * 1_000_000)
        took: list[float] = []
        for number in range(_COMMANDS):
            began = time.monotonic()
            answer = await page.type(REQUESTER, f"/block {what.replace(' ', '-')}{number}.example 30d Phishing wave")
            took.append(time.monotonic() - began)
            assert answer["problem"] is None, answer
        shown = ", ".join(f"{seconds:.2f}" for seconds in took)
        said(what, f"acknowledged after {shown} s, {memory(here)} MB held at most so far")


def edge(folder: Path) -> None:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files[1], 8_192), files[1]))
    with installation(folder, "http") as here:
        assert here.bot is not None
        resource.prlimit(here.bot.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
        said("nothing else", f"{memory(here)} MB held at most so far")
        asyncio.run(measure_edge(here, "idle connections", CONNECTIONS, lambda: b""))
        asyncio.run(measure_edge(here, "heads that never end", 50, lambda: ENDLESS_HEAD))
        held = b"a" * (MAX_BODY - 1)
        asyncio.run(measure_edge(here, "held bodies", BODIES, lambda: head_of_a_body() + held))


def queue(folder: Path, rounds: int) -> None:
    for mode in ("http", "socket"):
        (folder / mode).mkdir()
        with installation(folder / mode, mode) as here:
            asyncio.run(measure_queue(here, f"{mode}, SQLite", rounds))
    with PostgresServer() as server:
        for mode in ("http", "socket"):
            url = server.url(server.new_database())
            asyncio.run(migrate(url))
            with installation(folder / mode, mode, url) as here:
                asyncio.run(measure_queue(here, f"{mode}, PostgreSQL", rounds))


if __name__ == "__main__":
    which = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory() as made:
        if which in {"", "queue"}:
            queue(Path(made), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
        if which in {"", "edge"}:
            (Path(made) / "edge").mkdir()
            edge(Path(made) / "edge")
