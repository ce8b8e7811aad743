"""What the log of this process is, put back: commands that tests call in their own process set one up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def log_as_before() -> Iterator[None]:
    """Afterwards the log goes where it went before, and from the level that it had.

    `bot.logs.configure` is the log of a whole process: left as it is, no later test would see what is logged.
    """
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        structlog.configure(**before)
        root.handlers[:] = handlers
        root.setLevel(level)
