"""The HTTP edge over real HTTP: signatures, limits, and what a platform asks."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import select
import socket
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk import signature as slack_signature
from structlog.testing import capture_logs

from bot import __version__
from bot.playground.plain_http import NO_AUTHORITIES
from bot.web.bodies import MAX_BODY
from bot.web.edge import build_edge, read_delivery
from bot.web.metrics_page import MetricsPage
from tests.integration.tenant.scripted import serving_app

SECRET = secrets.token_hex(16)
EVENTS = "/slack/events"


@dataclass
class Taker:
    """Stands where bolt stands."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    failure: Exception | None = None

    async def async_dispatch(self, request: AsyncBoltRequest) -> BoltResponse:
        self.taken.append(request.body)
        if self.failure is not None:
            raise self.failure
        return BoltResponse(status=200, body={"text": "taken"})


@dataclass
class Edge:
    http: httpx.AsyncClient
    taker: Taker
    checks: dict[str, str]

    async def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.http.post(EVENTS, content=body, headers=signed(body) if headers is None else headers)


def sign(body: bytes, timestamp: str, secret: str = SECRET) -> str:
    """Slack's page on verifying requests, written down once more."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


def signed(body: bytes, *, age: int = 0) -> dict[str, str]:
    timestamp = str(int(time.time()) - age)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(body, timestamp)}


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    taker, checks = Taker(), {"database": "ok", "slack": "ok"}

    async def readiness() -> Mapping[str, str]:
        return checks

    app = build_edge(readiness=readiness, slack=taker, signing_secret=SECRET)  # type: ignore[arg-type]
    async with serving_app(app) as url, httpx.AsyncClient(verify=NO_AUTHORITIES, base_url=url, trust_env=False) as http:
        yield Edge(http, taker, checks)


BODY = urlencode({"command": "/block", "text": "evil.example 30d marker"}).encode()


async def test_what_slack_signed_is_taken(edge: Edge) -> None:
    answer = await edge.post(BODY)
    assert (answer.status_code, answer.json()) == (200, {"text": "taken"})
    assert edge.taker.taken == [{"command": "/block", "text": "evil.example 30d marker"}]


async def test_the_documented_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    documented = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    secret, timestamp = "8f742231b10e8888abcd99yyyzzz85a5", "1531420618"
    assert sign(body, timestamp, secret) == documented
    monkeypatch.setattr(slack_signature.Clock, "now", lambda _self: 1531420618 + 299)
    taker = Taker()

    async def ready() -> Mapping[str, str]:
        return {}

    app = build_edge(readiness=ready, slack=taker, signing_secret=secret)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://edge.example") as http:
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": documented}
        assert (await http.post(EVENTS, content=body, headers=headers)).status_code == 200
        changed = body.replace(b"roadrunner", b"roadrunneR")
        assert (await http.post(EVENTS, content=changed, headers=headers)).status_code == 401
    assert taker.taken[0]["command"] == "/webhook-collect"


@pytest.mark.parametrize("query", ["ssl_check=1", "ssl_check=1&token=old"])
async def test_slacks_look_at_the_certificate_is_answered_and_no_delivery(edge: Edge, query: str) -> None:
    answer = await edge.http.get(f"{EVENTS}?{query}")
    assert (answer.status_code, answer.content) == (200, b"")
    answer = await edge.post(query.encode(), headers={})
    assert (answer.status_code, answer.content) == (200, b"")
    assert edge.taker.taken == []


@pytest.mark.parametrize("query", ["", "ssl_check=0", "other=1"])
async def test_nothing_else_is_to_be_had_without_a_signature(edge: Edge, query: str) -> None:
    assert (await edge.http.get(f"{EVENTS}?{query}")).status_code == 405
    assert (await edge.post(query.encode(), headers={})).status_code == 401


@pytest.mark.parametrize(
    "body", [b"ssl_check=1&command=%2Fblock&text=x", b"ssl_check=1&payload={}", b"ssl_check=1&x=" + b"x" * 999]
)
async def test_a_delivery_that_claims_to_be_that_look_needs_its_signature(edge: Edge, body: bytes) -> None:
    assert (await edge.post(body, headers={})).status_code == 401
    assert edge.taker.taken == []


def _forged() -> dict[str, dict[str, str | bytes]]:
    now = str(int(time.time()))
    sound = sign(BODY, now)
    stamp, proof = "X-Slack-Request-Timestamp", "X-Slack-Signature"
    return {
        "nothing": {},
        "no signature": {stamp: now},
        "no timestamp": {proof: sound},
        "empty": {stamp: "", proof: ""},
        "another secret": {stamp: now, proof: sign(BODY, now, SECRET + "x")},
        "another body": {stamp: now, proof: sign(BODY + b"x", now)},
        "another version": {stamp: now, proof: sound.replace("v0=", "v1=")},
        "upper case": {stamp: now, proof: sound.upper()},
        "cut off": {stamp: now, proof: sound[:-1]},
        "old": dict(signed(BODY, age=301)),
        "from the future": dict(signed(BODY, age=-302)),
        "timestamp changed": {stamp: str(int(now) - 1), proof: sound},
        "no number": {stamp: "now", proof: sign(BODY, "now")},
        "negative": {stamp: f"-{now}", proof: sign(BODY, f"-{now}")},
        "a fraction": {stamp: f"{now}.0", proof: sign(BODY, f"{now}.0")},
        "endless": {stamp: "9" * 5_000, proof: sound},
        "other digits": {stamp: "١٢٣".encode(), proof: sound},
        "superscript": {stamp: "²".encode("latin-1"), proof: sound},
        "signature not ASCII": {stamp: now, proof: "v0=é".encode("latin-1")},
    }


@pytest.mark.parametrize("how", _forged())
async def test_what_is_not_slacks_gets_401_and_leaves_no_trace_of_its_body(edge: Edge, how: str) -> None:
    with capture_logs() as logged:
        answer = await edge.http.post(EVENTS, content=BODY, headers=_forged()[how])
    assert (answer.status_code, answer.content) == (401, b"")
    assert edge.taker.taken == []
    assert "marker" not in str(logged)
    assert [record["log_level"] for record in logged] == ["warning"]


async def test_the_compare_takes_constant_time(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []
    real = hmac.compare_digest

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(slack_signature.hmac, "compare_digest", compare)
    headers = signed(BODY)
    await edge.post(BODY, headers)
    assert compared == [(headers["X-Slack-Signature"], headers["X-Slack-Signature"])]


async def test_a_command_about_a_payload_is_not_mistaken_for_a_click(edge: Edge) -> None:
    await edge.post(urlencode({"command": "/block", "text": "evil.example 30d malicious payload"}).encode())
    assert edge.taker.taken == [{"command": "/block", "text": "evil.example 30d malicious payload"}]


async def test_clicks_and_events_are_json_within_a_form_or_bare(edge: Edge) -> None:
    click = {"type": "block_actions", "user": {"id": "U0ONE1"}, "text": "payload & = ü"}
    await edge.post(urlencode({"payload": json.dumps(click)}).encode())
    await edge.post(json.dumps({"type": "url_verification", "challenge": "x"}).encode())
    assert edge.taker.taken == [click, {"type": "url_verification", "challenge": "x"}]


@pytest.mark.parametrize(
    "body",
    [
        b"payload=%7B",
        b"payload=",
        b"payload=[]",
        b"payload=null",
        b"payload=1",
        b"{",
        b"\xff\xfe",
        b"&".join(b"a%d=1" % number for number in range(200)),
        b"payload=" + b"[" * 200_000,
        b"{" + b'"a":{' * 100_000,
    ],
    ids=["half", "empty", "list", "null", "number", "half json", "no text", "too many fields", "deep", "deep json"],
)
async def test_what_is_signed_and_senseless_gets_400_and_no_trace(edge: Edge, body: bytes) -> None:
    with capture_logs() as logged:
        answer = await edge.post(body)
    assert answer.status_code in {400, 401}
    assert answer.content == b""
    assert len(str(logged)) < 400
    assert edge.taker.taken == []


async def test_an_odd_shape_is_no_error_of_the_server(edge: Edge) -> None:
    keys = ("team", "user", "channel", "enterprise", "authorizations", "view", "event", "message")
    values: tuple[object, ...] = (None, 1, "x", [1], {"id": {}})
    for key, value in product(keys, values):
        body = urlencode({"payload": json.dumps({"type": "block_actions", key: value})}).encode()
        answer = await edge.post(body)
        assert answer.status_code in {200, 400}, (key, value)


async def test_a_body_that_is_too_large_is_not_read(edge: Edge) -> None:
    body = b"a" * (MAX_BODY + 1)
    assert (await edge.post(body)).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 65_536 + 2):
            yield b"a" * 65_536

    answer = await edge.http.post(EVENTS, content=pieces(), headers=signed(b""))
    assert answer.status_code == 413
    assert edge.taker.taken == []


@pytest.mark.parametrize("claims_to_be_slack", [False, True], ids=["unsigned", "too large"])
async def test_who_is_still_sending_gets_the_answer_all_the_same(edge: Edge, claims_to_be_slack: bool) -> None:
    """A connection that is closed while its body is on its way is reset, and the answer is lost with it."""
    address = edge.http.base_url
    size = MAX_BODY + 1 if claims_to_be_slack else MAX_BODY // 4
    headers = {"Host": "edge.example", **(signed(b"") if claims_to_be_slack else {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    def send() -> bytes:
        with socket.create_connection((address.host, address.port or 80), timeout=60) as connection:
            connection.sendall(f"POST {EVENTS} HTTP/1.1\r\n{head}Content-Length: {size}\r\n\r\n".encode())
            select.select([connection], [], [], 0.5)  # an answer that comes before the body is there by then
            connection.sendall(b"a" * size)
            return connection.recv(64)

    answer = await asyncio.to_thread(send)
    assert answer.startswith(b"HTTP/1.1 413" if claims_to_be_slack else b"HTTP/1.1 401")


async def test_a_failure_says_nothing_to_the_outside(edge: Edge) -> None:
    edge.taker.failure = KeyError("inner details")
    with capture_logs() as logged:
        answer = await edge.post(BODY)
    assert (answer.status_code, answer.content) == (400, b"")
    [record] = logged
    assert record["log_level"] == "error"
    assert "inner details" in str(record["exc_info"])
    assert "marker" not in str(logged)


@pytest.mark.parametrize("path", ["/", "/slack", "/slack/events/", "/metrics", "/docs", "/slack/install", "/healthz/x"])
async def test_nothing_else_is_there(edge: Edge, path: str) -> None:
    assert (await edge.http.get(path)).status_code in {404, 307}
    assert (await edge.http.get(path, follow_redirects=True)).status_code in {404, 405}


async def test_methods(edge: Edge) -> None:
    assert (await edge.http.get(EVENTS)).status_code == 405
    assert (await edge.http.put(EVENTS, content=BODY)).status_code == 405
    assert (await edge.http.post("/healthz")).status_code == 405


async def test_health_and_readiness(edge: Edge) -> None:
    alive = await edge.http.get("/healthz")
    assert (alive.status_code, alive.text) == (200, f"ok {__version__}")
    answer = await edge.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": {"database": "ok", "slack": "ok"}})
    edge.checks["slack"] = "Socket Mode is not connected"
    answer = await edge.http.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["checks"]["slack"] == "Socket Mode is not connected"
    assert (await edge.http.get("/healthz")).status_code == 200


async def test_in_socket_mode_nobody_delivers_here() -> None:
    async def ready() -> Mapping[str, str]:
        return {}

    async with (
        serving_app(build_edge(readiness=ready)) as url,
        httpx.AsyncClient(verify=NO_AUTHORITIES, base_url=url, trust_env=False) as http,
    ):
        assert (await http.post(EVENTS, content=BODY, headers=signed(BODY))).status_code == 404
        assert (await http.get("/readyz")).status_code == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("", 401),
        (SECRET, 401),
        (f"Basic {SECRET}", 401),
        (f"bearer {SECRET}", 401),
        (f"Bearer {SECRET}x", 401),
        (f"Bearer {SECRET[:-1]}", 401),
        ("Bearer ü", 401),
        (f"Bearer {SECRET}", 200),
    ],
    # The secret is another in each process, and a test has one name in all.
    ids=["none", "empty", "bare", "basic", "small", "longer", "shorter", "odd", "right"],
)
async def test_the_metrics_are_for_who_brings_the_token(header: str | None, status: int) -> None:
    rendered: list[str] = []

    async def rendering(accept: str) -> tuple[bytes, str]:
        rendered.append(accept)
        return b"a_metric 1\n", "text/plain; version=0.0.4"

    async def ready() -> Mapping[str, str]:
        return {}

    page = MetricsPage(token=SECRET, rendering=rendering)
    assert SECRET not in repr(page)
    async with (
        serving_app(build_edge(readiness=ready, metrics=page)) as url,
        httpx.AsyncClient(verify=NO_AUTHORITIES, base_url=url, trust_env=False) as http,
    ):
        headers = {} if header is None else {"Authorization": header.encode("latin-1")}
        with capture_logs() as logged:
            answer = await http.get("/metrics", headers={"Accept": "text/plain", **headers})
    assert answer.status_code == status
    assert SECRET not in str(logged)
    if status == 200:
        assert (answer.text, answer.headers["content-type"]) == ("a_metric 1\n", "text/plain; version=0.0.4")
        assert rendered == ["text/plain"]
    else:
        assert (answer.content, answer.headers["www-authenticate"]) == (b"", "Bearer")
        assert rendered == []


def test_reading_keeps_what_was_left_empty() -> None:
    assert read_delivery(b"command=%2Fblock&text=") == {"command": "/block", "text": ""}
