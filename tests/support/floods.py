"""What many send at once, for the tests that hold what mustn't wait for it and for the bench that measures it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.slack.jobs.import_reader import READ_IMPORT, ImportPayload
from bot.store import Store
from bot.web.bodies import MAX_BODY
from bot.workflow.shared.job_kinds import CheckPayload, JobKind
from bot.workflow.shared.jobs import enqueue
from tests.support.installation import APPROVER, REQUESTER, Installation

IMPORTS, LINES, CHECKS, PEOPLE = 16, 1_000, 100, 20

#: As many files as a process may open on most systems.
FILES = 1_024
#: More connections than that, which whoever opens them needs files for as well.
CONNECTIONS = 1_100
BODIES = 300
#: MB, with room for everything that isn't the flood's.
MOST_MEMORY = 300

ENDLESS_HEAD = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-A: "


async def fill_queue(here: Installation, *, called: str = "import") -> None:
    """Sixteen imports by one person and a hundred checks by twenty, all at once, as their listeners queue them."""
    store = Store(here.database_url, tenant_id=here.playground.environment()["PORTCULLIS_TENANT_ID"])
    async with store.write() as uow:
        for number in range(IMPORTS):
            payload = ImportPayload(
                user=REQUESTER,
                operation=Operation.ADD,
                action=Action.BLOCK,
                end="30d",
                reason="Phishing wave",
                text="\n".join(f"host{line}.{called}{number}.example" for line in range(LINES)),
                file=None,
                delivery=f"{called}:{number}",
            )
            await enqueue(uow, READ_IMPORT, payload, person=REQUESTER)
        for number in range(CHECKS):
            check = CheckPayload(indicators=(f"host{number}.example",), user=APPROVER)
            await enqueue(uow, JobKind.CHECK, check, person=f"U0ASKER{number % PEOPLE}")
    await store.close()


@asynccontextmanager
async def held_connections(
    here: Installation, connections: int, first: bytes
) -> AsyncIterator[list[asyncio.StreamWriter]]:
    """So many connections that each sent the beginning of something, and wait."""
    writers: list[asyncio.StreamWriter] = []
    try:
        for _ in range(connections):
            _, writer = await asyncio.open_connection("127.0.0.1", here.bot_port)
            writer.write(first)
            writers.append(writer)
        yield writers
    finally:
        for writer in writers:
            writer.transport.abort()


def head_of_a_body() -> bytes:
    """A head that claims to be Slack's: only the whole body could show that it isn't."""
    return (
        f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BODY}\r\n"
        f"X-Slack-Request-Timestamp: {int(time.time())}\r\nX-Slack-Signature: v0={'0' * 64}\r\n\r\n"
    ).encode()


def memory(here: Installation) -> int:
    """MB that the bot has held at most since it started."""
    assert here.bot is not None
    [line] = [line for line in Path(f"/proc/{here.bot.pid}/status").read_text().splitlines() if "VmHWM" in line]
    return int(line.split()[1]) // 1_024
