"""What signs the bot in, and for how long yet; a part of `portcullis doctor`. It calls nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.diagnosis import Diagnosis
from bot.errors import SignInFailed
from bot.tenant.access import SignIn, TenantAccess
from bot.tenant.diagnosing.guidance import Guidance
from bot.tenant.signing_in.claims import unverified_claims
from bot.tenant.signing_in.credential import read_certificate
from bot.tenant.signing_in.federated import read_federated_token
from bot.tenant.signing_in.grant import nothing_to_sign_in_with

#: A certificate that ends within this is told of in time to make a new one.
CERTIFICATE_ENDS_SOON = timedelta(days=30)

_CHECK = "credential"


def credential_finding(settings: TenantAccess, *, now: datetime) -> Diagnosis:
    """The credential that is used, whatever else is set."""
    try:
        match settings.signs_in_with:
            case SignIn.CERTIFICATE if settings.certificate:
                return _certificate(settings, settings.certificate, now=now)
            case SignIn.SECRET if settings.secret:
                return Diagnosis(check=_CHECK, ok=True, details="A client secret. Microsoft recommends a certificate.")
            case SignIn.WORKLOAD_IDENTITY if settings.federated_token_file:
                return _federated(read_federated_token(settings.federated_token_file), now=now)
            case SignIn.MANAGED_IDENTITY:
                which = f"user-assigned {settings.client_id}" if settings.client_id else "system-assigned"
                return Diagnosis(check=_CHECK, ok=True, details=f"The managed identity of this machine ({which}).")
            case _:
                raise nothing_to_sign_in_with()
    except SignInFailed as error:
        return Diagnosis(check=_CHECK, ok=False, details=error.what, remedy=error.remedy)


def _certificate(settings: TenantAccess, content: bytes, *, now: datetime) -> Diagnosis:
    certificate = read_certificate(content, password=settings.certificate_password)
    details = f"Certificate {certificate.thumbprint}, valid until {certificate.valid_until:%Y-%m-%d}."
    remedy = Guidance(settings).certificate()
    if not certificate.valid_from <= now < certificate.valid_until:
        return Diagnosis(check=_CHECK, ok=False, details=f"{details} It is not valid now.", remedy=remedy)
    left = certificate.valid_until - now
    if left < CERTIFICATE_ENDS_SOON:
        return Diagnosis(check=_CHECK, ok=True, details=f"{details} It ends in {left.days} days.", remedy=remedy)
    return Diagnosis(check=_CHECK, ok=True, details=details)


def _federated(token: str, *, now: datetime) -> Diagnosis:
    claims = unverified_claims(token) or {}
    details = f"A federated token of {claims.get('iss', 'an unknown issuer')} for {claims.get('sub', 'nobody')}."
    ends = claims.get("exp")
    if isinstance(ends, (int, float)) and ends <= now.timestamp():
        ended = datetime.fromtimestamp(ends, UTC)
        return Diagnosis(
            check=_CHECK,
            ok=False,
            details=f"{details} It ended at {ended:%Y-%m-%d %H:%M} UTC.",
            remedy="See why the platform no longer renews the token in the file.",
        )
    return Diagnosis(check=_CHECK, ok=True, details=details)
