"""How a delivery ended, noted by whoever tells its person of an error, and read by whoever counts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class DeliveryOutcome(StrEnum):
    """What a delivery came to."""

    DONE = "done"
    REFUSED = "refused"  #: what its person typed can't be used, or they may not do that
    FAILED = "failed"  #: its person was told of an error, with a reference
    NOT_ACKNOWLEDGED = "not_acknowledged"  #: Slack itself tells its person that it did not arrive


@dataclass(slots=True)
class Noted:
    """The outcome, as far as it is known."""

    outcome: DeliveryOutcome = DeliveryOutcome.DONE


_CURRENT: ContextVar[Noted | None] = ContextVar("delivery outcome", default=None)


def note_outcome(outcome: DeliveryOutcome) -> None:
    """Note what the delivery comes to that the running task answers, if it does answer one."""
    noted = _CURRENT.get()
    if noted is not None:
        noted.outcome = outcome


@contextmanager
def noting_outcome() -> Iterator[Noted]:
    """Around all that answers a delivery: what was noted of it."""
    noted = Noted()
    token = _CURRENT.set(noted)
    try:
        yield noted
    finally:
        _CURRENT.reset(token)
