"""What the help of each command shows."""

from __future__ import annotations

import pytest

from bot.cli import _COMMANDS, app
from tests.unit.cli.commands import run

OF_THEIR_OWN = [["audit", "list"], ["audit", "verify"], ["audit", "archive"], ["jobs", "list"], ["jobs", "retry"]]


@pytest.mark.parametrize("words", [[], *([name] for name in _COMMANDS), *OF_THEIR_OWN], ids=" ".join)
def test_a_flag_is_shown_as_one_and_not_as_if_it_took_a_word(words: list[str]) -> None:
    shown = run(app, *words, "--help")
    assert shown.exit_code == 0
    assert "--help" in shown.output
    assert "<bool>" not in shown.output
