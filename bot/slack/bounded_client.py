"""slack_sdk's client, with a bound on what it reads of an answer, and with the proxies of the environment.

slack_sdk reads whatever comes, however much that is, and hands it to the standard library's parser; and it never looks
at `trust_env_in_session`, so that a bot behind a proxy doesn't get out. Whoever answers at Slack's address, or in its
place, chooses the size of what comes: here it is read as all other JSON from outside.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UnreadableJson
from bot.outside_json import read_outside_json

#: Bytes of the longest answer that is read: a hundred thousand members of a user group take a tenth of it.
MOST_BYTES = 16 * 1024 * 1024

_CHUNK = 64 * 1024


class BoundedClient(AsyncWebClient):
    """Makes each call by itself, and reads no more of the answer than may be in it."""

    async def _request(self, *, http_verb: str, api_url: str, req_args: dict[str, Any]) -> dict[str, Any]:
        """Called by slack_sdk for every call. What is no JSON, or is too large, comes back as no data.

        Then slack_sdk raises SlackApiError, with the status of the answer.
        """
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self.timeout), trust_env=self.trust_env_in_session
            ) as session,
            session.request(http_verb, api_url, **req_args) as answer,
        ):
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
