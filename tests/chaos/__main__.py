"""`python -m tests.chaos --seeds 20 [--seed 7] [--database sqlite] [--at-once 2] [--kills 40] [--rates 1] [--soft]`.

Trials, and a report. `make chaos` runs it. The first seed is printed where none is given; a trial is run again by its
seed alone, with the same options. Exit code 1 where something should not be, or Ctrl-C has stopped it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace

from tests.chaos.parallel import trials
from tests.chaos.plan import Plan, plan_of
from tests.chaos.report import lines, of_trial
from tests.chaos.trial import Result


def main() -> None:
    """Read the command line, and run the trials."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seeds", type=int, help="how many trials; 20, or the one of the seed that is given")
    parser.add_argument("--seed", type=int, help="the first seed, else any")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="else each has every second trial")
    parser.add_argument("--at-once", type=int, default=2, help="how many trials at the same time")
    parser.add_argument("--kills", type=int, default=0, help="at least so many kills planned in each trial")
    parser.add_argument("--rates", type=float, default=10.0, help="how many times Slack's rates; 1 for Slack's own")
    parser.add_argument("--soft", action="store_true", help="the shorter trials that are tests")
    parser.add_argument("--keep", help="a folder for logs and databases, which are deleted otherwise")
    given = parser.parse_args()
    first = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    _say(f"the first seed is {first}")
    count = given.seeds or (20 if given.seed is None else 1)
    seeds = range(first, first + count)
    plans = [
        replace(plan_of(seed, given.database, hard=not given.soft, kills=given.kills), rates=given.rates)
        for seed in seeds
    ]
    results: list[Result] = []
    signal.signal(signal.SIGINT, lambda *_: _stop(results))
    for result in trials(plans, at_once=given.at_once, kept=given.keep, failed=_failed):
        results.append(result)
        _say(*of_trial(result))
    _say(*lines(results))
    sys.exit(1 if len(results) < len(plans) or any(result.breaches for result in results) else 0)


def _stop(results: Sequence[Result]) -> None:
    """Tell what there is so far, and end at once, with everything that was started."""
    _say("stopped before the end", *lines(results))
    os._exit(1)


def _failed(plan: Plan, error: BaseException) -> None:
    _say(f"{plan.words}: the trial itself failed", *traceback.format_exception(error))


def _say(*lines: str) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201 - a command's output


if __name__ == "__main__":
    main()
