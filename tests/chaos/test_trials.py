"""Eight trials, by seeds that stay the same: whatever befalls bots, Slack, the tenant and the database, all is well.

`make chaos SEED=…` runs a longer one of that seed; `make chaos ARGS=--soft SEED=…` one of these alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.database import Databases
from tests.chaos.launcher import Launcher
from tests.chaos.plan import plan_of
from tests.chaos.report import of_trial
from tests.chaos.trial import run
from tests.support.postgres import PostgresMissing

SEEDS = range(1, 9)


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with Launcher() as launcher:
        yield launcher


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with Databases(tmp_path_factory.mktemp("databases")) as databases:
        yield databases


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of the end of processes that are nobody's child")
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_befalls_it_all_is_well(seed: int, launcher: Launcher, databases: Databases, tmp_path: Path) -> None:
    plan = plan_of(seed, hard=False)
    try:
        result = run(plan, launcher=launcher, databases=databases, folder=tmp_path)
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    assert not result.breaches, "\n".join(of_trial(result))
