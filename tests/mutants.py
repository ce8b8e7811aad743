"""Would the tests notice? Makes faults in some files, one at a time, and shows those that no test fails for.

`make mutants`, or `python -m tests.mutants [file …] [--tests path …] [--without word …]`. Without files and tests,
those are taken that `[tool.mutmut]` of pyproject.toml names. mutmut does the work, in the folder `.mutants`: it holds
links to the parts of the project and a copy of its settings that names these files and tests.

`--without postgresql` saves time where the tests run on two databases. What only PostgreSQL notices, a lock that is not
taken for one, is then among the faults that lived; `--again` tries these on both.

For each file: how many faults were made, how many a test failed for (`killed`), for how many the tests took far too
long (`timeout`, which counts as noticed), and how many lived. Each of those is shown as what it changes.

A fault is one changed place in a function: a comparison turned, a text spelled otherwise, an argument left out. What
stands outside of functions, and functions with a decorator of their own, have none.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import tomli_w

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / ".mutants"
RESULTS = FOLDER / "mutants"

#: A file in which a smaller share of the faults is noticed, in percent, makes the run fail.
LEAST_NOTICED = 97.0

NOTICED = ("killed", "timeout")


def main(arguments: Sequence[str]) -> int:
    """Make the faults, run the tests, print what came of it. 0 when the tests of every file noticed enough."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("files", nargs="*", help="where to make faults; those of pyproject.toml when left out")
    parser.add_argument("--tests", nargs="+", default=[], help="what to run; those of pyproject.toml when left out")
    parser.add_argument("--without", nargs="+", default=[], help="leave out tests that have such a word in their name")
    parser.add_argument(
        "--again", action="store_true", help="only the faults that lived in the run before, by its tests or others"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many at once")
    chosen = parser.parse_args(arguments)
    if chosen.again and chosen.files:
        parser.error("--again is for the files of the run before")
    lived = [name for name, outcome in outcomes().items() if outcome not in NOTICED] if chosen.again else []
    if chosen.again and not lived:
        sys.stdout.write("No fault has lived in the run before.\n")
        return 0
    prepare(chosen.files, chosen.tests, chosen.without, keep_outcomes=chosen.again)
    if not run_mutmut("run", "--max-children", str(chosen.processes), *lived):
        return 2
    return report(outcomes())


def prepare(files: Sequence[str], tests: Sequence[str], without: Sequence[str], *, keep_outcomes: bool) -> None:
    """Lay out the folder in which mutmut works: links to the project's parts, and its settings with what was chosen."""
    if missing := [path for path in (*files, *tests) if not (PROJECT / path).exists()]:
        raise SystemExit(f"There is no {', '.join(missing)}.")
    if not keep_outcomes:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    for part in PROJECT.iterdir():
        link = FOLDER / part.name
        if not part.name.startswith(".") and part.name != "pyproject.toml" and not link.exists():
            link.symlink_to(part)
    (RESULTS / "mutmut-stats.json").unlink(missing_ok=True)  # which test runs what: learned anew
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    mutmut = settings["tool"]["mutmut"]
    kept = FOLDER / "pyproject.toml"
    if keep_outcomes:
        before = tomllib.loads(kept.read_text(encoding="utf-8"))["tool"]["mutmut"]
        mutmut |= {name: before[name] for name in ("only_mutate", "pytest_add_cli_args_test_selection")}
    if files:
        mutmut["only_mutate"] = list(files)
    if tests:
        mutmut["pytest_add_cli_args_test_selection"] = list(tests)
    options = mutmut["pytest_add_cli_args"]
    options[options.index("-k") + 1] += "".join(f" and not {word}" for word in without)
    kept.write_text(tomli_w.dumps(settings), encoding="utf-8")


def run_mutmut(*arguments: str) -> bool:
    """Let mutmut make the faults and run the tests. Whether it came to the end: not if the tests fail by themselves.

    At a terminal it shows how far it is. Elsewhere what it says is only shown when it failed.
    """
    command = [Path(sys.executable).with_name("mutmut"), *arguments]
    if sys.stdout.isatty():
        return subprocess.run(command, cwd=FOLDER, check=False).returncode == 0  # noqa: S603 - the tool of our lock
    with (FOLDER / "mutmut.log").open("w", encoding="utf-8") as log:
        done = subprocess.run(command, cwd=FOLDER, check=False, stdout=log, stderr=log)  # noqa: S603 - the same
    if done.returncode != 0:
        sys.stdout.write((FOLDER / "mutmut.log").read_text(encoding="utf-8")[-5000:])
    return done.returncode == 0


def outcomes() -> Mapping[str, str]:
    """What came of each fault of the last run, by the fault's name."""
    if not RESULTS.exists():
        return {}
    lines = [line.strip().rpartition(": ") for line in told_by_mutmut("results", "--all", "true").splitlines()]
    return {name: outcome for name, colon, outcome in lines if colon}


def told_by_mutmut(*arguments: str) -> str:
    """What a command of mutmut prints. In this process: there may be hundreds to ask for."""
    with contextlib.chdir(FOLDER), contextlib.redirect_stdout(io.StringIO()) as told:
        from mutmut.__main__ import cli  # noqa: PLC0415 - at its import it reads the settings of the current folder

        cli.main(list(arguments), standalone_mode=False)
    return told.getvalue()


def report(outcome_of: Mapping[str, str]) -> int:
    """Print the faults that lived and the figures of each file. 0 when enough was noticed in every file."""
    by_file: dict[str, Counter[str]] = defaultdict(Counter)
    for name, outcome in outcome_of.items():
        by_file[file_of(name)][outcome] += 1
        if outcome not in NOTICED:
            sys.stdout.write(f"\n{told_by_mutmut('show', name).strip()}\n")
    sys.stdout.write(f"\n{'file':52} {'made':>6} {'killed':>7} {'timeout':>8} {'lived':>6} {'noticed':>8}\n")
    enough = bool(by_file)
    for file, counted in sorted(by_file.items()):
        made, noticed = counted.total(), sum(counted[outcome] for outcome in NOTICED)
        share = 100 * noticed / made
        enough = enough and share >= LEAST_NOTICED
        figures = f"{made:6} {counted['killed']:7} {counted['timeout']:8} {made - noticed:6} {share:7.1f}%"
        sys.stdout.write(f"{file:52} {figures}\n")
    if not enough:
        sys.stdout.write(f"\nIn each file {LEAST_NOTICED} % of the faults should be noticed.\n")
    return 0 if enough else 1


def file_of(name: str) -> str:
    """`bot.domain.lists.coverage.x_covers__mutmut_3` is a fault in bot/domain/lists/coverage.py."""
    return name.rpartition(".")[0].replace(".", "/") + ".py"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
