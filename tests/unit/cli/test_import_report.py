"""`portcullis propose`: what is said of the lines that were set aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.cli.import_report import show
from bot.clock import utc_now
from bot.domain.importing.outcomes import Imported, LineOutcome


def aside(line: int | None) -> LineOutcome:
    return LineOutcome(line=line, typed="x", code="unreadable", why="It names nothing to list.")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([3], "line 3"),
        ([3, 5], "lines 3, 5"),
        ([1, 2, 3, 4, 5], "lines 1, 2, 3, 4, 5"),
        (range(1, 1_201), "1,200 lines: 1, 2, 3, 4, 5, …"),
        ([None], "1 line"),
        ([None, None], "2 lines"),
    ],
)
def test_which_lines_were_set_aside(capsys: pytest.CaptureFixture[str], lines: Sequence[int | None], said: str) -> None:
    show(Imported(outcomes=[aside(line) for line in lines]), dry_run=True)
    [row] = [line for line in capsys.readouterr().out.splitlines() if "unreadable" in line]
    assert row.split("│")[2].strip() == said


@pytest.mark.parametrize(("minutes", "said"), [(0, "just now."), (1, "1 minute ago."), (1_500, "1,500 minutes ago.")])
def test_how_old_the_lists_are(capsys: pytest.CaptureFixture[str], minutes: int, said: str) -> None:
    as_of = utc_now() - timedelta(minutes=minutes, seconds=5)
    show(Imported(outcomes=[aside(1)], snapshot_of=as_of), dry_run=True)
    assert capsys.readouterr().out.splitlines()[-1].endswith(f"UTC, {said}")
