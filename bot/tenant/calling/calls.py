"""One call while it is under way: what it sends, what its loss would mean, and what its answer's body holds.

Part of bot.tenant.calling.sender, which does the sending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

import httpx

from bot.errors import IncompleteAnswer, OutcomeUnknown, TenantError, TenantUnavailable, UnreadableJson
from bot.outside_json import read_outside_json
from bot.tenant.calling.answers import REMEDY_READ_BACK, REMEDY_WAIT

LARGEST_PAGE = 64 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Call:
    """What one call sends, over all its pages and retries."""

    name: str  #: for people: a cmdlet, or a method and a path
    method: str = "POST"
    headers: Mapping[str, str]  #: without the token and the client-request-id, which each request gets anew
    body: bytes = b""
    write: bool
    reference: str = ""  #: what the caller knows it by, for the log
    begins: Callable[[], None] | None = None  #: called before its first request is sent
    under_way: bool = False  #: a request may have reached the service, and its answer isn't understood yet
    ids: list[str] = field(default_factory=list)  #: the client-request-id of each request

    @property
    def title(self) -> str:
        """The call's name with what Microsoft's support knows its last request by."""
        return f"{self.name} (reference {self.ids[-1] if self.ids else 'none'})"

    def failed(self, what: str) -> TenantError:
        """The error for an answer that was lost: a write may have happened, a read can simply be done again."""
        return self._lost(TenantUnavailable, what)

    def misunderstood(self, what: str) -> TenantError:
        """The error for an answer that came, but not whole or not as it should be."""
        return self._lost(IncompleteAnswer, what)

    def _lost(self, read: type[TenantError], what: str) -> TenantError:
        kind, remedy = (OutcomeUnknown, REMEDY_READ_BACK) if self.write else (read, REMEDY_WAIT)
        return kind(f"{self.title}: {what}", remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list."""

    values: tuple[dict[str, object], ...]
    warnings: tuple[str, ...] = ()
    next_link: str | None
    taken: int = 0  #: so many of its records were taken on the way, and aren't among the values any more


class TooLargeError(Exception):
    """An answer is larger than any list can be."""


async def read_body(response: httpx.Response) -> bytes:
    """The body, decompressed, up to LARGEST_PAGE. Raises TooLargeError, and whatever httpx does."""
    if "," in response.headers.get("Content-Encoding", ""):
        # Unpacked twice, a few bytes are as many as anybody likes.
        raise TooLargeError("the answer is packed more than once.")
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_PAGE:
            raise TooLargeError(f"the answer is larger than {LARGEST_PAGE} bytes.")
    return bytes(body)


def read_object(call: Call, body: bytes) -> dict[str, object]:
    """The object that a successful answer holds; one that tells of an error is none, whatever its status was."""
    try:
        payload = read_outside_json(body, most_bytes=LARGEST_PAGE)
    except UnreadableJson as error:
        raise call.misunderstood(f"the answer is no JSON that can be read: {error.why}.") from None
    if not isinstance(payload, dict) or payload.get("error") is not None:
        raise call.misunderstood("the answer isn't what the service usually returns.")
    return payload


def is_list_of_objects(values: object) -> TypeGuard[list[dict[str, object]]]:
    return isinstance(values, list) and all(isinstance(value, dict) for value in values)
