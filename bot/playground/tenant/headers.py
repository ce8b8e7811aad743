"""What the stand-in has to say about a call's headers. The service tolerates much of it, so it is only remarked."""

from __future__ import annotations

import re
import uuid

from starlette.datastructures import Headers

from .paging import DEFAULT_SIZE

MAILBOX = "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}"
_PAGE_SIZE = re.compile(r"odata\.maxpagesize\s*=\s*([1-9][0-9]{0,5})", re.IGNORECASE)


def bearer_token(headers: Headers) -> str | None:
    """The bearer token, or None when the call carries none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def is_json(headers: Headers) -> bool:
    """Whether the body is announced as JSON."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def page_size(headers: Headers) -> int:
    """The page size asked for, at most the service's own."""
    match = _PAGE_SIZE.search(headers.get("prefer", ""))
    return min(int(match[1]), DEFAULT_SIZE) if match else DEFAULT_SIZE


def remarks_on(headers: Headers, *, tenant_id: str, cmdlet: str) -> list[str]:
    """A sentence for each header that isn't as the module itself would send it."""
    remarks = []
    anchor = f"APP:{MAILBOX}@{tenant_id}"
    if headers.get("x-anchormailbox", "").lower() != anchor.lower():
        remarks.append(
            "X-AnchorMailbox is missing" if "x-anchormailbox" not in headers else f"X-AnchorMailbox isn't {anchor}"
        )
    if not _PAGE_SIZE.search(headers.get("prefer", "")):
        remarks.append("Prefer doesn't name odata.maxpagesize")
    named = headers.get("x-cmdletname")
    if named is None:
        remarks.append("X-CmdletName is missing")
    elif named.lower() != cmdlet.lower():
        remarks.append(f"X-CmdletName says {named}, and the body {cmdlet}")
    try:
        uuid.UUID(headers.get("client-request-id", ""))
    except ValueError:
        remarks.append("client-request-id is missing or isn't a GUID")
    return remarks
