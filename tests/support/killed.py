"""Portcullis, killed where it would take a step: `python -m tests.support.killed bot.MODULE.NAME ARGUMENT…` runs
`portcullis ARGUMENT…`, with its own end by SIGKILL in that name's place.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module


def main() -> None:
    """Put the end there, then be `portcullis`."""
    module, _, name = sys.argv.pop(1).rpartition(".")
    setattr(import_module(module), name, lambda *_given, **_named: os.kill(os.getpid(), signal.SIGKILL))
    import_module("bot.cli").main()


if __name__ == "__main__":
    main()
