"""The framework that the bot is built with, against the stand-in, in both modes: a command, a form, a card, a click."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.integration.playground.slack_stage import (
    APPROVALS,
    APPROVER,
    GENERAL,
    QUIET,
    REQUESTER,
    Stage,
    button,
    modal,
    open_stage,
    section,
    serving_on_a_port,
    text_input,
)

Mode = Literal["http", "socket"]


def _app(stage: Stage) -> AsyncApp:
    secret = stage.playground.workspace.credentials.signing_secret
    app = AsyncApp(client=stage.client, signing_secret=secret, process_before_response=True)

    @app.command("/block")
    async def block(ack: AsyncAck, command: dict[str, Any], client: AsyncWebClient) -> None:
        view = modal(text_input("reason"), callback_id="block", private_metadata=command["text"])
        await client.views_open(trigger_id=command["trigger_id"], view=view)
        await ack()

    @app.view("block")
    async def submitted(ack: AsyncAck, view: dict[str, Any], client: AsyncWebClient) -> None:
        reason = view["state"]["values"]["reason"]["typed"]["value"]
        if len(reason) < 5:
            await ack(response_action="errors", errors={"reason": "Say more."})
            return
        text = f"{view['private_metadata']}: {reason}"
        blocks = [section(text, block_id="what"), {"type": "actions", "block_id": "do", "elements": [button()]}]
        await client.chat_postMessage(channel=APPROVALS, text=text, blocks=blocks, **QUIET)
        await ack()

    @app.action("approve")
    async def approve(ack: AsyncAck, respond: AsyncRespond) -> None:
        await respond(text="Approved.", replace_original=False)
        await ack()

    return app


@asynccontextmanager
async def _running(stage: Stage, mode: Mode) -> AsyncIterator[None]:
    app = _app(stage)
    if mode == "socket":
        settings = stage.playground.environment()
        handler = AsyncSocketModeHandler(app, settings["PORTCULLIS_SLACK_APP_TOKEN"])
        handler.client.web_client.base_url = settings["PORTCULLIS_SLACK_API_URL"]
        await handler.connect_async()
        try:
            yield
        finally:
            await handler.close_async()
        return
    edge = AsyncSlackRequestHandler(app)

    async def receive(request: Request) -> Response:
        return await edge.handle(request)

    routes = [Route("/slack/events", receive, methods=["POST"])]
    async with serving_on_a_port(Starlette(routes=routes)) as port:
        stage.playground.reach_bot_at(f"http://127.0.0.1:{port}/slack/events")
        yield


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_from_the_command_to_the_click(mode: Mode) -> None:
    async with open_stage(mode=mode) as stage, _running(stage, mode):
        assert (await stage.command("/block evil.example"))["problem"] is None
        view = await stage.view()
        assert view is not None

        sent = {"user": REQUESTER, "view_id": view["id"]}
        refused = await stage.post("/api/submit", values={"reason": {"typed": "hm"}}, **sent)
        assert refused["errors"] == {"reason": "Say more."}
        taken = await stage.post("/api/submit", values={"reason": {"typed": "Phishing"}}, **sent)
        assert (taken["ok"], await stage.view()) == (True, None)

        [card] = await stage.messages(APPROVALS)
        assert card["text"] == "evil.example: Phishing"
        where = {"channel": APPROVALS, "ts": card["ts"], "block_id": "do", "action_id": "approve"}
        assert (await stage.post("/api/click", user=APPROVER, **where))["ok"]
        said = [message["text"] for message in await stage.messages(APPROVALS, user=APPROVER)]
        assert said == ["evil.example: Phishing", "Approved."]
        assert (await stage.get("/api/state"))["bot"]["connected"] is True
        assert await stage.broken() == []


async def test_bolt_refuses_what_is_forged() -> None:
    async with open_stage() as stage, _running(stage, "http"):
        for kind in ("bad_signature", "no_signature", "old_timestamp"):
            answer = await stage.post("/api/forge", kind=kind, text="/block marker.example")
            assert answer["status"] == 401
        assert await stage.view() is None
        assert await stage.messages(GENERAL) == []
