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
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import typer

from bot.cli.choices import Mode
from bot.cli.stand_ins import stand_ins_told, write_settings
from bot.errors import PortcullisError
from bot.playground import PORT, samples
from bot.playground.dns_standin import dns_standin
from bot.playground.server import Playground
from bot.playground.slack.workspace import SlashCommand, Workspace
from bot.playground.tenant import TenantStandIn
from bot.playground.tour import Tour, TourFailed
from bot.slack.command_table import COMMANDS

#: How long a bot on a slow machine may take until it is ready, in seconds.
READY_WITHIN = 60.0
_OTHER_PORT = f'Take another: make demo ARGS="--port {PORT + 1}", or portcullis demo --port {PORT + 1}.'
#: The exit code of a tour that somebody stopped: not every step held.
INTERRUPTED = 130


def demo(*, tour: bool, mode: Mode, port: int, database: str, rules: str, settings: str) -> None:
    """Do what `portcullis demo` is asked for."""
    if tour and settings:
        raise typer.BadParameter("--tour needs a bot, and --settings starts none: leave one of them out.")
    chosen = _Chosen(
        tour=tour,
        mode=mode,
        port=0 if tour and port == PORT else port,
        database=database,
        rules=rules,
        settings=Path(settings) if settings else None,
    )
    sys.exit(asyncio.run(_demo(chosen)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What the demo was asked for."""

    tour: bool
    mode: Mode
    port: int
    database: str  #: empty: one that ends with the demo
    rules: str
    settings: Path | None  #: where the settings go with which somebody runs a bot by themselves


async def _demo(chosen: _Chosen) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="portcullis-demo-") as folder:
        bot_port = _free_port()
        playground = await _playground(chosen, bot_port)
        try:
            async with dns_standin(samples.DNS) as names:
                own = {
                    **playground.environment(),
                    **names.environment(),
                    **_settings(chosen, bot_port, folder=Path(folder)),
                }
                if chosen.settings is not None:
                    write_settings(chosen.settings, own)
                    print(stand_ins_told(playground.url, chosen.settings), flush=True)
                    await stop.wait()
                    return 0
                async with _bot(_beside_ours() | own, Path(folder) / "bot.log") as bot:
                    shown = _show(playground.url, own, bot_port, chosen)
                    return await _watch(bot, stop, shown, stopped=INTERRUPTED if chosen.tour else 0)
        finally:
            await playground.stop()


async def _playground(chosen: _Chosen, bot_port: int) -> Playground:
    """The stand-ins, which listen. Raises PortcullisError where their port can't be used."""
    tenant = TenantStandIn(
        tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_hex(24)
    )
    samples.seed(tenant)
    try:
        playground = Playground(
            port=chosen.port,
            mode=chosen.mode.value,
            bot_url=f"http://127.0.0.1:{bot_port}/slack/events",
            workspace=Workspace(commands=_installed_commands()),
            tenant=tenant,
            limits=True,
        )
        await playground.start()
    except OSError as error:
        what = f"Port {chosen.port} of 127.0.0.1 can't be used: {error.strerror}."
        raise PortcullisError(what, _OTHER_PORT) from error
    return playground


def _settings(chosen: _Chosen, bot_port: int, *, folder: Path) -> dict[str, str]:
    """What the bot is told beside where the stand-ins are."""
    beside = chosen.settings.absolute() if chosen.settings else folder / "portcullis"
    return {
        "PORTCULLIS_DATABASE_URL": chosen.database or f"sqlite:///{beside}.sqlite3",
        "PORTCULLIS_HTTP_PORT": str(bot_port),
        "PORTCULLIS_SUBMISSIONS": "on",
        "PORTCULLIS_OVERRIDES": "on",
        "PORTCULLIS_SAFE_SENDERS": "on",
        "PORTCULLIS_MAIL_FIGURES": "both",
        "PORTCULLIS_AUDIT_LOG": "on",
        **({"PORTCULLIS_RULES_FILE": str(Path(chosen.rules).absolute())} if chosen.rules else {}),
        "PORTCULLIS_WATCH_EVERY": "10s",
        "PORTCULLIS_POSTURE_EVERY": "1m",
        "PORTCULLIS_CONFIRM_AFTER": "5s" if chosen.tour else "60s",
    }


def _beside_ours() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PORTCULLIS_")}


def _installed_commands() -> tuple[SlashCommand, ...]:
    """The commands as app.yaml declares them: both are made of one table."""
    return tuple(
        SlashCommand(command=command.name, description=command.description, usage_hint=command.usage_hint)
        for command in COMMANDS
    )


async def _watch(bot: _Bot, stop: asyncio.Event, showing: Coroutine[None, None, int], *, stopped: int) -> int:
    """The exit code of what is shown, unless somebody stops the demo (`stopped`) or the bot ends before (1)."""
    shown, told = asyncio.create_task(showing), asyncio.create_task(stop.wait())
    ended = asyncio.create_task(bot.process.wait())
    tasks = {shown, told, ended}
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks - {shown}:
        task.cancel()
    if shown.done():
        return shown.result()
    shown.cancel()
    with suppress(asyncio.CancelledError):
        await shown
    return stopped if stop.is_set() else bot.report(f"The bot has ended (exit code {bot.process.returncode}).")


async def _show(url: str, settings: Mapping[str, str], bot_port: int, chosen: _Chosen) -> int:
    await _ready(bot_port)
    kept = f"  In the database this demo's tenant is {settings['PORTCULLIS_TENANT_ID']}.\n"
    if not chosen.tour:
        print(f"\n  Portcullis playground: {url}\n\n  Delivers by {chosen.mode.value}. Ctrl-C ends it.\n")
        print(f"  A message to submit with /allow {samples.DOMAIN}: {url}/static/{samples.MESSAGE_FILE.name}")
        print(f"  or {samples.MESSAGE_URL}\n  It was for {samples.RECIPIENT}.\n", flush=True)
        if chosen.database:
            print(kept, flush=True)
        await asyncio.Event().wait()
    if chosen.database:
        print(f"\n{kept}", flush=True)
    try:
        await Tour(url, environment={**_beside_ours(), **settings}).run()
    except TourFailed as error:
        print(f"\n  ✗ {error}", file=sys.stderr)
        return 1
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bot:
    process: asyncio.subprocess.Process
    log: Path

    def report(self, what: str) -> int:
        print(f"{what} The end of its log:", file=sys.stderr)
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]:
            print(f"  {line}", file=sys.stderr)
        return 1


@asynccontextmanager
async def _bot(environment: dict[str, str], log: Path) -> AsyncIterator[_Bot]:
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
        yield _Bot(process=process, log=log)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), timeout=20)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _ready(port: int) -> None:
    """Wait for the bot. Raises PortcullisError when it takes too long."""
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(int(READY_WITHIN / 0.1)):
            with suppress(httpx.TransportError):
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise PortcullisError(f"The bot was not ready within {READY_WITHIN:.0f} s.", "Try again on a less busy machine.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
