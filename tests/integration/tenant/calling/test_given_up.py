"""Calls without an answer: what is given up in the midst of a silence leaves room for others, and changes that aren't
answered keep nobody from reading."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.tenant.access import TenantAccess
from bot.tenant.calling.transport import _MOST_CONNECTIONS, Transport
from bot.workflow.shared.lanes import Lane
from tests.integration.tenant.conftest import QUICK, SettingsFor
from tests.integration.tenant.scripted import http_answer

READ, CHANGE = "Get-TenantAllowBlockListItems", "New-TenantAllowBlockListItems"
ANSWER = http_answer("200 OK", {"Content-Length": "12"}, b'{"value":[]}')


class Tokens:
    async def token(self, *, refused: str | None = None) -> str:  # noqa: ARG002 - none is refused
        return secrets.token_hex(8)


class Silence:
    """A service that answers nothing, until it `speaks`; or to no change alone."""

    def __init__(self) -> None:
        self.url = ""
        self.speaks = False
        self.answers_readings = False
        self.asked = 0
        self.was_asked = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
            body = await reader.readexactly(int(length.partition(b":")[2]))
            async with self.was_asked:
                self.asked += 1
                self.was_asked.notify_all()
            if self.speaks or (self.answers_readings and READ.encode() in body):
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


async def test_changes_that_are_not_answered_keep_nobody_from_reading(settings_for: SettingsFor) -> None:
    """However many are under way at once."""
    async with silence() as service:
        service.answers_readings = True
        transport = Transport(settings=settings_of(settings_for, service.url), tokens=Tokens())
        changes = [
            asyncio.create_task(transport.invoke(CHANGE, {}, write=True)) for _ in range(Lane.APPLYING.traits.places)
        ]
        try:
            async with service.was_asked:
                await service.was_asked.wait_for(lambda: service.asked == len(changes))
            async with asyncio.timeout(10):
                await transport.invoke(READ, {}, write=False)
        finally:
            for change in changes:
                change.cancel()
            await asyncio.gather(*changes, return_exceptions=True)
            await transport.close()
