"""The Socket Mode connection against a server that fails in every way that a handshake, a greeting and a ping can."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.slack.socket_mode import Pace, SocketMode

QUICK = Pace(attempt=0.4, longest_pause=0.05, ping=0.3, last_answers=2, shortest=0)
HELLO = json.dumps({"type": "hello", "num_connections": 1})
Ticket = str

#: What the server does with one connection, from the handshake on.
Scene = Callable[["Slack", web.Request], Awaitable[web.StreamResponse]]


async def _upgrade(request: web.Request, *, answers_pings: bool = True) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(autoping=answers_pings)
    await socket.prepare(request)
    return socket


async def well(slack: Slack, request: web.Request) -> web.StreamResponse:
    socket = await _upgrade(request)
    await socket.send_str(HELLO)
    slack.greeted(socket)
    async for message in socket:
        slack.acknowledged.append(json.loads(message.data))
        slack.changes.set()
    slack.sockets.remove(socket)
    slack.changes.set()
    return socket


async def refused(_slack: Slack, _request: web.Request) -> web.StreamResponse:
    return web.Response(status=500)


async def busy(_slack: Slack, _request: web.Request) -> web.StreamResponse:
    return web.Response(status=503, text="<html>")


async def never_answered(slack: Slack, _request: web.Request) -> web.StreamResponse:
    await slack.over.wait()
    return web.Response(status=500)


async def cut(_slack: Slack, request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def never_greeted(slack: Slack, request: web.Request) -> web.StreamResponse:
    socket = await _upgrade(request)
    await slack.over.wait()
    return socket


async def closed_at_once(_slack: Slack, request: web.Request) -> web.StreamResponse:
    socket = await _upgrade(request)
    await socket.close(code=4001)
    return socket


async def one_too_many(_slack: Slack, request: web.Request) -> web.StreamResponse:
    socket = await _upgrade(request)
    await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
    await socket.receive()
    return socket


async def nonsense(slack: Slack, request: web.Request) -> web.StreamResponse:
    socket = await _upgrade(request)
    for text in ("", "[", "[" * 100_000, "[1]", "null", '{"type": 7}', '{"envelope_id": 1, "payload": {}}'):
        await socket.send_str(text)
    await socket.send_bytes(b"\xff")
    await slack.over.wait()
    return socket


async def deaf_to_pings(slack: Slack, request: web.Request) -> web.StreamResponse:
    socket = await _upgrade(request, answers_pings=False)
    await socket.send_str(HELLO)
    await slack.over.wait()
    return socket


@dataclass
class Slack:
    """Apps.connections.open and the connections; `scenes` are played one after another, then all is well."""

    scenes: list[Scene] = field(default_factory=list)
    openings: list[web.Response] = field(default_factory=list)
    base: str = ""
    handed_out: list[Ticket] = field(default_factory=list)
    used: list[Ticket] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    most_at_once: int = 0
    acknowledged: list[dict[str, object]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    changes: asyncio.Event = field(default_factory=asyncio.Event)

    def greeted(self, socket: web.WebSocketResponse) -> None:
        self.sockets.append(socket)
        self.most_at_once = max(self.most_at_once, len(self.sockets))
        self.changes.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not holds():
                await asyncio.wait_for(self.changes.wait(), 30)
                self.changes.clear()

    async def opens(self, _request: web.Request) -> web.StreamResponse:
        if self.openings:
            return self.openings.pop(0)
        ticket = str(len(self.handed_out))
        self.handed_out.append(ticket)
        return web.json_response({"ok": True, "url": f"{self.base.replace('http', 'ws')}/link?ticket={ticket}"})

    async def link(self, request: web.Request) -> web.StreamResponse:
        self.used.append(request.query["ticket"])
        self.changes.set()
        scene = self.scenes.pop(0) if self.scenes else well
        return await scene(self, request)

    async def deliver(self, envelope_id: str, text: str = "") -> None:
        payload = {"command": "/marker", "text": text, "team_id": "T1", "user_id": "U1", "channel_id": "C1"}
        envelope = {"envelope_id": envelope_id, "type": "slash_commands", "payload": payload}
        await self.sockets[-1].send_json(envelope)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    slack = Slack()
    app = web.Application()
    app.router.add_post("/api/apps.connections.open", slack.opens)
    app.router.add_get("/link", slack.link)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    slack.base = f"http://{host}:{port}"
    try:
        yield slack
    finally:
        slack.over.set()
        await runner.cleanup()


@dataclass
class Taker:
    """Stands where bolt stands."""

    texts: list[str] = field(default_factory=list)
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event | None = None

    async def async_dispatch(self, request: AsyncBoltRequest) -> BoltResponse:
        text = request.body["text"]
        self.texts.append(text)
        self.taken.set()
        if self.goes_on is not None:
            await self.goes_on.wait()
        if text == "stumble":
            raise KeyError(text)
        return BoltResponse(status=404 if text == "unknown" else 200, body={"text": text} if text else "")


@asynccontextmanager
async def held(slack: Slack, taker: Taker, pace: Pace = QUICK) -> AsyncIterator[SocketMode]:
    client = AsyncWebClient(token="t" * 9, base_url=f"{slack.base}/api/", retry_handlers=[])
    mode, stop = SocketMode(taker, client, "a" * 9, pace=pace), asyncio.Event()  # type: ignore[arg-type]
    running = asyncio.create_task(mode.run(stop))
    try:
        yield mode
    finally:
        stop.set()
        await asyncio.wait_for(running, 10)


async def it_hears(slack: Slack, taker: Taker) -> None:
    """A delivery arrives, and is acknowledged on the connection on which it came."""
    taker.texts.clear()
    slack.acknowledged.clear()
    await slack.until(lambda: bool(slack.sockets))
    await slack.deliver("e1", "evil.example")
    await slack.until(lambda: bool(slack.acknowledged))
    assert taker.texts[-1] == "evil.example"
    assert slack.acknowledged == [{"envelope_id": "e1", "payload": {"text": "evil.example"}}]


BAD: tuple[Scene, ...] = (refused, busy, never_answered, cut, never_greeted, closed_at_once, one_too_many, nonsense)


@pytest.mark.parametrize("scene", [*BAD, deaf_to_pings])
async def test_it_is_connected_again_whatever_failed(slack: Slack, scene: Scene) -> None:
    slack.scenes = [scene, scene, scene]
    taker = Taker()
    async with held(slack, taker) as mode:
        await it_hears(slack, taker)
        assert mode.is_connected
        assert mode.deaf_for == 0
    # aiohttp itself asks a second time where a connection broke without an answer; each of our tries has its own.
    tries = list(dict.fromkeys(slack.used))
    assert tries == slack.handed_out[: len(tries)]
    assert len(tries) == (2 if scene is cut else 4)


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=500),
        web.Response(status=429, headers={"Retry-After": "1"}),
        web.json_response({"ok": False, "error": "invalid_auth"}),
        web.json_response({"ok": True}),
        web.json_response({"ok": True, "url": 7}),
        web.json_response({"ok": True, "url": "ws://192.0.2.7/link?ticket=9"}),
        web.json_response({"ok": True, "url": "http:////"}),
        web.Response(text="<html>sign in</html>"),
    ],
    ids=["500", "429", "refused", "no address", "no text", "not encrypted", "no URL", "a page"],
)
async def test_an_address_that_cant_be_had_is_asked_for_again(slack: Slack, answer: web.Response) -> None:
    slack.openings = [answer]
    taker = Taker()
    async with held(slack, taker):
        await it_hears(slack, taker)


async def test_as_long_as_slack_asks_for_no_address_is_asked_for(slack: Slack) -> None:
    slack.openings = [web.Response(status=429, headers={"Retry-After": "0.5"})]
    began = asyncio.get_running_loop().time()
    async with held(slack, Taker()):
        await slack.until(lambda: bool(slack.used))
    assert asyncio.get_running_loop().time() - began >= 0.5


async def test_until_it_was_connected_once_it_is_deaf_too(slack: Slack) -> None:
    client = AsyncWebClient(token="t" * 9, base_url=f"{slack.base}/api/", retry_handlers=[])
    mode = SocketMode(Taker(), client, "a" * 9)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert not mode.is_connected
    assert mode.deaf_for > 0


@pytest.mark.parametrize("scene", BAD)
async def test_after_a_refresh_the_old_one_hears_until_the_new_one_was_greeted(slack: Slack, scene: Scene) -> None:
    taker = Taker()
    async with held(slack, taker) as mode:
        await slack.until(lambda: bool(slack.sockets))
        [old] = slack.sockets
        slack.scenes = [scene, scene]
        await old.send_json({"type": "disconnect", "reason": "warning"})
        await slack.until(lambda: len(slack.used) == 2)
        assert mode.is_connected
        await it_hears(slack, taker)
        await slack.until(lambda: slack.most_at_once == 2 and old not in slack.sockets)
        assert mode.is_connected
        await it_hears(slack, taker)


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled", "warning", "", "a new one"])
async def test_a_connection_that_slack_ends_is_replaced(slack: Slack, reason: str) -> None:
    taker = Taker()
    async with held(slack, taker):
        await slack.until(lambda: bool(slack.sockets))
        [old] = slack.sockets
        slack.scenes = [refused, never_answered]
        await old.send_json({"type": "disconnect", "reason": reason})
        await old.close()
        await slack.until(lambda: bool(slack.sockets) and slack.sockets != [old])
        await it_hears(slack, taker)


async def test_what_is_under_way_is_answered_on_the_connection_on_which_it_came(slack: Slack) -> None:
    taker = Taker(goes_on=asyncio.Event())
    async with held(slack, taker):
        await slack.until(lambda: bool(slack.sockets))
        [old] = slack.sockets
        await slack.deliver("slow", "evil.example")
        await old.send_json({"type": "disconnect", "reason": "warning"})
        await slack.until(lambda: slack.most_at_once == 2)
        assert taker.goes_on is not None
        taker.goes_on.set()
        await slack.until(lambda: bool(slack.acknowledged) and len(slack.sockets) == 1)
        assert slack.acknowledged[0]["envelope_id"] == "slow"


async def test_what_was_taken_is_answered_before_it_ends(slack: Slack) -> None:
    taker = Taker(goes_on=asyncio.Event())
    assert taker.goes_on is not None
    async with held(slack, taker):
        await slack.until(lambda: bool(slack.sockets))
        await slack.deliver("last", "evil.example")
        await asyncio.wait_for(taker.taken.wait(), 30)
        asyncio.get_running_loop().call_later(0.1, taker.goes_on.set)
    assert [told["envelope_id"] for told in slack.acknowledged] == ["last"]


async def test_it_is_deaf_while_nothing_can_come(slack: Slack) -> None:
    slack.scenes = [well, *[refused] * 5]
    taker = Taker()
    async with held(slack, taker) as mode:
        await slack.until(lambda: bool(slack.sockets))
        [old] = slack.sockets
        await old.close()
        await slack.until(lambda: not slack.sockets and len(slack.used) > 2)
        assert not mode.is_connected
        assert mode.deaf_for > 0
        await slack.until(lambda: bool(slack.sockets) and slack.sockets != [old])
        await it_hears(slack, taker)
        assert mode.deaf_for == 0


@pytest.mark.parametrize("text", ["stumble", "unknown"])
async def test_what_nobody_could_take_is_not_acknowledged(slack: Slack, text: str) -> None:
    taker = Taker()
    async with held(slack, taker):
        await slack.until(lambda: bool(slack.sockets))
        await slack.deliver("e0", text)
        await it_hears(slack, taker)


async def test_an_answer_without_words_has_no_payload(slack: Slack) -> None:
    async with held(slack, Taker()):
        await slack.until(lambda: bool(slack.sockets))
        await slack.deliver("e2", "")
        await slack.until(lambda: bool(slack.acknowledged))
    assert slack.acknowledged == [{"envelope_id": "e2"}]


async def test_no_ticket_stands_in_the_log(slack: Slack) -> None:
    slack.scenes = [*BAD]
    taker = Taker()
    with capture_logs() as logged:
        async with held(slack, taker):
            await it_hears(slack, taker)
    assert logged
    assert "ticket" not in str(logged)
