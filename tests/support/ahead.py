"""Portcullis on another day: `python -m tests.support.ahead SECONDS ARGUMENT…` runs `portcullis ARGUMENT…` with its
clock that far ahead.

Only what Portcullis decides by is moved: its jobs, its requests, what it asks the tenant for. Signatures, tokens and
timeouts go by the machine's own time.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, tzinfo
from importlib import import_module
from types import ModuleType

#: Where a clock is read. Each looks `datetime` up when it is asked for the time, so that this can be another one.
_CLOCKS = ("bot.store.scope", "bot.workflow.shared.context", "bot.tenant.exchange.tenant")


def _set_ahead(module: ModuleType, by: timedelta) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + by

    module.datetime = Ahead  # type: ignore[attr-defined]


def main() -> None:
    """Move the clocks, then be `portcullis`."""
    by = timedelta(seconds=float(sys.argv.pop(1)))
    # Whole, before any clock is moved: what is declared with `datetime` means the real one.
    cli = import_module("bot.cli")
    import_module("bot.bootstrap")
    for name in _CLOCKS:
        _set_ahead(import_module(name), by)
    cli.main()


if __name__ == "__main__":
    main()
