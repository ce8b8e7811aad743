"""Does the way to the tenant work, and if not, what is missing and where is it given? For `portcullis doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from bot.clock import Clock, utc_now
from bot.diagnosis import Diagnosis
from bot.domain.lists.traits import ListName, label
from bot.domain.telling.counting import plural
from bot.errors import PermissionMissing, SignInFailed, TenantError
from bot.tenant.access import Cloud, TenantAccess
from bot.tenant.calling.transport import Transport
from bot.tenant.diagnosing.credential_check import credential_finding
from bot.tenant.diagnosing.guidance import WRITING_ROLE, Guidance
from bot.tenant.diagnosing.rights_check import mail_sources, optional_cmdlets, switched_off
from bot.tenant.diagnosing.what_if import what_if
from bot.tenant.diagnosing.write_check import WriteCheck
from bot.tenant.exchange.tenant import Tenant
from bot.tenant.optional_rights import SIGN_IN_PERMISSION, Api, TenantRight
from bot.tenant.signing_in.access_tokens import AccessTokens
from bot.tenant.signing_in.claims import unverified_claims, unverified_roles
from bot.tenant.signing_in.grant import Grant

#: Microsoft Entra takes a signed assertion within five minutes of its own clock.
_MOST_SKEW = 300.0
#: A clock that is kept by NTP is never so far off.
_NOTABLE_SKEW = 60.0
_UNAUTHORIZED = 401
_GRAPH_TOKEN = "token (Microsoft Graph)"  # noqa: S105 - the name of a check


async def diagnose(
    settings: TenantAccess,
    *,
    rights: Sequence[TenantRight] = (),
    write: bool = False,
    ask_what_if: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    now: Clock = utc_now,
) -> list[Diagnosis]:
    """Look at the credential, the tokens, the roles, each list and the clocks; never raises a TenantError.

    `rights` are those that the settings need (`rights_for`); each is asked for. With `write`, two documentation entries
    are added and taken out again, and nothing is written otherwise; `tell` hears of each before it happens, and of
    anything that was left. `ask_what_if` asks with -WhatIf: where the service ignores that, it was a write, and is
    taken out again too. Without a token the lists aren't tried: they could only fail for the same reason.
    """
    findings = [credential_finding(settings, now=now())]
    tokens = AccessTokens(settings)
    tenant = Tenant(settings, now=now)
    transport = Transport(settings=settings, tokens=tokens, now=now)
    try:
        signed_in = await _token(settings, tokens, api=Api.EXCHANGE, roles=[SIGN_IN_PERMISSION])
        findings += signed_in
        if graph := [right for right in rights if right.api is Api.GRAPH]:
            roles = await _graph(settings, graph)
            findings += roles
            missing = {finding.check for finding in roles if not finding.ok}
            if _GRAPH_TOKEN not in missing:
                granted = [right for right in graph if f"app role {right.permission}" not in missing]
                findings += await mail_sources(settings, granted)
        if signed_in[0].ok:
            findings += await _lists(settings, tenant)
            findings += await optional_cmdlets(transport, rights)
            write_check = WriteCheck(tenant, Guidance(settings), tell=tell, now=now)
            if ask_what_if:
                findings.append(await what_if(transport, write_check))
            if write:
                findings += await write_check.run()
        findings += _clock(tenant.clock_skew if tenant.clock_skew is not None else tokens.clock_skew)
    finally:
        await transport.close()
        await tenant.close()
        await tokens.close()
    return [*findings, *switched_off(rights)]


async def _graph(settings: TenantAccess, rights: Sequence[TenantRight]) -> list[Diagnosis]:
    here = [right for right in rights if settings.cloud is Cloud.WORLD or not right.worldwide_only]
    details = f"Microsoft offers it in the worldwide cloud only, and CLOUD is {settings.cloud.value}."
    remedy = "Set what needs it to off (docs/settings.md); `portcullis rights` says which setting that is."
    elsewhere = [
        Diagnosis(check=f"app role {right.permission}", ok=False, details=details, remedy=remedy)
        for right in rights
        if right not in here
    ]
    if not here:
        return elsewhere
    tokens = AccessTokens(settings, scope=settings.graph_scope)
    try:
        found = await _token(settings, tokens, api=Api.GRAPH, roles=[right.permission for right in here])
    finally:
        await tokens.close()
    return [*found, *elsewhere]


async def _token(settings: TenantAccess, tokens: AccessTokens, *, api: Api, roles: Sequence[str]) -> list[Diagnosis]:
    """Whether there is a token, and what it says of the app roles."""
    check = "token" if api is Api.EXCHANGE else _GRAPH_TOKEN
    try:
        grant = await tokens.grant()
    except TenantError as error:
        return [Diagnosis(check=check, ok=False, details=error.what, remedy=error.remedy)]
    return [_issued(settings, grant, check=check), *(_app_role(settings, grant, api=api, role=role) for role in roles)]


def _issued(settings: TenantAccess, grant: Grant, *, check: str) -> Diagnosis:
    way = settings.signs_in_with
    ends = f", good until {grant.expires:%Y-%m-%d %H:%M} UTC" if grant.expires else ""
    details = f"Signed in by {way.value if way else 'nothing'}{ends}."
    claims = unverified_claims(grant.token) or {}
    issued_by = claims.get("tid")
    # A tenant can also be named by a domain, which says nothing to compare.
    if isinstance(issued_by, str) and "." not in settings.tenant_id and issued_by.lower() != settings.tenant_id.lower():
        return Diagnosis(
            check=check,
            ok=False,
            details=f"{details} It is a token of tenant {issued_by}, and TENANT_ID is {settings.tenant_id}.",
            remedy="Correct TENANT_ID. A managed identity signs in to the tenant of its own subscription only.",
        )
    return Diagnosis(check=check, ok=True, details=details)


def _app_role(settings: TenantAccess, grant: Grant, *, api: Api, role: str) -> Diagnosis:
    check = f"app role {role}"
    roles = unverified_roles(grant.token)
    if roles is None:
        return Diagnosis(check=check, ok=True, details="The token doesn't show its roles; only a call can tell.")
    if role in roles:
        return Diagnosis(check=check, ok=True, details="The token has it.")
    return Diagnosis(
        check=check,
        ok=False,
        details=f"The token doesn't have it; it has {', '.join(sorted(roles)) or 'no app role'}.",
        remedy=Guidance(settings).app_role(role, api=api),
    )


async def _lists(settings: TenantAccess, tenant: Tenant) -> list[Diagnosis]:
    """The directory role, by what can be read; then each list and the accepted domains."""
    errors = await asyncio.gather(*(_read(tenant, name) for name in ListName))
    findings = [_list(settings, name, found) for name, found in zip(ListName, errors, strict=True)]
    return [*_directory_role(settings, errors), *findings, await _domains(settings, tenant)]


async def _read(tenant: Tenant, name: ListName) -> int | TenantError:
    """How many entries the list holds, or why it can't be read."""
    try:
        return len(await tenant.read_list(name))
    except TenantError as error:
        return error


