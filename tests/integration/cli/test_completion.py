"""Completion by the Tab key, as a shell asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("portcullis-mail aud", {"audit"}),
        ("portcullis aud", {"audit"}),
        ("portcullis audit ver", {"verify"}),
        ("portcullis check --sn", {"--snapshot"}),
        ("portcullis propose unb", {"unblock"}),
        ("portcullis nonsense ", set()),
    ],
)
def test_what_is_offered(typed: str, offered: set[str]) -> None:
    program = typed.split(maxsplit=1)[0]
    variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"import sys; sys.argv = [{program!r}]\nfrom bot.cli import main\nmain()"],
        env={
            **os.environ,
            variable: "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(typed.count(" ")),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert set(ended.stdout.split()) == offered, ended.stderr
