"""What the page, scripts and the tour see and do; and that nobody else can."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.playground.server import NotLoopback, Playground
from bot.playground.slack import Person, Workspace
from tests.integration.playground.slack_stage import (
    APPROVALS,
    APPROVER,
    GENERAL,
    REQUESTER,
    Stage,
    open_stage,
    section,
)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


async def test_the_state_names_everything(stage: Stage) -> None:
    state = await stage.get("/api/state")
    assert state["team"] == {"id": "T0PLAYGROUND", "name": "Playground"}
    assert state["mode"] == "http"
    assert {"id": REQUESTER, "name": "Requester", "role": "Requester"} in state["people"]
    assert [channel["name"] for channel in state["channels"]] == ["general", "mail-approvals", "mail-alerts"]
    manifest = (Path(__file__).parents[3] / "app.yaml").read_text(encoding="utf-8")
    assert {command["command"] for command in state["commands"]} == set(re.findall(r"- command: (/\w+)", manifest))
    assert set(state["commands"][0]) == {"command", "usage_hint", "description", "should_escape"}
    assert state["bot"] == {"id": "U0PORTCULL", "name": "portcullis", "connected": False}
    credentials = stage.playground.workspace.credentials
    assert not any(
        secret in json.dumps(state)
        for secret in (credentials.bot_token, credentials.app_token, credentials.signing_secret)
    )


async def test_what_people_write_is_shown_in_order(stage: Stage) -> None:
    await stage.post("/api/message", user=REQUESTER, channel=GENERAL, text="First")
    await stage.post("/api/message", user=APPROVER, channel=GENERAL, text="Second")
    messages = await stage.messages(GENERAL)
    assert [(message["name"], message["text"]) for message in messages] == [
        ("Requester", "First"),
        ("Approver one", "Second"),
    ]


async def test_waiting_ends_when_something_changes(stage: Stage) -> None:
    version = (await stage.get("/api/state"))["version"]
    unchanged = await stage.get("/api/wait", version=str(version), timeout="0.01")
    assert unchanged["version"] == version
    waiting = asyncio.create_task(stage.get("/api/wait", version=str(version), timeout="30"))
    await stage.card(section())
    assert (await waiting)["version"] > version


async def test_the_event_stream_tells_of_every_change(stage: Stage) -> None:
    async with stage.page.stream("GET", "/api/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.aiter_lines()
        assert await _next_event(lines) == ("changed", stage.playground.slack.state.changes.version)
        before = stage.playground.slack.state.changes.version
        await stage.card(section())
        event, version = await _next_event(lines)
        assert (event, version > before) == ("changed", True)


async def _next_event(lines: AsyncIterator[str]) -> tuple[str, int]:
    found: dict[str, str] = {}
    async with asyncio.timeout(5):
        async for line in lines:
            if not line and "data" in found:
                break
            name, _, value = line.partition(": ")
            found[name] = value
    return found["event"], json.loads(found["data"])["version"]


async def test_stopping_ends_event_streams_at_once() -> None:
    async with open_stage() as stage:
        streaming = asyncio.Event()

        async def listen() -> None:
            async with stage.page.stream("GET", "/api/events") as stream:
                async for line in stream.aiter_lines():
                    if line:
                        streaming.set()

        listening = asyncio.create_task(listen())
        await streaming.wait()
        await asyncio.wait_for(stage.playground.stop(), timeout=1.5)
        await asyncio.wait_for(listening, timeout=1)


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/api/command", {"as": "U0NOBODY1", "channel": GENERAL, "text": "/check x"}, "U0NOBODY1"),
        ("/api/command", {"as": REQUESTER, "channel": "C0NOWHERE", "text": "/check x"}, "C0NOWHERE"),
        ("/api/command", {"as": REQUESTER, "channel": GENERAL}, "text"),
        ("/api/command", {"as": REQUESTER, "channel": GENERAL, "text": "/check x", "loud": True}, "loud"),
        ("/api/click", {"as": REQUESTER, "block_id": "x", "action_id": "y"}, "view_id"),
        (
            "/api/click",
            {"as": REQUESTER, "channel": GENERAL, "ts": "1.000100", "block_id": "x", "action_id": "y"},
            "1.000100",
        ),
        ("/api/submit", {"as": REQUESTER, "view_id": "V0NOWHERE", "values": {}}, "V0NOWHERE"),
        ("/api/close", {"as": REQUESTER, "view_id": "V0NOWHERE"}, "V0NOWHERE"),
        ("/api/faults", {"method": "chat.shout", "error": "x"}, "chat.shout"),
        ("/api/groups", {"id": "S0NOBODY", "members": []}, "S0NOBODY"),
        ("/api/groups", {"id": "S0APPROVERS", "members": ["U0NOBODY1"]}, "U0NOBODY1"),
        ("/api/archive", {"channel": "C0NOWHERE"}, "C0NOWHERE"),
        ("/api/redeliver", {"delivery_id": "Dv0"}, "Dv0"),
        ("/api/forge", {"kind": "good_signature"}, "kind"),
        ("/api/socket/disconnect", {}, "HTTP"),
    ],
)
async def test_what_makes_no_sense_is_a_problem(stage: Stage, path: str, body: dict[str, Any], named: str) -> None:
    answer = await stage.page.post(path, json=body)
    assert answer.status_code == 400
    assert named in answer.json()["problem"]


async def test_violations_can_be_forgotten(stage: Stage) -> None:
    await stage.call("chat.shout")
    [violation] = (await stage.get("/api/violations"))["violations"]
    assert set(violation) == {"at", "rule", "what", "call"}
    assert (violation["rule"], violation["call"]) == ("unknown_method", "chat.shout")
    assert (await stage.page.delete("/api/violations")).status_code == 200
    assert await stage.broken() == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "rebound.example"}, 403),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "[::1]:1"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 403),
    ],
)
async def test_other_sites_are_kept_out(stage: Stage, headers: dict[str, str], status: int) -> None:
    body = json.dumps({"as": REQUESTER, "channel": GENERAL, "text": "x"})
    sent = {"Content-Type": "application/json", **headers}
    answer = await stage.page.post("/api/message", content=body, headers=sent)
    assert answer.status_code == status
    assert len(await stage.messages(GENERAL)) == (1 if status == 200 else 0)


async def test_the_page_itself_may_post_and_other_sites_may_not_forget(stage: Stage) -> None:
    origin = {"Origin": stage.playground.url}
    body = {"as": REQUESTER, "channel": GENERAL, "text": "x"}
    assert (await stage.page.post("/api/message", json=body, headers=origin)).status_code == 200
    refused = await stage.page.delete("/api/violations", headers={"Origin": "http://evil.example"})
    assert refused.status_code == 403


async def test_the_page_loads_nothing_from_elsewhere(stage: Stage) -> None:
    answer = await stage.page.get("/api/state")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "playground.example", ""])  # noqa: S104
def test_only_loopback_can_be_listened_on(host: str) -> None:
    with pytest.raises(NotLoopback, match="loopback"):
        Playground(host=host)


async def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            await Playground(port=taken.getsockname()[1]).start()


class _SmallTenant:
    """As much of a tenant as the server asks for."""

    def __init__(self) -> None:
        self.on_change: Callable[[], None] | None = None

    async def _change(self, request: Request) -> Response:
        assert self.on_change is not None
        self.on_change()
        return JSONResponse({"path": request.url.path})

    def routes(self) -> list[BaseRoute]:
        return [Route("/exchange", self._change, methods=["POST"])]

    def page_routes(self) -> list[BaseRoute]:
        return [Route("/lists", self._change)]

    def environment(self, base_url: str) -> dict[str, str]:
        return {"PORTCULLIS_EXCHANGE_URL": f"{base_url}/tenant/exchange"}


async def test_a_tenant_is_served_beside_slack() -> None:
    async with open_stage() as stage, Playground(port=0, tenant=_SmallTenant()) as playground:
        address = playground.environment()["PORTCULLIS_EXCHANGE_URL"]
        assert address == f"{playground.url}/tenant/exchange"
        before = playground.slack.state.changes.version
        assert (await stage.page.post(address)).json() == {"path": "/tenant/exchange"}
        assert (await stage.page.get(f"{playground.url}/api/tenant/lists")).json() == {"path": "/api/tenant/lists"}
        assert playground.slack.state.changes.version == before + 2


async def test_the_settings_point_a_bot_at_the_playground(stage: Stage) -> None:
    settings = stage.playground.environment()
    assert settings["PORTCULLIS_SLACK_API_URL"] == f"{stage.playground.url}/slack/api/"
    assert settings["PORTCULLIS_SLACK_MODE"] == "http"
    assert settings["PORTCULLIS_APPROVAL_CHANNEL"] == APPROVALS
    assert settings["PORTCULLIS_APPROVERS"] == "S0APPROVERS"
    assert {name.removeprefix("PORTCULLIS_") for name in settings} == {
        "SLACK_MODE",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_API_URL",
        "SLACK_TEAM_ID",
        "APPROVAL_CHANNEL",
        "ALERT_CHANNEL",
        "REQUESTERS",
        "APPROVERS",
        "AUDITORS",
        "EMERGENCY",
    }


def test_secrets_are_made_anew_and_never_shown() -> None:
    one, other = Workspace(), Workspace()
    assert one.credentials.bot_token != other.credentials.bot_token
    for secret in (one.credentials.bot_token, one.credentials.app_token, one.credentials.signing_secret):
        assert secret not in repr(one)


def test_more_people_can_be_approvers() -> None:
    crowd = tuple(Person(id=f"U0CROWD0{number}", name=f"Approver {number}") for number in range(7))
    workspace = Workspace().with_extra_people(crowd, approvers=True)
    assert set(workspace.user_groups[0].members) >= {person.id for person in crowd}
    assert workspace.person("U0CROWD06") is not None
