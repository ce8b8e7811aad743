"""Time stamps by RFC 3161: an authority's word that an anchor was there at a time, which nobody can give in hindsight.

The authority gets a digest, never the head itself. Its answer is kept beside the anchor as it came.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import httpx
from cryptography.x509 import Certificate
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from bot.domain.auditing.anchors import Anchor
from bot.errors import AnchorFailed
from bot.tls import is_loopback_url

#: An answer holds a signature and a few certificates: some kilobytes.
_LARGEST_ANSWER = 256 * 1024
_PATIENCE = 15.0
_QUERY = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


async def stamp(anchor: Anchor, url: str, *, tls: ssl.SSLContext) -> Anchor:
    """The anchor with an authority's time stamp. Raises AnchorFailed where there is none, or not of this anchor."""
    request = TimestampRequestBuilder(data=anchor.signed, hash_algorithm=HashAlgorithm.SHA256).build()
    answer = await _ask(url, request.as_bytes(), tls)
    try:
        response = decode_timestamp_response(answer)
        granted = PKIStatus(response.status) in {PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS}
        info = response.tst_info
        is_ours = info.nonce == request.nonce and info.message_imprint.message == _digest(anchor)
    except (ValueError, TypeError) as error:
        raise AnchorFailed("The time stamp authority's answer can't be read.", _LOOK) from error
    if not granted or not is_ours:
        raise AnchorFailed("The time stamp authority did not stamp what it was sent.", _LOOK)
    return replace(anchor, time_stamp=base64.b64encode(answer).decode())


def stamped_at(anchor: Anchor, roots: Sequence[Certificate]) -> datetime:
    """When an authority stamped the anchor, as it stands; `roots` are those whose word counts.

    Raises AnchorFailed where it has no stamp, or none of theirs.
    """
    if not anchor.time_stamp:
        raise AnchorFailed("It has no time stamp.")
    verifier = VerifierBuilder(roots=list(roots)).build()
    try:
        response = decode_timestamp_response(base64.b64decode(anchor.time_stamp, validate=True))
        verifier.verify(response, _digest(anchor))
        at: datetime = response.tst_info.gen_time
    except (ValueError, TypeError, VerificationError) as error:
        raise AnchorFailed("Its time stamp is not one that this authority gave for it.") from error
    return at


_LOOK = "Look at TIMESTAMP_URL; the head is kept without a stamp."


def _digest(anchor: Anchor) -> bytes:
    return hashlib.sha256(anchor.signed).digest()


async def _ask(url: str, query: bytes, tls: ssl.SSLContext) -> bytes:
    try:
        async with (
            httpx.AsyncClient(verify=tls, timeout=_PATIENCE, trust_env=not is_loopback_url(url)) as client,
            client.stream("POST", url, content=query, headers=_QUERY) as response,
        ):
            answer = b""
            async for part in response.aiter_bytes():
                answer += part
                if len(answer) > _LARGEST_ANSWER:
                    raise AnchorFailed("The time stamp authority's answer is too large to be one.", _LOOK)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise AnchorFailed(f"The time stamp authority could not be reached ({type(error).__name__}).", _LOOK) from None
    if not response.is_success:
        raise AnchorFailed(f"The time stamp authority answered {response.status_code}.", _LOOK)
    return answer
