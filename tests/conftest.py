"""What holds for every test: under CI nothing may be skipped, because a test that didn't run has shown nothing."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.support.turns import Turns

# No figure of speed decides a test: a machine under load would fail it.
settings.register_profile("portcullis", deadline=None)
# `make mutants` holds the same tests against one fault after another: only the fault may differ from run to run.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)
# `make check` is run again and again while at work, each time with other examples: fewer of them at once. What has to
# hold before a change lands is held by `make test`, which has them all.
settings.register_profile("at-work", deadline=None, max_examples=25)
settings.load_profile("portcullis")

# What is logged is shown where a test fails, which is seldom. An exception is written down as Python does it: structlog
# draws frames around it, with the source in colours and every variable, for several times what most tests take.
structlog.configure(
    processors=[
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if isinstance(each, structlog.dev.ConsoleRenderer)
        else each
        for each in structlog.get_config()["processors"]
    ]
)

# pytest loads readline, which says how wide a terminal is, also where there is none: past Python, to what tests start.
for _name in ("COLUMNS", "LINES"):
    os.environ.pop(_name, None)
    os.unsetenv(_name)

# The bot is started some hundred times, and each process of pytest loads every test: what is compiled once is kept,
# also where the machine says otherwise. Git ignores it.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

#: So much of it is free, in bytes, or the tests stay away from it. They take up to a tenth of that.
_ROOM_IN_MEMORY = 6 * 2**30


def _keep_files_in_memory(where: Path = Path("/dev/shm")) -> None:  # noqa: S108 - no name of ours is in it
    """Have what tests write to files stay in memory, where the machine has room: each commit on SQLite waits for the
    disk, and a test makes dozens. Whoever says where temporary files go, by `TMPDIR`, is heeded."""
    if "TMPDIR" in os.environ or not os.access(where, os.W_OK | os.X_OK):
        return
    found = os.statvfs(where)
    if found.f_bavail * found.f_frsize >= _ROOM_IN_MEMORY and not found.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(where)


_keep_files_in_memory()

# Next to nothing of what is loaded and collected is garbage: a quarter of that would be looking for some.
gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Whatever was loaded and collected stays to the end: nobody looks through it for garbage again, and what tests
    make is looked through less often. That is a tenth of the computing of a test with a database."""
    del session
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config) -> Turns | None:
    """By file, as `tests/support/turns.py` has it."""
    return Turns(config) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    del item, call
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
    return report
