"""Calls that are given up in the midst of a silence: once the service answers again, everybody gets an answer."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.tenant.access import TenantAccess
from bot.tenant.calling.transport import _MOST_CONNECTIONS, Transport
from tests.integration.tenant.conftest import QUICK, SettingsFor
from tests.integration.tenant.scripted import http_answer

READ = "Get-TenantAllowBlockListItems"
ANSWER = http_answer("200 OK", {"Content-Length": "12"}, b'{"value":[]}')


class Tokens:
    async def token(self, *, refused: str | None = None) -> str:  # noqa: ARG002 - none is refused
        return secrets.token_hex(8)


class Silence:
    """A service that answers nothing, until it `speaks`."""

    def __init__(self) -> None:
        self.url = ""
        self.speaks = False
        self.asked = 0
        self.was_asked = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            async with self.was_asked:
                self.asked += 1
                self.was_asked.notify_all()
            if self.speaks:
                writer.write(ANSWER)
                await writer.drain()
            else:
                await reader.read()  # until the other side ends it
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # given up before it was sent
        finally:
            writer.close()


@asynccontextmanager
async def silence() -> AsyncIterator[Silence]:
    service = Silence()
    async with await asyncio.start_server(service.serve, "127.0.0.1", 0) as server:
        service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield service


def settings_of(settings_for: SettingsFor, url: str) -> TenantAccess:
    return settings_for(url, patience=replace(QUICK, read=30, total=60), calls_per_second=10_000)


@pytest.mark.parametrize("steps", range(16))
async def test_calls_that_are_given_up_leave_room_for_others(settings_for: SettingsFor, steps: int) -> None:
    """Those that wait for a connection are given up so many steps of the loop after those that have one."""
    async with silence() as service:
        transport = Transport(settings=settings_of(settings_for, service.url), tokens=Tokens())
        try:
            have = [asyncio.create_task(transport.invoke(READ, {}, write=False)) for _ in range(_MOST_CONNECTIONS)]
            async with service.was_asked:
                await service.was_asked.wait_for(lambda: service.asked == _MOST_CONNECTIONS)
            want = [asyncio.create_task(transport.invoke(READ, {}, write=False)) for _ in range(_MOST_CONNECTIONS)]
            for _ in range(50):
                await asyncio.sleep(0)
            for call in have:
                call.cancel()
            for _ in range(steps):
                await asyncio.sleep(0)
            for call in want:
                call.cancel()
            await asyncio.gather(*have, *want, return_exceptions=True)
            service.speaks = True
            async with asyncio.timeout(20):
                await asyncio.gather(*(transport.invoke(READ, {}, write=False) for _ in range(_MOST_CONNECTIONS)))
        finally:
            await transport.close()
