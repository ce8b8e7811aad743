"""The transport over real HTTP: headers, pages, and every row of the table of errors and retries."""

from __future__ import annotations

import asyncio
import gzip
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.errors import (
    IncompleteAnswer,
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantError,
    TenantUnavailable,
    Throttled,
    ValueRefused,
)
from bot.tenant.access import TenantAccess
from bot.tenant.calling import calls, sender
from bot.tenant.calling.transport import Transport
from tests.integration.tenant.conftest import QUICK, SettingsFor
from tests.integration.tenant.scripted import (
    TENANT_ID,
    Scripted,
    as_json,
    http_answer,
    page,
    raw_serving,
    refusal,
)

READ = "Get-TenantAllowBlockListItems"
WRITE = "New-TenantAllowBlockListItems"


class CountedTokens:
    """Gives a new token whenever the one before was refused."""

    def __init__(self) -> None:
        self.given = [secrets.token_hex(8)]

    async def token(self, *, refused: str | None = None) -> str:
        if refused == self.given[-1]:
            self.given.append(secrets.token_hex(8))
        return self.given[-1]


@pytest.fixture
def tokens() -> CountedTokens:
    return CountedTokens()


@pytest.fixture
async def transport(settings: TenantAccess, tokens: CountedTokens) -> AsyncIterator[Transport]:
    built = Transport(settings=settings, tokens=tokens)
    yield built
    await built.close()


async def one_call(settings: TenantAccess, *, write: bool) -> None:
    built = Transport(settings=settings, tokens=CountedTokens())
    try:
        await built.invoke(WRITE if write else READ, {}, write=write)
    finally:
        await built.close()


async def test_a_call_has_the_address_body_and_headers_of_the_module(
    service: Scripted, transport: Transport, tokens: CountedTokens
) -> None:
    await transport.invoke(READ, {"ListType": "Sender"}, write=False)

    (received,) = service.received
    assert received.url == f"{service.url}/adminapi/beta/{TENANT_ID}/InvokeCommand"
    assert received.body == {"CmdletInput": {"CmdletName": READ, "Parameters": {"ListType": "Sender"}}}
    assert received.token == tokens.given[0]
    assert received.headers["content-type"] == "application/json"
    assert received.headers["prefer"] == "odata.maxpagesize=1000"
    assert received.headers["x-cmdletname"] == READ
    assert (
        received.headers["x-anchormailbox"] == f"APP:SystemMailbox{{bb558c35-97f1-4cb9-8ff7-d53741dc928c}}@{TENANT_ID}"
    )
    assert len(received.headers["client-request-id"]) == 36


async def test_a_call_looks_for_no_module_in_vain(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    """To look through the whole path for a module that is missing takes longer than most of a call does."""
    missing: list[str] = []

    class Asked:
        """The last to be asked for a module, which nobody before has."""

        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            missing.append(name)

    await transport.invoke(READ, {}, write=False)  # whatever is loaded at the first call
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Asked])
    await transport.invoke(READ, {}, write=False)
    assert missing == []


async def test_parameters_are_an_object_even_when_empty(service: Scripted, transport: Transport) -> None:
    await transport.invoke("Get-HostedConnectionFilterPolicy", {}, write=False)
    assert service.received[0].body["CmdletInput"]["Parameters"] == {}


async def test_a_slash_at_the_end_of_the_address_makes_no_difference(service: Scripted, settings: TenantAccess) -> None:
    await one_call(replace(settings, exchange_url=service.url + "/"), write=False)
    assert service.received[0].url.endswith(f"/adminapi/beta/{TENANT_ID}/InvokeCommand")


async def test_all_pages_are_fetched_with_the_same_body_and_headers(service: Scripted, transport: Transport) -> None:
    link = f"{service.url}/adminapi/beta/{TENANT_ID}/InvokeCommand"
    service.queue += [
        page({"n": 1}, next_link=f"{link}?page=2", warnings=("one",)),
        page({"n": 2}, next_link=f"{link}?page=3"),
        page({"n": 3}, warnings=("two",)),
    ]

    answer = await transport.invoke(READ, {"ListType": "Url"}, write=False)

    assert answer.values == ({"n": 1}, {"n": 2}, {"n": 3})
    assert answer.warnings == ("one", "two")
    assert [received.url.partition("?")[2] for received in service.received] == ["", "page=2", "page=3"]
    assert len({str(received.body) for received in service.received}) == 1
    assert len({received.headers["x-anchormailbox"] for received in service.received}) == 1


