"""What the doctor says of the bot that runs beside it, of none, and of something else at its port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.cli import running_bot
from bot.cli.running_bot import look_at_running_bot
from bot.diagnosis import Diagnosis
from bot.web.edge import build_edge
from tests.integration.tenant.scripted import serving_app
from tests.support.installation import free_port


async def asked(app: Starlette, host: str = "127.0.0.1") -> Diagnosis:
    async with serving_app(app) as url:
        return await look_at_running_bot(host, urlsplit(url).port or 0)


async def of_bot(checks: Mapping[str, str], host: str = "127.0.0.1") -> Diagnosis:
    async def readiness() -> Mapping[str, str]:
        return checks

    return await asked(build_edge(readiness=readiness), host)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])  # noqa: S104 - nothing is bound
async def test_a_bot_that_is_ready(host: str) -> None:
    found = await of_bot({"database": "ok", "slack": "ok"}, host)
    assert (found.ok, found.remedy) == (True, "")
    assert "is ready" in found.details


async def test_each_reason_why_it_isnt() -> None:
    found = await of_bot({"database": "The disk of the database is full.", "slack": "Socket Mode is not connected."})
    assert not found.ok
    assert "database: The disk of the database is full. slack: Socket Mode is not connected." in found.details
    assert found.remedy


async def test_no_bot_here_is_no_fault_but_no_tick_either() -> None:
    found = await look_at_running_bot("127.0.0.1", free_port())
    assert (found.ok, found.remedy) == (True, "Start it, where it is to run here.")
    assert "doesn't run here" in found.details


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("<html>"),
        PlainTextResponse("x" * 200_000),
        JSONResponse([1]),
        JSONResponse({"checks": 7}),
        JSONResponse({}, status_code=404),
    ],
)
async def test_something_else_at_its_port(answer: Response) -> None:
    async def say(_request: Request) -> Response:
        return answer

    found = await asked(Starlette(routes=[Route("/readyz", say)]))
    assert not found.ok
    assert "Something else" in found.details
    assert "HTTP_PORT" in found.remedy


async def test_something_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_bot, "_PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with asyncio.timeout(20):
            found = await look_at_running_bot("127.0.0.1", silent.getsockname()[1])
    assert not found.ok
    assert "doesn't answer" in found.details
