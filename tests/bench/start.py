"""How soon a bot is ready, how soon each command says what it does, and how much memory an idle bot holds.

`python -m tests.bench.start [rounds] [--only help|ready|memory|picture] [--json FILE]`: real processes, the bot among
them between stand-ins for Slack and the tenant. Byte code is written first, as an installation has it. On a busy
machine the least of the rounds counts, and the processor's time.

What is to be reached: ready within 0.8 s, `--help` of each command within 0.25 s, 100 MB resident when idle.
"""

from __future__ import annotations

import argparse
import asyncio
import compileall
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.cli import _COMMANDS, _loaded
from bot.store.migrate import migrate
from tests.bench.floods import said
from tests.bench.picture import Picture, pictures
from tests.support.installation import ROOT, Installation
from tests.support.postgres import PostgresServer

#: How long a bot is let alone before its memory is read, in seconds: its first looks at the tenant are over by then.
_IDLE = 6.0

#: The bot, with a way to have it give back what it doesn't use: SIGUSR1, and a line in the pipe once that is done.
_BOT = """
import ctypes, gc, os, signal, sys
done = int(sys.argv[1])
def give_back(*_):
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    ctypes.CDLL(None).malloc_trim(0)
    os.write(done, b".")
signal.signal(signal.SIGUSR1, give_back)
sys.argv = ["portcullis", "run"]
from bot.cli import main
main()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long something took, in seconds, over some rounds."""

    what: str
    least: float
    half_within: float
    work: float  #: of the processor, the least

    @property
    def line(self) -> str:
        return f"{self.least:5.2f} s at least, half within {self.half_within:5.2f} s, work {self.work:5.2f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a process holds, in MB of 1,000,000 bytes."""

    what: str
    resident: float
    own: float  #: resident, with its part of what it shares (PSS)
    threads: int

    @property
    def line(self) -> str:
        return f"{self.resident:6.1f} MB resident, {self.own:6.1f} MB its own, {self.threads} threads"


class _Bot:
    """The bot as a process of its own, in an installation that hasn't started one."""

    def __init__(self, here: Installation) -> None:
        reading, writing = os.pipe()
        self._done = os.fdopen(reading, "rb", buffering=0)
        with here.log.open("ab") as sink:
            began = time.monotonic()
            here.bot = self._process = subprocess.Popen(  # noqa: S603 — our own module
                [sys.executable, "-c", _BOT, str(writing)],
                cwd=ROOT,
                env=_with_byte_code(here.environment()),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                pass_fds=(writing,),
            )
        os.close(writing)
        here.wait_until_ready()
        self.took = time.monotonic() - began
        self.work = self._work()

    def memory(self, what: str) -> Memory:
        found = dict.fromkeys(("Rss", "Pss"), 0)
        for line in Path(f"/proc/{self._process.pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in found:
                found[name] = int(rest.split()[0])
        threads = len(list(Path(f"/proc/{self._process.pid}/task").iterdir()))
        return Memory(what=what, resident=found["Rss"] * 1024e-6, own=found["Pss"] * 1024e-6, threads=threads)

    def give_back(self) -> None:
        self._process.send_signal(signal.SIGUSR1)
        self._done.read(1)

    def close(self) -> None:
        self._done.close()

    def _work(self) -> float:
        # man 5 proc: the 14th and 15th field, of which the second may hold blanks.
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _with_byte_code(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _times(what: str, found: list[tuple[float, float]]) -> Times:
    took = [each for each, _ in found]
    return Times(what=what, least=min(took), half_within=statistics.median(took), work=min(work for _, work in found))


def _commands() -> Iterator[tuple[str, ...]]:
    """Each command, and each command of a command."""
    yield ()
    for name in _COMMANDS:
        yield (name,)
        for below in getattr(_loaded(name), "commands", {}):
            yield (name, below)


def helps(rounds: int) -> Iterator[Times]:
    """Each command's `--help`."""
    for command in _commands():
        found: list[tuple[float, float]] = []
        for _ in range(rounds):
            began = time.monotonic()
            with subprocess.Popen(  # noqa: S603 — our own module
                [sys.executable, "-m", "bot.cli", *command, "--help"],
                cwd=ROOT,
                env=_with_byte_code(dict(os.environ)),
                stdout=subprocess.DEVNULL,
            ) as process:
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0, command
            found.append((time.monotonic() - began, used.ru_utime + used.ru_stime))
        yield _times(" ".join(("portcullis", *command, "--help")), found)


def _installations(
    rounds: int, work: Callable[[str, Iterator[Installation]], Iterator[Times | Memory]]
) -> Iterator[Times | Memory]:
    """Installations with no bot yet, by how Slack delivers and which database; of each as many as there are rounds."""
    with tempfile.TemporaryDirectory() as made, PostgresServer() as server:
        for mode in ("http", "socket"):
            for database in ("SQLite", "PostgreSQL"):

                def fresh(mode: str = mode, database: str = database) -> Iterator[Installation]:
                    for number in range(rounds):
                        folder = Path(made, f"{mode}-{database}-{number}-{time.monotonic_ns()}")
                        folder.mkdir()
                        url = server.url(server.new_database()) if database == "PostgreSQL" else None
                        here = Installation(folder=folder, mode=mode, database_url=url)
                        asyncio.run(migrate(here.database_url))
                        here.start_playground()
                        try:
                            yield here
                        finally:
                            here.__exit__()

                yield from work(f"{mode}, {database}", fresh())


def starts(what: str, installations: Iterator[Installation]) -> Iterator[Times | Memory]:
    """From the beginning of a process to the first time that it is ready, on a database that is up to date."""
    found: list[tuple[float, float]] = []
    for here in installations:
        bot = _Bot(here)
        found.append((bot.took, bot.work))
        bot.close()
    yield _times(f"ready, {what}", found)


def idle(what: str, installations: Iterator[Installation]) -> Iterator[Times | Memory]:
    """What a bot holds once it is ready, some seconds later, and after it gave back what it doesn't use."""
    here = next(installations)
    bot = _Bot(here)
    yield bot.memory(f"{what}, ready")
    time.sleep(_IDLE)
    yield bot.memory(f"{what}, idle")
    bot.give_back()
    yield bot.memory(f"{what}, idle and trimmed")
    bot.close()
    installations.close()  # type: ignore[attr-defined]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.start")
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    parser.add_argument("--only", choices=("help", "ready", "memory", "picture"))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    for folder in ("bot", "migrations"):
        compileall.compile_dir(ROOT / folder, quiet=1)
    parts: dict[str, Callable[[], Iterator[Times | Memory | Picture]]] = {
        "help": lambda: helps(given.rounds),
        "ready": lambda: _installations(given.rounds, starts),
        "memory": lambda: _installations(1, idle),
        "picture": pictures,
    }
    found: list[Times | Memory | Picture] = []
    for name, part in parts.items():
        if given.only in (None, name):
            for each in part():
                said(each.what, each.line)
                found.append(each)
    if given.json is not None:
        given.json.write_text(json.dumps([asdict(each) for each in found], indent=2) + "\n")


if __name__ == "__main__":
    main()
