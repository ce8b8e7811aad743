"""Floods at the edge, from somebody who reaches its port and has no secret: what Slack delivers still gets through."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.domain.requests.request import Status
from bot.playground.page_client import PageClient
from bot.web.bodies import MAX_BODY
from tests.acceptance.steps import approved, defanged, installation, status
from tests.support.floods import (
    BODIES,
    CONNECTIONS,
    ENDLESS_HEAD,
    FILES,
    MOST_MEMORY,
    head_of_a_body,
    held_connections,
    memory,
)
from tests.support.installation import Installation


@pytest.fixture(scope="module")
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation("http-sqlite", request=request, folder=tmp_path_factory.mktemp("floods")) as here:
        assert here.bot is not None
        resource.prlimit(here.bot.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
        yield here


@pytest.fixture(autouse=True)
def _files_of_our_own() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[1], 8_192), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        yield client


async def a_block_goes_through(here: Installation, page: PageClient, name: str) -> None:
    """From the command to the tenant: the edge takes it, and the jobs go on."""
    await approved(page, f"/block {name} 30d Phishing wave", defanged(name))
    await status(page, here, name, Status.APPLIED)


async def test_idle_connections(here: Installation, page: PageClient, name: str) -> None:
    async with held_connections(here, CONNECTIONS, b""):
        await a_block_goes_through(here, page, name)
        assert memory(here) < MOST_MEMORY
    assert "out of system resource" not in here.log.read_text()


async def test_heads_that_never_end(here: Installation, page: PageClient, name: str) -> None:
    async with held_connections(here, 50, ENDLESS_HEAD) as writers:
        writers[0].write(b"a" * 1_000_000)
        await a_block_goes_through(here, page, name)
        assert memory(here) < MOST_MEMORY


async def test_bodies_that_never_end(here: Installation, page: PageClient, name: str) -> None:
    async with held_connections(here, BODIES, head_of_a_body() + b"a" * (MAX_BODY - 1)):
        await a_block_goes_through(here, page, name)
        assert memory(here) < MOST_MEMORY


async def test_bodies_of_a_byte_that_never_end_hold_no_place(here: Installation, page: PageClient, name: str) -> None:
    async with held_connections(here, CONNECTIONS, head_of_a_body() + b"a"):
        await a_block_goes_through(here, page, name)


async def test_what_is_refused_fills_no_log(here: Installation) -> None:
    before = len(here.log.read_text())
    for _ in range(200):
        reader, writer = await asyncio.open_connection("127.0.0.1", here.bot_port)
        writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
        assert b" 401 " in await reader.readline()
        writer.close()
    for _ in range(200):
        reader, writer = await asyncio.open_connection("127.0.0.1", here.bot_port)
        writer.write(b"nonsense\r\n\r\n")
        assert b" 400 " in await reader.readline()
        writer.close()
    assert len(here.log.read_text()) - before < 2_000
