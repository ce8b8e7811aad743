"""The Socket Mode connection: held open, replaced before it ends, and never silently lost.

Slack refreshes each connection every few hours, and says so some seconds before. Every try asks for an address of its
own, since one lives for seconds; every step of a try has a deadline; and the connection that is there goes on taking
deliveries until the new one was greeted.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError, SlackUnavailable
from bot.slack.client import open_socket
from bot.slack.socket_envelopes import Envelope, acknowledgement, read_message
from bot.tls import is_loopback_url

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long things may take, in seconds."""

    #: From asking for an address to Slack's greeting on the connection.
    attempt: float = 15.0
    #: A connection that ends sooner counts as a try that failed, so that nobody is asked without a pause.
    shortest: float = 5.0
    #: The longest pause between two tries that failed; the first is a second, and each is cut by up to half at random.
    longest_pause: float = 15.0
    #: Where Slack itself asks for a pause (`Retry-After`), it is kept for so long at most.
    longest_asked: float = 30.0
    #: Between two pings. A ping that isn't answered within half of it ends the connection.
    ping: float = 10.0
    #: For deliveries under way, when their connection is to be closed.
    last_answers: float = 5.0


class SocketMode:
    """Slack's deliveries over WebSockets, for `app`. It is made where an event loop runs."""

    def __init__(self, app: AsyncApp, client: AsyncWebClient, app_token: str, *, pace: Pace | None = None) -> None:
        self._app = app
        self._client = client
        self._app_token = app_token
        self._pace = pace or Pace()
        self._open: set[_Connection] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._deaf_since: float | None = asyncio.get_running_loop().time()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection on which Slack has greeted, and which is open."""
        return any(not connection.is_over for connection in self._open)

    @property
    def deaf_for(self) -> float:
        """For how many seconds no delivery could have come, from the beginning on; 0 while connected."""
        if self.is_connected or self._deaf_since is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._deaf_since

    async def run(self, stop: asyncio.Event) -> None:
        """Be connected until told to stop. No failure of Slack's ends it."""
        stopped = asyncio.create_task(stop.wait())
        # The same trust in the environment's proxies as the client's: none can reach this machine's own addresses.
        session = aiohttp.ClientSession(trust_env=self._client.trust_env_in_session)
        try:
            await self._keep_connected(session, stopped)
        finally:
            stopped.cancel()
            await asyncio.gather(*(connection.close() for connection in self._open), *self._retiring)
            await session.close()

    async def _keep_connected(self, session: aiohttp.ClientSession, stopped: asyncio.Task[bool]) -> None:
        failures, loop = 0, asyncio.get_running_loop()
        while not stopped.done():
            opening = asyncio.create_task(self._connect(session))
            try:
                await _first_of(opening, stopped)
                if not opening.done():
                    return
                connection = opening.result()
            except SlackError as error:
                failures += 1
                _log.warning("Socket Mode could not be connected", error=str(error), tries=failures)
                asked = error.retry_after if isinstance(error, SlackUnavailable) else None
                await self._pause(failures, stopped, asked=asked or 0.0)
                continue
            finally:
                opening.cancel()
            self._replace_with(connection)
            since = loop.time()
            await _first_of(connection.to_be_replaced, stopped)
            if loop.time() - since < self._pace.shortest:
                failures += 1
                await self._pause(failures, stopped)
            else:
                failures = 0

    async def _pause(self, failures: int, stopped: asyncio.Task[bool], *, asked: float = 0.0) -> None:
        """Longer each time, and by chance: many bots that lost Slack in the same moment don't come back in one.

        Slack gives few addresses a minute; who asks sooner than it says is refused again, and waits longer.
        """
        longest = min(2.0 ** min(failures - 1, 10), self._pace.longest_pause)
        pause = longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        await asyncio.wait({stopped}, timeout=max(pause, min(asked, self._pace.longest_asked)))

    def _replace_with(self, connection: _Connection) -> None:
        for older in self._open:
            closing = asyncio.create_task(older.close())
            self._retiring.add(closing)
            closing.add_done_callback(self._retiring.discard)
        self._open = {connection}
        self._deaf_since = None
        connection.reading.add_done_callback(lambda _: self._was_lost())

    def _was_lost(self) -> None:
        if not self.is_connected and self._deaf_since is None:
            self._deaf_since = asyncio.get_running_loop().time()

    async def _connect(self, session: aiohttp.ClientSession) -> _Connection:
        """A connection on which Slack has greeted. Raises SlackError."""
        socket: aiohttp.ClientWebSocketResponse | None = None
        try:
            async with asyncio.timeout(self._pace.attempt):
                url = await open_socket(self._client, self._app_token)
                if not url.startswith("wss:") and not is_loopback_url(url):
                    raise SlackError("Slack gave an address for Socket Mode that isn't encrypted: nothing goes there.")
                tls = self._client.ssl if url.startswith("wss:") and self._client.ssl is not None else True
                socket = await session.ws_connect(url, heartbeat=self._pace.ping, ssl=tls)
                connection = _Connection(socket, self._app, self._pace)
                await connection.be_greeted()
                return connection
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            await _abandon(socket)
            # The address carries a ticket: it stays out of the text.
            told = f"Slack's Socket Mode could not be reached ({type(error).__name__})."
            raise SlackUnavailable(told) from None
        except BaseException:
            await _abandon(socket)
            raise


