"""One invocation of an Exchange Online cmdlet over the admin endpoint that the PowerShell module itself calls.

The endpoint isn't documented for others: everything that knows its address, headers, paging and retries is here, and
what its answers mean is in bot.tenant.answers.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import quote

import httpx
import stamina
import structlog

from bot.errors import (
    IncompleteAnswer,
    OutcomeUnknown,
    SignInFailed,
    TenantError,
    TenantUnavailable,
    Throttled,
    ValueRefused,
)
from bot.tenant.answers import REMEDY_WAIT, error_for, retry_after
from bot.tenant.calls import Call, Page, TooLargeError, read_body, read_page
from bot.tenant.limiter import TokenBucket
from bot.tenant.settings import TenantSettings, is_loopback

#: The arbitration mailbox that app-only calls are routed by, in every organization.
_ANCHOR = "APP:SystemMailbox{{bb558c35-97f1-4cb9-8ff7-d53741dc928c}}@{tenant}"
_PAGE_SIZE = 1000
_MOST_PAGES = 200
_MOST_CONNECTIONS = 6

#: What httpx raises before a single byte of the request has left: the call has certainly changed nothing.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)

log = structlog.get_logger(__name__)


class TokenSource(Protocol):
    """Where the transport gets its tokens. `refused` is a token that the service has just refused."""

    async def token(self, *, refused: str | None = None) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a cmdlet returned: its records, over all pages, and the warnings that it wrote."""

    values: tuple[dict[str, object], ...] = ()
    warnings: tuple[str, ...] = ()


