"""A command loads only what it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

HEAVY = ("sqlalchemy", "slack_bolt", "slack_sdk", "msal", "httpx", "uvicorn", "starlette", "alembic", "aiohttp")


@pytest.mark.parametrize(
    "arguments",
    [
        ["parse", "--json", "203.0.113.7"],
        ["--version"],
        ["--help"],
        ["check", "203.0.113.7", "--lists", "/dev/stdin"],
        ["posture", "--policies", "/dev/stdin"],
    ],
    ids=["parse", "version", "help", "check", "posture"],
)
def test_judging_text_and_files_loads_neither_web_nor_database(arguments: list[str]) -> None:
    script = (
        f"import sys; sys.argv = ['portcullis', *{arguments!r}]\n"
        "from bot.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), code, file=sys.stderr)"
    )
    exported = '{"policies": [], "items": {}, "spoof": []}' if arguments[0] == "check" else "[]"
    ended = subprocess.run(  # noqa: S603 - this test's own script
        [sys.executable, "-c", script], input=exported, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.stderr.splitlines()[-1].startswith("[] "), ended.stderr


def test_help_names_every_command() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bot.cli", "--help"], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0
    for command in (
        "run",
        "demo",
        "parse",
        "check",
        "lists",
        "posture",
        "audit",
        "jobs",
        "doctor",
        "backup",
        "restore",
        "migrate",
    ):
        assert f" {command} " in ended.stdout
    unknown = subprocess.run(
        [sys.executable, "-m", "bot.cli", "nonsense"], capture_output=True, text=True, check=False, timeout=60
    )
    assert unknown.returncode == 2
    assert "Traceback" not in unknown.stderr


@pytest.mark.parametrize("arguments", [["parse", "bücher"], ["doctor"]], ids=["parse", "doctor"])
def test_what_a_terminal_has_no_letter_for_ends_no_command(arguments: list[str], tmp_path: Path) -> None:
    """As one in ISO 8859-1, which has neither the doctor's marks nor an arrow."""
    ended = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in ended.stderr
    assert ("b\\xfccher" if "parse" in arguments else "\\u2717 connection") in ended.stdout
