"""The stand-ins in a process of their own, so that what a bench's own process holds is the bot's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from tests.bench.apart import apart
from tests.bench.bulk import stand_in


class StandInsApart:
    """Both stand-ins, elsewhere."""

    def __init__(self, way: Connection) -> None:
        self._way = way
        self.environment: dict[str, str] = way.recv()

    def writes(self) -> Counter[str]:
        """How often each cmdlet that changes the tenant was called."""
        self._way.send(None)
        found: Counter[str] = self._way.recv()
        return found


@contextmanager
def stand_ins_apart() -> Iterator[StandInsApart]:
    """Started, and ended at the end."""
    with apart(_serve) as way:
        yield StandInsApart(way)


def _serve(way: Connection) -> None:
    with stand_in() as (tenant, playground):
        way.send(dict(playground.environment()))
        while True:
            try:
                way.recv()
            except EOFError:
                return
            named = (str(call["cmdlet"]) for call in tenant.calls())
            way.send(Counter(name for name in named if not name.startswith("Get-")))
