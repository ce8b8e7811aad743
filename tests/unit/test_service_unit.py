"""The unit for systemd: what the docs say of it, and how little the service may do."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "portcullis.service"

#: `systemd-analyze security` counts in tenths: 0 may do nothing, 100 everything.
MOST_EXPOSED = 25


def settings() -> dict[str, str]:
    """What the unit sets, by name. Of one that is set several times, the last."""
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]\w+=", line))


def test_it_is_started_anew_but_for_settings_that_cannot_be_worked_with() -> None:
    unit = settings()
    assert unit["Restart"] == "on-failure"
    assert unit["RestartPreventExitStatus"] == "2"
    assert unit["StartLimitIntervalSec"] == "0", "Slack may be away for longer than systemd tries by itself"


def test_it_runs_what_the_docs_install() -> None:
    steps = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    unit = settings()
    assert "deploy/portcullis.service" in steps
    for place in ("EnvironmentFile", "WorkingDirectory"):
        assert unit[place] in steps
    assert unit["ExecStart"].removesuffix(" run") in steps


def test_it_may_do_little() -> None:
    judge = shutil.which("systemd-analyze")
    if judge is None:
        pytest.skip("judged by systemd's own tool")
    judged = subprocess.run(  # noqa: S603
        [judge, "security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unrecognized option" in judged.stderr:
        pytest.skip("this systemd judges no files")
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr
