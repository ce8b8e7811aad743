"""Pages of a long answer: a random token for what is still to come, good for half an hour.

A token holds the result as it was when the first page was made. It is good only for the same body, and only with the
same X-AnchorMailbox as on the first page: that header is what brings a follow-up to the server that holds the rest.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from .cmdlets import Record
from .errors import CmdletRefused

LIFETIME = timedelta(minutes=30)
DEFAULT_SIZE = 1000
EXPIRED = "Expired or Invalid pagination request. Default Expiry time is 00:30:00"


def expired_page() -> CmdletRefused:
    """The refusal of a page that can't be had any more."""
    return CmdletRefused(EXPIRED, exception_type="System.InvalidOperationException")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page's records, and the token of the next one, or None at the end."""

    records: list[Record]
    next_token: str | None


@dataclass(frozen=True, kw_only=True)
class _Rest:
    records: list[Record]
    size: int
    body: str
    anchor: str
    expires: datetime


class Pages:
    """The answers that haven't been read to their end."""

    def __init__(self) -> None:
        self._rests: dict[str, _Rest] = {}

    def first(self, records: list[Record], *, size: int, body: bytes, anchor: str, now: datetime) -> Page:
        self._rests = {token: rest for token, rest in self._rests.items() if rest.expires > now}
        return self._cut(records, size=size, body=_digest(body), anchor=anchor, now=now)

    def further(self, token: str, *, body: bytes, anchor: str, now: datetime) -> Page:
        """The page that a token stands for; asking twice gives it twice. Raises CmdletRefused."""
        rest = self._rests.get(token)
        if rest is None or rest.expires <= now or rest.body != _digest(body) or not anchor or rest.anchor != anchor:
            raise expired_page()
        return self._cut(rest.records, size=rest.size, body=rest.body, anchor=anchor, now=now)

    def clear(self) -> None:
        self._rests.clear()

    def _cut(self, records: list[Record], *, size: int, body: str, anchor: str, now: datetime) -> Page:
        if len(records) <= size:
            return Page(records=records, next_token=None)
        token = secrets.token_urlsafe(48)
        self._rests[token] = _Rest(records=records[size:], size=size, body=body, anchor=anchor, expires=now + LIFETIME)
        return Page(records=records[:size], next_token=token)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