class Transport:
    """Invokes cmdlets. Construction does no I/O; `close()` when done."""

    def __init__(
        self,
        *,
        settings: TenantSettings,
        tokens: TokenSource,
        limiter: TokenBucket | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._patience = settings.patience
        self._tokens = tokens
        self._limiter = limiter or TokenBucket(
            per_second=settings.calls_per_second, burst=max(1, round(settings.calls_per_second) * 2)
        )
        self._now = now
        tenant = quote(settings.tenant_id, safe="")
        self._url = httpx.URL(f"{settings.exchange_base}/adminapi/beta/{tenant}/InvokeCommand")
        self._anchor = _ANCHOR.format(tenant=settings.tenant_id)
        self._client = httpx.AsyncClient(
            verify=settings.trust(),
            timeout=httpx.Timeout(self._patience.read, connect=self._patience.connect),
            limits=httpx.Limits(max_connections=_MOST_CONNECTIONS),
            follow_redirects=False,
            trust_env=not is_loopback(self._url),
        )
        #: How far the service's clock is ahead of ours, in seconds, by its last answer; None before the first.
        self.clock_skew: float | None = None

    def __repr__(self) -> str:
        return f"<Transport to {self._url.host}>"

    async def close(self) -> None:
        await self._client.aclose()

    async def invoke(
        self, cmdlet: str, parameters: Mapping[str, object], *, write: bool, reference: str | None = None
    ) -> Answer:
        """Run one cmdlet and return everything that it returned, all pages together.

        A write is sent again only when it is certain that the service did not take it. `reference` is shown in the log
        beside the call. Raises a TenantError: OutcomeUnknown only for writes, IncompleteAnswer only for reads.
        """
        payload = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": dict(parameters)}}
        call = Call(cmdlet=cmdlet, body=json.dumps(payload).encode(), write=write, reference=reference or "")
        started = time.monotonic()
        outcome = "interrupted"
        try:
            async with asyncio.timeout(self._patience.total):
                answer = await self._all_pages(call)
            outcome = "done"
        except TimeoutError:
            outcome = "TimeoutError"
            what = f"no answer within {self._patience.total:g} s in all."
            if call.under_way:
                raise call.failed(what) from None
            raise TenantUnavailable(f"{cmdlet}: {what}", REMEDY_WAIT) from None
        except TenantError as error:
            outcome = type(error).__name__
            raise
        finally:
            log.info(
                "tenant call",
                cmdlet=cmdlet,
                write=write,
                outcome=outcome,
                reference=call.reference,
                client_request_ids=call.ids,
                seconds=round(time.monotonic() - started, 3),
            )
        return answer

    async def _all_pages(self, call: Call) -> Answer:
        values: list[dict[str, object]] = []
        warnings: list[str] = []
        url = self._url
        seen = {str(url)}
        while True:
            try:
                page = await self._with_retries(call, url)
            except ValueRefused as error:
                if len(seen) == 1:
                    raise
                raise IncompleteAnswer(
                    f"The list broke off after {len(values)} records. {error.what}",
                    REMEDY_WAIT,
                    service_text=error.service_text,
                    status=error.status,
                ) from error
            values += page.values
            warnings += page.warnings
            # A write is never posted again to a next page: the same body would make the change twice.
            if page.next_link is None or call.write:
                return Answer(values=tuple(values), warnings=tuple(warnings))
            url = self._next_url(call, page.next_link)
            if str(url) in seen:
                raise call.misunderstood("its pages run in a circle, so that the list has no end.")
            if len(seen) >= _MOST_PAGES:
                raise call.misunderstood(f"the list has more than {_MOST_PAGES} pages.")
            seen.add(str(url))

    def _next_url(self, call: Call, link: str) -> httpx.URL:
        """The next page's address. One on another host is refused: the token would go there with the request."""
        try:
            url = self._url.join(link)
        except httpx.InvalidURL:
            raise call.misunderstood("its next page has no usable address.") from None
        if _origin(url) != _origin(self._url) or url.userinfo:
            raise call.misunderstood(f"its next page is on another host ({url.host}), where no token is sent.")
        return url

    async def _with_retries(self, call: Call, url: httpx.URL) -> Page:
        async for attempt in stamina.retry_context(
            on=self._try_again,
            attempts=self._patience.attempts,
            timeout=None,  # the whole invocation has its own deadline
            wait_initial=self._patience.first_wait,
            wait_max=self._patience.longest_wait,
            wait_jitter=self._patience.first_wait,
        ):
            with attempt:
                return await self._attempt(call, url)
        raise AssertionError("a retry loop ends with an answer or an error")

    def _try_again(self, error: Exception) -> bool | float:
        """Whether to try again: False, True for the usual backoff, or the seconds that the service has asked for."""
        if isinstance(error, Throttled):
            if error.retry_after is None:
                return True
            return error.retry_after if error.retry_after <= self._patience.longest_retry_after else False
        return isinstance(error, TenantUnavailable)

    async def _attempt(self, call: Call, url: httpx.URL) -> Page:
        call.under_way = False
        token = await self._tokens.token()
        try:
            return await self._exchange(call, url, token)
        except SignInFailed:
            call.under_way = False
            fresh = await self._tokens.token(refused=token)
        return await self._exchange(call, url, fresh)

    async def _exchange(self, call: Call, url: httpx.URL, token: str) -> Page:
        await self._limiter.acquire()
        call.ids.append(str(uuid.uuid4()))
        request = self._client.build_request("POST", url, content=call.body, headers=self._headers(call, token))
        call.under_way = True
        try:
            response = await self._client.send(request, stream=True)
        except _NEVER_SENT as error:
            call.under_way = False
            raise TenantUnavailable(
                f"{self._url.host} can't be reached for {call.cmdlet}: {_reason(error)}",
                "Check the network, EXCHANGE_URL and the certificate authorities (SSL_CERT_FILE).",
            ) from error
        except httpx.TransportError as error:
            raise call.failed(f"the connection broke: {_reason(error)}") from error
        try:
            self._note_clock(response)
            if not response.is_success:
                refusal = await self._refusal(call, response)
                call.under_way = isinstance(refusal, OutcomeUnknown)
                raise refusal
            page = read_page(call, await self._body(call, response))
        finally:
            await response.aclose()
        call.under_way = False
        return page

    def _headers(self, call: Call, token: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Prefer": f"odata.maxpagesize={_PAGE_SIZE}",
            "X-AnchorMailbox": self._anchor,
            "X-CmdletName": call.cmdlet,
            "client-request-id": call.ids[-1],
        }

    async def _refusal(self, call: Call, response: httpx.Response) -> TenantError:
        # The status counts. The body only adds words, and may not even be readable: a 403 has been seen whose body
        # was NUL bytes labelled as gzip.
        body = b""
        with suppress(httpx.HTTPError, TooLargeError):
            body = await read_body(response)
        return error_for(
            response.status_code,
            body,
            cmdlet=call.cmdlet,
            write=call.write,
            reference=call.ids[-1],
            wait=retry_after(response.headers.get("Retry-After"), now=self._now()),
        )

    async def _body(self, call: Call, response: httpx.Response) -> bytes:
        if response.status_code == httpx.codes.NO_CONTENT:
            return b"{}"
        try:
            return await read_body(response)
        except TooLargeError as error:
            raise call.misunderstood(str(error)) from None
        except httpx.DecodingError:
            raise call.misunderstood("the answer can't be decompressed.") from None
        except httpx.TransportError as error:
            raise call.failed(f"the connection broke in the middle of the answer: {_reason(error)}") from error

    def _note_clock(self, response: httpx.Response) -> None:
        with suppress(KeyError, ValueError, TypeError):
            self.clock_skew = (parsedate_to_datetime(response.headers["Date"]) - self._now()).total_seconds()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else f"{type(error).__name__}."
