"""uvicorn inside somebody else's process: signals are theirs, and it ends at once when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator

import uvicorn

_LOOKED_AT_EVERY = 0.002  # seconds; uvicorn tells nobody when the last connection is gone
_HEADERS_AGE = 1.0  # seconds; uvicorn writes the date of its answers once a second


class PromptServer(uvicorn.Server):
    """`async with PromptServer(config).serving(sockets):` listens, and has ended when the block has.

    uvicorn itself looks ten times a second whether it has to end, and waits a tenth of a second more for connections
    to close; where each of thousands of tests opens servers of its own, that is most of what they wait for.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ending = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    @contextlib.asynccontextmanager
    async def serving(self, sockets: list[socket.socket] | None = None) -> AsyncIterator[None]:
        """Serve until the block ends. Raises what uvicorn raises when it can't start."""
        task = asyncio.create_task(self.serve(sockets=sockets), name="server")
        try:
            while not self.started:
                if task.done():
                    await task
                await asyncio.sleep(0)
            yield
        finally:
            self.end()
            await task

    def end(self) -> None:
        """Let it end as soon as what is being answered has been; any thread may say so.

        After `timeout_graceful_shutdown` seconds what is left is cancelled.
        """
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ending.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_HEADERS_AGE):
                    await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - it has no event for it
                    await asyncio.sleep(_LOOKED_AT_EVERY)
        except TimeoutError:
            for task in self.server_state.tasks:
                task.cancel()
        await self.lifespan.shutdown()
