"""Faults on demand: Slack as it is on a bad day."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Fault:
    """What goes wrong with the next calls of a method.

    `error` is one of Slack's error codes, `ratelimited` (429 with `Retry-After`), `http_<status>`, `drop_before` (the
    connection breaks before anything happened), `drop_after` (it happened, and the answer is lost), `silent` (the
    call is accepted and never answered), `silent_after` (it happened, and is never answered), `slow` (it happens at
    once, and is answered after `seconds`) or `late` (it happens after `seconds`, whether or not somebody still waits
    for the answer).

    A Socket Mode connection is opened by the method `socket`: it can be refused by any error, left `unanswered`, or
    answered and never greeted (`no_hello`).
    """

    error: str
    times: int = 1
    retry_after: int = 1
    #: Only calls that name this channel, or person, get it.
    channel: str | None = None
    seconds: float = 0


#: With these the call takes effect.
TAKES_EFFECT = frozenset({"drop_after", "silent_after", "slow", "late"})


class Faults:
    """What is still to go wrong, by method."""

    def __init__(self) -> None:
        self._pending: dict[str, deque[Fault]] = {}

    def add(self, method: str, fault: Fault) -> None:
        """Let this go wrong with the next calls of `method`, after what was added before."""
        self._pending.setdefault(method, deque()).append(fault)

    def next(self, method: str, channel: str | None = None) -> Fault | None:
        """What goes wrong with this call, counted off; None if nothing does."""
        pending = self._pending.get(method, deque())
        fault = next((fault for fault in pending if fault.channel in {None, channel}), None)
        if fault is None:
            return None
        fault.times -= 1
        if fault.times <= 0:
            pending.remove(fault)
        return fault

    def are_left(self, method: str) -> bool:
        """Whether something is still to go wrong with this method."""
        return bool(self._pending.get(method))

    def clear(self) -> None:
        """Everything works again."""
        self._pending.clear()
