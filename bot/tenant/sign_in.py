"""What Microsoft Entra says when it gives no token, and what to do about it.

Source: Microsoft's page "Microsoft Entra authentication and authorization error codes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.errors import SignInFailed

_CODE = re.compile(r"AADSTS(\d+)")

#: AADSTS code → what happened, what to do.
_KNOWN: Mapping[int, tuple[str, str]] = {
    7000215: (
        "the client secret is wrong",
        "Give CLIENT_SECRET the secret's value (not its id), as shown once when it was made.",
    ),
    7000222: (
        "the client secret has expired",
        "Make a new one, or better a certificate, in the app registration, and set it.",
    ),
    7000216: ("there is no client secret or certificate in the request", "Set CLIENT_CERTIFICATE or CLIENT_SECRET."),
    7000218: ("there is no client secret or certificate in the request", "Set CLIENT_CERTIFICATE or CLIENT_SECRET."),
    7000112: ("the app is disabled", "Enable the enterprise application in Microsoft Entra."),
    700016: (
        "the app isn't in this tenant",
        "Check CLIENT_ID (the application id, not the object id), TENANT_ID and the tenant's consent to the app.",
    ),
    700027: (
        "the certificate isn't one that the app knows, or it has expired",
        "Upload CLIENT_CERTIFICATE's certificate to the app registration in Microsoft Entra.",
    ),
    700024: ("the signed assertion is outside its time", "Set this machine's clock right."),
    90002: ("there is no such tenant", "Check TENANT_ID and CLOUD."),
    900023: ("the tenant's id has the wrong form", "Give TENANT_ID the directory id, a GUID."),
    50034: ("there is no such tenant or app", "Check TENANT_ID and CLIENT_ID."),
    500011: (
        "the tenant doesn't know Exchange Online",
        "Check CLOUD and TENANT_ID; the tenant needs an Exchange Online subscription.",
    ),
    53003: ("a Conditional Access policy blocks the app", "Exempt the app in the Conditional Access policy."),
}


def sign_in_error(answer: Mapping[str, object], *, status: int | None = None) -> SignInFailed:
    """The error for an OAuth error answer (`error`, `error_description`, `error_codes`).

    Its text holds the AADSTS code and a plain sentence; of the service's own words only the first line, which names no
    credential.
    """
    description = str(answer.get("error_description") or answer.get("error") or "")
    first_line = description.split("Trace ID", maxsplit=1)[0].strip().splitlines()
    words = first_line[0][:300] if first_line else ""
    code = _code(answer, description)
    if code is not None and code in _KNOWN:
        reason, remedy = _KNOWN[code]
        what = f"No token: {reason} (AADSTS{code})."
    else:
        what = f"No token: {words or 'the sign-in service gave no reason'}"
        remedy = "Look the AADSTS code up in the sign-in logs of the service principal in Microsoft Entra."
    return SignInFailed(what, remedy, service_text=words, status=status)


def _code(answer: Mapping[str, object], description: str) -> int | None:
    codes = answer.get("error_codes")
    if isinstance(codes, list):
        for code in codes:
            if code in _KNOWN:
                return int(code)
    match = _CODE.search(description)
    return int(match[1]) if match else None
