"""What the bot can't be faster than: bolt behind the same server, with nothing to do, or with one row to commit.

`python -m tests.bench.bare_server PORT SECRET [DATABASE_URL]`. Posted to `/bare`, a command is acknowledged at once;
posted to `/committed`, one row is inserted and committed before, as plainly as the database's driver does it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import aiosqlite
import asyncpg
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Commit = Callable[[str], Awaitable[None]]

_TABLE = "CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, said TEXT NOT NULL)"


async def _sqlite(path: str) -> Commit:
    connection = await aiosqlite.connect(path, isolation_level=None)
    for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _TABLE):
        await connection.execute(line)
    one_at_a_time = asyncio.Lock()

    async def commit(said: str) -> None:
        async with one_at_a_time:
            await connection.execute("INSERT INTO bare (said) VALUES (?)", (said,))

    return commit


async def _postgresql(url: str) -> Commit:
    pool = await asyncpg.create_pool(url, min_size=8, max_size=8)
    await pool.execute("CREATE TABLE IF NOT EXISTS bare (id BIGSERIAL PRIMARY KEY, said TEXT NOT NULL)")

    async def commit(said: str) -> None:
        await pool.execute("INSERT INTO bare (said) VALUES ($1)", said)

    return commit


def _app(secret: str, before: Commit | None) -> AsyncSlackRequestHandler:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="x", bot_user_id="U1", bot_id="B1")

    app = AsyncApp(signing_secret=secret, authorize=authorize, process_before_response=True)

    async def take(ack: Callable[..., Awaitable[None]], body: dict[str, Any]) -> None:
        if before is not None:
            await before(str(body.get("text")))
        await ack("Taken.")

    for command in ("/check", "/block"):
        app.command(command)(take)
    return AsyncSlackRequestHandler(app)


async def serve(port: int, secret: str, database_url: str) -> None:
    """Serve until the process is ended."""
    is_sqlite = database_url.startswith("sqlite:///")
    commit = await (_sqlite(database_url.removeprefix("sqlite:///")) if is_sqlite else _postgresql(database_url))
    bare, committed = _app(secret, None), _app(secret, commit)

    async def take(request: Request) -> Response:
        return await (committed if request.url.path == "/committed" else bare).handle(request)

    routes = [Route(path, take, methods=["POST"]) for path in ("/bare", "/committed")]
    await uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), port=port, log_config=None, access_log=False, lifespan="off")
    ).serve()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
