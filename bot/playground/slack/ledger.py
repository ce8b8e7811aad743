"""What the stand-in noticed: broken rules, hints, and the calls and deliveries that it saw."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.playground.slack.changes import Changes
from bot.playground.slack.clock import Clock

#: How much is remembered. A demo can run for days.
KEPT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule of Slack that the bot broke, or (as a hint) an advice that it didn't follow.

    `rule` is stable, for tests (`invalid_blocks`); `what` says what broke it; `call` names the Web API method or the
    delivery.
    """

    at: str
    rule: str
    what: str
    call: str


@dataclass(slots=True, kw_only=True)
class Call:
    """One Web API call, without its token."""

    at: str
    method: str
    params: dict[str, Any]
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 200


class Ledger:
    """Everything that was noticed, newest last."""

    def __init__(self, *, clock: Clock, changes: Changes) -> None:
        self._clock = clock
        self._changes = changes
        self.violations: deque[Finding] = deque(maxlen=KEPT)
        self.hints: deque[Finding] = deque(maxlen=KEPT)
        self.calls: deque[Call] = deque(maxlen=KEPT)

    def violation(self, rule: str, what: str, *, call: str) -> None:
        """The bot broke a rule of Slack."""
        self.violations.append(Finding(at=self._clock.stamp(), rule=rule, what=what, call=call))
        self._changes.bump()

    def hint(self, rule: str, what: str, *, call: str) -> None:
        """The bot did what Slack accepts but advises against."""
        self.hints.append(Finding(at=self._clock.stamp(), rule=rule, what=what, call=call))
        self._changes.bump()

    def call(self, method: str, params: dict[str, Any]) -> Call:
        """Note a call that has arrived; its answer is filled in later."""
        call = Call(at=self._clock.stamp(), method=method, params=params)
        self.calls.append(call)
        return call

    def clear(self) -> None:
        """Forget violations and hints. The calls stay."""
        self.violations.clear()
        self.hints.clear()
        self._changes.bump()

    def report(self) -> dict[str, Any]:
        """Violations and hints, for the page API."""
        return {
            "violations": [asdict(finding) for finding in self.violations],
            "hints": [asdict(finding) for finding in self.hints],
        }