class _Connection:
    """One WebSocket, from its greeting to its end."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, app: AsyncApp, pace: Pace) -> None:
        self._socket = socket
        self._app = app
        self._pace = pace
        self._under_way: set[asyncio.Task[None]] = set()
        #: Done when it ends, or when Slack says that it is about to.
        self.to_be_replaced: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.reading: asyncio.Future[None] = self.to_be_replaced  # until it was greeted

    @property
    def is_over(self) -> bool:
        return self._socket.closed or self.reading.done()

    async def be_greeted(self) -> None:
        """Wait for Slack's hello, and take deliveries from then on. Raises SlackUnavailable when it says otherwise."""
        while True:
            message = await self._socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise SlackUnavailable(f"Slack closed the Socket Mode connection (code {self._socket.close_code}).")
            kind = self._take(message.data)
            if kind == "hello":
                break
            if kind == "disconnect":
                raise SlackUnavailable("Slack ended the Socket Mode connection at once.")
        self.reading = asyncio.create_task(self._read())
        self.reading.add_done_callback(lambda _: self._asks_for_another())

    async def close(self) -> None:
        """Let what is under way be answered, and hang up."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._pace.last_answers)
        await _abandon(self._socket)
        await asyncio.wait({self.reading}, timeout=self._pace.last_answers)

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
        except (aiohttp.ClientError, OSError) as error:
            _log.info("Socket Mode connection broken", kind=type(error).__name__)
        finally:
            _log.info("Socket Mode connection ended", code=self._socket.close_code)

    def _take(self, text: str) -> str:
        """What kind of message it was."""
        message = read_message(text)
        if isinstance(message, Envelope):
            task = asyncio.create_task(self._deliver(message))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            return "envelope"
        if message.kind == "disconnect":
            _log.info("Slack asks for another Socket Mode connection", reason=message.reason)
            self._asks_for_another()
        return message.kind

    def _asks_for_another(self) -> None:
        if not self.to_be_replaced.done():
            self.to_be_replaced.set_result(None)

    async def _deliver(self, envelope: Envelope) -> None:
        try:
            request = AsyncBoltRequest(mode="socket_mode", body=dict(envelope.payload), headers=dict(envelope.headers))
            answer: BoltResponse = await self._app.async_dispatch(request)
            told = acknowledgement(envelope.id, answer)
        except Exception as error:  # noqa: BLE001 — listeners answer for themselves: what comes here, bolt stumbled over
            _log.error("delivery that could not be taken", exc_info=error)
            return
        if told is not None:
            await self._acknowledge(told)

    async def _acknowledge(self, told: Mapping[str, Any]) -> None:
        try:
            await self._socket.send_json(told)
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            # What was asked for is on disk. Slack repeats most deliveries, and a repeated one is known.
            _log.warning("delivery taken, and its acknowledgement lost", kind=type(error).__name__)


async def _first_of(*futures: asyncio.Future[Any]) -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


async def _abandon(socket: aiohttp.ClientWebSocketResponse | None) -> None:
    if socket is not None:
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(2):
                await socket.close()
