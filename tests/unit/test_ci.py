"""What has to pass before a change lands: it installs what tests look for, and fails for what is ours alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = ROOT / ".ci" / "run"

#: Commands that come with requirements.lock.
LOCKED = {"hadolint", "initdb"}


def test_what_tests_look_for_is_installed() -> None:
    """A test that doesn't find it is skipped elsewhere, and fails there: a machine may be new."""
    if not RUN.exists():
        pytest.skip("a source archive has no .ci")
    found = [
        re.findall(r'shutil\.which\("([\w-]+)"', file.read_text("utf-8")) for file in (ROOT / "tests").rglob("*.py")
    ]
    needed = re.search(r"^needed=\((.*)\)$", RUN.read_text(encoding="utf-8"), re.MULTILINE)
    assert needed is not None
    installed = {each.partition(":")[0] for each in needed[1].split()}
    assert {command for commands in found for command in commands} - LOCKED <= installed


@pytest.mark.parametrize(
    ("tool", "code", "told"),
    [
        ("echo 'No known vulnerabilities found' >&2", 0, ""),
        ("echo 'a-package 1.0 is not known'", 0, "a-package 1.0 is not known"),
        ("echo 'a-package 1.0 has a hole'; exit 1", 2, "a-package 1.0 has a hole"),
        ("echo 'Traceback: no route to host' >&2; exit 1", 0, "could not be asked for"),
    ],
)
def test_known_vulnerabilities_fail_and_a_machine_that_can_ask_nobody_goes_on(
    tool: str, code: int, told: str, tmp_path: Path
) -> None:
    instead = tmp_path / "pip-audit"
    instead.write_text(f"#!/bin/sh\n{tool}\n", encoding="utf-8")
    instead.chmod(0o755)
    done = subprocess.run(  # noqa: S603 - ours
        ["make", "-o", "setup", "audit", f"BIN={tmp_path}"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert told in done.stdout + done.stderr
