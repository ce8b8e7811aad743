"""Calls to a service with the app's token: tried again where that is safe, and an error that says what a loss means.

A service adds what is its own: its address, headers and bodies, and what its statuses stand for.
"""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Protocol

import httpx
import stamina
import structlog

from bot.budgets import Rate, Turns
from bot.clock import Clock
from bot.errors import (
    IncompleteAnswer,
    OutcomeUnknown,
    SignInFailed,
    TenantError,
    TenantUnavailable,
    Throttled,
    ValueRefused,
)
from bot.tenant.access import USER_AGENT, TenantAccess, is_loopback
from bot.tenant.calling.answers import REMEDY_WAIT, retry_after
from bot.tenant.calling.calls import Call, Page, TooLargeError, read_body
from bot.tenant.calling.renewed_client import RenewedClient

_MOST_PAGES = 200

#: What httpx raises before a single byte of the request has left: the call has certainly changed nothing.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)

#: A wait for one's turn that is no more than the usual, in seconds.
_SHORT_WAIT = 2.0

log = structlog.get_logger(__name__)


class TokenSource(Protocol):
    """Where the tokens come from. `refused` is a token that the service has just refused."""

    async def token(self, *, refused: str | None = None) -> str: ...


class Refusals(Protocol):
    """What a service's answer other than success stands for. `wait` is its Retry-After, in seconds."""

    def __call__(self, call: Call, status: int, body: bytes, *, wait: float | None) -> TenantError: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a sender has to know of the service that it calls."""

    base: str  #: where it is; a call never leaves this host
    setting: str  #: the setting that says where it is, for people
    refusals: Refusals
    most_connections: int
    name: str  #: as its calls are counted
    event: str  #: what a call is in the log
    subject: str  #: the field of that event that names the call
    budget: str = ""  #: whose calls share a budget, where that isn't all that go to the address of the setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A successful answer, its body decompressed."""

    status: int
    body: bytes


