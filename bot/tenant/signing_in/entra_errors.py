"""What Microsoft Entra says when it gives no token, and what to do about it.

Source: Microsoft's page "Microsoft Entra authentication and authorization error codes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.errors import SignInFailed

_CODE = re.compile(r"AADSTS(\d+)")

_REMEDY_FEDERATED = (
    "Compare issuer, subject and audience of the token with the app registration in Microsoft Entra: Certificates & "
    "secrets, Federated credentials. For Kubernetes the subject is system:serviceaccount:NAMESPACE:NAME."
)

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
    1000502: (
        "the certificate has expired, or isn't valid yet",
        "Make a new one, upload it to the app registration in Microsoft Entra and set CLIENT_CERTIFICATE.",
    ),
    70021: ("no federated credential of the app fits the token", _REMEDY_FEDERATED),
    700211: ("no federated credential of the app has the token's issuer", _REMEDY_FEDERATED),
    700212: ("no federated credential of the app has the token's audience", _REMEDY_FEDERATED),
    700213: ("no federated credential of the app has the token's subject", _REMEDY_FEDERATED),
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
    700024: (
        "the signed assertion is outside its time",
        "Set this machine's clock right; with workload identity, see that the token in the file is renewed.",
    ),
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
    description = _description(answer)
    words = _first_line(description)
    code = _code(answer, description)
    if code is not None and code in _KNOWN:
        reason, remedy = _KNOWN[code]
        what = f"No token: {reason} (AADSTS{code})."
    else:
        what = f"No token: {words or 'the sign-in service gave no reason'}"
        remedy = "Look the AADSTS code up in the sign-in logs of the service principal in Microsoft Entra."
    return SignInFailed(what, remedy, service_text=words, status=status)


def identity_error(answer: Mapping[str, object]) -> SignInFailed:
    """The error for what an identity endpoint answers in a token's place."""
    words = _first_line(_description(answer))
    return SignInFailed(
        f"No token for the managed identity: {words or 'the endpoint gave no reason'}",
        "Assign the identity to the machine or service in the Azure portal (Identity), and check CLIENT_ID: a "
        "user-assigned identity's client id, or left out for the system-assigned one.",
        service_text=words,
    )


def _description(answer: Mapping[str, object]) -> str:
    return str(answer.get("error_description") or answer.get("error") or "")


def _first_line(description: str) -> str:
    lines = description.split("Trace ID", maxsplit=1)[0].strip().splitlines()
    return lines[0][:300] if lines else ""


def _code(answer: Mapping[str, object], description: str) -> int | None:
    codes = answer.get("error_codes")
    if isinstance(codes, list):
        for code in codes:
            if code in _KNOWN:
                return int(code)
    match = _CODE.search(description)
    return int(match[1]) if match else None
