"""Trials at the same time, each process running one after the other with what it has set up once."""

from __future__ import annotations

import multiprocessing
import multiprocessing.util
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.chaos.database import Databases
from tests.chaos.launcher import Launcher
from tests.chaos.plan import Plan
from tests.chaos.trial import Result, run
from tests.support.forks import end_with_parent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Workshop:
    """What the trials of a process share."""

    launcher: Launcher
    databases: Databases
    folder: Path


@lru_cache(maxsize=1)
def _workshop() -> _Workshop:
    stack = ExitStack()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
    whole = _Workshop(
        launcher=stack.enter_context(Launcher()), databases=stack.enter_context(Databases(folder)), folder=folder
    )
    # A process of a pool ends without what `atexit` has; this it does.
    multiprocessing.util.Finalize(None, stack.close, exitpriority=10)
    return whole


def _run(plan: Plan, kept: str | None) -> Result:
    whole = _workshop()
    folder = Path(kept or whole.folder) / f"{plan.database}-{plan.seed}"
    # What an earlier run left there would be taken for this one's, such as the log of a database's last writes.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return run(plan, launcher=whole.launcher, databases=whole.databases, folder=folder)


def trials(
    plans: Sequence[Plan], *, at_once: int, kept: str | None, failed: Callable[[Plan, BaseException], None]
) -> Iterator[Result]:
    """Run them all, and give each as it ends. `kept` is a folder for logs and databases, else they are deleted.

    `failed` is called where it isn't the bot that failed, but the trial.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=at_once, mp_context=context, initializer=end_with_parent) as pool:
        running = {pool.submit(_run, plan, kept): plan for plan in plans}
        for each in as_completed(running):
            if (error := each.exception()) is None:
                yield each.result()
            else:
                failed(running[each], error)
