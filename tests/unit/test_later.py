"""What no start waits for: made by whoever asks first, or once the bot is ready."""

from __future__ import annotations

import subprocess
import sys

from bot.later import later, make_all
from tests.support.installation import ROOT


def test_it_is_made_once_by_whoever_asks_first() -> None:
    made: list[str] = []

    @later
    def thing() -> str:
        made.append("thing")
        return "thing"

    assert made == []
    assert [thing(), thing()] == ["thing", "thing"]
    make_all()
    assert made == ["thing"]


def test_it_is_made_with_all_the_others_where_nobody_has_asked() -> None:
    made: list[int] = []
    for number in range(3):
        later(lambda number=number: made.append(number))  # type: ignore[misc] # mypy infers no type for it
    make_all()
    make_all()
    assert made == [0, 1, 2]


_ALL = """
import pkgutil
import bot
from bot.later import make_all

for module in pkgutil.walk_packages(bot.__path__, "bot."):
    if module.name != "bot.cli.__main__":
        __import__(module.name)
make_all()
"""


def test_all_of_it_can_be_made() -> None:
    """An expression that can't be read would else be found out by whoever needs it first."""
    subprocess.run([sys.executable, "-c", _ALL], cwd=ROOT, check=True)  # noqa: S603 - this test's own program
