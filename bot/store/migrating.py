"""What the process does that `bot.store.upgrading` starts: migrate one database, and tell what came of it.

It reads the database's address from its standard input, where nobody else on the machine sees it, and goes on only as
long as that stays open: whoever started it holds the other end, so that it ends with them, and what it had begun is
undone. What it prints is a JSON object: `what`, `remedy` and `where` of the StoreError that it failed with, or the
`trace` of anything else; empty where all went well.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import traceback

from bot.errors import StoreError
from bot.store.migrate import migrate


def main() -> None:
    """Migrate."""
    url = sys.stdin.readline().removesuffix("\n")
    threading.Thread(target=_end_with_the_other_side, daemon=True).start()
    told: dict[str, str] = {}
    try:
        asyncio.run(migrate(url))
    except StoreError as error:
        told = {"what": error.what, "remedy": error.remedy, "where": error.where}
    except Exception:  # noqa: BLE001 - whoever started it logs it: a trace on stderr would be no line of the log
        told = {"trace": traceback.format_exc()}
    sys.stdout.write(json.dumps(told))
    sys.stdout.flush()


def _end_with_the_other_side() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)
