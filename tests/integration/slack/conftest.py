"""The bot's Slack side whole: edge, bolt app and listeners over a real store; Slack itself is scripted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.slack.harness import Bot, open_bot


@pytest.fixture
async def bot(sqlite_url: str) -> AsyncIterator[Bot]:
    async with open_bot(sqlite_url) as opened:
        yield opened
