"""What grows with the size of the work, measured: ours and the least that it could cost, at each size, in the same run.

Both are done in turn, some rounds each, and the least counts. Times are the processor's: this process's in all its
threads and, where a PostgreSQL server answers, that of the process there. So what else the machine does hardly counts,
and neither does waiting for a disk.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from math import log10
from pathlib import Path
from typing import Any

#: The usual size, ten times and a hundred times of it.
TIMES = (1, 10, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One size: how many things the work is over, and seconds of the processor."""

    size: int
    ours: float
    limit: float

    @property
    def ratio(self) -> float:
        """Which part of the limit is reached: 1 would be as quick as it can be."""
        return self.limit / self.ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One row: a work, what it is over (`entries`), what its limit is, and its points from the smallest size on."""

    what: str
    over: str
    limit: str
    points: tuple[Point, ...]

    @property
    def steepness(self) -> float:
        """By how much the time grows from the smallest size to the largest, as a share of the size's own growth.

        1: ten times the size, ten times the time. 0: no longer at any size.
        """
        first, last = self.points[0], self.points[-1]
        return log10(last.ours / first.ours) / log10(last.size / first.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All rows of one run, with how busy the machine was before and after it: so many processes waited for so many
    processors."""

    rows: tuple[Growth, ...]
    load: tuple[float, float]
    processors: int

    def as_json(self) -> str:
        said = asdict(self)
        for row, growth in zip(said["rows"], self.rows, strict=True):
            row["steepness"] = round(growth.steepness, 2)
            for point, found in zip(row["points"], growth.points, strict=True):
                point |= {"ours": _short(found.ours), "limit": _short(found.limit), "ratio": _short(found.ratio)}
        return json.dumps(said, indent=1) + "\n"


def read_run(path: Path) -> Run:
    """A run as `as_json` keeps it."""
    said = json.loads(path.read_text())
    rows = tuple(
        Growth(
            what=row["what"],
            over=row["over"],
            limit=row["limit"],
            points=tuple(
                Point(size=point["size"], ours=point["ours"], limit=point["limit"]) for point in row["points"]
            ),
        )
        for row in said["rows"]
    )
    return Run(rows=rows, load=(said["load"][0], said["load"][1]), processors=said["processors"])


def table(run: Run) -> str:
    """The rows as a table of Markdown's: ours and the ratio at each size."""
    head = " | ".join(f"{times}×" for times in TIMES)
    lines = [
        f"| What | Over | {head} | Of the limit, at each | Grows | The limit |",
        f"|---|---|{'---|' * len(TIMES)}---|---|---|",
    ]
    for row in run.rows:
        sizes = " ".join(f"{point.size:,}" for point in row.points)
        times = " | ".join(time_in_words(point.ours) for point in row.points)
        ratios = ", ".join(f"{point.ratio:.2g}" for point in row.points)
        lines.append(f"| {row.what} | {sizes} {row.over} | {times} | {ratios} | {row.steepness:.2f} | {row.limit} |")
    return "\n".join(lines) + "\n"


def time_in_words(seconds: float) -> str:
    """Three digits at most, in the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{_short(seconds / size, 2 if seconds / size < 10 else 3):g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def _short(number: float, digits: int = 3) -> float:
    return float(f"{number:.{digits}g}")


def load_now() -> float:
    return round(os.getloadavg()[0], 1)


def worked(server: int | None = None) -> float:
    """Seconds of the processor that this process has had, with a process of a database's server."""
    # https://docs.kernel.org/scheduler/sched-stats.html: the first number is the time on a processor, in nanoseconds.
    there = 0 if server is None else int(Path(f"/proc/{server}/schedstat").read_text().split()[0])
    return time.process_time() + there / 1e9


def in_turn(ours: Callable[[], Any], limit: Callable[[], Any], *, rounds: int, each: int = 1) -> tuple[float, float]:
    """Seconds of one call of each, the least of some rounds of `each` calls."""
    least = [float("inf"), float("inf")]
    for _ in range(rounds):
        for place, work in enumerate((ours, limit)):
            began = worked()
            for _ in range(each):
                work()
            least[place] = min(least[place], (worked() - began) / each)
    return least[0], least[1]


async def in_turn_there(
    ours: Callable[[], Awaitable[Any]],
    limit: Callable[[], Awaitable[Any]],
    *,
    rounds: int,
    servers: tuple[int | None, int | None] = (None, None),
) -> tuple[float, float]:
    """The same of what has to be awaited. `servers` are the processes that answer the two, where a server does."""
    least = [float("inf"), float("inf")]
    for _ in range(rounds):
        for place, (work, server) in enumerate(zip((ours, limit), servers, strict=True)):
            began = worked(server)
            await work()
            least[place] = min(least[place], worked(server) - began)
    return least[0], least[1]


def grown(what: str, over: str, limit: str, sizes: Sequence[int], found: Iterable[tuple[float, float]]) -> Growth:
    """A row of what was found at each of the sizes: ours, and the limit."""
    points = (Point(size=size, ours=ours, limit=least) for size, (ours, least) in zip(sizes, found, strict=True))
    return Growth(what=what, over=over, limit=limit, points=tuple(points))
