"""How soon 50 people who type a `/block` at the same moment are acknowledged while a large file is imported.

`python -m tests.bench.crowd [lines] [sqlite|postgresql]`: the real bot, a process of its own, between both stand-ins.
The file goes through its form, is requested by its preview and approved by its card, and applied and confirmed; again
and again meanwhile fifty people type at once. Beside it stands what they wait while nothing else is done.

Beside the clock stands what the bot has had of the processor by then: on a busy machine that says more.

What is to be reached: the slowest within 0.5 s at each step, on a machine that does nothing else, and 200 MB for the
bot at most.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.request import Request, Status
from bot.playground.page_client import PageClient
from bot.store import Store
from bot.store.migrate import migrate
from bot.workflow.shared.job_kinds import JobKind
from tests.bench.deliveries import sender_to, until_there
from tests.bench.fifty import PEOPLE, each_of_them, workspace_of_fifty
from tests.bench.floods import said, until_idle
from tests.bench.processes import processor
from tests.bench.typists import Typists, typists
from tests.support.floods import memory
from tests.support.installation import APPROVALS, APPROVER, DIRECT, REQUESTER, Installation
from tests.support.postgres import PostgresServer

_SETTINGS = {
    "PORTCULLIS_WATCH_EVERY": "1d",
    "PORTCULLIS_OPEN_REQUESTS_PER_PERSON": "100000",
}
#: Far beyond what is to be reached: no bench waits for ever.
_PATIENCE = 900.0
#: Between one time that they type and the next, in seconds.
_PAUSE = 1.0
#: They type again once so few of their cards have still to be posted.
_FEW = 10
#: So often they type while nothing else is done.
_ALONE = 3


class Crowd:
    """Fifty people who type at once, again and again, while one step after the other is done."""

    def __init__(self, here: Installation, people: Typists, what: str) -> None:
        self._here = here
        self._people = people
        self._what = what
        self._step = ""
        self._took: list[float] = []
        self._worked: list[float] = []
        self.refused = 0

    def begin(self, step: str) -> None:
        """Another step begins: show what they waited during the one before."""
        if took := sorted(self._took):
            half = took[len(took) // 2]
            worked = [f"{each * 1000:.0f}" for each in sorted(self._worked)]
            said(
                f"{self._what}, {self._step}",
                f"the slowest of {len(PEOPLE)} after {took[-1] * 1000:.0f} ms, {half * 1000:.0f} ms for half of "
                f"{len(took)} times; {worked[-1]} ms of the processor, {worked[len(worked) // 2]} for half",
            )
        self._step, self._took, self._worked = step, [], []

    async def type(self) -> None:
        """All of them, once."""
        assert self._here.bot is not None
        worked = processor(self._here.bot.pid)
        found = await self._people.type()
        self.refused += found.refused
        self._took.append(found.at(1.0))
        self._worked.append(processor(self._here.bot.pid) - worked)

    async def go_on(self, store: Store) -> None:
        """Again and again, until it is cancelled; each time once most of their cards were posted."""
        while True:
            if await _cards_owed(store) <= _FEW:
                await self.type()
            await asyncio.sleep(_PAUSE)


async def _cards_owed(store: Store) -> int:
    async with store.read() as uow:
        return len(await uow.jobs.waiting(kind=JobKind.NOTIFY))


async def _imported(page: PageClient, store: Store, lines: int, crowd: Crowd) -> None:
    crowd.begin("read, judged and shown")
    await page.type(REQUESTER, "/import")
    form = await page.view(REQUESTER)
    content = "\n".join(f"bad{number}.example" for number in range(lines)).encode()
    file = await page.choose(REQUESTER, "feed.csv", content)
    answer = await page.submit(REQUESTER, form, {"file": [file], "reason": "Feed of the week"})
    assert answer["ok"], answer
    preview = await page.message(REQUESTER, DIRECT, "would be requested")
    crowd.begin("requested and posted")
    await page.click(REQUESTER, DIRECT, preview, "Request these")
    card = await page.message(APPROVER, APPROVALS, f"{lines:,}", "Waits for approval")
    crowd.begin("approved and applied")
    number = await _largest(store)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await _until(store, number, lambda request: _is(request, Status.APPLIED))
    crowd.begin("confirmed")
    await _until(store, number, _is_confirmed)


async def _largest(store: Store) -> int:
    """The number of the import's request, among the newest: later many others are newer."""
    async with store.read() as uow:
        page = await uow.requests.proposal_page(limit=1_000, items=1)
    return max((part for parts in page for part in parts.requests), key=lambda request: request.total).id


async def _until(store: Store, number: int, holds: Callable[[Request], bool]) -> None:
    while True:
        async with store.read() as uow:
            if holds(await uow.requests.summary(number, items=1)):
                return
        await asyncio.sleep(0.5)


def _is(request: Request, status: Status) -> bool:
    return request.status is status


def _is_confirmed(request: Request) -> bool:
    return {state.value for state, count in request.counts.items() if count} == {"confirmed"}


async def measure(here: Installation, what: str, lines: int) -> None:
    """Have it done, and show what it came to."""
    sender = sender_to(here)
    await until_there(sender)
    store = Store(here.database_url, tenant_id=here.playground.environment()["PORTCULLIS_TENANT_ID"])
    with typists(each_of_them(sender)) as people:
        crowd = Crowd(here, people, what)
        crowd.begin("nothing else")
        for _ in range(_ALONE):
            await crowd.type()
            await _within(until_idle(store))
        async with here.page(patience=_PATIENCE) as page:
            typing = asyncio.create_task(crowd.go_on(store))
            try:
                await _within(_imported(page, store, lines, crowd))
            finally:
                typing.cancel()
                await asyncio.gather(typing, return_exceptions=True)
                crowd.begin("")
                said(what, f"{crowd.refused} refused, {memory(here)} MB held at most")
    await store.close()


async def _within(work: Awaitable[None]) -> None:
    async with asyncio.timeout(_PATIENCE):
        await work


def main(lines: int, which: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if which in {"", "sqlite"}:
            _run(folder / "sqlite", "SQLite", lines, None)
        if which in {"", "postgresql"}:
            with PostgresServer() as server:
                url = server.url(server.new_database())
                asyncio.run(migrate(url))
                _run(folder / "postgresql", "PostgreSQL", lines, url)


def _run(folder: Path, what: str, lines: int, url: str | None) -> None:
    folder.mkdir()
    here = Installation(
        folder=folder,
        mode="http",
        database_url=url,
        workspace=workspace_of_fifty(),
        settings=_SETTINGS,
        plan="plan2",
    )
    with here:
        asyncio.run(measure(here, what, lines))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MOST_IMPORTED, sys.argv[2] if len(sys.argv) > 2 else "")
