"""One HTTP call with the app's token: tried again where that is safe, and an error that says what its loss means.

A service adds what is its own: addresses, headers, and what its statuses stand for.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

import httpx
import stamina

from bot.errors import OutcomeUnknown, SignInFailed, TenantError, TenantUnavailable, Throttled
from bot.tenant.answers import REMEDY_WAIT, retry_after
from bot.tenant.calls import Call, TooLargeError, read_body
from bot.tenant.limiter import TokenBucket
from bot.tenant.settings import TenantSettings, is_loopback

_MOST_CONNECTIONS = 4

#: What httpx raises before a single byte of the request has left: the call has certainly changed nothing.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class TokenSource(Protocol):
    """Where the tokens come from. `refused` is a token that the service has just refused."""

    async def token(self, *, refused: str | None = None) -> str: ...


class Refusals(Protocol):
    """What a service's answer other than success stands for. `wait` is its Retry-After, in seconds."""

    def __call__(self, call: Call, status: int, body: bytes, *, wait: float | None) -> TenantError: ...


class Sender:
    """Sends calls to one service. Construction does no I/O; `close()` when done.

    `base` is the service's address; a call never leaves its host. `setting` is the name of the setting that says where
    the service is, for people.
    """

    def __init__(
        self,
        *,
        settings: TenantSettings,
        base: str,
        setting: str,
        tokens: TokenSource,
        refusals: Refusals,
        limiter: TokenBucket | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.base = httpx.URL(base)
        self._setting = setting
        self._patience = settings.patience
        self._tokens = tokens
        self._refusals = refusals
        self._limiter = limiter or TokenBucket(
            per_second=settings.calls_per_second, burst=max(1, round(settings.calls_per_second) * 2)
        )
        self._now = now
        self._client = httpx.AsyncClient(
            verify=settings.trust(),
            timeout=httpx.Timeout(self._patience.read, connect=self._patience.connect),
            limits=httpx.Limits(max_connections=_MOST_CONNECTIONS),
            follow_redirects=False,
            trust_env=not is_loopback(self.base),
        )

    def __repr__(self) -> str:
        return f"<Sender to {self.base.host}>"

    async def close(self) -> None:
        await self._client.aclose()

    async def send(self, call: Call, method: str, url: httpx.URL, headers: Mapping[str, str]) -> bytes:
        """The body of a successful answer.

        A write is sent again only when it is certain that the service did not take it. Raises a TenantError:
        OutcomeUnknown only for writes.
        """
        try:
            async with asyncio.timeout(self._patience.total):
                return await self._with_retries(call, method, url, headers)
        except TimeoutError:
            what = f"no answer within {self._patience.total:g} s in all."
            if call.under_way:
                raise call.failed(what) from None
            raise TenantUnavailable(f"{call.cmdlet}: {what}", REMEDY_WAIT) from None

    def followed(self, call: Call, link: str) -> httpx.URL:
        """Where a link in an answer goes. One to another host is refused: the token would go there with the call."""
        try:
            url = self.base.join(link)
        except httpx.InvalidURL:
            raise call.misunderstood("its next page has no usable address.") from None
        if _origin(url) != _origin(self.base) or url.userinfo:
            raise call.misunderstood(f"its next page is on another host ({url.host}), where no token is sent.")
        return url

    async def _with_retries(self, call: Call, method: str, url: httpx.URL, headers: Mapping[str, str]) -> bytes:
        async for attempt in stamina.retry_context(
            on=self._try_again,
            attempts=self._patience.attempts,
            timeout=None,  # the whole call has its own deadline
            wait_initial=self._patience.first_wait,
            wait_max=self._patience.longest_wait,
            wait_jitter=self._patience.first_wait,
        ):
            with attempt:
                return await self._attempt(call, method, url, headers)
        raise AssertionError("a retry loop ends with an answer or an error")

    def _try_again(self, error: Exception) -> bool | float:
        """Whether to try again: False, True for the usual backoff, or the seconds that the service has asked for."""
        if isinstance(error, Throttled):
            if error.retry_after is None:
                return True
            return error.retry_after if error.retry_after <= self._patience.longest_retry_after else False
        return isinstance(error, TenantUnavailable)

    async def _attempt(self, call: Call, method: str, url: httpx.URL, headers: Mapping[str, str]) -> bytes:
        call.under_way = False
        token = await self._tokens.token()
        try:
            return await self._exchange(call, method, url, headers, token)
        except SignInFailed:
            call.under_way = False
            fresh = await self._tokens.token(refused=token)
        return await self._exchange(call, method, url, headers, fresh)

    async def _exchange(self, call: Call, method: str, url: httpx.URL, headers: Mapping[str, str], token: str) -> bytes:
        await self._limiter.acquire()
        call.ids.append(str(uuid.uuid4()))
        request = self._client.build_request(
            method,
            url,
            content=call.body or None,
            headers={**headers, "Authorization": f"Bearer {token}", "client-request-id": call.ids[-1]},
        )
        call.under_way = True
        try:
            response = await self._client.send(request, stream=True)
        except _NEVER_SENT as error:
            call.under_way = False
            raise TenantUnavailable(
                f"{self.base.host} can't be reached for {call.cmdlet}: {_reason(error)}",
                f"Check the network, {self._setting} and the certificate authorities (SSL_CERT_FILE).",
            ) from error
        except httpx.TransportError as error:
            raise call.failed(f"the connection broke: {_reason(error)}") from error
        try:
            if not response.is_success:
                refusal = await self._refusal(call, response)
                call.under_way = isinstance(refusal, OutcomeUnknown)
                raise refusal
            return await self._body(call, response)
        finally:
            await response.aclose()

    async def _refusal(self, call: Call, response: httpx.Response) -> TenantError:
        # The status counts. The body only adds words, and may not even be readable.
        body = b""
        with suppress(httpx.HTTPError, TooLargeError):
            body = await read_body(response)
        wait = retry_after(response.headers.get("Retry-After"), now=self._now())
        return self._refusals(call, response.status_code, body, wait=wait)

    async def _body(self, call: Call, response: httpx.Response) -> bytes:
        try:
            return await read_body(response)
        except TooLargeError as error:
            raise call.misunderstood(str(error)) from None
        except httpx.DecodingError:
            raise call.misunderstood("the answer can't be decompressed.") from None
        except httpx.TransportError as error:
            raise call.failed(f"the connection broke in the middle of the answer: {_reason(error)}") from error


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else f"{type(error).__name__}."
