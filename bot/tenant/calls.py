"""One call of a cmdlet while it is under way: what it sends, what its loss would mean, and its answer's pages.

Part of bot.tenant.transport, which does the sending.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from bot.errors import IncompleteAnswer, OutcomeUnknown, TenantError, TenantUnavailable
from bot.tenant.answers import REMEDY_READ_BACK, REMEDY_WAIT

LARGEST_PAGE = 64 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Call:
    """What one invocation sends, over all its pages and retries."""

    cmdlet: str
    body: bytes
    write: bool
    reference: str  #: what the caller knows it by, for the log
    under_way: bool = False  #: a request may have reached the service, and its answer isn't understood yet
    ids: list[str] = field(default_factory=list)  #: the client-request-id of each request

    def failed(self, what: str) -> TenantError:
        """The error for an answer that was lost: a write may have happened, a read can simply be done again."""
        if self.write:
            return OutcomeUnknown(self._about(what), REMEDY_READ_BACK)
        return TenantUnavailable(self._about(what), REMEDY_WAIT)

    def misunderstood(self, what: str) -> TenantError:
        """The error for an answer that came, but not whole or not as it should be."""
        if self.write:
            return OutcomeUnknown(self._about(what), REMEDY_READ_BACK)
        return IncompleteAnswer(self._about(what), REMEDY_WAIT)

    def _about(self, what: str) -> str:
        return f"{self.cmdlet} (reference {self.ids[-1] if self.ids else 'none'}): {what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of an answer."""

    values: tuple[dict[str, object], ...]
    warnings: tuple[str, ...]
    next_link: str | None


class TooLargeError(Exception):
    """An answer is larger than any list can be."""


async def read_body(response: httpx.Response) -> bytes:
    """The body, decompressed, up to LARGEST_PAGE. Raises TooLargeError, and whatever httpx does."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_PAGE:
            raise TooLargeError(f"the answer is larger than {LARGEST_PAGE} bytes.")
    return bytes(body)


def read_page(call: Call, body: bytes) -> Page:
    """What a successful answer holds. A read must hold a list of records; a write may hold nothing."""
    try:
        payload = json.loads(body)
    except ValueError:
        raise call.misunderstood("the answer is no JSON.") from None
    if not isinstance(payload, Mapping) or payload.get("error") is not None:
        raise call.misunderstood("the answer isn't what the service usually returns.")
    values = payload.get("value", [] if call.write else None)
    if values is None and call.write:
        values = []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        # A write that was answered with 200 is done, whatever it returned; the read-back shows it.
        if not call.write:
            raise call.misunderstood("the answer holds no list of records.")
        values = []
    warnings = payload.get("@adminapi.warnings")
    next_link = payload.get("@odata.nextLink")
    if next_link is not None and not isinstance(next_link, str) and not call.write:
        raise call.misunderstood("its next page has no usable address.")
    return Page(
        values=tuple(values),
        warnings=tuple(str(warning) for warning in warnings) if isinstance(warnings, list) else (),
        next_link=next_link if isinstance(next_link, str) and next_link else None,
    )
