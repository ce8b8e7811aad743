"""What a second process on one PostgreSQL adds, and that nothing is done twice.

`python -m tests.bench.processes [approvals]`: the real bot over Socket Mode between both stand-ins, which answer at
once and limit nothing: first one process, then two on a database of their own, each with the same approvals, clicked
eight at once. Then each value is looked for in the tenant's changes, and each line in the approval channel: it is there
once.

What is to be reached: 1.6 times as many requests a second, where there are processors for it. The two bots, the
stand-ins, whoever clicks and PostgreSQL share what there is: how many processors that are, and what each process has
had of them, is shown beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.playground.page_client import PageClient
from bot.playground.plain_http import NO_AUTHORITIES
from bot.store.migrate import migrate
from tests.acceptance.steps import changes
from tests.bench.approvals import UNBOUND, many
from tests.bench.floods import said
from tests.support import forks
from tests.support.installation import AHEAD, APPROVALS, READY_WITHIN, Installation, free_port
from tests.support.postgres import PostgresServer

_PATIENCE = 600.0


def processor(process: int) -> float:
    """The processor's time that a process has had, in seconds."""
    # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: what stands behind the name in brackets.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def second(here: Installation) -> Iterator[forks.Forked]:
    """Another process beside the installation's own, on the same database, Slack and tenant."""
    port = free_port()
    environment = {**here.environment(), "PORTCULLIS_HTTP_PORT": str(port)}
    with (here.folder / "second.log").open("ab") as sink:
        bot = forks.start(
            *(str(here.lead), "unlimited", "run"),
            environment=environment,
            module=AHEAD,
            stdout=sink.fileno(),
            stderr=sink.fileno(),
        )
    try:
        ends = time.monotonic() + READY_WITHIN
        while time.monotonic() < ends:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", verify=NO_AUTHORITIES, trust_env=False).is_success:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        yield bot
    finally:
        bot.terminate()
        bot.wait(timeout=60)


async def twice(page: PageClient, here: Installation, approvals: int) -> list[str]:
    """What was done more than once, or not at all."""
    found = []
    for number in range(approvals):
        name = f"many{number}.example"
        if (count := len(await changes(page, name))) != 1:
            found.append(f"{name}: {count} changes in the tenant")
    conversation = here.playground.slack.state.conversations.find(APPROVALS)
    assert conversation is not None
    said_there = Counter((message.thread_ts, message.text) for message in conversation.messages)
    found += [f"{count} times: {text}" for (_, text), count in said_there.items() if count > 1]
    return found


async def measure(here: Installation, what: str, approvals: int, processes: list[int]) -> float:
    """Requests a second."""
    async with here.page(patience=_PATIENCE) as page:
        before = [processor(each) for each in processes]
        rate = await many(page, here, what, approvals)
        had = [round(processor(each) - start, 1) for each, start in zip(processes, before, strict=True)]
        wrong = await twice(page, here, approvals)
        said(what, f"of the processor {had} s with the proposals; done twice or not at all: {wrong or 'nothing'}")
        return rate


def run(folder: Path, server: PostgresServer, what: str, approvals: int, *, with_second: bool) -> float:
    url = server.url(server.new_database())
    asyncio.run(migrate(url))
    folder.mkdir()
    with Installation(folder=folder, mode="socket", database_url=url, settings=UNBOUND) as here:
        assert here.bot is not None
        if not with_second:
            return asyncio.run(measure(here, what, approvals, [here.bot.pid]))
        with second(here) as other:
            return asyncio.run(measure(here, what, approvals, [here.bot.pid, other.pid]))


def main(folder: Path, approvals: int) -> None:
    with PostgresServer() as server:
        one = run(folder / "one", server, "one process", approvals, with_second=False)
        two = run(folder / "two", server, "two processes", approvals, with_second=True)
    said("two against one", f"{two / one:.2f} times, on {os.cpu_count()} processors")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.processes")
    parser.add_argument("approvals", type=int, nargs="?", default=40)
    with tempfile.TemporaryDirectory() as made:
        main(Path(made), parser.parse_args().approvals)
