"""May the app change the connection filter? Asked with -WhatIf, which is to change nothing; a step before `--write`.

Whether the service takes -WhatIf over this endpoint isn't documented, so the answer counts only where it plainly is
one: refused for the lack of a right, or taken and nothing changed. A service that ignores it has added a block of a
documentation address, which is routed nowhere, and it is taken out again. The Tenant Allow/Block List's cmdlets have
no -WhatIf.

Source: Set-HostedConnectionFilterPolicy.
"""

from __future__ import annotations

from bot.diagnosis import Diagnosis
from bot.domain.lists.traits import ListName, label
from bot.errors import OutcomeUnknown, PermissionMissing, TenantError
from bot.tenant.calling.transport import Transport
from bot.tenant.diagnosing.write_check import WriteCheck
from bot.tenant.exchange.cmdlets import cmdlets_for, on_the_wire
from bot.tenant.exchange.list_reading import default_policy, get_policies

_CHECK = f"-WhatIf: {label(ListName.CONNECTION_FILTER)}"
_NO_ANSWER = "`portcullis doctor --write` tells: it adds an entry and takes it out again."


async def what_if(transport: Transport, write_check: WriteCheck) -> Diagnosis:
    """Ask whether a block of a documentation address could be added. Raises no TenantError.

    `write_check` finds the address, and takes the block out where it was added in spite of -WhatIf.
    """
    try:
        change = await write_check.address()
        policy = default_policy(await get_policies(transport)).identity
        [cmdlet] = cmdlets_for(change, policy=policy)
    except TenantError as error:
        return Diagnosis(check=_CHECK, ok=False, details=error.what, remedy=error.remedy)
    parameters = {name: on_the_wire(value) for name, value in cmdlet.parameters.items()} | {"WhatIf": True}
    refused = ""
    try:
        await transport.invoke(cmdlet.cmdlet, parameters, write=True, reference="doctor")
    except PermissionMissing as error:
        return write_check.refused(error, check=_CHECK)
    except OutcomeUnknown as error:
        refused = error.what
    except TenantError as error:
        return Diagnosis(check=_CHECK, ok=True, details=f"No answer: {error.what}", remedy=_NO_ANSWER)
    try:
        if await write_check.is_so(change):
            left = await write_check.take_out(change, settled=True)
            details = f"The service ignored -WhatIf and added a block of {change.values[0]}"
            details += f". {left}" if left else ", which was taken out again: the app may change the list."
            return Diagnosis(
                check=_CHECK, ok=not left, details=details, remedy=write_check.by_hand(change) if left else ""
            )
    except TenantError as error:
        refused = error.what
    if refused:
        details = f"Nobody knows whether -WhatIf was heeded: {refused}"
        return Diagnosis(check=_CHECK, ok=False, details=details, remedy=write_check.by_hand(change))
    details = f"{cmdlet.cmdlet} was taken with -WhatIf, and nothing changed: the app may change the list."
    return Diagnosis(check=_CHECK, ok=True, details=details)