class Sender:
    """Sends calls to one service. Construction does no I/O; `close()` when done."""

    def __init__(self, *, service: Service, settings: TenantAccess, tokens: TokenSource, now: Clock) -> None:
        self.base = httpx.URL(service.base)
        self._service = service
        self._patience = settings.patience
        self._metrics = settings.metrics
        self._tokens = tokens
        per_second = settings.calls_per_second
        rate = Rate(per_second=per_second, burst=max(1, round(per_second) * 2))
        name = f"tenant:{service.setting}:{service.budget}" if service.budget else f"tenant:{service.setting}"
        self._turns = Turns(settings.budgets, name, rate)
        self._now = now
        self._clients = RenewedClient(
            partial(
                httpx.AsyncClient,
                verify=settings.trust(),
                timeout=httpx.Timeout(self._patience.read, connect=self._patience.connect),
                limits=httpx.Limits(max_connections=service.most_connections),
                headers={"User-Agent": USER_AGENT},
                follow_redirects=False,
                trust_env=not is_loopback(self.base),
            )
        )
        #: How far the service's clock is ahead of ours, in seconds, by its last answer; None before the first.
        self.clock_skew: float | None = None

    def __repr__(self) -> str:
        return f"<Sender to {self.base.host}>"

    async def close(self) -> None:
        await self._clients.close()

    @asynccontextmanager
    async def calling(self, call: Call) -> AsyncIterator[None]:
        """Around everything that a call does: it has `Patience.total` for that, and one line in the log.

        Raises OutcomeUnknown when the time is over for a write that may have reached the service, else
        TenantUnavailable.
        """
        started = time.monotonic()
        outcome = "interrupted"
        try:
            async with asyncio.timeout(self._patience.total):
                yield
            outcome = "done"
        except TimeoutError:
            outcome = "TimeoutError"
            what = f"no answer within {self._patience.total:g} s in all."
            if call.under_way:
                raise call.failed(what) from None
            raise TenantUnavailable(f"{call.name}: {what}", REMEDY_WAIT) from None
        except TenantError as error:
            outcome = type(error).__name__
            raise
        finally:
            fields = {self._service.subject: call.name}
            seconds = time.monotonic() - started
            log.info(
                self._service.event,
                **fields,
                write=call.write,
                outcome=outcome,
                about=call.reference,
                client_request_ids=call.ids,
                seconds=round(seconds, 3),
            )
            self._metrics.tenant_call(self._service.name, write=call.write, outcome=outcome, seconds=seconds)

    async def pages(
        self,
        call: Call,
        first: httpx.URL,
        fetch: Callable[[httpx.URL], Awaitable[Page]],
        *,
        at_most: int | None = None,
    ) -> list[Page]:
        """Every page of an answer, each by `fetch`. A page that can't be had is an error, never the end of the list.

        With `at_most` so many pages are enough: where there are more, the last one returned names the next.

        Raises what `fetch` does, and IncompleteAnswer for a list that breaks off, leads to another host or never ends.
        """
        pages: list[Page] = []
        url = first
        seen = {str(url)}
        while True:
            try:
                page = await fetch(url)
            except ValueRefused as error:
                if not pages:
                    raise
                records = sum(len(page.values) + page.taken for page in pages)
                raise IncompleteAnswer(
                    f"The list broke off after {records} records. {error.what}",
                    REMEDY_WAIT,
                    service_text=error.service_text,
                    status=error.status,
                ) from error
            pages.append(page)
            # A write is never sent again to a next page: the same body would make the change twice.
            if page.next_link is None or call.write or len(pages) == at_most:
                return pages
            url = self._followed(call, page.next_link)
            if str(url) in seen:
                raise call.misunderstood("its pages run in a circle, so that the list has no end.")
            if len(seen) >= _MOST_PAGES:
                raise call.misunderstood(f"the list has more than {_MOST_PAGES} pages.")
            seen.add(str(url))

    async def send(self, call: Call, url: httpx.URL) -> Reply:
        """The answer to one request of a call, tried again where that is safe. Only within `calling`.

        A write is sent again only when it is certain that the service did not take it. Raises a TenantError:
        OutcomeUnknown only for writes.
        """
        async for attempt in stamina.retry_context(
            on=self._try_again,
            attempts=self._patience.attempts,
            timeout=None,  # the whole call has its own deadline
            wait_initial=self._patience.first_wait,
            wait_max=self._patience.longest_wait,
            wait_jitter=self._patience.first_wait,
        ):
            with attempt:
                return await self._attempt(call, url)
        raise AssertionError("a retry loop ends with an answer or an error")

    def _followed(self, call: Call, link: str) -> httpx.URL:
        """Where a link in an answer goes. One to another host is refused: the token would go there with the call."""
        try:
            url = self.base.join(link)
        except httpx.InvalidURL:
            raise call.misunderstood("its next page has no usable address.") from None
        if _origin(url) != _origin(self.base) or url.userinfo:
            raise call.misunderstood(f"its next page is on another host ({url.host}), where no token is sent.")
        return url

    def _try_again(self, error: Exception) -> bool | float:
        """Whether to try again: False, True for the usual backoff, or the seconds that the service has asked for."""
        if isinstance(error, Throttled):
            if error.retry_after is None:
                return True
            return error.retry_after if error.retry_after <= self._patience.longest_retry_after else False
        return isinstance(error, TenantUnavailable)

    async def _attempt(self, call: Call, url: httpx.URL) -> Reply:
        call.under_way = False
        token = await self._tokens.token()
        try:
            return await self._exchange(call, url, token)
        except SignInFailed:
            fresh = await self._tokens.token(refused=token)
        return await self._exchange(call, url, fresh)

    async def _exchange(self, call: Call, url: httpx.URL, token: str) -> Reply:
        await self._wait_for_turn(call)
        if call.begins is not None and not call.ids:
            call.begins()
        call.ids.append(str(uuid.uuid4()))
        own = {"Authorization": f"Bearer {token}", "client-request-id": call.ids[-1]}
        async with self._clients.lent() as client:
            request = client.build_request(call.method, url, content=call.body or None, headers={**call.headers, **own})
            response = await self._sent(call, client, request)
            try:
                self._note_clock(response)
                if not response.is_success:
                    refusal = await self._refusal(call, response)
                    call.under_way = isinstance(refusal, OutcomeUnknown)
                    raise refusal
                reply = Reply(status=response.status_code, body=await self._body(call, response))
            finally:
                await response.aclose()
        call.under_way = False
        return reply

    async def _sent(self, call: Call, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """The head of an answer. Raises TenantUnavailable when nothing was sent, else what a broken call fails with."""
        call.under_way = True
        try:
            return await client.send(request, stream=True)
        except _NEVER_SENT as error:
            call.under_way = False
            if isinstance(error, httpx.PoolTimeout):
                self._clients.renew(client)
            raise TenantUnavailable(
                f"{self.base.host} can't be reached for {call.name}: {_reason(error)}",
                f"Check the network, {self._service.setting} and the certificate authorities (SSL_CERT_FILE).",
            ) from error
        except httpx.TransportError as error:
            raise call.failed(f"the connection broke: {_reason(error)}") from error

    async def _wait_for_turn(self, call: Call) -> None:
        """Wait until the tenant's budget, which all replicas share, has a call left. Raises Throttled where it has none
        for longer than a Retry-After is waited for.
        """
        wait = await self._turns.take(patience=max(self._patience.longest_retry_after, _SHORT_WAIT))
        if wait:
            what = (
                f"{self.base.host} has asked to be left alone for {math.ceil(wait)} s more: {call.name} was not sent."
            )
            raise Throttled(what, REMEDY_WAIT, retry_after=wait)

    async def _refusal(self, call: Call, response: httpx.Response) -> TenantError:
        # The status counts. The body only adds words, and may not even be readable: a 403 has been seen whose body
        # was NUL bytes labelled as gzip.
        body = b""
        with suppress(httpx.HTTPError, TooLargeError):
            body = await read_body(response)
        wait = retry_after(response.headers.get("Retry-After"), now=self._now())
        refusal = self._service.refusals(call, response.status_code, body, wait=wait)
        if isinstance(refusal, Throttled):
            self._metrics.tenant_throttled(self._service.name)
            if refusal.retry_after:
                await self._turns.hold_back(refusal.retry_after)
        return refusal

    async def _body(self, call: Call, response: httpx.Response) -> bytes:
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
