"""Slack's answers, the odd ones among them, as errors of our own; and never a call repeated."""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import product

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import Response, StreamingResponse

from bot.errors import (
    DestinationGone,
    MessageGone,
    PayloadRefused,
    SlackError,
    SlackUnanswered,
    SlackUnavailable,
)
from bot.playground.server import Playground
from bot.playground.slack.faults import Fault
from bot.slack.bounded_client import MOST_BYTES
from bot.slack.client import call, granted_scopes, keeping_connections, open_socket, respond, web_client
from bot.slack.reach import TOKEN_REFUSED
from tests.support.installation import free_port
from tests.support.scripted_slack import ScriptedSlack, ok, raw, refused, scripted_slack

TLS = ssl.create_default_context()
POST = "chat.postMessage"


@pytest.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    async with scripted_slack() as running:
        yield running


@pytest.fixture
def token() -> str:
    return f"xoxb-{secrets.token_hex(12)}"


@pytest.fixture
def client(slack: ScriptedSlack, token: str) -> AsyncWebClient:
    return web_client(token, api_url=slack.api_url, context=TLS)


async def test_what_is_given_goes_as_json_and_none_is_left_out(
    slack: ScriptedSlack, client: AsyncWebClient, token: str
) -> None:
    slack.queue(POST, ok(ts="1.2"))
    assert (await call(client, POST, {"channel": "C0X", "text": "ü", "thread_ts": None}))["ts"] == "1.2"
    [(_, headers, body)] = slack.asked
    assert json.loads(body) == {"channel": "C0X", "text": "ü"}
    assert headers["authorization"] == f"Bearer {token}"


async def test_a_method_that_reads_gets_a_form(slack: ScriptedSlack, client: AsyncWebClient) -> None:
    slack.queue("usergroups.users.list", ok(users=["U0ONE1"]))
    assert (await call(client, "usergroups.users.list", {"usergroup": "S0GROUP"}))["users"] == ["U0ONE1"]
    assert "json" not in slack.asked[0][1].get("content-type", "")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("internal_error", SlackUnanswered),
        ("fatal_error", SlackUnanswered),
        ("service_unavailable", SlackUnanswered),
        ("request_timeout", SlackUnanswered),
        ("ratelimited", SlackUnavailable),
        ("channel_not_found", DestinationGone),
        ("not_in_channel", DestinationGone),
        ("is_archived", DestinationGone),
        ("user_not_found", DestinationGone),
        ("user_disabled", DestinationGone),
        ("cannot_dm_bot", DestinationGone),
        ("messages_tab_disabled", DestinationGone),
        ("message_not_found", MessageGone),
        ("cant_update_message", MessageGone),
        ("edit_window_closed", MessageGone),
        ("token_revoked", SlackError),
        ("invalid_auth", SlackError),
        ("account_inactive", SlackError),
        ("not_authed", SlackError),
        ("missing_scope", SlackError),
        ("hash_conflict", SlackError),
        ("restricted_action_read_only_channel", DestinationGone),
        ("no_permission", DestinationGone),
        ("invalid_blocks", PayloadRefused),
        ("msg_blocks_too_long", PayloadRefused),
        ("something_new", SlackError),
    ],
)
async def test_each_code_is_an_error_of_ours(
    slack: ScriptedSlack, client: AsyncWebClient, code: str, error: type[SlackError]
) -> None:
    slack.queue(POST, refused(code))
    with pytest.raises(SlackError) as caught:
        await call(client, POST)
    assert type(caught.value) is error
    assert caught.value.code == code
    assert (POST in caught.value.what, code in caught.value.what) == (True, True)


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", *sorted(TOKEN_REFUSED), "missing_scope"])
async def test_what_the_operator_can_mend_says_how(slack: ScriptedSlack, client: AsyncWebClient, code: str) -> None:
    slack.queue(POST, refused(code))
    with pytest.raises(SlackError) as caught:
        await call(client, POST)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.0), ("soon", None), ("inf", None), ("nan", None), ("-3", None), ("1e9", 3600.0)],
)
async def test_a_rate_limit_says_how_long_to_wait(
    slack: ScriptedSlack, client: AsyncWebClient, header: str, seconds: float | None
) -> None:
    slack.queue(POST, refused("ratelimited", status=429, headers={"Retry-After": header}))
    with pytest.raises(SlackUnavailable) as caught:
        await call(client, POST)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "application/json"])
