"""Connections to the edge: how many there may be, and how long one may take to say what it wants.

Whoever can reach the port can open connections, and an open file is all that one costs them. So there is a most of
them; one that is still to send a request, or the rest of its body, makes room for a new one, the one that has owed it
longest first; and none owes a head for long (bodies have their own bound, in bodies.py).
What Slack delivers comes whole and at once.
"""

from __future__ import annotations

import asyncio
import resource

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

#: Seconds that the head of a request may take, from the connection or from the answer before it.
HEAD_WITHIN = 10.0

#: The longest head of a request that is read, in bytes. Slack's have about a thousand.
MOST_HEAD = 16 * 1024

#: So many connections are taken from the kernel at once, before the first of them can be turned away.
BACKLOG = 128

_MOST = 512


def most_connections() -> int:
    """How many connections are held: half of the files that this process may open, and never more than 512."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if files == resource.RLIM_INFINITY else max(1, min(_MOST, files // 2 - BACKLOG))


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 over h11, with a bound on connections and on the time until a request is there.

    To be given to `uvicorn.Config(http=…)`, with `h11_max_incomplete_event_size=MOST_HEAD` and `backlog=BACKLOG`.
    """

    #: Since when it owes a whole request, its body included, by the loop's clock; None while one is being answered.
    owes_since: float | None = None
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_to_owe()
        if len(self.connections) > most_connections():
            self._turn_one_away()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_sent_its_head()
        self.owes_since = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look_what_came()

    def on_response_complete(self) -> None:
        self._begin_to_owe()
        super().on_response_complete()
        self._look_what_came()  # the next request may lie there already

    def _look_what_came(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle  # None until there was a request, whatever its type says
        if cycle is None or cycle.response_complete:
            return
        self._has_sent_its_head()
        if not cycle.more_body:
            self.owes_since = None

    def _begin_to_owe(self) -> None:
        self._has_sent_its_head()
        self.owes_since = self.loop.time()
        self._deadline = self.loop.call_later(HEAD_WITHIN, self.transport.abort)

    def _has_sent_its_head(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _turn_one_away(self) -> None:
        owing = [
            (held.owes_since, held.transport)
            for held in self.connections
            if isinstance(held, BoundedProtocol) and held is not self and not held.transport.is_closing()
            if held.owes_since is not None
        ]
        _, longest = min(owing, key=lambda pair: pair[0], default=(0.0, self.transport))
        longest.abort()
