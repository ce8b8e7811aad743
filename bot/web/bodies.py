"""Bodies of deliveries: how large one may be, how long it may take, and how much of them is held at a time.

Nobody knows who sent a body before it is there whole, because the signature is over all of it. So what many send slowly
must not fill the memory: where there is no room for more, the body that came first, and still isn't whole, gives way.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request

#: Slack's largest deliveries carry a view of at most 250 kB, form-encoded.
MAX_BODY = 2 * 1024 * 1024

#: How much of unfinished bodies is held at a time, in bytes.
MOST_HELD = 32 * 1024 * 1024

#: Seconds that a body may take. Slack waits three for the answer.
BODY_WITHIN = 10.0

#: What is still on its way of a refused request is read and dropped, up to so many bytes and seconds. Who is still
#: sending when a connection is closed gets a reset in place of the answer.
MOST_DROPPED = 2 * MAX_BODY
DROPPED_WITHIN = 2.0


class BodyRefused(Exception):
    """A body that isn't taken: the status of the answer, and why, for the log."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


def _too_large() -> BodyRefused:
    return BodyRefused(413, "delivery that is too large refused")


@dataclass(eq=False, slots=True)
class _Held:
    """What is there of one body."""

    limit: asyncio.Timeout
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0


class BodyReader:
    """Reads the bodies of all requests of one server."""

    def __init__(self, *, most_held: int = MOST_HELD, within: float = BODY_WITHIN) -> None:
        self._most_held = most_held
        self._within = within
        self._held: dict[_Held, None] = {}  # in the order in which they began
        self._total = 0

    async def read(self, request: Request) -> bytes:
        """The whole body. Raises BodyRefused: too large, not there in time, given way to others, or broken off."""
        size = request.headers.get("content-length", "")
        if size.isdigit() and (len(size) > 10 or int(size) > MAX_BODY):
            raise _too_large()
        try:
            async with asyncio.timeout(self._within) as limit:
                return await self._read(request, _Held(limit))
        except TimeoutError:
            raise BodyRefused(408, "delivery that took too long refused") from None
        except ClientDisconnect:
            raise BodyRefused(400, "delivery that broke off refused") from None

    async def _read(self, request: Request, held: _Held) -> bytes:
        self._held[held] = None
        try:
            async for chunk in request.stream():
                held.size += len(chunk)
                self._total += len(chunk)
                held.chunks.append(chunk)
                if held.size > MAX_BODY:
                    raise _too_large()
                if self._total > self._most_held:
                    self._make_room()
            return b"".join(held.chunks)
        finally:
            del self._held[held]
            self._total -= held.size

    async def drop(self, request: Request) -> None:
        """Read what is still on its way of a refused request, and keep none of it, so that the answer arrives."""
        size = request.headers.get("content-length", "0")
        if not size.isdigit() or len(size) > 10 or int(size) > MOST_DROPPED:
            return  # its sender would still be sending when it is cut off
        dropped = 0
        # RuntimeError: what was too large was its last piece, and nothing is on its way any more.
        with contextlib.suppress(TimeoutError, ClientDisconnect, RuntimeError):
            async with asyncio.timeout(DROPPED_WITHIN):
                async for chunk in request.stream():
                    dropped += len(chunk)
                    if dropped > MOST_DROPPED:
                        return

    def _make_room(self) -> None:
        """End the reading of as many of the oldest as have to give way; their handlers run when this one waits."""
        surplus = self._total - self._most_held
        now = asyncio.get_running_loop().time()
        for held in self._held:
            if surplus <= 0:
                return
            surplus -= held.size
            if not held.limit.expired():
                held.limit.reschedule(now)
