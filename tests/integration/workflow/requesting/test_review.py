"""A decision is held against what is so at the click: the policy, the lists, the dates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.traits import Action
from bot.domain.policies.case import IpAllow
from bot.domain.requests.request import Decision, Status
from bot.errors import Conflict
from tests.integration.workflow.conftest import SECOND, Stage

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def under(stage: Stage, ip_allow: IpAllow) -> Stage:
    """The same stage after the operator has set another policy."""
    return replace(stage, context=replace(stage.context, rules=replace(stage.context.rules, ip_allow=ip_allow)))


async def test_an_approval_is_refused_when_policy_has_become_stricter(stage: Stage) -> None:
    request = await under(stage, IpAllow.WARN).propose("203.0.113.7", end="7d", action=Action.ALLOW)
    with pytest.raises(Conflict, match="no longer permits"):
        await under(stage, IpAllow.DENY).decide(request)
    assert (await stage.request(request)).status is Status.PENDING


async def test_more_approvals_are_needed_when_policy_says_so_now(stage: Stage) -> None:
    request = await under(stage, IpAllow.WARN).propose("203.0.113.7", end="7d", action=Action.ALLOW)
    assert request.approvals_needed == 1
    strict = under(stage, IpAllow.TWO_PERSON)
    with pytest.raises(Conflict, match="2 different approvers"):
        await strict.decide(request)
    await strict.decide(request)
    assert (await stage.request(request)).status is Status.PENDING
    await strict.decide(request, who=SECOND)
    assert (await stage.request(request)).status is Status.APPROVED


async def test_what_is_new_and_serious_has_to_be_read_first(stage: Stage) -> None:
    request = await stage.propose("203.0.113.7", end="7d")
    stage.standin.edit(
        "Set-HostedConnectionFilterPolicy",
        {"Identity": "Default", "IPAllowList": {"@odata.type": "#Exchange.GenericHashTable", "Add": ["203.0.113.7"]}},
    )
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(await stage.context.tenant.read_lists())
    with pytest.raises(Conflict, match="decided nothing"):
        await stage.decide(request)
    standing = await stage.request(request)
    assert (standing.status, standing.reviews) == (Status.PENDING, ())
    assert {warning.code for warning in standing.warnings} > {warning.code for warning in request.warnings}
    await stage.decide(request)
    assert (await stage.request(request)).status is Status.APPROVED


async def test_a_request_past_its_end_can_be_denied_and_not_approved(stage: Stage) -> None:
    request = await stage.propose("evil.example", end="1d")
    stage.clock.advance(days=1)
    with pytest.raises(Conflict, match="end date"):
        await stage.decide(request)
    await stage.decide(request, Decision.DENY)
    assert (await stage.request(request)).status is Status.DENIED


async def test_a_lapsed_request_cannot_be_approved_before_its_job_has_run(stage: Stage) -> None:
    request = await stage.propose("evil.example", end="90d")
    stage.clock.now = request.lapses_at
    with pytest.raises(Conflict, match="lapsed"):
        await stage.decide(request)
