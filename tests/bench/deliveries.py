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
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp

from bot.store.migrate import migrate
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
_PEOPLE = 50


@contextmanager
def bare_server(database_url: str) -> Iterator[Sender]:
    """bolt by itself, a process of its own."""
    port, secret = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "tests.bench.bare_server", str(port), secret, database_url]
    with subprocess.Popen(command, cwd=ROOT) as server:  # noqa: S603 — our own module
        try:
            yield Sender(
                url=f"http://127.0.0.1:{port}/bare", secret=secret, team="T1", response_url="http://127.0.0.1:9/"
            )
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


def told(what: str, found: Load, limit: Load | None = None) -> None:
    ratio = "" if limit is None else f"  {found.per_second / limit.per_second:5.3f} of the limit"
    refused = f"  {found.refused} refused" if found.refused else ""
    figures = f"{found.per_second:7.1f}/s  p50 {found.at(0.5) * 1000:6.1f}  p95 {found.at(0.95) * 1000:6.1f} ms"
    said(what, f"{figures}{ratio}{refused}")


async def measure(here: Installation, bare: Sender, what: str, seconds: float) -> None:
    await until_there(bare)
    ours, committed = sender_to(here), replace(bare, url=bare.url.replace("/bare", "/committed"))
    texts: dict[str, Callable[[int], str]] = {
        "/check": lambda number: f"host{number % 50}.example",
        "/block": lambda _number: f"{secrets.token_hex(6)}.example 30d Phishing wave",
    }
    for connections in (1, 8):
        for command, text in texts.items():
            nothing = await load(bare, command, text, connections=connections, seconds=seconds / 2)
            before = await load(committed, command, text, connections=connections, seconds=seconds / 2)
            found = await load(ours, command, text, connections=connections, seconds=seconds)
            after = await load(committed, command, text, connections=connections, seconds=seconds / 2)
            limit = before if before.per_second >= after.per_second else after
            named = f"{what} {command} by {connections}"
            told(f"{named}, bare bolt", nothing)
            told(f"{named}, one row", limit)
            told(named, found, limit)
    crowd = await at_once(ours, "/block", texts["/block"], people=_PEOPLE)
    said(
        f"{what}, {_PEOPLE} people at once", f"the slowest after {crowd.at(1.0) * 1000:.0f} ms, {crowd.refused} refused"
    )


def main(folder: Path, seconds: float) -> None:
    (folder / "sqlite").mkdir()
    with (
        Installation(folder=folder / "sqlite", mode="http", settings=_SETTINGS) as here,
        bare_server(f"sqlite:///{folder}/bare.sqlite3") as bare,
    ):
        asyncio.run(measure(here, bare, "SQLite", seconds))
    with PostgresServer() as server:
        url, other = server.url(server.new_database()), server.url(server.new_database())
        asyncio.run(migrate(url))
        (folder / "postgresql").mkdir()
        with (
            Installation(folder=folder / "postgresql", mode="http", database_url=url, settings=_SETTINGS) as here,
            bare_server(other) as bare,
        ):
            asyncio.run(measure(here, bare, "PostgreSQL", seconds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.deliveries")
    parser.add_argument("seconds", type=float, nargs="?", default=8.0)
    with tempfile.TemporaryDirectory() as made:
        main(Path(made), parser.parse_args().seconds)
