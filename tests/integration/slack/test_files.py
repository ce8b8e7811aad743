"""Files from Slack and to Slack, over real HTTP: what may be fetched with the token, and what every answer means."""

from __future__ import annotations

import asyncio
import gzip
import json
import secrets
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.errors import InvalidInput, MessageGone, SlackError, SlackUnavailable
from bot.slack import files
from bot.slack.client import web_client
from tests.integration.tenant.scripted import serving_app

TLS = ssl.create_default_context()
LIMIT = 1000


@dataclass
class Host:
    """One host that answers each path as it is told, and keeps what it was asked."""

    url: str = ""
    answers: dict[str, Response] = field(default_factory=dict)
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)  #: path, Authorization, body
    queries: list[dict[str, str]] = field(default_factory=list)
    encodings: list[str] = field(default_factory=list)  #: which ones the caller takes

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        self.queries.append(dict(request.query_params))
        self.encodings.append(request.headers.get("accept-encoding", ""))
        self.asked.append((path, request.headers.get("authorization", ""), await request.body()))
        return self.answers.get(path, PlainTextResponse("no such thing", status_code=404))

    def tokens(self) -> list[str]:
        return [authorization for _, authorization, _ in self.asked]


@asynccontextmanager
async def host() -> AsyncIterator[Host]:
    found = Host()
    app = Starlette(routes=[Route("/{path:path}", found.answer, methods=["GET", "POST"])])
    async with serving_app(app) as url:
        found.url = url
        yield found


@pytest.fixture
async def slack() -> AsyncIterator[Host]:
    async with host() as found:
        yield found


@pytest.fixture
def token() -> str:
    return secrets.token_hex(16)


@pytest.fixture
def client(slack: Host, token: str) -> AsyncWebClient:
    return web_client(token, api_url=f"{slack.url}/api/", context=TLS)


def file_at(slack: Host, path: str = "/file", **more: object) -> dict[str, Any]:
    return {"id": "F1", "name": "evil.csv", "url_private_download": f"{slack.url}{path}", **more}


async def fetched(client: AsyncWebClient, file: dict[str, Any], *, limit: int = LIMIT) -> bytes:
    return await files.download(client, file, limit=limit, tls=TLS)


async def test_a_file_is_fetched_with_the_token(slack: Host, client: AsyncWebClient, token: str) -> None:
    slack.answers["/file"] = Response(b"evil.example\n", media_type="text/csv")
    assert await fetched(client, file_at(slack)) == b"evil.example\n"
    assert slack.tokens() == [f"Bearer {token}"]


async def test_a_redirect_on_the_same_host_is_followed_with_the_token(
    slack: Host, client: AsyncWebClient, token: str
) -> None:
    slack.answers["/file"] = RedirectResponse("/elsewhere")
    slack.answers["/elsewhere"] = Response(b"x", media_type="text/plain")
    assert await fetched(client, file_at(slack)) == b"x"
    assert slack.tokens() == [f"Bearer {token}"] * 2


async def test_the_token_goes_to_no_other_host(slack: Host, client: AsyncWebClient) -> None:
    async with host() as other:
        other.answers["/file"] = Response(b"x")
        with pytest.raises(SlackError, match="not one of Slack's"):
            await fetched(client, {"id": "F1", "url_private_download": f"{other.url}/file"})
        slack.answers["/file"] = RedirectResponse(f"{other.url}/file")
        with pytest.raises(SlackError, match="not one of Slack's") as caught:
            await fetched(client, file_at(slack))
        assert other.asked == []
    assert not isinstance(caught.value, SlackUnavailable), "trying again would change nothing"


