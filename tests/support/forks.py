"""Starts Portcullis cheaply: a process that has imported all of it once, and forks a new one for each start.

What is started is a process of its own, with an environment, files and a process id of its own, that runs what the
command line runs and ends as that does. Only the second or two that Python takes to import it are spent once for each
process that runs tests, by the first one that starts something. It ends with that, and with it all that it started.

What is about how Python itself starts, such as `python -W error` or a `PYTHON…` variable, needs `subprocess`.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PR_SET_PDEATHSIG = 1
_LARGEST = 1 << 20  # bytes of an environment and arguments
_FILES = 4  # standard input, output and error, and where its end is written

#: What is imported while a bot starts, beside the command line: found by what it has to do until it serves.
IMPORTED = (
    "bot.serving",
    "bot.store.migrate",
    "alembic.command",
    "aiosqlite",
    "asyncpg",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.lifespan.off",
)


class Forked:
    """A process that was started: what `subprocess.Popen` has under the same names."""

    def __init__(self, pid: int, end: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._end = end

    def poll(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None while it runs."""
        self._look(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, for so many seconds. Raises `subprocess.TimeoutExpired`."""
        self._look(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout: float | None) -> None:
        if self.returncode is None and select.select([self._end], [], [], timeout)[0]:
            told = os.read(self._end, 16)
            os.close(self._end)
            assert told, "what forks has ended before what it forked"
            self.returncode = int(told)


def start(
    *arguments: str,
    environment: Mapping[str, str],
    module: str = "bot.cli",
    cwd: Path = _ROOT,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Forked:
    """Start `python -m MODULE ARGUMENT…` with this environment and nothing else of it.

    `stdin`, `stdout` and `stderr` are files' numbers, which stay the caller's to close; None is no input and no output.
    """
    asked = {"arguments": arguments, "environment": dict(environment), "module": module, "cwd": str(cwd)}
    nothing = os.open(os.devnull, os.O_RDWR)
    end, ends = os.pipe()
    try:
        files = [nothing if given is None else given for given in (stdin, stdout, stderr)]
        pid = _forker().ask(json.dumps(asked).encode(), [*files, ends])
    except BaseException:
        os.close(end)
        raise
    finally:
        os.close(nothing)
        os.close(ends)
    return Forked(pid, end)


def run(
    *arguments: str, environment: Mapping[str, str], module: str = "bot.cli", cwd: Path = _ROOT, timeout: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, with no input. Raises `subprocess.TimeoutExpired` after so many seconds, and kills it."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = start(
            *arguments, environment=environment, module=module, cwd=cwd, stdout=output.fileno(), stderr=errors.fileno()
        )
        try:
            code = process.wait(timeout)
        except BaseException:
            process.kill()
            process.wait(30)
            raise
        told = []
        for file in (output, errors):
            file.seek(0)
            told.append(file.read().decode())
    return subprocess.CompletedProcess(["portcullis", *arguments], code, *told)


class _Forker:
    """The hand on the process that forks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._socket, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "tests.support.forks", str(theirs.fileno())],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self._end)

    def ask(self, asked: bytes, files: Sequence[int]) -> int:
        with self._lock:
            socket.send_fds(self._socket, [asked], files)
            answer = self._socket.recv(64)
        assert answer, "what forks has ended"
        return int(answer)

    def _end(self) -> None:
        self._socket.close()
        self._process.wait(timeout=30)


_forkers: list[_Forker] = []
_starting = threading.Lock()


def _forker() -> _Forker:
    with _starting:
        if not _forkers:
            _forkers.append(_Forker())
        return _forkers[0]


@dataclass
class _Asked:
    arguments: list[str]
    environment: dict[str, str]
    module: str
    cwd: str


def _serve(connection: socket.socket) -> tuple[_Asked, list[int]] | None:
    """Fork for each request, until nobody is there any more: None then. In what was forked, its request and files."""
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    ends: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([connection, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            _tell_ends(ends)
        if connection not in ready:
            continue
        asked, files, _, _ = socket.recv_fds(connection, _LARGEST, _FILES)
        if not asked:
            return None
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            for each in (*ends.values(), files[-1]):
                os.close(each)
            for end in (woken, wake, connection):
                end.close()
            return _Asked(**json.loads(asked)), files[:-1]
        ends[pid] = files.pop()
        for file in files:
            os.close(file)
        connection.send(str(pid).encode())


def _tell_ends(ends: dict[int, int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        end = ends.pop(pid)
        with open(end, "wb") as told:  # noqa: PTH123 - a pipe
            try:
                told.write(str(os.waitstatus_to_exitcode(status)).encode())
                told.flush()
            except BrokenPipeError:
                pass


def _become(asked: _Asked, files: list[int]) -> None:
    """Be what was asked for, in a process that was forked for it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    end_with_parent()
    os.environ.clear()
    os.environ.update(asked.environment)
    time.tzset()
    os.chdir(asked.cwd)
    for target, source in enumerate(files):
        os.dup2(source, target)
        os.close(source)
    sys.argv = ["portcullis", *asked.arguments]
    sys.modules["__main__"].__package__ = None  # which click would name as the program
    import_module(asked.module).main()


def end_with_parent() -> None:
    """Have this process killed when its parent ends (Linux only): a run that is killed leaves nothing behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Fork a process for each request on the socket whose number is the argument."""
    commands = import_module("bot.cli")
    for name in [
        "tests.support.ahead",
        *IMPORTED,
        *(f"bot.cli.{module.name}" for module in pkgutil.iter_modules(commands.__path__)),
    ]:
        if not name.endswith("__main__"):
            import_module(name)
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        forked = _serve(connection)
    if forked is not None:
        _become(*forked)


if __name__ == "__main__":
    main()
