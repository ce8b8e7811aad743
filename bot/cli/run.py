"""`portcullis run`: the bot itself."""

from __future__ import annotations

import asyncio
import sys

import structlog

from bot import logs, serving, settings


def run() -> None:
    """Run until SIGTERM or SIGINT. Missing or wrong settings: a line each on stderr, exit code 2."""
    loaded = settings.load_all()
    logs.configure(loaded.server.log_level)
    log = structlog.get_logger("portcullis")
    for name in settings.unknown_names():
        log.warning("a setting that nobody knows", name=name)
    sys.exit(asyncio.run(serving.serve(loaded)))