@pytest.mark.parametrize(
    ("address", "takes_it"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/evil.csv", True),
        ("https://slack.com/x", True),
        ("https://contoso.slack.com/x", True),
        ("https://files.slack-gov.com/x", True),
        ("https://slack-files.com/x", True),
        ("https://API.EXAMPLE:8443/x", True),
        ("https://api.example/x", False),
        ("http://files.slack.com/x", False),
        ("https://files.slack.com.evil.example/x", False),
        ("https://evil-slack.com/x", False),
        ("https://files.slack.com@evil.example/x", False),
        ("https://evil.example/?https://files.slack.com", False),
        ("https://a.slack-edge.com/x", False),
        ("ftp://files.slack.com/x", False),
        ("//files.slack.com/x", False),
        ("https://[files.slack.com/x", False),
        ("", False),
    ],
)
def test_which_hosts_the_token_may_go_to(address: str, takes_it: bool) -> None:
    assert files._takes_token(address, own="api.example:8443") is takes_it


async def test_what_slack_signed_itself_is_followed_without_the_token(
    slack: Host, client: AsyncWebClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with host() as edge:
        edge.answers["/signed"] = Response(b"x", media_type="text/plain")
        slack.answers["/file"] = RedirectResponse(f"{edge.url}/signed")
        monkeypatch.setattr(files, "_is_under", lambda address, domains: bool(domains) and address.startswith(edge.url))
        monkeypatch.setattr(files, "_takes_token", lambda address, own: bool(own) and address.startswith(slack.url))
        assert await fetched(client, file_at(slack)) == b"x"
        assert edge.tokens() == [""]


@pytest.mark.parametrize("status", [200, 401, 403])
async def test_a_page_to_sign_in_at_is_no_file(slack: Host, client: AsyncWebClient, status: int) -> None:
    slack.answers["/file"] = RedirectResponse("/sign-in")
    slack.answers["/sign-in"] = Response("<html>Sign in</html>", media_type="text/html", status_code=status)
    with pytest.raises(SlackError, match="files:read") as caught:
        await fetched(client, file_at(slack))
    assert caught.value.code == "missing_scope"


async def test_a_file_that_is_html_is_one(slack: Host, client: AsyncWebClient) -> None:
    headers = {"Content-Disposition": "attachment; filename=a.html"}
    slack.answers["/file"] = Response("<html>", media_type="text/html", headers=headers)
    assert await fetched(client, file_at(slack)) == b"<html>"


async def test_a_file_that_is_too_large_is_not_asked_for(slack: Host, client: AsyncWebClient) -> None:
    with pytest.raises(InvalidInput, match="larger than 1,000 bytes"):
        await fetched(client, file_at(slack, size=LIMIT + 1))
    assert slack.asked == []
    slack.answers["/file"] = Response(b"x" * LIMIT)
    assert len(await fetched(client, file_at(slack, size=LIMIT))) == LIMIT


async def test_a_file_that_says_that_it_is_too_large_is_left_there(slack: Host, client: AsyncWebClient) -> None:
    slack.answers["/file"] = Response(b"x" * (LIMIT + 1))
    with pytest.raises(InvalidInput, match="larger than"):
        await fetched(client, file_at(slack, size=1))


async def test_a_stream_without_end_is_broken_off(slack: Host, client: AsyncWebClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 400
            await asyncio.sleep(0)

    slack.answers["/file"] = StreamingResponse(endless(), media_type="text/plain")
    async with asyncio.timeout(10):
        with pytest.raises(InvalidInput, match="larger than"):
            await fetched(client, file_at(slack))


@pytest.mark.parametrize(("status", "wait"), [(429, 7.0), (500, None), (503, None)])
async def test_a_bad_day_can_be_tried_again(
    slack: Host, client: AsyncWebClient, status: int, wait: float | None
) -> None:
    headers = {"Retry-After": "7"} if wait else {}
    slack.answers["/file"] = PlainTextResponse("later", status_code=status, headers=headers)
    with pytest.raises(SlackUnavailable) as caught:
        await fetched(client, file_at(slack))
    assert caught.value.retry_after == wait


async def test_a_connection_that_breaks_in_the_middle_gives_no_shorter_file(client: AsyncWebClient, token: str) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: text/plain\r\n\r\nevil.example\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(half, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        own = web_client(token, api_url=f"{url}/api/", context=TLS)
        with pytest.raises(SlackUnavailable):
            await fetched(own, {"id": "F1", "url_private_download": f"{url}/file"})


async def test_nobody_listening_can_be_tried_again(token: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    client = web_client(token, api_url=f"{url}/api/", context=TLS)
    with pytest.raises(SlackUnavailable) as caught:
        await fetched(client, {"id": "F1", "url_private_download": f"{url}/file"})
    assert token not in str(caught.value)


async def test_a_small_answer_does_not_unfold_in_memory(slack: Host, client: AsyncWebClient) -> None:
    once = gzip.compress(bytes(64_000_000))
    slack.answers["/file"] = Response(gzip.compress(once), headers={"Content-Encoding": "gzip, gzip"})
    tracemalloc.start()
    try:
        with pytest.raises(SlackError, match="compressed"):
            await fetched(client, file_at(slack))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 16_000_000
    assert slack.encodings == ["identity"]


@pytest.mark.parametrize("status", [300, 302, 304])
async def test_a_redirect_to_nowhere_is_told(slack: Host, client: AsyncWebClient, status: int) -> None:
    slack.answers["/file"] = Response(status_code=status)
    with pytest.raises(SlackError, match=f"answered {status}"):
        await fetched(client, file_at(slack))


async def test_a_circle_of_redirects_ends(slack: Host, client: AsyncWebClient) -> None:
    slack.answers["/file"] = RedirectResponse("/file")
    with pytest.raises(SlackUnavailable, match="circles"):
        await fetched(client, file_at(slack))


@pytest.mark.parametrize("status", [404, 410])
async def test_a_file_that_is_gone_is_told_to_the_person(slack: Host, client: AsyncWebClient, status: int) -> None:
    slack.answers["/file"] = PlainTextResponse("", status_code=status)
    with pytest.raises(InvalidInput, match="no longer in Slack"):
        await fetched(client, file_at(slack))


async def test_an_empty_file_is_refused(slack: Host, client: AsyncWebClient) -> None:
    slack.answers["/file"] = Response(b"")
    with pytest.raises(InvalidInput, match="empty"):
        await fetched(client, file_at(slack))


async def test_a_file_without_an_address_is_asked_about(slack: Host, client: AsyncWebClient) -> None:
    slack.answers["/file"] = Response(b"x")
    slack.answers["/api/files.info"] = JSONResponse({"ok": True, "file": file_at(slack)})
    assert await fetched(client, {"id": "F1"}) == b"x"
    slack.answers["/api/files.info"] = JSONResponse({"ok": True, "file": {"id": "F1", "size": LIMIT + 1}})
    with pytest.raises(InvalidInput, match="larger than"):
        await fetched(client, {"id": "F1"})
    slack.answers["/api/files.info"] = JSONResponse({"ok": True, "file": {"id": "F1"}})
    with pytest.raises(InvalidInput, match="no address"):
        await fetched(client, {"id": "F1"})


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("file_not_found", InvalidInput, "no longer in Slack"),
        ("file_deleted", InvalidInput, "no longer in Slack"),
        ("missing_scope", SlackError, "files:read"),
        ("ratelimited", SlackUnavailable, "ratelimited"),
    ],
)
async def test_what_files_info_refuses(
    slack: Host, client: AsyncWebClient, code: str, kind: type[Exception], words: str
) -> None:
    slack.answers["/api/files.info"] = JSONResponse({"ok": False, "error": code})
    with pytest.raises(kind, match=words):
        await fetched(client, {"id": "F1"})


async def test_a_file_without_an_id_is_refused(client: AsyncWebClient) -> None:
    with pytest.raises(InvalidInput, match="no file"):
        await fetched(client, {})


def uploads_to(slack: Host, path: str = "/upload") -> None:
    slack.answers["/api/files.getUploadURLExternal"] = JSONResponse(
        {"ok": True, "upload_url": f"{slack.url}{path}", "file_id": "F9"}
    )
    slack.answers[path] = PlainTextResponse("OK - 3")
    slack.answers["/api/files.completeUploadExternal"] = JSONResponse({"ok": True, "files": [{"id": "F9"}]})


async def upload(client: AsyncWebClient) -> str:
    return await files.upload(
        client, channel="C1", thread_ts="1.2", name="result.csv", content=b"a,b", title="Result", comment="*Here*"
    )


async def test_an_upload_goes_in_three_steps_and_the_bytes_without_the_token(
    slack: Host, client: AsyncWebClient, token: str
) -> None:
    uploads_to(slack)
    assert await upload(client) == "F9"
    [_, (path, authorization, sent), (_, _, completed)] = slack.asked
    assert (path, authorization, sent) == ("/upload", "", b"a,b")
    assert slack.queries[0] == {"filename": "result.csv", "length": "3"}
    assert json.loads(completed) == {
        "files": [{"id": "F9", "title": "Result"}],
        "channel_id": "C1",
        "thread_ts": "1.2",
        "initial_comment": "*Here*",
    }


@pytest.mark.parametrize(
    ("status", "kind"), [(429, SlackUnavailable), (500, SlackUnavailable), (400, SlackError), (302, SlackError)]
)
async def test_bytes_that_are_not_taken_are_shown_to_nobody(
    slack: Host, client: AsyncWebClient, status: int, kind: type[SlackError]
) -> None:
    uploads_to(slack)
    slack.answers["/upload"] = PlainTextResponse("", status_code=status)
    with pytest.raises(kind) as caught:
        await upload(client)
    assert "/upload" not in str(caught.value), "the address is a capability"
    assert all(path != "/api/files.completeUploadExternal" for path, _, _ in slack.asked)


@pytest.mark.parametrize("address", ["http://evil.example/upload", "", "nothing"])
async def test_an_upload_that_is_not_safe_is_not_sent(slack: Host, client: AsyncWebClient, address: str) -> None:
    slack.answers["/api/files.getUploadURLExternal"] = JSONResponse(
        {"ok": True, "upload_url": address, "file_id": "F9"}
    )
    with pytest.raises(SlackUnavailable, match="no usable address"):
        await upload(client)


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_a_missing_scope_is_named(slack: Host, client: AsyncWebClient, method: str) -> None:
    uploads_to(slack)
    slack.answers[f"/api/{method}"] = JSONResponse({"ok": False, "error": "missing_scope"})
    with pytest.raises(SlackError, match="files:write"):
        await upload(client)


async def test_a_thread_that_is_gone_is_its_own_error(slack: Host, client: AsyncWebClient) -> None:
    uploads_to(slack)
    slack.answers["/api/files.completeUploadExternal"] = JSONResponse({"ok": False, "error": "thread_not_found"})
    with pytest.raises(MessageGone):
        await upload(client)


@pytest.mark.parametrize(
    ("answer", "shared"),
    [
        ({"ok": True, "file": {"id": "F9", "shares": {"public": {"C1": [{"ts": "1.2"}]}}}}, True),
        ({"ok": True, "file": {"id": "F9", "shares": {}, "ims": ["D1"]}}, True),
        ({"ok": True, "file": {"id": "F9", "shares": {}, "channels": [], "ims": []}}, False),
        ({"ok": False, "error": "file_not_found"}, False),
    ],
)
async def test_whether_a_file_is_seen(
    slack: Host, client: AsyncWebClient, answer: dict[str, Any], shared: bool
) -> None:
    slack.answers["/api/files.info"] = JSONResponse(answer)
    assert await files.is_shared(client, "F9") is shared
