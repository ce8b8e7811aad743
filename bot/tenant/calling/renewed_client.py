"""An HTTP client that another takes the place of once a call on it was given up.

httpcore, which keeps httpx's connections, keeps a place for good for a request that is cancelled between being given a
connection and using it. A silent service is when many are given up together; a handful later there was no place left,
and no call got through until the bot was started again, however well the service was by then.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx


class RenewedClient:
    """Lends the client of the moment. `make` makes one, and does no I/O. `close()` when done."""

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        self._make = make
        self._client = make()
        self._lent: Counter[httpx.AsyncClient] = Counter()
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[httpx.AsyncClient]:
        """The client, for one call and its answer. Whoever is under way on one that was replaced ends there."""
        client = self._client
        self._lent[client] += 1
        try:
            yield client
        except asyncio.CancelledError:
            self.renew(client)
            raise
        finally:
            self._lent[client] -= 1
            if not self._lent[client]:
                del self._lent[client]
                if client is not self._client:
                    self._close_beside(client)

    def renew(self, client: httpx.AsyncClient) -> None:
        """Have the calls from now on go by another client than this one."""
        if client is self._client:
            self._client = self._make()

    async def close(self) -> None:
        """Close what is open, whoever is under way."""
        await asyncio.gather(*self._closing)
        for client in {self._client, *self._lent}:
            await client.aclose()

    def _close_beside(self, client: httpx.AsyncClient) -> None:
        """In a task of its own: whoever was the last to use it may be cancelled once more meanwhile."""
        task = asyncio.create_task(client.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
