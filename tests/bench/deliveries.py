"""How many signed commands a second are taken, held against what bolt and one committed row cost on the same machine.

`python -m tests.bench.deliveries [seconds]`: the real bot over HTTP between both stand-ins, on SQLite
and PostgreSQL, and beside it bolt behind the same server: with nothing to do, and with one row to commit. Both are
measured in turn, so that what else the machine does falls on both.

What is to be reached: `/check` at least 0.5 of bolt with one row, `/block` at least 0.3; of 50 people at once the
slowest is acknowledged within 0.5 s.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from bot.store.migrate import migrate
from tests.bench.fifty import PEOPLE, each_of_them, workspace_of_fifty
from tests.bench.floods import said
from tests.bench.signed_load import Load, Sender, at_once, load
from tests.support.installation import ROOT, Installation, free_port
from tests.support.postgres import PostgresServer

#: Nobody is held back: it is the way through that is measured.
_SETTINGS = {
    "PORTCULLIS_WATCH_EVERY": "1d",
    "PORTCULLIS_OPEN_REQUESTS_PER_PERSON": "100000",
    "PORTCULLIS_CHECKS_PER_PERSON": "1000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Who is sent to, and the process that answers."""

    sender: Sender
    process: int

    @property
    def processor(self) -> float:
        """The processor's time that the process has had, in seconds: on a busy machine it says more than the clock."""
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: what stands behind the name in brackets.
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def bare_server(database_url: str) -> Iterator[Served]:
    """bolt by itself, a process of its own."""
    port, secret = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "tests.bench.bare_server", str(port), secret, database_url]
    with subprocess.Popen(command, cwd=ROOT) as server:  # noqa: S603 — our own module
        try:
            sender = Sender(
                url=f"http://127.0.0.1:{port}/bare", secret=secret, team="T1", response_url="http://127.0.0.1:9/"
            )
            yield Served(sender=sender, process=server.pid)
        finally:
            server.terminate()


def sender_to(here: Installation) -> Sender:
    """Somebody of the stand-in's workspace."""
    workspace = here.playground.slack.state.workspace
    return Sender(
        url=f"{here.bot_url}/slack/events",
        secret=workspace.credentials.signing_secret,
        team=workspace.team_id,
        response_url=f"{here.url}/response/none",
    )


async def until_there(sender: Sender) -> None:
    """Until the server listens."""
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                await sender.send(http, "/check", "evil.example")
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
            else:
                return


def told(what: str, found: Load, processor: float, limit: Load | None = None) -> None:
    """`processor` is what each took of the processor's time, in seconds."""
    ratio = "" if limit is None else f"  {found.per_second / limit.per_second:5.3f} of the limit"
    refused = f"  {found.refused} refused" if found.refused else ""
    figures = f"{found.per_second:7.1f}/s  p50 {found.at(0.5) * 1000:6.1f}  p95 {found.at(0.95) * 1000:6.1f} ms"
    said(what, f"{figures}  processor {processor * 1000:5.2f} ms{ratio}{refused}")


async def measure(here: Installation, beside: Served, what: str, seconds: float) -> None:
    bare = beside.sender
    await until_there(bare)
    assert here.bot is not None
    own = Served(sender=sender_to(here), process=here.bot.pid)
    committing = replace(beside, sender=replace(bare, url=bare.url.replace("/bare", "/committed")))

    async def loaded(
        served: Served, command: str, text: Callable[[int], str], connections: int, seconds: float
    ) -> tuple[Load, float]:
        before = served.processor
        found = await load(served.sender, command, text, connections=connections, seconds=seconds)
        return found, (served.processor - before) / len(found.took)

    texts: dict[str, Callable[[int], str]] = {
        "/check": lambda number: f"host{number % 50}.example",
        "/block": lambda _number: f"{secrets.token_hex(6)}.example 30d Phishing wave",
    }
    for connections in (1, 8):
        for command, text in texts.items():
            nothing = await loaded(beside, command, text, connections, seconds / 2)
            before = await loaded(committing, command, text, connections, seconds / 2)
            found = await loaded(own, command, text, connections, seconds)
            after = await loaded(committing, command, text, connections, seconds / 2)
            limit = before if before[0].per_second >= after[0].per_second else after
            named = f"{what} {command} by {connections}"
            told(f"{named}, bare bolt", *nothing)
            told(f"{named}, one row", *limit)
            told(named, *found, limit[0])
    crowd = await at_once(each_of_them(own.sender), "/block", texts["/block"])
    said(
        f"{what}, {len(PEOPLE)} people at once",
        f"the slowest after {crowd.at(1.0) * 1000:.0f} ms, {crowd.refused} refused",
    )


def main(folder: Path, seconds: float) -> None:
    (folder / "sqlite").mkdir()
    with (
        Installation(folder=folder / "sqlite", mode="http", workspace=workspace_of_fifty(), settings=_SETTINGS) as here,
        bare_server(f"sqlite:///{folder}/bare.sqlite3") as bare,
    ):
        asyncio.run(measure(here, bare, "SQLite", seconds))
    with PostgresServer() as server:
        url, other = server.url(server.new_database()), server.url(server.new_database())
        asyncio.run(migrate(url))
        (folder / "postgresql").mkdir()
        with (
            Installation(
                folder=folder / "postgresql",
                mode="http",
                database_url=url,
                workspace=workspace_of_fifty(),
                settings=_SETTINGS,
            ) as here,
            bare_server(other) as bare,
        ):
            asyncio.run(measure(here, bare, "PostgreSQL", seconds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.deliveries")
    parser.add_argument("seconds", type=float, nargs="?", default=8.0)
    with tempfile.TemporaryDirectory() as made:
        main(Path(made), parser.parse_args().seconds)