def _directory_role(settings: TenantAccess, found: Sequence[int | TenantError]) -> list[Diagnosis]:
    check = "directory role"
    if any(isinstance(answer, int) for answer in found):
        return [Diagnosis(check=check, ok=True, details="There is one that reads; --write tells whether it writes.")]
    if any(isinstance(answer, PermissionMissing) for answer in found):
        return [
            Diagnosis(
                check=check,
                ok=False,
                details="The app may sign in, and may read none of the lists: it has no directory role that reaches "
                "them.",
                remedy=Guidance(settings).directory_role(WRITING_ROLE) + " Security Reader is enough to read.",
            )
        ]
    return []  # nothing was read, for reasons that say nothing about it


def _list(settings: TenantAccess, name: ListName, found: int | TenantError) -> Diagnosis:
    check = f"list: {label(name)}"
    if isinstance(found, int):
        return Diagnosis(check=check, ok=True, details=f"Readable; {plural(found, 'entry', 'entries')}.")
    remedy = found.remedy
    if isinstance(found, PermissionMissing):
        remedy = Guidance(settings).directory_role(WRITING_ROLE)
    elif isinstance(found, SignInFailed) and found.status == _UNAUTHORIZED:
        remedy = Guidance(settings).app_role(SIGN_IN_PERMISSION, api=Api.EXCHANGE)
    return Diagnosis(check=check, ok=False, details=found.what, remedy=remedy)


async def _domains(settings: TenantAccess, tenant: Tenant) -> Diagnosis:
    check = "accepted domains"
    try:
        domains = await tenant.accepted_domains()
    except TenantError as error:
        return Diagnosis(check=check, ok=False, details=error.what, remedy=error.remedy)
    if domains:
        return Diagnosis(check=check, ok=True, details=f"Readable; {plural(len(domains), 'domain')}.")
    return Diagnosis(
        check=check,
        ok=True,
        details="Out of reach of the app's role: a block of the tenant's own domain can't be recognized.",
        remedy="Give it a role that may run Get-AcceptedDomain, or set ACCEPTED_DOMAINS. "
        + Guidance(settings).directory_role("Security Reader"),
    )


def _clock(skew: float | None) -> list[Diagnosis]:
    if skew is None:
        return []
    direction = "behind" if skew > 0 else "ahead of"
    details = f"This machine's clock is {abs(skew):.0f} s {direction} the service's."
    remedy = "Set this machine's clock, for example by NTP."
    if abs(skew) <= _NOTABLE_SKEW:
        return [Diagnosis(check="clock", ok=True, details=details)]
    if abs(skew) <= _MOST_SKEW:
        return [Diagnosis(check="clock", ok=True, details=f"{details} From 300 s on no sign-in works.", remedy=remedy)]
    return [Diagnosis(check="clock", ok=False, details=details, remedy=remedy)]
