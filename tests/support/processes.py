"""Which processes run on this machine, and who has started them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

#: So long a process may take for anything here, in seconds, on a busy machine; it mostly takes a moment.
LONGEST = 120.0


def running() -> dict[int, int]:
    """The processes that run, each with the one that has started it."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text(errors="replace").rpartition(") ")[2].split()[:2]
            if state != "Z":
                found[int(stat.parent.name)] = int(parent)
    return found


def started_by(pid: int) -> set[int]:
    """Those that a process has started and that run."""
    return {each for each, parent in running().items() if parent == pid}


async def started(by: int, *, but: Collection[int] = ()) -> int:
    """The process that another one starts, once it runs."""
    await _until(lambda: bool(started_by(by).difference(but)))
    return started_by(by).difference(but).pop()


async def ended(pid: int) -> None:
    """Wait until a process has ended."""
    await _until(lambda: pid not in running())


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST):
        while not holds():  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.02)