async def test_a_next_page_on_another_host_gets_no_token(
    service: Scripted, transport: Transport, settings_for: SettingsFor
) -> None:
    async with raw_serving(http_answer("200 OK", {"Content-Length": "12"}, b'{"value":[]}')) as (foreign, requests):
        service.queue.append(page({"n": 1}, next_link=f"{foreign}/adminapi/beta/{TENANT_ID}/InvokeCommand?page=2"))
        with pytest.raises(IncompleteAnswer, match="another host"):
            await transport.invoke(READ, {}, write=False)
        assert requests == []


@pytest.mark.parametrize("link", ["https://{host}/x", "http://user@{host}/x", "//elsewhere.example/x", 7])
async def test_a_next_page_with_another_scheme_or_user_is_refused(
    service: Scripted, transport: Transport, link: str | int
) -> None:
    host = service.url.removeprefix("http://")
    value = link.format(host=host) if isinstance(link, str) else link
    service.queue.append(JSONResponse({"value": [], "@odata.nextLink": value}))
    with pytest.raises(IncompleteAnswer, match="next page"):
        await transport.invoke(READ, {}, write=False)
    assert len(service.received) == 1


async def test_expired_paging_is_an_incomplete_list_and_not_its_end(service: Scripted, transport: Transport) -> None:
    link = f"{service.url}/adminapi/beta/{TENANT_ID}/InvokeCommand?page=2"
    service.queue += [page({"n": 1}, next_link=link), refusal(400, "Expired or Invalid pagination request.")]
    with pytest.raises(IncompleteAnswer, match="Expired or Invalid pagination"):
        await transport.invoke(READ, {}, write=False)


async def test_a_refusal_in_the_middle_of_the_pages_is_an_incomplete_list(
    service: Scripted, transport: Transport
) -> None:
    link = f"{service.url}/adminapi/beta/{TENANT_ID}/InvokeCommand?page=2"
    service.queue += [page({"n": 1}, next_link=link), refusal(404, "Gone.")]
    with pytest.raises(IncompleteAnswer, match="after 1 records"):
        await transport.invoke(READ, {}, write=False)


async def test_pages_that_run_in_a_circle_end_in_an_error(service: Scripted, transport: Transport) -> None:
    link = f"{service.url}/adminapi/beta/{TENANT_ID}/InvokeCommand?page=2"
    service.queue += [page(next_link=link), page(next_link=link)]
    with pytest.raises(IncompleteAnswer, match="circle"):
        await transport.invoke(READ, {}, write=False)
    assert len(service.received) == 2


async def test_pages_without_end_end_in_an_error(
    service: Scripted, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "_MOST_PAGES", 3)
    link = f"{service.url}/adminapi/beta/{TENANT_ID}/InvokeCommand?page="
    service.by_cmdlet[READ] = lambda _: page(next_link=f"{link}{len(service.received)}")
    with pytest.raises(IncompleteAnswer, match="more than 3 pages"):
        await transport.invoke(READ, {}, write=False)
    assert len(service.received) == 3


async def test_a_write_is_never_posted_to_a_next_page(service: Scripted, transport: Transport) -> None:
    service.queue.append(page({"n": 1}, next_link=f"{service.url}/adminapi/beta/{TENANT_ID}/InvokeCommand?page=2"))
    answer = await transport.invoke(WRITE, {}, write=True)
    assert answer.values == ({"n": 1},)
    assert len(service.received) == 1


@pytest.mark.parametrize("content", [{}, {"value": None}, {"value": "text"}, {"@odata.nextLink": 7, "error": None}])
async def test_a_write_may_be_answered_without_a_value(
    service: Scripted, transport: Transport, content: dict[str, object]
) -> None:
    service.queue.append(JSONResponse(content))
    assert (await transport.invoke(WRITE, {}, write=True)).values == ()


@pytest.mark.parametrize(
    "content", [{}, {"value": None}, {"value": {}}, {"value": [1]}, [], {"error": {"message": "x"}, "value": []}]
)
async def test_a_read_without_a_list_of_records_is_incomplete(
    service: Scripted, transport: Transport, content: object
) -> None:
    service.queue.append(JSONResponse(content))
    with pytest.raises(IncompleteAnswer):
        await transport.invoke(READ, {}, write=False)


@pytest.mark.parametrize(("write", "kind"), [(False, IncompleteAnswer), (True, OutcomeUnknown)])
@pytest.mark.parametrize("body", [b"{", b"", b"<html>", b"\x00" * 20, b"[" * 200_000])
async def test_an_answer_that_is_no_json(
    service: Scripted, transport: Transport, write: bool, kind: type[TenantError], body: bytes
) -> None:
    service.queue.append(Response(body, media_type="application/json"))
    with pytest.raises(kind, match="no JSON"):
        await transport.invoke(WRITE if write else READ, {}, write=write)
    assert len(service.received) == 1


