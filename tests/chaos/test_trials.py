"""Eight trials, by seeds that stay the same: whatever befalls bots, Slack, the tenant and the database, all is well.

Most of a trial is waiting, so several run at once; and all of them are one test, since the processes that run them
share what they have set up. `make chaos ARGS=--soft SEED=…` runs one of them alone, `make chaos SEED=…` a longer one of
that seed.
"""

from __future__ import annotations

import sys
import traceback

import pytest

from tests.chaos.parallel import trials
from tests.chaos.plan import Plan, plan_of
from tests.chaos.report import lines, of_trial
from tests.support.postgres import PostgresMissing

SEEDS = range(1, 9)
AT_ONCE = 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of the end of processes that are nobody's child")
def test_whatever_befalls_it_all_is_well() -> None:
    missing: list[PostgresMissing] = []
    wrong: list[str] = []

    def failed(plan: Plan, error: BaseException) -> None:
        if isinstance(error, PostgresMissing):
            missing.append(error)
        else:
            wrong.extend((f"{plan.words}: the trial itself failed", *traceback.format_exception(error)))

    plans = [plan_of(seed, hard=False) for seed in SEEDS]
    results = [*trials(plans, at_once=AT_ONCE, kept=None, failed=failed)]
    print("\n".join(lines(results)))  # noqa: T201 - shown where it fails
    wrong += [line for result in results if result.breaches for line in of_trial(result)]
    assert not wrong, "\n".join(wrong)
    if missing:
        pytest.skip(str(missing[0]))
