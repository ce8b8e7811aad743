"""Does the way to the tenant work, and if not, what is missing and where is it given? For `portcullis doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from bot.domain.health import Finding
from bot.domain.lists import ListName
from bot.errors import SignInFailed, TenantError
from bot.tenant.credential import read_certificate
from bot.tenant.records import LIST_TITLES
from bot.tenant.settings import TenantSettings
from bot.tenant.tenant import Tenant

#: Microsoft Entra takes a signed assertion within five minutes of its own clock.
_MOST_SKEW = 300.0
_CERTIFICATE_ENDS_SOON_DAYS = 30


async def diagnose(
    settings: TenantSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[Finding]:
    """Look at the credential, the sign-in, each list and the clocks; never raises a TenantError, and writes nothing.

    Without a token the lists aren't tried: they could only fail for the same reason.
    """
    findings = _credential(settings, now=now())
    tenant = Tenant(settings, now=now)
    try:
        signed_in = await _sign_in(tenant)
        findings.append(signed_in)
        if not signed_in.ok:
            return findings
        findings += await asyncio.gather(*(_list(tenant, name) for name in ListName), _domains(tenant))
        findings += _clock(tenant.clock_skew)
    finally:
        await tenant.close()
    return findings


def _credential(settings: TenantSettings, *, now: datetime) -> list[Finding]:
    check = "credential"
    if not settings.certificate:
        if settings.secret:
            return [Finding(check=check, ok=True, details="A client secret. Microsoft recommends a certificate.")]
        return []
    try:
        certificate = read_certificate(settings.certificate)
    except SignInFailed as error:
        return [Finding(check=check, ok=False, details=error.what, remedy=error.remedy)]
    ends = f"{certificate.valid_until:%Y-%m-%d}"
    details = f"Certificate {certificate.thumbprint}, valid until {ends}."
    remedy = "Make a new certificate, upload it to the app registration in Microsoft Entra and set CLIENT_CERTIFICATE."
    if not certificate.valid_from <= now < certificate.valid_until:
        return [Finding(check=check, ok=False, details=f"{details} It is not valid now.", remedy=remedy)]
    days = (certificate.valid_until - now).days
    if days < _CERTIFICATE_ENDS_SOON_DAYS:
        return [Finding(check=check, ok=True, details=f"{details} It ends in {days} days.", remedy=remedy)]
    return [Finding(check=check, ok=True, details=details)]


async def _list(tenant: Tenant, name: ListName) -> Finding:
    check = f"list: {LIST_TITLES[name]}"
    try:
        entries = await tenant.read_list(name)
    except TenantError as error:
        return Finding(check=check, ok=False, details=error.what, remedy=error.remedy)
    return Finding(check=check, ok=True, details=f"Readable; {len(entries)} entries.")


async def _domains(tenant: Tenant) -> Finding:
    check = "accepted domains"
    try:
        domains = await tenant.accepted_domains()
    except TenantError as error:
        return Finding(check=check, ok=False, details=error.what, remedy=error.remedy)
    if domains:
        return Finding(check=check, ok=True, details=f"Readable; {len(domains)} domains.")
    return Finding(
        check=check,
        ok=True,
        details="Out of reach of the app's role: a block of the tenant's own domain can't be recognized.",
        remedy="Give the app's service principal a role that may run Get-AcceptedDomain, such as Security Reader.",
    )


def _clock(skew: float | None) -> list[Finding]:
    if skew is None:
        return []
    direction = "behind" if skew > 0 else "ahead of"
    details = f"This machine's clock is {abs(skew):.0f} s {direction} the service's."
    if abs(skew) <= _MOST_SKEW:
        return [Finding(check="clock", ok=True, details=details)]
    return [Finding(check="clock", ok=False, details=details, remedy="Set this machine's clock, for example by NTP.")]


async def _sign_in(tenant: Tenant) -> Finding:
    try:
        await tenant.sign_in()
    except TenantError as error:
        return Finding(check="sign-in", ok=False, details=error.what, remedy=error.remedy)
    return Finding(check="sign-in", ok=True, details="The sign-in service gave a token.")