async def test_what_slack_would_never_say_is_taken_for_a_passing_fault(
    slack: ScriptedSlack, client: AsyncWebClient, content_type: str
) -> None:
    bodies: list[str | bytes] = ["<html>Sign in</html>", "", "[]", '["ok"]', '"ok"', "null", "{", b"\xff\xfe"]
    answers = list(product(bodies, (200, 302, 403, 404, 429, 500, 503)))
    for body, status in answers:
        slack.queue(POST, raw(body, status=status, content_type=content_type))
        with pytest.raises(SlackUnavailable):
            await call(client, POST)
    assert slack.count(POST) == len(answers)


async def test_a_call_that_takes_too_long_is_given_up_and_not_repeated(slack: ScriptedSlack, token: str) -> None:
    never = asyncio.Event()

    async def hang() -> Response:
        await never.wait()
        return ok()

    slack.answers[POST] = hang
    patient = web_client(token, api_url=slack.api_url, context=TLS)
    with pytest.raises(SlackUnavailable, match="could not be reached"):
        await call(patient, POST, within=0.2)
    impatient = web_client(token, api_url=slack.api_url, context=TLS, timeout=1)
    with pytest.raises(SlackUnavailable, match="could not be reached"):
        await call(impatient, POST)
    assert slack.count(POST) == 2
    never.set()


async def test_nobody_listening_is_a_passing_fault(token: str) -> None:
    client = web_client(token, api_url=f"http://127.0.0.1:{free_port()}/api/", context=TLS)
    with pytest.raises(SlackUnavailable) as caught:
        await call(client, POST)
    assert type(caught.value) is SlackUnavailable, "nothing was sent"
    assert token not in str(caught.value)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
async def test_a_broken_connection_is_not_tried_again(fault: str) -> None:
    async with Playground(port=0) as playground:
        credentials = playground.workspace.credentials
        client = web_client(credentials.bot_token, api_url=f"{playground.url}/slack/api", context=TLS)
        playground.slack.state.faults.add(POST, Fault(error=fault))
        arguments = {"channel": "C0APPROVALS", "text": "x", "unfurl_links": False, "unfurl_media": False}
        with pytest.raises(SlackUnanswered):
            await call(client, POST, arguments)
        assert [call.method for call in playground.slack.state.ledger.calls].count(POST) == 1


async def test_calls_share_a_connection_where_many_are_made(slack: ScriptedSlack, client: AsyncWebClient) -> None:
    slack.answers[POST] = ok()
    await call(client, POST)
    async with keeping_connections(client):
        await call(client, POST)
        await call(client, POST)
    await call(client, POST)
    before, one, same, after = slack.callers
    assert one == same
    assert len({before, one, after}) == 3


async def test_a_kept_connection_that_slack_has_closed_is_not_used(token: str) -> None:
    async with closing_slack() as (url, connections):
        client = web_client(token, api_url=url, context=TLS)
        async with keeping_connections(client):
            for number in (1, 2):
                assert (await call(client, POST))["ok"]
                await connections[-1].close()
                assert [len(each.asked) for each in connections] == [1] * number


async def test_a_post_under_which_a_kept_connection_closes_is_not_repeated_and_its_outcome_is_unknown(
    token: str,
) -> None:
    async with closing_slack() as (url, connections):
        client = web_client(token, api_url=url, context=TLS)
        async with keeping_connections(client):
            await call(client, POST)
            connections[0].answers = False
            with pytest.raises(SlackUnanswered):
                await call(client, POST)
            assert len(connections[0].asked) == 2
            assert (await call(client, POST))["ok"]
        assert [len(each.asked) for each in connections] == [2, 1]


@dataclass
class Connection:
    """One connection of a Slack that closes it when a test says so."""

    writer: asyncio.StreamWriter
    answers: bool = True  #: or it closes in place of an answer
    asked: list[bytes] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def close(self) -> None:
        """Close it, and wait until the client has done so too: by then it knows."""
        self.writer.write_eof()
        async with asyncio.timeout(30):
            await self.gone.wait()


@asynccontextmanager
async def closing_slack() -> AsyncIterator[tuple[str, list[Connection]]]:
    """Its address, and the connections that were made to it."""
    connections: list[Connection] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(connection := Connection(writer))
        while head := await _head_of(reader):
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            connection.asked.append(head)
            if not connection.answers:
                break
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}')
        connection.gone.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/", connections


