"""-WhatIf as a question before a write: it counts only where the answer plainly is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import Response

from bot.clock import utc_now
from bot.diagnosis import Diagnosis
from bot.tenant.access import TenantAccess
from bot.tenant.calling.transport import Transport
from bot.tenant.diagnosing.guidance import Guidance
from bot.tenant.diagnosing.what_if import what_if
from bot.tenant.diagnosing.write_check import WriteCheck
from bot.tenant.exchange.tenant import Tenant
from bot.tenant.signing_in.access_tokens import AccessTokens
from tests.integration.tenant.scripted import Received, Scripted, page, refusal

SET = "Set-HostedConnectionFilterPolicy"


class Filter:
    """A connection filter that heeds -WhatIf, ignores it, or refuses it."""

    def __init__(self, service: Scripted, *, heeds: bool = True, refuses: Response | None = None) -> None:
        self.blocked: list[str] = []
        self._heeds, self._refuses = heeds, refuses
        service.by_cmdlet |= {"Get-HostedConnectionFilterPolicy": self._get, SET: self._set}

    def _get(self, _: Received) -> Response:
        lists = {"IPAllowList": [], "IPBlockList": self.blocked}
        return page({"Identity": "Default", "Name": "Default", "IsDefault": True, "EnableSafeList": False, **lists})

    def _set(self, received: Received) -> Response:
        if self._refuses is not None:
            return self._refuses
        edit: dict[str, Any] = received.parameters["IPBlockList"]
        if not (self._heeds and received.parameters.get("WhatIf")):
            self.blocked = [value for value in self.blocked if value not in edit.get("Remove", [])]
            self.blocked += edit.get("Add", [])
        return page()


async def no_wait(seconds: float) -> None:
    assert seconds > 0


@pytest.fixture
async def tenant(settings: TenantAccess) -> AsyncIterator[Tenant]:
    tenant = Tenant(settings, wait=no_wait)
    yield tenant
    await tenant.close()


async def ask(tenant: Tenant, settings: TenantAccess) -> Diagnosis:
    tokens = AccessTokens(settings)
    transport = Transport(settings=settings, tokens=tokens)
    told: list[str] = []
    try:
        return await what_if(transport, WriteCheck(tenant, Guidance(settings), tell=told.append, now=utc_now))
    finally:
        await transport.close()
        await tokens.close()


async def test_taken_and_nothing_changed_is_an_answer(
    service: Scripted, tenant: Tenant, settings: TenantAccess
) -> None:
    stage = Filter(service)
    found = await ask(tenant, settings)
    assert found.ok
    assert not found.remedy
    assert [received.parameters["WhatIf"] for received in service.received if received.cmdlet == SET] == [True]
    assert stage.blocked == []


async def test_what_was_added_all_the_same_is_taken_out(
    service: Scripted, tenant: Tenant, settings: TenantAccess
) -> None:
    stage = Filter(service, heeds=False)
    found = await ask(tenant, settings)
    assert found.ok
    assert "ignored -WhatIf" in found.details
    assert stage.blocked == []


async def test_without_the_right_it_says_so(service: Scripted, tenant: Tenant, settings: TenantAccess) -> None:
    Filter(service, refuses=refusal(403, ""))
    found = await ask(tenant, settings)
    assert not found.ok
    assert "Roles & admins" in found.remedy


async def test_a_service_that_knows_no_such_parameter_has_not_answered(
    service: Scripted, tenant: Tenant, settings: TenantAccess
) -> None:
    Filter(service, refuses=refusal(400, "A parameter cannot be found that matches parameter name 'WhatIf'."))
    found = await ask(tenant, settings)
    assert found.ok
    assert "No answer" in found.details
    assert "--write" in found.remedy
