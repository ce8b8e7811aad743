"""How soon an approval is in the tenant, and how many requests a second are approved, applied and told of.

`python -m tests.bench.approvals [approvals]`: the real bot over HTTP between both stand-ins, which answer at once and
limit nothing, on SQLite and PostgreSQL.

What is to be reached, beyond the tenant's own answer times: half of the approvals within 50 ms of the click, 95 of 100
within 150 ms; and 20 requests a second. The first approval after a start is shown by itself: whatever the process does
for the first time, it does there. How many are approved at once is measured twice: by the usual 20 calls a second to
the tenant, 40 at once, so that how many calls a request takes, which is shown, bounds how many are applied; and where
the operator has allowed any number, so that it is the bot which does. Of a machine that does other things as well the
load is shown: it says nothing of the bot.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

from bot.playground.page_client import PageClient
from bot.store.migrate import migrate
from bot.workflow.shared.job_kinds import JobKind
from tests.acceptance.steps import changes, defanged, under_way
from tests.bench.floods import said
from tests.support.installation import APPROVALS, APPROVER, REQUESTER, Installation
from tests.support.postgres import PostgresServer

SETTINGS = {
    "PORTCULLIS_WATCH_EVERY": "1d",
    "PORTCULLIS_CONFIRM_AFTER": "1h",
    "PORTCULLIS_OPEN_REQUESTS_PER_PERSON": "100000",
}
#: Of an operator who knows that the tenant takes it.
UNBOUND = SETTINGS | {"PORTCULLIS_CALLS_PER_SECOND": "1000"}

_PATIENCE = 300.0
_AT_ONCE = 8


async def applied(page: PageClient, name: str) -> float:
    """When the tenant was told of a value, in seconds since 1970, once it was."""

    async def look() -> float | None:
        found = await changes(page, name)
        return datetime.fromisoformat(str(found[0]["at"])).timestamp() if found else None

    return await page.until(f"{name} in the tenant", look)


async def calls_made(page: PageClient) -> int:
    return len(await page.get("/api/tenant/calls"))


async def told(page: PageClient, here: Installation) -> None:
    """Until all is done but to look, in an hour, whether it still stands."""

    async def look() -> bool | None:
        return all(job.kind == JobKind.CONFIRM for job in await under_way(here)) or None

    await page.until("everybody to be told", look)


async def one_by_one(page: PageClient, here: Installation, what: str, approvals: int) -> None:
    """Each approval while nothing else is done, and one before them."""
    took: list[float] = []
    calls = Counter[int]()
    for number in range(approvals + 1):
        name = f"one{number}.example"
        await page.type(REQUESTER, f"/block {name} 30d Phishing wave")
        card = await page.message(APPROVER, APPROVALS, defanged(name), "Approve")
        await told(page, here)
        before = await calls_made(page)
        began = time.time()
        await page.click(APPROVER, APPROVALS, card, "Approve")
        took.append(await applied(page, name) - began)
        await told(page, here)
        calls[await calls_made(page) - before] += 1
    first, *took = took
    took.sort()
    half, most = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.95))
    said(
        f"{what}, from the click to the tenant",
        f"half within {half:.0f}, 95 of 100 within {most:.0f} ms, the first {first * 1000:.0f} ms; "
        f"calls to the tenant: {dict(calls)}",
    )


async def many(page: PageClient, here: Installation, what: str, approvals: int) -> float:
    """All of them as fast as some approvers click; how many a second were applied and told."""
    names = [f"many{number}.example" for number in range(approvals)]
    for name in names:
        await page.type(REQUESTER, f"/block {name} 30d Phishing wave")
    cards = [await page.message(APPROVER, APPROVALS, defanged(name), "Approve") for name in names]
    await told(page, here)
    places = asyncio.Semaphore(_AT_ONCE)

    async def click(card: dict[str, object]) -> None:
        async with places:
            await page.click(APPROVER, APPROVALS, card, "Approve")

    calls, began = await calls_made(page), time.time()
    await asyncio.gather(*map(click, cards))
    clicked = time.time() - began
    last = max([await applied(page, name) for name in names]) - began
    await told(page, here)
    all_told = time.time() - began
    said(
        f"{what}, {approvals} approvals",
        f"{approvals / all_told:.1f}/s applied and told; clicked in {clicked:.1f}, in the tenant in {last:.1f} s; "
        f"calls to the tenant for each: {(await calls_made(page) - calls) / approvals:.1f}",
    )
    return approvals / all_told


async def measure(here: Installation, what: str, approvals: int) -> None:
    async with here.page(patience=_PATIENCE) as page:
        await one_by_one(page, here, what, approvals)
        await many(page, here, f"{what}, 20 calls a second", approvals * 2)


async def measure_unbound(here: Installation, what: str, approvals: int) -> None:
    async with here.page(patience=_PATIENCE) as page:
        await many(page, here, f"{what}, any number of calls", approvals * 2)


def both(folder: Path, what: str, approvals: int, server: PostgresServer | None = None) -> None:
    """Both measurements, each with a database and a process of its own; without a server, on SQLite."""
    for name, settings, measurement in (("usual", SETTINGS, measure), ("unbound", UNBOUND, measure_unbound)):
        place = folder / f"{what}-{name}"
        place.mkdir()
        url = server.url(server.new_database()) if server is not None else None
        if url is not None:
            asyncio.run(migrate(url))
        with Installation(folder=place, mode="http", database_url=url, settings=settings) as here:
            asyncio.run(measurement(here, what, approvals))


def main(folder: Path, approvals: int) -> None:
    both(folder, "SQLite", approvals)
    with PostgresServer() as server:
        both(folder, "PostgreSQL", approvals, server)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.approvals")
    parser.add_argument("approvals", type=int, nargs="?", default=20)
    with tempfile.TemporaryDirectory() as made:
        main(Path(made), parser.parse_args().approvals)
