"""Starts `portcullis run` cheaply: a process that has imported the bot once, and forks a new one for each start.

Each bot is a process of its own, with an environment, a log and a process id of its own, and runs what the command line
runs; only the second or two that Python takes to import it all are spent once. `python -m tests.chaos.launcher` is that
process; `Launcher` is the hand on it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Self

from bot.budgets import Rate
from bot.slack import pace
from tests.support.forks import IMPORTED, end_with_parent

_ROOT = Path(__file__).parents[2]


class Launcher:
    """`with Launcher() as launcher:`. It ends, and every bot with it, when the process that made it does."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, environment: Mapping[str, str], log: Path, *, rates: float) -> int:
        """Start a bot with this environment and nothing else of it, its output added to `log`; its process id.

        It keeps to so many times Slack's `rates`.
        """
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"environment": dict(environment), "log": str(log), "rates": rates}) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.launcher"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - one system call, no lock
        )
        return self

    def __exit__(self, *exception: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.communicate(timeout=30)


def _be_a_bot(environment: Mapping[str, str], log: str, rates: float) -> None:
    """Become `portcullis run`. Never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    end_with_parent()
    os.environ.clear()
    os.environ.update(environment)
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, sink), (2, sink)):
        os.dup2(source, target)
    sys.argv = ["portcullis", "run"]
    pace.RATES = {
        method: Rate(per_second=rates * rate.per_second, burst=rate.burst) for method, rate in pace.RATES.items()
    }
    code = 1
    try:
        import_module("bot.cli").main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Fork a bot for each line on standard input, and say its process id."""
    for name in ("bot.cli.run", *IMPORTED):
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a bot: the system forgets it when it ends
    for line in sys.stdin:
        asked = json.loads(line)
        process_id = os.fork()
        if process_id == 0:
            _be_a_bot(asked["environment"], asked["log"], asked["rates"])
        print(process_id, flush=True)  # noqa: T201 - it is the answer


if __name__ == "__main__":
    main()
