"""Deliveries over Socket Mode: WebSocket connections that the bot opens.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.slack.delivery import Ack, Delivery, NotAcknowledged
from bot.playground.slack.state import SlackState

CONNECTIONS = 10
#: Seconds for which the address from apps.connections.open can be used.
TICKET_LIFETIME = 30.0

#: Seconds for which a connection that doesn't come about is left open.
_PATIENCE = 60.0
#: What Slack calls an envelope, by what is in it.
_ENVELOPES = {"slash_command": "slash_commands", "event": "events_api"}

Reason = Literal["warning", "refresh_requested", "link_disabled"]


@dataclass(eq=False, slots=True, kw_only=True)
class Connection:
    """One WebSocket that the bot has opened, and the envelopes that wait for its acknowledgement."""

    socket: WebSocket
    waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    #: Envelopes whose time is up or that were acknowledged: a word about them now is late or one too many.
    finished: set[str] = field(default_factory=set)


class SocketCarrier:
    """Takes each delivery to any one of the bot's connections."""

    def __init__(self, *, state: SlackState) -> None:
        self._state = state
        self._connections: list[Connection] = []

    def connected(self) -> bool:
        """Whether the bot has a connection open."""
        return bool(self._connections)

    @property
    def connections(self) -> int:
        """How many connections the bot has open."""
        return len(self._connections)

    def routes(self) -> list[WebSocketRoute]:
        """Where the address from apps.connections.open leads."""
        return [WebSocketRoute("/slack/socket", self._endpoint)]

    async def carry(self, delivery: Delivery, *, retry: int) -> Ack:
        """Send it in an envelope and wait for the acknowledgement."""
        if not self._connections:
            raise NotAcknowledged("dispatch_failed", "the app has no Socket Mode connection")
        connection = random.choice(self._connections)  # noqa: S311 - which one it is must not be foreseen, no more
        envelope_id = str(uuid.uuid4())
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": _ENVELOPES.get(delivery.kind, "interactive"),
            "payload": delivery.payload,
            "accepts_response_payload": delivery.kind in {"slash_command", "view_submission"},
        }
        if retry:
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout"}
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = answer
        try:
            await connection.socket.send_json(envelope)
            return Ack(body=await answer)
        except (WebSocketDisconnect, RuntimeError) as failed:
            raise NotAcknowledged("dispatch_failed", "the connection was closed") from failed
        finally:
            connection.waiting.pop(envelope_id, None)
            connection.finished.add(envelope_id)

    async def disconnect(self, reason: Reason) -> int:
        """Tell every connection that it ends, and end it unless it is only the warning. How many there were."""
        told = list(self._connections)
        for connection in told:
            with suppress(WebSocketDisconnect, RuntimeError):
                await connection.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": _DEBUG})
            if reason != "warning":
                await self._end(connection)
        return len(told)

    async def close(self) -> None:
        """The server stops."""
        for connection in list(self._connections):
            await self._end(connection)

    async def _endpoint(self, socket: WebSocket) -> None:
        state = self._state
        issued = state.socket_tickets.pop(socket.query_params.get("ticket", ""), None)
        if issued is None or state.clock.now() - issued > TICKET_LIFETIME:
            what = "the address was used before, is too old, or was never handed out"
            state.ledger.violation("socket_ticket", what, call="socket")
            await socket.close(code=4001)
            return
        fault = state.faults.next("socket")
        if fault is not None:
            await self._fail(socket, fault.error)
            return
        await socket.accept()
        if len(self._connections) >= CONNECTIONS:
            state.ledger.violation("too_many_websockets", f"more than {CONNECTIONS} connections", call="socket")
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": _DEBUG})
            await socket.close()
            return
        connection = Connection(socket=socket)
        self._connections.append(connection)
        state.changes.bump()
        try:
            await socket.send_json(
                {
                    "type": "hello",
                    "num_connections": len(self._connections),
                    "debug_info": {**_DEBUG, "approximate_connection_time": 18060},
                    "connection_info": {"app_id": state.workspace.bot.app_id},
                }
            )
            while True:
                self._received(connection, await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._forget(connection)

    async def _fail(self, socket: WebSocket, error: str) -> None:
        """One connection that doesn't come about. The bot has given up before this ends."""
        if error == "no_hello":
            await socket.accept()
        if error in {"no_hello", "unanswered"}:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    while (await socket.receive())["type"] != "websocket.disconnect":
                        pass
        with suppress(RuntimeError):
            await socket.close()

    def _received(self, connection: Connection, text: str) -> None:
        violation = self._state.ledger.violation
        try:
            sent = json.loads(text)
        except ValueError:
            # Some SDKs keep a connection alive with a text of their own.
            if text not in {"ping", "pong"}:
                violation("socket_message", "a message that is not JSON", call="socket")
            return
        envelope_id = sent.get("envelope_id") if isinstance(sent, dict) else None
        if not isinstance(envelope_id, str) or not sent.keys() <= {"envelope_id", "payload"}:
            violation("socket_message", "a message that is no acknowledgement of an envelope", call="socket")
            return
        answer = connection.waiting.get(envelope_id)
        if answer is not None and not answer.done():
            answer.set_result(sent.get("payload"))
        elif answer is not None or envelope_id in connection.finished:
            violation("socket_ack", f"envelope {envelope_id} was acknowledged twice, or too late", call="socket")
        else:
            violation("socket_ack", f"envelope {envelope_id} was never sent on this connection", call="socket")

    async def _end(self, connection: Connection) -> None:
        self._forget(connection)
        # The bot may have hung up in the same moment.
        with suppress(WebSocketDisconnect, RuntimeError):
            await connection.socket.close()

    def _forget(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._state.changes.bump()
        for answer in connection.waiting.values():
            if not answer.done():
                answer.set_exception(WebSocketDisconnect(code=1001))


_DEBUG = {"host": "playground", "build_number": 1}
