"""Taking something to the bot, within three seconds, and writing down how it went.

How it travels is the carrier's matter: HTTP or Socket Mode. Source: https://docs.slack.dev/apis/events-api#responding
and https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
"""

from __future__ import annotations

import asyncio
import copy
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bot.playground.slack.ledger import KEPT
from bot.playground.slack.state import SlackState

#: Seconds that the bot has to acknowledge.
ACK_LIMIT = 3.0

#: How Slack reaches the bot.
Mode = Literal["http", "socket"]
Kind = Literal[
    "slash_command", "block_actions", "view_submission", "view_closed", "shortcut", "message_action", "event"
]


class NotAcknowledged(Exception):
    """The bot couldn't be reached, or answered with what is no acknowledgement. `code` is Slack's word for it."""

    def __init__(self, code: str, what: str, *, status: int | None = None) -> None:
        super().__init__(code, what)
        self.code = code
        self.what = what
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The bot's acknowledgement: its body (None, a text, or JSON) and, over HTTP, its status."""

    body: Any = None
    status: int | None = None


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One try to take a delivery to the bot."""

    at: str
    retry: int
    ack_ms: int = 0
    status: int | None = None
    problem: str | None = None


@dataclass(slots=True, kw_only=True)
class Delivery:
    """Something that somebody did, on its way to the bot. It can be taken there again, unchanged."""

    id: str
    kind: Kind
    user_id: str
    payload: dict[str, Any]
    attempts: list[Attempt] = field(default_factory=list)


class Carrier(Protocol):
    """A way to the bot."""

    def connected(self) -> bool:
        """Whether the bot can be reached, as far as that is known."""
        ...

    async def carry(self, delivery: Delivery, *, retry: int) -> Ack:
        """Take it to the bot and wait for the answer. Raises NotAcknowledged; may be cancelled when time is up."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: with an acknowledgement in `ack`, or with a `problem`, Slack's word for what went wrong."""

    ack: Ack | None
    ack_ms: int
    problem: str | None = None


class Deliveries:
    """Everything that was taken to the bot."""

    def __init__(self, *, state: SlackState, carrier: Carrier, ack_limit: float = ACK_LIMIT) -> None:
        self._state = state
        self._carrier = carrier
        self._ack_limit = ack_limit
        self._made: deque[Delivery] = deque(maxlen=KEPT)

    def connected(self) -> bool:
        """Whether the bot can be reached, as far as that is known."""
        return self._carrier.connected()

    def find(self, delivery_id: str) -> Delivery | None:
        """An earlier delivery, or None."""
        return next((delivery for delivery in self._made if delivery.id == delivery_id), None)

    def new(self, kind: Kind, *, user_id: str, payload: dict[str, Any]) -> Delivery:
        """Something to take to the bot: the payload as it is now, whatever happens to the message or view later."""
        delivery = Delivery(id=f"Dv{secrets.token_hex(6)}", kind=kind, user_id=user_id, payload=copy.deepcopy(payload))
        self._made.append(delivery)
        return delivery

    async def make(self, delivery: Delivery) -> Outcome:
        """Take it to the bot, for the first time or again. A late or missing acknowledgement is a violation."""
        retry = len(delivery.attempts)
        attempt = Attempt(at=self._state.clock.stamp(), retry=retry)
        delivery.attempts.append(attempt)
        started = time.perf_counter()
        ack: Ack | None = None
        try:
            async with asyncio.timeout(self._ack_limit):
                ack = await self._carrier.carry(delivery, retry=retry)
            attempt.status = ack.status
            self._state.bot_seen = True
        except TimeoutError:
            attempt.problem = "operation_timeout"
            what = f"no acknowledgement within {self._ack_limit:g} seconds"
            self._state.ledger.violation("ack_too_late", what, call=f"{delivery.kind} {delivery.id}")
        except NotAcknowledged as failed:
            attempt.problem, attempt.status = failed.code, failed.status
            if failed.code == "dispatch_failed":
                self._state.bot_seen = False
            self._state.ledger.violation(failed.code, failed.what, call=f"{delivery.kind} {delivery.id}")
        attempt.ack_ms = int((time.perf_counter() - started) * 1000)
        self._state.changes.bump()
        return Outcome(ack=ack, ack_ms=attempt.ack_ms, problem=attempt.problem)

    def report(self) -> list[dict[str, Any]]:
        """Deliveries and their attempts, for the page API; no tokens."""
        return [
            {
                "id": delivery.id,
                "kind": delivery.kind,
                "user": delivery.user_id,
                "payload": _without_tokens(delivery.payload),
                "attempts": [
                    {
                        "at": attempt.at,
                        "retry": attempt.retry,
                        "ack_ms": attempt.ack_ms,
                        "status": attempt.status,
                        "problem": attempt.problem,
                    }
                    for attempt in delivery.attempts
                ],
            }
            for delivery in self._made
        ]


#: What a payload has that is a secret, or proves something: at its top, in an event, and in a step's inputs.
_SECRETS = frozenset({"token", "bot_access_token", "secret"})


def _without_tokens(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _without_tokens(inner) for key, inner in value.items() if key not in _SECRETS}
    return [_without_tokens(inner) for inner in value] if isinstance(value, list) else value
