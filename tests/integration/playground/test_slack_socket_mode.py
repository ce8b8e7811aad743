"""Socket Mode: connections, envelopes and acknowledgements, with the SDK's own client and with a bare one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.integration.playground.slack_stage import APPROVALS, APPROVER, GENERAL, Stage, button, open_stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage(mode="socket") as stage:
        yield stage


def _web_client(stage: Stage) -> AsyncWebClient:
    settings = stage.playground.environment()
    return AsyncWebClient(token=settings["PORTCULLIS_SLACK_APP_TOKEN"], base_url=settings["PORTCULLIS_SLACK_API_URL"])


async def _until(stage: Stage, holds: Callable[[], bool]) -> None:
    """Wait for something that the stand-in tells about."""
    changes = stage.playground.slack.state.changes
    async with asyncio.timeout(10):
        while not holds():
            await changes.newer_than(changes.version, timeout=10)


@asynccontextmanager
async def _sdk_client(stage: Stage, seen: list[SocketModeRequest]) -> AsyncIterator[SocketModeClient]:
    client = SocketModeClient(app_token=stage.playground.workspace.credentials.app_token, web_client=_web_client(stage))

    async def take(source: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        seen.append(request)
        payload = {"text": "Taken."} if request.type == "slash_commands" else None
        await source.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=payload))

    client.socket_mode_request_listeners.append(take)
    await client.connect()
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def _bare(stage: Stage, url: str | None = None) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    if url is None:
        url = str((await _web_client(stage).apps_connections_open(app_token=_token(stage)))["url"])
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        yield socket


def _token(stage: Stage) -> str:
    return stage.playground.workspace.credentials.app_token


async def test_a_command_and_a_click_through_the_sdk(stage: Stage) -> None:
    seen: list[SocketModeRequest] = []
    async with _sdk_client(stage, seen):
        assert (await stage.command("/check evil.example"))["ok"]
        ts = await stage.card({"type": "actions", "block_id": "a1", "elements": [button(value="17")]})
        clicked = await stage.post(
            "/api/click", user=APPROVER, channel=APPROVALS, ts=ts, block_id="a1", action_id="approve"
        )
        assert clicked["ok"]
    assert [request.type for request in seen] == ["slash_commands", "interactive"]
    assert seen[0].payload["command"] == "/check"
    assert seen[0].accepts_response_payload
    assert seen[1].payload["actions"][0]["value"] == "17"
    [message] = await stage.messages(GENERAL)
    assert (message["text"], message["ephemeral"]) == ("Taken.", True)
    assert await stage.broken() == []


async def test_a_connection_says_hello(stage: Stage) -> None:
    async with _bare(stage) as socket:
        hello = await socket.receive_json()
        assert hello["type"] == "hello"
        assert hello["num_connections"] == 1
        assert hello["connection_info"] == {"app_id": "A0PORTCULL"}
        assert (await stage.get("/api/state"))["bot"]["connected"] is True
        await socket.ping(b"still there?")
    await _until(stage, lambda: not _connected(stage))
    assert (await stage.get("/api/state"))["bot"]["connected"] is False


def _connected(stage: Stage) -> bool:
    return stage.playground.slack.connections > 0


async def test_without_a_connection_nothing_arrives(stage: Stage) -> None:
    answer = await stage.command("/check evil.example")
    assert answer["problem"] == '/check failed with the error "dispatch_failed"'
    assert await stage.broken() == ["dispatch_failed"]


async def test_an_address_works_once_and_not_for_long(stage: Stage) -> None:
    client = _web_client(stage)
    url = str((await client.apps_connections_open(app_token=_token(stage)))["url"])
    async with _bare(stage, url) as socket:
        await socket.receive_json()
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with _bare(stage, url):
            pass
    late = str((await client.apps_connections_open(app_token=_token(stage)))["url"])
    stage.clock.advance(31)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with _bare(stage, late):
            pass
    assert await stage.broken() == ["socket_ticket", "socket_ticket"]


@pytest.mark.parametrize("header", [{"Host": "rebound.example"}, {"Origin": "http://evil.example"}])
async def test_other_sites_get_no_connection(stage: Stage, header: dict[str, str]) -> None:
    url = str((await _web_client(stage).apps_connections_open(app_token=_token(stage)))["url"])
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url, headers=header)
    async with _bare(stage, url) as socket:
        assert (await socket.receive_json())["type"] == "hello"


async def test_the_bots_token_opens_no_connection(stage: Stage) -> None:
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await stage.client.apps_connections_open(app_token=str(stage.client.token))


async def test_each_payload_goes_to_one_of_the_connections(stage: Stage) -> None:
    first: list[SocketModeRequest] = []
    second: list[SocketModeRequest] = []
    async with _sdk_client(stage, first), _sdk_client(stage, second):
        for _ in range(40):
            assert (await stage.command("/check evil.example"))["ok"]
    assert len(first) + len(second) == 40
    # Forty coins that fall on the same side: once in five hundred thousand million runs.
    assert first
    assert second


async def test_ten_connections_and_no_more(stage: Stage) -> None:
    async with asyncio.timeout(20):
        async with aiohttp.ClientSession() as session:
            sockets = []
            for _ in range(11):
                url = str((await _web_client(stage).apps_connections_open(app_token=_token(stage)))["url"])
                sockets.append(await session.ws_connect(url))
            greetings: list[dict[str, Any]] = [await socket.receive_json() for socket in sockets]
            for socket in sockets:
                await socket.close()
    assert [greeting["type"] for greeting in greetings] == ["hello"] * 10 + ["disconnect"]
    assert greetings[-1]["reason"] == "too_many_websockets"
    assert await stage.broken() == ["too_many_websockets"]


async def test_an_envelope_is_acknowledged_once_where_it_came(stage: Stage) -> None:
    async with _bare(stage) as socket:
        await socket.receive_json()
        asking = asyncio.create_task(stage.command("/check evil.example"))
        envelope = await socket.receive_json()
        for _ in range(2):
            await socket.send_json({"envelope_id": envelope["envelope_id"]})
        await socket.send_json({"envelope_id": "made up"})
        await socket.send_json({"hello": "Slack"})
        await socket.send_str("{")
        assert (await asking)["ok"]
        await _until(stage, lambda: len(stage.playground.slack.state.ledger.violations) == 4)
    assert await stage.broken() == ["socket_ack", "socket_ack", "socket_message", "socket_message"]


async def test_an_acknowledgement_that_comes_too_late() -> None:
    async with open_stage(mode="socket", ack_limit=0.05) as stage, _bare(stage) as socket:
        await socket.receive_json()
        answer = await stage.command("/check evil.example")
        assert answer["problem"] == '/check failed with the error "operation_timeout"'
        envelope = await socket.receive_json()
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        await _until(stage, lambda: len(stage.playground.slack.state.ledger.violations) == 2)
        assert await stage.broken() == ["ack_too_late", "socket_ack"]


async def test_the_same_delivery_again_in_a_new_envelope(stage: Stage) -> None:
    seen: list[SocketModeRequest] = []
    async with _sdk_client(stage, seen):
        first = await stage.command("/check evil.example")
        await stage.post("/api/redeliver", delivery_id=first["delivery_id"])
    assert seen[0].payload == seen[1].payload
    assert seen[0].envelope_id != seen[1].envelope_id
    assert (seen[0].retry_attempt, seen[1].retry_attempt) == (None, 1)


async def test_slack_refreshes_connections_and_the_sdk_comes_back(stage: Stage) -> None:
    seen: list[SocketModeRequest] = []
    async with _sdk_client(stage, seen):
        warned = await stage.post("/api/socket/disconnect", reason="warning")
        assert warned["connections"] == 1
        assert (await stage.command("/check evil.example"))["ok"]
        await stage.post("/api/socket/disconnect")
        await _until(stage, lambda: _connected(stage))
        assert (await stage.command("/check evil.example"))["ok"]
    assert len(seen) == 2


async def test_a_connection_that_ends_in_the_middle(stage: Stage) -> None:
    async with _bare(stage) as socket:
        await socket.receive_json()
        asking = asyncio.create_task(stage.command("/check evil.example"))
        await socket.receive_json()
        await socket.close()
        assert (await asking)["problem"] == '/check failed with the error "dispatch_failed"'


async def test_nothing_can_be_forged_over_a_socket(stage: Stage) -> None:
    answer = await stage.page.post("/api/forge", json={"kind": "bad_signature"})
    assert answer.status_code == 400
