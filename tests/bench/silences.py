"""How long people wait while the tenant, or Slack, takes calls and never answers.

`python -m tests.bench.silences [rounds]`: the real bot between both stand-ins, on SQLite and PostgreSQL.

What is to be reached: with five approved requests waiting for a silent tenant, a card is there within 2 s of its
command and a check is answered within 1 s; while Slack is silent, an approved block is in the tenant within 5 s of the
click. Of a machine that does other things as well the load is shown: it says nothing of the bot.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bot.domain.requests.request import Status
from bot.playground.page_client import PageClient
from bot.store.migrate import migrate
from tests.acceptance.steps import clear_faults, defanged, fault, idle, propose, slack_fault, status
from tests.bench.floods import installation, said
from tests.support.installation import APPROVALS, APPROVER, REQUESTER, Installation
from tests.support.postgres import PostgresServer

_PATIENCE = 300.0
_ALWAYS = 10_000
_WAITING = 5


async def silent_tenant(page: PageClient, here: Installation, what: str, number: int) -> None:
    """A new card and a check, while approved requests hold every place that changes the tenant."""
    names = [f"approved{place}-{number}.example" for place in range(_WAITING)]
    found = [await propose(page, name) for name in names]
    await idle(page, here)
    await fault(page, "delay", None, delay=600, times=_ALWAYS)  # type: ignore[arg-type]
    for card in found:
        await page.click(APPROVER, APPROVALS, card, "Approve")
    name = f"new{number}.example"
    began = time.monotonic()
    await page.type(REQUESTER, f"/block {name} 30d Phishing wave")
    acknowledged = time.monotonic() - began
    await page.message(APPROVER, APPROVALS, defanged(name), "Approve")
    shown = time.monotonic() - began
    began = time.monotonic()
    answer = await page.type(REQUESTER, "/check evil.example")
    checked = time.monotonic() - began
    assert answer["problem"] is None, answer
    figures = f"a card after {shown:.2f} s (acknowledged {acknowledged:.2f} s), a check after {checked:.2f} s"
    said(f"{what}, a silent tenant", figures)
    await clear_faults(here)
    for waiting in names:
        await status(page, here, waiting, Status.APPLIED)
    await idle(page, here)


async def silent_slack(page: PageClient, here: Installation, what: str, number: int) -> None:
    """An approved block, while every message that Slack is sent waits for its answer."""
    name = f"urgent{number}.example"
    card = await propose(page, name)
    await idle(page, here)
    for method in ("chat.postMessage", "chat.update"):
        await slack_fault(page, method, "silent", times=_ALWAYS)
    for place in range(_WAITING):
        await page.type(REQUESTER, f"/block other{place}-{number}.example 30d Phishing wave")
    began = time.monotonic()
    await page.click(APPROVER, APPROVALS, card, "Approve")
    acknowledged = time.monotonic() - began
    await status(page, here, name, Status.APPLIED)
    said(
        f"{what}, a silent Slack", f"applied after {time.monotonic() - began:.2f} s (acknowledged {acknowledged:.2f} s)"
    )
    here.playground.slack.state.faults.clear()
    await idle(page, here)


async def measure(here: Installation, what: str, rounds: int) -> None:
    async with here.page(patience=_PATIENCE) as page:
        for number in range(rounds):
            await silent_slack(page, here, what, number)
            await silent_tenant(page, here, what, number)


def main(folder: Path, rounds: int) -> None:
    (folder / "sqlite").mkdir()
    with installation(folder / "sqlite", "socket") as here:
        asyncio.run(measure(here, "socket, SQLite", rounds))
    with PostgresServer() as server:
        url = server.url(server.new_database())
        asyncio.run(migrate(url))
        (folder / "postgresql").mkdir()
        with installation(folder / "postgresql", "http", url) as here:
            asyncio.run(measure(here, "http, PostgreSQL", rounds))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made), int(sys.argv[1]) if len(sys.argv) > 1 else 3)
