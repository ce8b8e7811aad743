"""The same installation four ways: Slack by HTTP and by Socket Mode, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from bot.playground.page_client import PageClient
from tests.integration.databases import postgres_server, postgres_template
from tests.support.installation import Installation
from tests.support.postgres import PostgresServer

__all__ = ["postgres_server", "postgres_template"]

_NUMBERS = count(1)


@pytest.fixture(scope="module", params=["socket-sqlite", "http-sqlite", "socket-postgresql", "http-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation, shared by the tests of a module: each uses indicators of its own."""
    mode, database = request.param.split("-")
    folder = tmp_path_factory.mktemp(request.param)
    url = None
    if database == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.new_database(template=request.getfixturevalue("postgres_template")))
    with Installation(folder=folder, mode=mode, database_url=url) as installation:
        yield installation


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    """Somebody's hands on the page. After each test, none of Slack's rules may have been broken."""
    async with here.page() as client:
        yield client
        assert await client.violations() == []


@pytest.fixture
def name() -> str:
    """A domain that no other test uses."""
    return f"evil{next(_NUMBERS)}.example"


@pytest.fixture
def address() -> str:
    """An IPv4 address that no other test uses."""
    return f"203.0.113.{next(_NUMBERS)}"
