"""The bot's Slack side whole: edge, bolt app and listeners over a real store; Slack itself is scripted."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.migrate import migrate
from tests.integration.slack.harness import Bot, open_bot


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slack") / "template.sqlite3"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def bot(migrated: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    async with open_bot(Path(shutil.copy(migrated, tmp_path / "portcullis.sqlite3"))) as opened:
        yield opened
