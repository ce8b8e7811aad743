"""`portcullis demo`: the real bot as a process of its own, against stand-ins for Slack and the tenant."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

import httpx
import typer

from bot.errors import PortcullisError
from bot.playground.server import Playground
from bot.playground.slack.workspace import SlashCommand, Workspace
from bot.playground.tenant import TenantStandIn
from bot.playground.tour import Tour, TourFailed
from bot.slack.commands import COMMANDS

#: How long a bot on a slow machine may take until it is ready, in seconds.
READY_WITHIN = 60.0


class Mode(StrEnum):
    """How Slack's stand-in delivers to the bot."""

    SOCKET = "socket"
    HTTP = "http"


def demo(
    tour: bool = typer.Option(False, "--tour", help="Run the main job by itself, print each step, and exit."),
    mode: Mode = typer.Option(Mode.SOCKET, help="How Slack's stand-in delivers to the bot."),
    port: int = typer.Option(8420, help="The page's port on 127.0.0.1; 0 takes a free one."),
    database: str = typer.Option("", help="A database to keep; left out, a SQLite file that ends with the demo."),
) -> None:
    """Run the demo until Ctrl-C, or the tour to its end (exit code 0 only if every step held)."""
    sys.exit(asyncio.run(_demo(tour=tour, mode=mode, port=0 if tour and port == 8420 else port, database=database)))


async def _demo(*, tour: bool, mode: Mode, port: int, database: str) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="portcullis-demo-") as folder:
        bot_port = _free_port()
        try:
            playground = Playground(
                port=port,
                mode=mode.value,
                bot_url=f"http://127.0.0.1:{bot_port}/slack/events",
                workspace=Workspace(commands=_installed_commands()),
                tenant=TenantStandIn(
                    tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_hex(24)
                ),
            )
            await playground.start()
        except OSError as error:
            raise PortcullisError(
                f"Port {port} of 127.0.0.1 can't be used: {error.strerror}.", "Take another with --port."
            ) from error
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PORTCULLIS_")},
            **playground.environment(),
            "PORTCULLIS_DATABASE_URL": database or f"sqlite:///{folder}/portcullis.sqlite3",
            "PORTCULLIS_HTTP_PORT": str(bot_port),
            "PORTCULLIS_WATCH_EVERY": "10s",
            "PORTCULLIS_CONFIRM_AFTER": "5s" if tour else "60s",
        }
        try:
            async with _bot(environment, Path(folder) / "bot.log") as bot:
                if not await _ready(bot, bot_port, stop):
                    return _report_death(bot, Path(folder) / "bot.log")
                if tour:
                    return await _run_tour(playground.url, environment)
                print(
                    f"\n  Portcullis playground: {playground.url}\n\n  Delivers by {mode.value}. Ctrl-C ends it.\n",
                    flush=True,
                )
                ended = asyncio.create_task(bot.wait())
                stopped = asyncio.create_task(stop.wait())
                await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
                stopped.cancel()
                if ended.done() and not stop.is_set():
                    return _report_death(bot, Path(folder) / "bot.log")
                return 0
        finally:
            await playground.stop()


def _installed_commands() -> tuple[SlashCommand, ...]:
    """The commands as app.yaml declares them: both are made of one table."""
    return tuple(
        SlashCommand(command=one.name, description=one.description, usage_hint=one.usage_hint) for one in COMMANDS
    )


async def _run_tour(url: str, environment: dict[str, str]) -> int:
    try:
        await Tour(url, environment=environment).run()
    except TourFailed as error:
        print(f"\n  ✗ {error}", file=sys.stderr)
        return 1
    return 0


@asynccontextmanager
async def _bot(environment: dict[str, str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`portcullis run` as a process, ended by SIGTERM as an operator's platform would."""
    with log.open("wb") as sink:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.cli",
            "run",
            env=environment,
            stdout=sink,
            stderr=sink,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), timeout=20)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _ready(bot: asyncio.subprocess.Process, port: int, stop: asyncio.Event) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(int(READY_WITHIN / 0.1)):
            if bot.returncode is not None or stop.is_set():
                return False
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return True
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    return False


def _report_death(bot: asyncio.subprocess.Process, log: Path) -> int:
    print(f"The bot is not running (exit code {bot.returncode}). The end of its log:", file=sys.stderr)
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]:
        print(f"  {line}", file=sys.stderr)
    return 1


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
