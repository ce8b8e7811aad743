"""`portcullis run`: the bot itself."""

from __future__ import annotations

import asyncio
import sys

import structlog

from bot import logs, serving, settings
from bot.cli.failures import for_operator
from bot.cli.terminal import say_on_stderr
from bot.errors import PortcullisError, StoreError


def run() -> None:
    """Do what `portcullis run` is asked for."""
    loaded = settings.load_all()
    logs.configure(loaded.server.log_level, for_good=True)
    log = structlog.get_logger("portcullis")
    for unknown in settings.unknown_names():
        log.warning("a variable that no setting has", name=unknown.name, did_you_mean=unknown.meant)
    try:
        code = asyncio.run(serving.serve(loaded))
    except StoreError as error:
        say_on_stderr(for_operator(error))
        code = 1
    except PortcullisError:
        raise
    except Exception as error:
        # A bare trace on stderr would be no JSON, and nothing would redact it.
        log.critical("ended by an error that nobody foresaw", exc_info=error)
        code = 1
    sys.exit(code)
