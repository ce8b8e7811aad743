"""What no start waits for: made by whoever asks first, or once the bot is ready."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot import serving
from bot.later import later, make_all
from bot.readiness import Readiness
from bot.slack.app import Workspace
from bot.slack.reach import SlackReach
from bot.store.write_probe import WriteProbe
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


@pytest.mark.parametrize("greeted", [True, False], ids=["Slack has answered", "Slack answers later"])
async def test_a_bot_makes_it_once_slack_can_be_worked_with(
    greeted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_REST_EVERY", 0.001)
    workspace = Workspace(client=AsyncWebClient(), greeted=greeted)
    readiness = Readiness(
        database=WriteProbe(f"sqlite:///{tmp_path / 'none.sqlite3'}", tenant_id="tenant"),
        workspace=workspace,
        reach=SlackReach(),
        socket_mode=None,
    )
    making, stop = threading.Event(), asyncio.Event()
    seen: list[bool] = []

    @later
    def thing() -> None:
        seen.append(workspace.greeted)
        making.set()

    part = asyncio.create_task(serving._make_the_rest(readiness, stop))
    if not greeted:
        await asyncio.sleep(0)
        assert not making.is_set()
        workspace.greeted = True
    assert await asyncio.to_thread(making.wait, 60)
    assert seen == [True]
    assert not part.done(), "a part that ends has the bot end"
    stop.set()
    await asyncio.wait_for(part, 60)
