"""How cost grows with the size of the work: each row at 1, 10 and 100 times the usual size, beside its limit.

`python -m tests.bench.growth [--folder FOLDER] [--only lists|work|pages|chain|commands] [--without postgresql]
[--write]`. It prints a table; `--write` keeps the run as docs/growth.json and docs/growth.svg, and puts its table into
docs/performance.md; with `--only`, what is kept of other rows stays. `--drawn` makes the latter two of what is kept.

The logs are made once, see `tests.bench.large_logs`: five million events take some minutes and five GB for each
database.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from bot.garbage import look_seldom
from tests.bench import growth_lists, growth_log, growth_work
from tests.bench import large_logs as made
from tests.bench.growth_measured import Growth, Run, load_now, read_run, table
from tests.bench.growth_plot import drawn
from tests.support.installation import ROOT

KEPT = ROOT / "docs" / "growth.json"
DRAWN = ROOT / "docs" / "growth.svg"
PAGE = ROOT / "docs" / "performance.md"

#: Between these lines of the page the table stands.
BEGINS, ENDS = "<!-- growth: begins -->\n", "<!-- growth: ends -->\n"

_PARTS = ("lists", "work", "commands", "pages", "chain")


def with_table(page: str, run: Run) -> str:
    """The page with this run's table in place of the one that it has."""
    assert BEGINS in page
    before, _, rest = page.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n{table(run)}\n{ENDS}{after}"


def keep(run: Run) -> None:
    """Write what is made of a run."""
    DRAWN.write_text(drawn(run))
    PAGE.write_text(with_table(PAGE.read_text(), run))


def beside_the_others(run: Run) -> Run:
    """A run of some rows in place of those of the run that is kept, whose other rows stay."""
    kept, new = read_run(KEPT), {row.what: row for row in run.rows}
    rows = [new.pop(row.what, row) for row in kept.rows]
    loads = (*kept.load, *run.load)
    return Run(rows=(*rows, *new.values()), load=(min(loads), max(loads)), processors=run.processors)


def _lists(parts: set[str]) -> Iterator[Growth]:
    if "lists" in parts:
        yield from growth_lists.of_lists()
    if "work" in parts:
        yield from growth_work.of_imports()


async def _others(parts: set[str], folder: Path, kinds: list[str]) -> AsyncIterator[Growth]:
    if "work" in parts:
        async for row in growth_work.of_proposals():
            yield row
    if "commands" in parts:
        async for row in growth_work.beside_lists():
            yield row
    if not parts & {"commands", "pages", "chain"}:
        return
    async with made.large_logs(folder, growth_log.EVENTS, kinds) as urls:
        if "commands" in parts and "sqlite" in kinds:
            async for row in growth_work.beside_logs(urls["sqlite"]):
                yield row
        for kind in kinds:
            if "pages" in parts:
                async for row in growth_log.of_pages(kind, urls[kind]):
                    yield row
                async for row in growth_log.of_within(kind, urls[kind]):
                    yield row
        if "chain" in parts and "sqlite" in kinds:
            async for row in growth_log.of_verifying(urls["sqlite"]):
                yield row


def measured(given: argparse.Namespace) -> Run:
    """Every row that is asked for."""
    look_seldom()  # as the bot does
    parts = {given.only} if given.only else set(_PARTS)
    kinds = [kind for kind in ("sqlite", "postgresql") if kind != given.without]
    before, rows = load_now(), list(_lists(parts))

    async def others() -> None:
        async for row in _others(parts, made.folder_of(given.folder), kinds):
            rows.append(row)
            sys.stdout.write(f"{row.what}: done\n")
            sys.stdout.flush()

    asyncio.run(others())
    return Run(rows=tuple(rows), load=(before, load_now()), processors=os.cpu_count() or 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    parser.add_argument("--folder", default="")
    parser.add_argument("--only", choices=_PARTS)
    parser.add_argument("--without", choices=("sqlite", "postgresql"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--drawn", action="store_true")
    given = parser.parse_args()
    run = read_run(KEPT) if given.drawn else measured(given)
    sys.stdout.write(f"\nload {run.load[0]} to {run.load[1]} on {run.processors} processors\n\n{table(run)}")
    if given.write:
        run = beside_the_others(run) if given.only and KEPT.exists() else run
        KEPT.write_text(run.as_json())
    if given.write or given.drawn:
        keep(read_run(KEPT))  # with as many digits as are kept


if __name__ == "__main__":
    main()