@pytest.mark.parametrize(("write", "kind"), [(False, IncompleteAnswer), (True, OutcomeUnknown)])
async def test_an_answer_that_cannot_be_decompressed(
    service: Scripted, transport: Transport, write: bool, kind: type[TenantError]
) -> None:
    service.queue.append(Response(b"\x00" * 50, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(kind, match="decompressed"):
        await transport.invoke(WRITE if write else READ, {}, write=write)


async def test_a_compressed_answer_is_read(service: Scripted, transport: Transport) -> None:
    body = gzip.compress(as_json({"value": [{"n": 1}]}))
    service.queue.append(Response(body, headers={"Content-Encoding": "gzip"}))
    assert (await transport.invoke(READ, {}, write=False)).values == ({"n": 1},)


@pytest.mark.parametrize(("write", "kind"), [(False, IncompleteAnswer), (True, OutcomeUnknown)])
async def test_an_answer_that_is_too_large(
    service: Scripted, transport: Transport, write: bool, kind: type[TenantError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "LARGEST_PAGE", 100)
    service.queue.append(page({"text": "x" * 200}))
    with pytest.raises(kind, match="larger than 100 bytes"):
        await transport.invoke(WRITE if write else READ, {}, write=write)


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(
    ("status", "kind"), [(400, ValueRefused), (403, PermissionMissing), (404, ValueRefused), (405, ValueRefused)]
)
async def test_a_refusal_is_not_tried_again(
    service: Scripted, transport: Transport, status: int, kind: type[TenantError], write: bool
) -> None:
    service.queue.append(refusal(status, "Invalid value to add: evil.example - Duplicate value.."))
    with pytest.raises(kind, match=r"evil\.example") as caught:
        await transport.invoke(WRITE if write else READ, {}, write=write)
    assert len(service.received) == 1
    assert caught.value.status == status
    assert caught.value.service_text == "Invalid value to add: evil.example - Duplicate value.."
    assert service.received[0].headers["client-request-id"] in str(caught.value)


async def test_a_403_whose_body_is_nul_bytes_labelled_gzip_is_still_a_403(
    service: Scripted, transport: Transport
) -> None:
    service.queue.append(Response(b"\x00" * 64, status_code=403, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(PermissionMissing) as caught:
        await transport.invoke(READ, {}, write=False)
    assert caught.value.status == 403
    assert "Security Reader" in caught.value.remedy


@pytest.mark.parametrize("write", [False, True])
async def test_a_401_is_tried_once_more_with_a_fresh_token(
    service: Scripted, transport: Transport, tokens: CountedTokens, write: bool
) -> None:
    service.queue += [Response(status_code=401), page({"n": 1})]
    answer = await transport.invoke(WRITE if write else READ, {}, write=write)
    assert answer.values == ({"n": 1},)
    assert [received.token for received in service.received] == tokens.given
    assert len(tokens.given) == 2


async def test_a_second_401_is_a_failed_sign_in(service: Scripted, transport: Transport) -> None:
    service.by_cmdlet[READ] = lambda _: Response(status_code=401)
    with pytest.raises(SignInFailed) as caught:
        await transport.invoke(READ, {}, write=False)
    assert len(service.received) == 2
    assert "Exchange.ManageAsApp" in caught.value.remedy


@pytest.mark.parametrize("write", [False, True])
async def test_a_429_is_tried_again(service: Scripted, transport: Transport, write: bool) -> None:
    service.queue += [
        Response(status_code=429, headers={"Retry-After": "0"}),
        refusal(429, "You have reached the maximum number of concurrent requests per tenant."),
        page({"n": 1}),
    ]
    answer = await transport.invoke(WRITE if write else READ, {}, write=write)
    assert answer.values == ({"n": 1},)
    assert len(service.received) == 3


async def test_throttling_that_does_not_end_is_given_up(service: Scripted, transport: Transport) -> None:
    service.by_cmdlet[READ] = lambda _: Response(status_code=429)
    with pytest.raises(Throttled) as caught:
        await transport.invoke(READ, {}, write=False)
    assert len(service.received) == QUICK.attempts
    assert caught.value.retry_after is None


@pytest.mark.parametrize("as_date", [False, True])
async def test_a_long_retry_after_is_left_to_the_job(
    service: Scripted, settings: TenantAccess, tokens: CountedTokens, as_date: bool
) -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    value = format_datetime(now + timedelta(seconds=90), usegmt=True) if as_date else "90"
    service.queue.append(Response(status_code=429, headers={"Retry-After": value}))
    transport = Transport(settings=settings, tokens=tokens, now=lambda: now)
    with pytest.raises(Throttled) as caught:
        await transport.invoke(WRITE, {}, write=True)
    await transport.close()
    assert caught.value.retry_after == 90
    assert len(service.received) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_a_read_is_tried_again_after_a_passing_fault(
    service: Scripted, transport: Transport, status: int
) -> None:
    service.queue += [refusal(status, "Busy."), Response(status_code=status), page({"n": 1})]
    assert (await transport.invoke(READ, {}, write=False)).values == ({"n": 1},)


async def test_a_fault_that_does_not_pass_is_given_up(service: Scripted, transport: Transport) -> None:
    service.by_cmdlet[READ] = lambda _: refusal(503, "Busy.")
    with pytest.raises(TenantUnavailable, match="Busy") as caught:
        await transport.invoke(READ, {}, write=False)
    assert len(service.received) == QUICK.attempts
    assert caught.value.status == 503


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_a_write_that_met_a_server_fault_has_an_unknown_outcome(
    service: Scripted, transport: Transport, status: int
) -> None:
    service.queue.append(refusal(status, "Busy."))
    with pytest.raises(OutcomeUnknown, match="Busy") as caught:
        await transport.invoke(WRITE, {}, write=True)
    assert len(service.received) == 1
    assert caught.value.status == status


async def test_a_redirect_is_not_followed(service: Scripted, transport: Transport) -> None:
    service.queue.append(RedirectResponse(f"{service.url}/elsewhere", status_code=307))
    with pytest.raises(ValueRefused, match="307") as caught:
        await transport.invoke(READ, {}, write=False)
    assert len(service.received) == 1
    assert "EXCHANGE_URL" in caught.value.remedy


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        http_answer("200 OK", {"Content-Length": "400"}, b'{"value": [{"n":'),
    ],
    ids=["nothing", "half a head", "half a body"],
)
@pytest.mark.parametrize("write", [False, True])
async def test_a_connection_that_breaks(settings_for: SettingsFor, answer: bytes, write: bool) -> None:
    async with raw_serving(answer) as (url, requests):
        with pytest.raises(OutcomeUnknown if write else TenantUnavailable):
            await one_call(settings_for(url), write=write)
    assert len(requests) == (1 if write else QUICK.attempts)


@pytest.mark.parametrize("write", [False, True])
async def test_an_answer_that_does_not_come(settings_for: SettingsFor, write: bool) -> None:
    patience = replace(QUICK, read=0.05, attempts=2)
    async with raw_serving(b"", then_wait=True) as (url, requests):
        with pytest.raises(OutcomeUnknown if write else TenantUnavailable, match="ReadTimeout"):
            await one_call(settings_for(url, patience=patience), write=write)
    assert len(requests) == (1 if write else 2)


@pytest.mark.parametrize("write", [False, True])
async def test_the_time_for_a_whole_call_has_an_end(settings_for: SettingsFor, write: bool) -> None:
    patience = replace(QUICK, total=0.2)
    async with raw_serving(b"", then_wait=True) as (url, requests):
        with pytest.raises(OutcomeUnknown if write else TenantUnavailable, match=r"within 0\.2 s"):
            await one_call(settings_for(url, patience=patience), write=write)
    assert len(requests) == 1


async def test_a_write_that_never_began_has_changed_nothing(service: Scripted, settings: TenantAccess) -> None:
    class StuckTokens:
        async def token(self, *, refused: str | None = None) -> str:
            await asyncio.Event().wait()
            return refused or ""

    transport = Transport(settings=replace(settings, patience=replace(QUICK, total=0.05)), tokens=StuckTokens())
    with pytest.raises(TenantUnavailable):
        await transport.invoke(WRITE, {}, write=True)
    await transport.close()
    assert service.received == []


@pytest.mark.parametrize("write", [False, True])
async def test_nobody_listens(settings_for: SettingsFor, write: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TenantUnavailable, match="can't be reached"):
        await one_call(settings_for(f"http://127.0.0.1:{port}"), write=write)


async def test_the_clock_is_compared_with_the_services(settings: TenantAccess, tokens: CountedTokens) -> None:
    transport = Transport(settings=settings, tokens=tokens, now=lambda: datetime.now(UTC) - timedelta(minutes=10))
    assert transport.clock_skew is None
    await transport.invoke(READ, {}, write=False)
    await transport.close()
    assert transport.clock_skew == pytest.approx(600, abs=30)


async def test_no_token_in_errors_logs_and_representations(
    service: Scripted, transport: Transport, tokens: CountedTokens, capsys: pytest.CaptureFixture[str]
) -> None:
    service.queue += [refusal(400, "No.")]
    with pytest.raises(ValueRefused) as caught:
        await transport.invoke(WRITE, {"Notes": "hello"}, write=True, reference="request 42")
    written = capsys.readouterr()
    assert "request 42" in written.out + written.err
    for text in (repr(transport), repr(caught.value), str(caught.value), written.out, written.err):
        assert tokens.given[0] not in text
