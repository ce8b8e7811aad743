"""What the calls to every service have in common, seen through both that there are: the admin endpoint and Graph."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from bot import __version__
from bot.errors import IncompleteAnswer, OutcomeUnknown, TenantError, TenantUnavailable, ValueRefused
from bot.tenant.access import TenantAccess
from bot.tenant.calling import calls, sender
from bot.tenant.calling.graph import Graph
from bot.tenant.calling.transport import Transport
from tests.integration.tenant.conftest import QUICK, SettingsFor
from tests.integration.tenant.scripted import http_answer, raw_serving, serving_app

PATH = "security/threatSubmission/emailThreats"
DONE = JSONResponse({"value": [], "id": "1"})


class Tokens:
    """Gives a new token whenever the one before was refused."""

    def __init__(self) -> None:
        self.given = [secrets.token_hex(8)]

    async def token(self, *, refused: str | None = None) -> str:
        if refused == self.given[-1]:
            self.given.append(secrets.token_hex(8))
        return self.given[-1]


@dataclass
class Service:
    """Answers what is queued, and then that all is well."""

    url: str = ""
    queue: deque[Response] = field(default_factory=deque)
    asked: list[Request] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.asked.append(request)
        return self.queue.popleft() if self.queue else DONE


async def call(way: str, settings: TenantAccess, tokens: Tokens | None = None, *, write: bool = True) -> None:
    """One reading or writing, the one way or the other."""
    tokens = tokens or Tokens()
    caller: Transport | Graph
    if way == "exchange":
        caller = transport = Transport(settings=settings, tokens=tokens)
        calling = transport.invoke("New-X" if write else "Get-X", {}, write=write, reference="request 42")
    else:
        caller = graph = Graph(settings=settings, tokens=tokens)
        calling = graph.create(PATH, {"a": "b"}, reference="request 42") if write else graph.all(PATH)
    try:
        await calling
    finally:
        await caller.close()


def lines(logged: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
    """What the log says of the calls; each wait before another try has a line of its own."""
    return [dict(line) for line in logged if line["event"] in {"tenant call", "graph call"}]


@pytest.fixture(params=["exchange", "graph"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    built = Service()
    app = Starlette(routes=[Route("/{path:path}", built.answer, methods=["GET", "POST"])])
    async with serving_app(app) as built.url:
        yield built


@pytest.fixture
def settings(service: Service, settings_for: SettingsFor) -> TenantAccess:
    return settings_for(service.url, graph_url=service.url)


async def test_each_writing_is_one_line_in_the_log_with_its_reference_and_every_id(
    way: str, service: Service, settings: TenantAccess
) -> None:
    service.queue += [Response(status_code=429), Response(status_code=429)]
    with capture_logs() as logged:
        await call(way, settings)
    (line,) = lines(logged)
    assert line.pop("seconds") >= 0
    named = {"cmdlet": "New-X"} if way == "exchange" else {"call": f"POST {PATH}"}
    assert line == named | {
        "event": "tenant call" if way == "exchange" else "graph call",
        "log_level": "info",
        "write": True,
        "outcome": "done",
        "about": "request 42",
        "client_request_ids": [request.headers["client-request-id"] for request in service.asked],
    }
    assert len(set(line["client_request_ids"])) == 3
    counted = settings.metrics.registry.get_sample_value
    labels = {"service": way, "access": "write", "outcome": "done"}
    assert counted("portcullis_tenant_call_seconds_count", labels) == 1
    assert counted("portcullis_tenant_throttled_total", {"service": way}) == 2
    assert {request.headers["user-agent"] for request in service.asked} == {f"Portcullis/{__version__}"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Response(status_code=403), "PermissionMissing"),
        (Response(status_code=500), "OutcomeUnknown"),
        (Response("no JSON"), "OutcomeUnknown"),
    ],
)
async def test_the_line_says_how_it_ended(
    way: str, service: Service, settings: TenantAccess, answer: Response, outcome: str
) -> None:
    service.queue.append(answer)
    with capture_logs() as logged, pytest.raises(TenantError):
        await call(way, settings)
    assert [line["outcome"] for line in lines(logged)] == [outcome]


@pytest.mark.parametrize("write", [False, True])
async def test_the_time_for_a_call_has_an_end_and_the_log_tells_that_it_was_the_time(
    way: str, settings_for: SettingsFor, write: bool
) -> None:
    # Who connects here can send what they like, and nobody ever takes it.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = settings_for(url, graph_url=url, patience=replace(QUICK, total=0.2))
        with capture_logs() as logged, pytest.raises(OutcomeUnknown if write else TenantUnavailable, match=r"0\.2 s"):
            await call(way, settings, write=write)
    assert [line["outcome"] for line in lines(logged)] == ["TimeoutError"]


async def test_a_write_that_was_certainly_not_taken_is_no_unknown_outcome_when_the_time_is_over(
    way: str, service: Service, settings_for: SettingsFor
) -> None:
    class NoFreshToken(Tokens):
        async def token(self, *, refused: str | None = None) -> str:
            if refused is not None:
                await asyncio.Event().wait()
            return await super().token()

    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    patience = replace(QUICK, total=0.5, first_wait=60, longest_wait=60)
    service.queue += [Response(status_code=429), Response(status_code=401)]
    for url, tokens in ((nobody, Tokens()), (service.url, Tokens()), (service.url, NoFreshToken())):
        with pytest.raises(TenantUnavailable, match=r"within 0\.5 s"):
            await call(way, settings_for(url, graph_url=url, patience=patience), tokens)
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", http_answer("200 OK", {"Content-Length": "400"}, b'{"id":')]
)
async def test_a_write_whose_connection_breaks_is_not_sent_again(
    way: str, settings_for: SettingsFor, answer: bytes
) -> None:
    async with raw_serving(answer) as (url, requests):
        with pytest.raises(OutcomeUnknown, match="connection broke"):
            await call(way, settings_for(url, graph_url=url))
    assert len(requests) == 1


async def test_a_service_that_is_not_there_names_the_setting_that_says_where_it_is(
    way: str, settings_for: SettingsFor
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(TenantUnavailable, match="can't be reached") as caught:
        await call(way, settings_for(url, graph_url=url))
    assert ("EXCHANGE_URL" if way == "exchange" else "GRAPH_URL") in caught.value.remedy


@pytest.mark.parametrize("write", [False, True])
async def test_a_redirect_is_not_followed(way: str, service: Service, settings: TenantAccess, write: bool) -> None:
    service.queue.append(RedirectResponse(f"{service.url}/elsewhere", status_code=307))
    with pytest.raises(ValueRefused, match="307"):
        await call(way, settings, write=write)
    assert len(service.asked) == 1


@pytest.mark.parametrize("write", [False, True])
async def test_a_refused_token_is_replaced_once(
    way: str, service: Service, settings: TenantAccess, write: bool
) -> None:
    service.queue.append(Response(status_code=401))
    tokens = Tokens()
    await call(way, settings, tokens, write=write)
    assert len(tokens.given) == 2
    assert [request.headers["authorization"] for request in service.asked] == [f"Bearer {t}" for t in tokens.given]


@pytest.mark.parametrize(("write", "kind"), [(False, IncompleteAnswer), (True, OutcomeUnknown)])
@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (JSONResponse({"value": [], "text": "x" * 200}), "larger than 100 bytes"),
        (Response(b"\x00" * 50, headers={"Content-Encoding": "gzip"}), "decompressed"),
        (Response(b"\x00" * 50, headers={"Content-Encoding": "gzip, gzip"}), "packed more than once"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_never_taken_for_an_empty_one(
    way: str,
    service: Service,
    settings: TenantAccess,
    monkeypatch: pytest.MonkeyPatch,
    answer: Response,
    match: str,
    write: bool,
    kind: type[TenantError],
) -> None:
    monkeypatch.setattr(calls, "LARGEST_PAGE", 100)
    service.queue.append(answer)
    with pytest.raises(kind, match=match):
        await call(way, settings, write=write)
    assert len(service.asked) == 1


async def test_pages_without_end_end_in_an_error(
    way: str, service: Service, settings: TenantAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "_MOST_PAGES", 3)
    service.queue += [JSONResponse({"value": [], "@odata.nextLink": f"{service.url}/{n}"}) for n in range(9)]
    with pytest.raises(IncompleteAnswer, match="more than 3 pages"):
        await call(way, settings, write=False)
    assert len(service.asked) == 3


async def test_an_answer_without_content_is_a_write_done_for_cmdlets_and_no_object_for_graph(
    way: str, service: Service, settings: TenantAccess
) -> None:
    service.queue.append(Response(status_code=204))
    if way == "exchange":
        await call(way, settings)
    else:
        with pytest.raises(OutcomeUnknown):
            await call(way, settings)
    assert len(service.asked) == 1
