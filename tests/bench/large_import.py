"""How long a large import holds others up: each write transaction and each hold of the event loop, from the file to
its confirmation; and how much memory it takes.

`python -m tests.bench.large_import [lines] [sqlite|postgresql]`: the bot as its settings build it, in this process, on
SQLite and then on PostgreSQL, between stand-ins in a process of their own. Of each sort of transaction the longest is
shown, and what it took of the processor: on a busy machine that says more than the clock. Without a database's name
each is measured in a process of its own.

What is to be reached: 510 writes to the tenant, no transaction over 100 ms, and 200 MB at most, for 10,000 lines.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import structlog

from bot import settings as env
from bot.bootstrap import Portcullis, build
from bot.budgets import Rate
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.request import Request
from bot.garbage import look_seldom
from bot.heap import give_back_soon
from bot.slack import pace
from bot.slack.jobs.import_reader import READ_IMPORT, ImportPayload
from bot.store import Store, UnitOfWork
from bot.store.migrate import migrate
from bot.workflow.importing.previews import PreviewClick, ask_for
from bot.workflow.shared.jobs import enqueue, read_lists_anew
from tests.bench.floods import said
from tests.bench.tenant_apart import stand_ins_apart
from tests.support import people
from tests.support.deciding import decide_on
from tests.support.installation import REQUESTER
from tests.support.postgres import PostgresServer
from tests.support.requests_made import newest_requests

#: What holds the event loop for so long is shown, in seconds.
_HELD = 0.05

#: So many sorts of transactions are shown, the longest first.
_SHOWN = 8


@dataclass
class Transactions:
    """The write transactions of a store, in seconds: by the clock and of the processor, by what they are for."""

    took: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def report(self, what: str) -> None:
        """Show the longest of those since the last report."""
        took, self.took = self.took, defaultdict(list)
        count = sum(len(each) for each in took.values())
        longest = max((held for each in took.values() for held, _ in each), default=0.0)
        said(what, f"{count} write transactions, the longest {longest * 1000:.0f} ms")
        for name, each in sorted(took.items(), key=lambda pair: -max(pair[1])[0])[:_SHOWN]:
            held, worked = max(each)
            sys.stdout.write(
                f"  {held * 1000:6.0f} ms, {worked * 1000:5.0f} of the processor  {len(each):4} × {name}\n"
            )


def _called_from() -> str:
    """Where in the bot a transaction was begun, and by which job."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and ("contextlib" in frame.f_code.co_filename or "/bench/" in frame.f_code.co_filename):
        frame = frame.f_back
    assert frame is not None
    task = asyncio.current_task()
    named = (task.get_name() if task is not None else "").partition("#")[0]
    place = os.path.relpath(frame.f_code.co_filename).removeprefix("bot/")
    return f"{named if '.' in named or '_' in named else '-'}: {place} {frame.f_code.co_name}"


def watched(store: Store) -> Transactions:
    """Measure for how long each write transaction keeps others out."""
    measured, write = Transactions(), store.write

    @asynccontextmanager
    async def timed() -> AsyncIterator[UnitOfWork]:
        name = _called_from()
        context = write()
        uow = await context.__aenter__()
        began, worked = time.monotonic(), time.process_time()
        try:
            yield uow
        except BaseException as error:
            if not await context.__aexit__(type(error), error, error.__traceback__):
                raise
        else:
            await context.__aexit__(None, None, None)
        finally:
            measured.took[name].append((time.monotonic() - began, time.process_time() - worked))

    store.write = timed  # type: ignore[method-assign]
    return measured


@dataclass
class Holds:
    """What held the event loop, in seconds of computing: how busy the machine is with others says nothing."""

    found: list[tuple[float, str]] = field(default_factory=list)

    def report(self) -> None:
        """Show the longest of those since the last report."""
        found, self.found = sorted(self.found, reverse=True), []
        for held, place in found[:_SHOWN]:
            sys.stdout.write(f"  held the event loop for {held * 1000:.0f} ms of computing: {place}\n")


@contextmanager
def watched_loop() -> Iterator[Holds]:
    """Look from a thread at what this thread's event loop is at where it doesn't come round."""
    holds, loop, own = Holds(), asyncio.get_running_loop(), threading.get_ident()
    clock = time.pthread_getcpuclockid(own)
    beat, worked = [0], [time.thread_time()]
    ended = threading.Event()

    def tick() -> None:
        now = time.thread_time()
        if now - worked[0] > _HELD:
            [(place, _)] = seen.most_common(1) or [("not looked at", 1)]
            holds.found.append((now - worked[0], place))
        beat[0] += 1
        worked[0] = now
        seen.clear()
        if not ended.is_set():
            loop.call_later(0.005, tick)

    seen: Counter[str] = Counter()

    def look() -> None:
        while not ended.wait(0.01):
            number = beat[0]
            if time.clock_gettime(clock) - worked[0] > _HELD / 5:
                # Without the lines themselves: the source of all that is looked at would count as the bot's memory.
                found = traceback.StackSummary.extract(
                    traceback.walk_stack(sys._current_frames()[own]), lookup_lines=False
                )
                stack = [f"{os.path.relpath(each.filename)}:{each.lineno} {each.name}" for each in found]
                ours = [each for each in stack if each.startswith(("bot/", "tests/"))]
                if number == beat[0]:
                    seen[" < ".join(ours[:8])] += 1

    loop.call_soon(tick)
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield holds
    finally:
        ended.set()
        thread.join()