async def _head_of(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request; nothing where there is none."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def test_a_proxy_is_never_asked_for_this_machine(
    slack: ScriptedSlack, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    client = web_client(token, api_url=slack.api_url, context=TLS)
    slack.queue(POST, ok())
    assert (await call(client, POST))["ok"]


async def test_a_proxy_is_asked_for_slack(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is one, there is often no other way out."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    proxy = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        client = web_client(token, api_url="https://slack.example/api/", context=TLS)
        with pytest.raises(SlackUnavailable):
            await call(client, POST)
    assert asked == [b"CONNECT slack.example:443 HTTP/1.1\r\n"]


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_that_never_ends_is_not_read_to_its_end(
    slack: ScriptedSlack, client: AsyncWebClient, packed: bool
) -> None:
    most, sent = 8 * MOST_BYTES, 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        packing = zlib.compressobj(wbits=31)
        begin, more = b'{"ok": true, "x": "', b"x" * 2**20
        yield packing.compress(begin) if packed else begin
        while sent < most:
            sent += len(more)
            yield packing.compress(more) + packing.flush(zlib.Z_SYNC_FLUSH) if packed else more

    headers = {"content-type": "application/json"} | ({"content-encoding": "gzip"} if packed else {})
    slack.queue(POST, StreamingResponse(endless(), headers=headers))
    with pytest.raises(SlackUnavailable, match="something that Slack doesn't say"):
        await call(client, POST)
    if not packed:
        assert sent < most


async def test_an_answer_of_too_many_values_is_not_read(slack: ScriptedSlack, client: AsyncWebClient) -> None:
    slack.queue(POST, raw(b'{"ok": true, "x": [' + b"0," * 2_000_001 + b"0]}"))
    with pytest.raises(SlackUnavailable, match="something that Slack doesn't say"):
        await call(client, POST)


async def test_the_scopes_that_slack_names(slack: ScriptedSlack, client: AsyncWebClient) -> None:
    slack.queue("auth.test", ok(headers={"x-oauth-scopes": "commands, chat:write ,"}), ok(), refused("invalid_auth"))
    assert await granted_scopes(client) == {"commands", "chat:write"}
    assert await granted_scopes(client) is None
    with pytest.raises(SlackError, match="invalid_auth"):
        await granted_scopes(client)


async def test_socket_mode_is_asked_for_with_the_app_token(slack: ScriptedSlack, client: AsyncWebClient) -> None:
    app_token = f"xapp-{secrets.token_hex(12)}"
    slack.queue("apps.connections.open", ok(url="wss://x"), refused("not_allowed_token_type"))
    await open_socket(client, app_token)
    assert slack.asked[0][1]["authorization"] == f"Bearer {app_token}"
    with pytest.raises(SlackError, match="not_allowed_token_type"):
        await open_socket(client, app_token)


async def test_an_answer_by_response_url_is_for_one_person(slack: ScriptedSlack) -> None:
    slack.answers["hook"] = raw("ok", content_type="text/plain")
    await respond(f"{slack.url}/hook", {"text": "x"}, tls=TLS)
    assert json.loads(slack.asked[0][2]) == {"response_type": "ephemeral", "replace_original": False, "text": "x"}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, DestinationGone),
        (400, DestinationGone),
        (302, DestinationGone),
        (429, SlackUnavailable),
        (500, SlackUnanswered),
    ],
)
async def test_a_response_url_that_is_used_up_or_down(
    slack: ScriptedSlack, status: int, error: type[SlackError]
) -> None:
    slack.answers["hook"] = raw("used_url", status=status, content_type="text/plain")
    with pytest.raises(SlackError) as caught:
        await respond(f"{slack.url}/hook", {"text": "x"}, tls=TLS)
    assert type(caught.value) is error
    assert slack.url not in str(caught.value), "the address is a capability"


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example/x", "HTTP://198.51.100.7/x", "http://127.0.0.1.example/x", "http://127.0.0.1@x.example/x",
     "file:///x", "ftp://127.0.0.1/x", "//hooks.example/x", "nonsense", "http://["],
)  # fmt: skip
async def test_an_answer_goes_nowhere_but_to_https_or_to_this_machine(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unexpected(**_options: object) -> None:
        raise AssertionError("a client was made for it")

    monkeypatch.setattr("bot.slack.client.httpx.AsyncClient", unexpected)
    with pytest.raises(DestinationGone) as caught:
        await respond(url, {"text": "x"}, tls=TLS)
    assert url not in str(caught.value), "the address is a capability"


@pytest.mark.parametrize("url", ["", "https://[", "http://127.0.0.1:1/x"])
async def test_a_response_url_that_is_none(url: str) -> None:
    with pytest.raises(SlackError):
        await respond(url, {"text": "x"}, tls=TLS)
