"""`portcullis run`: the bot itself."""

from __future__ import annotations

import asyncio
import sys

import structlog

from bot import logs, serving, settings
from bot.errors import PortcullisError


def run() -> None:
    """Run until SIGTERM or SIGINT. Missing or wrong settings: a line each on stderr, exit code 2.

    What nobody foresaw ends in the log like everything else, with exit code 1.
    """
    loaded = settings.load_all()
    logs.configure(loaded.server.log_level)
    log = structlog.get_logger("portcullis")
    for name in settings.unknown_names():
        log.warning("a setting that nobody knows", name=name)
    try:
        code = asyncio.run(serving.serve(loaded))
    except PortcullisError:
        raise
    except Exception as error:
        # A bare trace on stderr would be no JSON, and nothing would redact it.
        log.critical("ended by an error that nobody foresaw", exc_info=error)
        code = 1
    sys.exit(code)
