"""slack_sdk's client, with a bound on what it reads of an answer, and with the proxies of the environment.

slack_sdk reads whatever comes, however much that is, and hands it to the standard library's parser; and it never looks
at `trust_env_in_session`, so that a bot behind a proxy doesn't get out. Whoever answers at Slack's address, or in its
place, chooses the size of what comes: here it is read as all other JSON from outside.

Unless it is told otherwise it makes a connection for each call, as slack_sdk does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UnreadableJson
from bot.outside_json import read_outside_json

#: Bytes of the longest answer that is read: a hundred thousand members of a user group take a tenth of it.
MOST_BYTES = 16 * 1024 * 1024

#: A connection on which nothing was said for so long, in seconds, isn't used again: less than servers wait before they
#: close one. What closes under a call leaves a post of which nobody knows whether it stands.
KEPT_FOR = 3.0

_CHUNK = 64 * 1024


class BoundedClient(AsyncWebClient):
    """Repeats no call, and reads no more of an answer than may be in it."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - slack_sdk's own
        super().__init__(**options)
        self._kept: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def keeping_connections(self) -> AsyncIterator[None]:
        """In the block a call goes over the connection of one before it, where that has just ended: to connect, and to
        agree on a key, takes longer than most of what is said.
        """
        connector = aiohttp.TCPConnector(keepalive_timeout=KEPT_FOR)
        async with self._session(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            self._kept = session
            try:
                yield
            finally:
                self._kept = None

    def _session(self, **options: Any) -> aiohttp.ClientSession:  # noqa: ANN401 - aiohttp's own
        timeout = aiohttp.ClientTimeout(total=self.timeout)
        return aiohttp.ClientSession(timeout=timeout, trust_env=self.trust_env_in_session, **options)

    async def _request(self, *, http_verb: str, api_url: str, req_args: dict[str, Any]) -> dict[str, Any]:
        """Called by slack_sdk for every call. What is no JSON, or is too large, comes back as no data.

        Then slack_sdk raises SlackApiError, with the status of the answer.
        """
        async with AsyncExitStack() as stack:
            session = self._kept
            if session is None:
                session = await stack.enter_async_context(self._session())
            answer = await stack.enter_async_context(session.request(http_verb, api_url, **req_args))
            return {"data": await _data(answer), "headers": answer.headers, "status_code": answer.status}


async def _data(answer: aiohttp.ClientResponse) -> object:
    read = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        read += chunk
        if len(read) > MOST_BYTES:
            return None
    try:
        return read_outside_json(bytes(read), most_bytes=MOST_BYTES)
    except UnreadableJson:
        return None
