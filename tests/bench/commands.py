"""How long a hostile text behind each command takes, from its delivery to the acknowledgement.

`python -m tests.bench.commands`

What is to be reached: far less than the three seconds that Slack waits, on a busy machine too.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from structlog.testing import capture_logs

from bot.store.migrate import migrate
from tests.integration.slack.harness import APPROVER, HOSTILE_TEXTS, TEXT_COMMANDS, Bot, open_bot


async def slowest(bot: Bot, command: str) -> tuple[float, str]:
    """Seconds for the text that takes longest, and the text."""
    took: list[tuple[float, str]] = []
    for text in HOSTILE_TEXTS:
        began = time.monotonic()
        with capture_logs():
            await bot.command(command, text, who=APPROVER)
        took.append((time.monotonic() - began, text))
    return max(took)


async def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "portcullis.sqlite3"
        await migrate(f"sqlite:///{database}")
        async with open_bot(database) as bot:
            for command in TEXT_COMMANDS:
                seconds, text = await slowest(bot, command)
                sys.stdout.write(f"{command:10} {seconds * 1000:7.0f} ms  {len(text):7,} characters, {text[:20]!r}\n")


if __name__ == "__main__":
    asyncio.run(run())
