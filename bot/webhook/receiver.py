"""A program elsewhere that takes the audit log's events: a call carries some of them, signed; 2xx says it has them.

The signature is that of the time and the body, so that a call can't be forged, and one that is repeated much later can
be told: `Portcullis-Signature: t=1700000000,v1=` and HMAC-SHA256 in hexadecimal, over the time, a full stop, the body.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
from dataclasses import dataclass, field

import httpx

from bot.clock import Clock, utc_now
from bot.errors import ReceiverFailed
from bot.tls import is_loopback_url

#: So long may a whole call take, in seconds: whoever is slower has to take less at once, or answer first.
PATIENCE = 15.0

#: A longer Retry-After is taken for this long, in seconds: nobody has the log wait for days.
_LONGEST_WAIT = 3600.0

#: What a receiver answers where it doesn't like what the body says, or how long it is.
_OF_THE_CONTENT = frozenset({400, 413, 422})

_LOOK = "Look at the program behind AUDIT_WEBHOOK_URL; it gets what it lacks once it answers with 2xx."


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where the log goes, and with which secret it is signed."""

    url: str = field(repr=False)  #: its query may be a key
    secret: bytes = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)
    clock: Clock = utc_now

    @property
    def name(self) -> str:
        """What the place is called among the cursors: another place begins with the log's first event."""
        return f"webhook:{hashlib.sha256(self.url.encode()).hexdigest()[:32]}"

    async def send(self, body: bytes, *, first: int, last: int) -> None:
        """Have it take events: a JSON object on each line of `body`, with these numbers.

        Raises ReceiverFailed unless it answers with 2xx in time; it may have them all the same.
        """
        headers = {
            "Content-Type": "application/x-ndjson",
            "User-Agent": "Portcullis",
            "Portcullis-Events": f"{first}-{last}",
            "Portcullis-Signature": signature(self.secret, body, at=int(self.clock().timestamp())),
        }
        try:
            async with (
                asyncio.timeout(PATIENCE),
                httpx.AsyncClient(
                    verify=self.tls, timeout=PATIENCE, follow_redirects=False, trust_env=not is_loopback_url(self.url)
                ) as client,
                # What it says beside its status is of no use, and may have no end.
                client.stream("POST", self.url, content=body, headers=headers) as answer,
            ):
                status, wait = answer.status_code, answer.headers.get("Retry-After", "")
        except TimeoutError:
            raise ReceiverFailed(f"The receiver did not answer within {PATIENCE:.0f} seconds.", _LOOK) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ReceiverFailed(f"The receiver could not be reached ({type(error).__name__}).", _LOOK) from None
        if not 200 <= status < 300:
            what = "a redirect, which isn't followed" if 300 <= status < 400 else str(status)
            seconds = min(float(wait), _LONGEST_WAIT) if wait.isdecimal() and len(wait) < 7 else None
            raise ReceiverFailed(
                f"The receiver answered {what}.", _LOOK, retry_after=seconds, refuses_content=status in _OF_THE_CONTENT
            )


def signature(secret: bytes, body: bytes, *, at: int) -> str:
    """What the header says for a body that is sent at a time, in seconds since 1970."""
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