async def given(portcullis: Portcullis, text: str) -> None:
    """Queue an import, as its form does."""
    async with portcullis.context.store.write() as uow:
        await enqueue(
            uow,
            READ_IMPORT,
            ImportPayload(
                user=REQUESTER,
                operation=Operation.ADD,
                action=Action.BLOCK,
                end="30d",
                reason="Phishing wave",
                text=text,
                file=None,
                delivery="import:bench",
            ),
            key=f"{READ_IMPORT}:bench",
        )


async def asked_for(portcullis: Portcullis) -> None:
    """Click Request under the newest preview."""
    context = portcullis.context
    async with context.store.read() as uow:
        preview = (await uow.previews.open_of(REQUESTER))[-1]
    click = PreviewClick(
        preview_id=preview.id, version=preview.version, delivery="asked", channel=preview.channel, ts=preview.ts
    )
    await ask_for(context, click, actor=people.REQUESTER)


async def the_request(portcullis: Portcullis) -> Request:
    async with portcullis.context.store.read() as uow:
        return (await newest_requests(uow))[0]


async def run(lines: int, url: str, what: str) -> None:
    give_back_soon()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    pace.RATES = dict.fromkeys(pace.RATES, Rate(per_second=10_000, burst=10_000))
    await migrate(url)
    with stand_ins_apart() as stand_ins:
        settings = {**stand_ins.environment, "PORTCULLIS_DATABASE_URL": url}
        os.environ.update(settings)
        portcullis = build(env.load_all())
        context = portcullis.context
        transactions = watched(context.store)
        later = [timedelta()]
        held: list[int] = []
        object.__setattr__(context, "now", lambda: datetime.now(UTC) + later[0])
        context.store.clock = lambda: datetime.now(UTC) + later[0]

        async def done(step: str) -> None:
            began, calls = time.monotonic(), stand_ins.writes()
            await portcullis.worker.run_due()
            took = time.monotonic() - began
            transactions.report(f"{what}, {step}: {took:.1f} s")
            held.append(most_held())
            sys.stdout.write(f"  {held[-1]} MB at most\n")
            holds.report()
            if made := stand_ins.writes() - calls:
                sys.stdout.write(f"  {sum(made.values())} writes to the tenant\n")

        look_seldom()
        with watched_loop() as holds:
            async with context.store.write() as uow:
                await read_lists_anew(uow)
            await done("first reading")
            await given(portcullis, "\n".join(f"bad{number}.example" for number in range(lines)))
            await done("read, judged and shown")
            await asked_for(portcullis)
            await done("requested and posted")
            request = await the_request(portcullis)
            await decide_on(context, request)
            await done("approved and applied")
            later[0] = timedelta(minutes=6)
            await done("confirmed")
            request = await the_request(portcullis)
            states = ", ".join(f"{state.value} {count}" for state, count in request.counts.items() if count)
            said(what, f"{request.status.value}: {states}; {max(held)} MB at most until then")
            later[0] = timedelta(days=31)
            await done("ended")
        context.reader.close()
        await context.tenant.close()
        await context.store.close()


def most_held() -> int:
    """MB that this process has held at most since this was last asked."""
    # https://man7.org/linux/man-pages/man5/proc_pid_status.5.html and proc_pid_clear_refs.5.html
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    Path("/proc/self/clear_refs").write_text("5")
    return int(line.split()[1]) // 1_024


def main(lines: int, which: str) -> None:
    if not which:
        for each in ("sqlite", "postgresql"):  # what the one has taken isn't held against the other
            subprocess.run([sys.executable, "-m", "tests.bench.large_import", str(lines), each], check=True)  # noqa: S603 - this very bench
    if which == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(run(lines, f"sqlite:///{folder}/bench.sqlite3", "SQLite"))
    if which == "postgresql":
        with PostgresServer() as server:
            asyncio.run(run(lines, server.url(server.new_database()), "PostgreSQL"))


if __name__ == "__main__":
    arguments: list[Any] = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        main(int(arguments[0]) if arguments else MOST_IMPORTED, arguments[1] if len(arguments) > 1 else "")
