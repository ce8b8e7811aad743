"""Does the tenant give the rights that the settings switch on? Asked of Exchange cmdlet by cmdlet, and never a write.

What Graph gives stands in its token, and is looked at where the token is; a source of mail figures is tried out beside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from bot.diagnosis import Diagnosis
from bot.domain.figures.figures import MailSource
from bot.errors import PermissionMissing, TenantError, ValueRefused
from bot.tenant.access import TenantAccess
from bot.tenant.calling.transport import Transport
from bot.tenant.exchange.junk_settings import is_not_found
from bot.tenant.optional_rights import HUNTING_PERMISSION, MESSAGE_TRACE_PERMISSION, RIGHTS, TenantRight
from bot.tenant.tracing.service import MailTracing

#: What answers by which permission.
_SOURCES: Mapping[str, MailSource] = {
    MESSAGE_TRACE_PERMISSION: MailSource.TRACE,
    HUNTING_PERMISSION: MailSource.HUNTING,
}


async def optional_cmdlets(transport: Transport, rights: Sequence[TenantRight]) -> list[Diagnosis]:
    """A finding for each right that a setting switches on and that is made of cmdlets. Raises no TenantError."""
    wanted = [right for right in rights if right.switch is not None and right.cmdlets]
    return list(await asyncio.gather(*(_right(transport, right) for right in wanted)))


async def mail_sources(settings: TenantAccess, rights: Sequence[TenantRight]) -> list[Diagnosis]:
    """A finding for each source of mail figures that is switched on: more than a permission has to be there for it.

    Raises no TenantError.
    """
    wanted = {_SOURCES[right.permission]: right for right in rights if right.permission in _SOURCES}
    if not wanted:
        return []
    tracing = MailTracing(settings, sources=wanted)
    try:
        return [await _source(tracing, source, right) for source, right in wanted.items()]
    finally:
        await tracing.close()


async def _source(tracing: MailTracing, source: MailSource, right: TenantRight) -> Diagnosis:
    check = f"right: {right.name}"
    try:
        await tracing.try_out(source)
    except TenantError as error:
        return Diagnosis(check=check, ok=False, details=error.what, remedy=error.remedy)
    return Diagnosis(check=check, ok=True, details="It answers.")


def switched_off(rights: Sequence[TenantRight]) -> list[Diagnosis]:
    """One line for everything that is off, so that nobody takes it for looked at."""
    off = [f"{right.name} ({right.switch.setting})" for right in RIGHTS if right.switch and right not in rights]
    if not off:
        return []
    return [Diagnosis(check="rights that are off", ok=True, details=f"Not asked for: {', '.join(off)}.")]


async def _right(transport: Transport, right: TenantRight) -> Diagnosis:
    errors = [await _error(transport, cmdlet, right.tried_with) for cmdlet in right.cmdlets]
    check = f"right: {right.name}"
    missing = [
        cmdlet for cmdlet, error in zip(right.cmdlets, errors, strict=True) if isinstance(error, PermissionMissing)
    ]
    if missing:
        setting = right.switch.setting if right.switch else ""
        return Diagnosis(
            check=check,
            ok=False,
            details=f"The app may not run {', '.join(missing)}, and {setting} needs it: it {right.buys}. "
            "Until it may, that isn't seen, and nobody is told when it changes.",
            remedy=f"In Exchange Online PowerShell: {'; '.join(right.lines)} "
            f"(docs/setup-tenant.md, Only what it needs). Or set {setting} to off.",
        )
    failed = next((error for error in errors if error is not None), None)
    if failed is not None:
        return Diagnosis(check=check, ok=False, details=failed.what, remedy=failed.remedy)
    return Diagnosis(check=check, ok=True, details=f"The app may run {', '.join(right.cmdlets)}.")


async def _error(transport: Transport, cmdlet: str, parameters: Mapping[str, object]) -> TenantError | None:
    """Why the cmdlet can't be run; None where it can.

    Where it is tried out on what doesn't exist, the service's word that it doesn't is the sign that the cmdlet ran.
    """
    try:
        await transport.invoke(cmdlet, parameters, write=False, reference="doctor")
    except TenantError as error:
        ran = bool(parameters) and isinstance(error, ValueRefused) and is_not_found(error)
        return None if ran else error
    return None
