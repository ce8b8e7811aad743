"""A whole installation for tests: the real bot, a process of its own, between stand-ins for Slack and the tenant."""

from __future__ import annotations

import asyncio
import atexit
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Self

import httpx

from bot.playground.page_client import PageClient
from bot.playground.plain_http import NO_AUTHORITIES
from bot.playground.server import Playground
from bot.playground.slack.workspace import SlashCommand, Workspace
from bot.playground.tenant import TenantStandIn
from bot.playground.tenant.cmdlets import Plan
from bot.slack.command_table import COMMANDS
from bot.store.migrate import migrate
from tests.support import forks
from tests.support.ahead import Lead

REQUESTER, APPROVER, SECOND, AUDITOR, VISITOR = "U0REQUEST1", "U0APPROVE1", "U0APPROVE2", "U0AUDITOR1", "U0VISITOR1"
GENERAL, APPROVALS, ALERTS, DIRECT = "C0GENERAL", "C0APPROVALS", "C0ALERTS", "D"

ROOT = Path(__file__).parents[2]
AHEAD = "tests.support.ahead"
#: Seconds until what a busy machine has not got to counts as missing. Nobody waits for that but where a test fails.
PATIENCE = 180.0
READY_WITHIN = 300.0
#: How long the stand-in for Slack waits to be acknowledged: Slack waits three seconds, of a machine that isn't busy.
ACK_LIMIT = 120.0
#: The bot looks for its own messages from five minutes before it called for them, by its own clock.
MOST_SKIPPED = timedelta(minutes=4)


class Installation:
    """`with Installation(...) as here:` starts both, and ends both. `settings` are added to the bot's environment.

    Its SQLite file has its tables already, unless it is `new`: then its bot makes them first, as on its first day. That
    takes four times the computing of all else that a start does.
    """

    def __init__(
        self,
        *,
        folder: Path,
        mode: str = "socket",
        database_url: str | None = None,
        workspace: Workspace | None = None,
        settings: dict[str, str] | None = None,
        plan: Plan = "plan1",
        new: bool = False,
    ) -> None:
        self.folder = folder
        self.mode = mode
        self._file = None if database_url else folder / "portcullis.sqlite3"
        self._is_new = new
        self.database_url = database_url or f"sqlite:///{self._file}"
        self.log = folder / "bot.log"
        self.bot_port = free_port()
        self._settings = settings or {}
        self.lead = folder / "lead"
        self._lead = Lead(self.lead)
        self._skipped = timedelta()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="playground", daemon=True)
        self.tenant = TenantStandIn(
            tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_hex(24), plan=plan
        )
        self.playground = Playground(
            port=0,
            mode="http" if mode == "http" else "socket",
            bot_url=f"http://127.0.0.1:{self.bot_port}/slack/events",
            workspace=workspace or installed_workspace(),
            tenant=self.tenant,
            ack_limit=ACK_LIMIT,
        )
        self.bot: forks.Forked | subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.playground.url

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{self.bot_port}"

    def page(self, *, patience: float = PATIENCE) -> PageClient:
        """Somebody's hands on the page."""
        return PageClient(self.url, patience=patience)

    def environment(self) -> dict[str, str]:
        """What the bot, and any command of the command line, is run with."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PORTCULLIS_")},
            **self.playground.environment(),
            "PORTCULLIS_DATABASE_URL": self.database_url,
            "PORTCULLIS_HTTP_PORT": str(self.bot_port),
            "PORTCULLIS_WATCH_EVERY": "20s",
            "PORTCULLIS_CONFIRM_AFTER": "1s",
            **self._settings,
        }

    def start_bot(self, *, wait: bool = True) -> None:
        """Start the bot, and wait until it is ready."""
        slack = "limited" if self.playground.slack.state.limits.on else "unlimited"
        ahead = [str(self.lead), slack]
        with self.log.open("ab") as sink:
            self.bot = forks.start(
                *ahead, "run", environment=self.environment(), module=AHEAD, stdout=sink.fileno(), stderr=sink.fileno()
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        ends = time.monotonic() + READY_WITHIN
        while time.monotonic() < ends:
            assert self.bot is not None
            if self.bot.poll() is not None:
                raise AssertionError(f"the bot ended with {self.bot.returncode}: {self.log.read_text()[-2000:]}")
            try:
                if httpx.get(f"{self.bot_url}/readyz", verify=NO_AUTHORITIES, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)  # a process that starts tells nobody else
        raise AssertionError(f"the bot was not ready in time: {self.log.read_text()[-2000:]}")

    def kill_bot(self) -> None:
        """End the bot as a power cut would."""
        assert self.bot is not None
        self.bot.send_signal(signal.SIGKILL)
        self.bot.wait(timeout=30)

    def stop_bot(self) -> int:
        """End the bot as an operator's platform would; its exit code."""
        assert self.bot is not None
        if self.bot.poll() is None:
            self.bot.send_signal(signal.SIGTERM)
        return self.bot.wait(timeout=40)

    def pass_time(self, by: timedelta) -> None:
        """Let time pass for the tenant, and for the bot, which is started anew for that: as if it had slept so long."""
        self.stop_bot()
        self._lead.grow(by)
        self.tenant.advance(by)
        self.start_bot()

    def now(self) -> datetime:
        """The time by the bot's clock."""
        return self._lead.now()

    def skip(self, by: timedelta) -> None:
        """Let so much time pass at once, for the tenant and for the bot that runs: for when both only wait.

        Slack's time isn't moved, so that it is done as long as what was skipped is less than clocks may differ by; what
        would be more has to be waited for.
        """
        if timedelta(0) < by <= MOST_SKIPPED - self._skipped:
            self._skipped += by
            self._lead.grow(by)
            self.tenant.advance(by)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `portcullis` with these arguments, against the same database, Slack and tenant."""
        return forks.run(*arguments, environment=self.environment())

    def start_playground(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.playground.start(), self._loop).result(timeout=30)

    def __enter__(self) -> Self:
        self.start_playground()
        try:
            if self._file is not None and not self._is_new:
                shutil.copy(_migrated(), self._file)
            self.start_bot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            if self.bot is not None and self.bot.poll() is None:
                self.stop_bot()
        finally:
            asyncio.run_coroutine_threadsafe(self.playground.stop(), self._loop).result(timeout=30)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=30)
            self._loop.close()


@cache
def _migrated() -> Path:
    """A migrated SQLite file, made once for each process that runs tests."""
    folder = Path(tempfile.mkdtemp(prefix="installation-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "template.sqlite3"
    with ThreadPoolExecutor(1) as apart:  # whoever starts an installation may have a loop of its own
        apart.submit(lambda: asyncio.run(migrate(f"sqlite:///{file}"))).result()
    return file


def installed_workspace(**changes: object) -> Workspace:
    """The default workspace, with the commands that app.yaml declares."""
    commands = tuple(
        SlashCommand(command=command.name, description=command.description, usage_hint=command.usage_hint)
        for command in COMMANDS
    )
    return Workspace(commands=commands, **changes)  # type: ignore[arg-type]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
