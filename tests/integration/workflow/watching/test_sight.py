"""A place that lacks a right is said to be unwatched: once in the alert channel, and in the log until it is over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.auditing.events import EventKind
from bot.playground.tenant import Roles
from bot.playground.tenant.faults import Fault
from bot.tenant.exchange.tenant import Tenant
from tests.integration.workflow.conftest import Stage
from tests.integration.workflow.watching.test_unrequested import alerts, edit, portal, read
from tests.support.jobs import Jobs
from tests.support.stand_ins import access_to

#: The databases' differences are the store's matter.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

RULES = "Get-HostedContentFilterRule"


@pytest.fixture
async def seeing(stage: Stage) -> AsyncIterator[Stage]:
    """A stage whose bot reads the places beside the lists."""
    tenant = Tenant(access_to(stage.playground.environment()), overrides=True, now=stage.clock)
    stage.context = replace(stage.context, tenant=tenant)
    stage.jobs = Jobs(stage.context, stage.playground)
    yield stage
    await tenant.close()


async def told(stage: Stage) -> list[tuple[str, str]]:
    kinds = {EventKind.PORTAL_UNWATCHED, EventKind.PORTAL_WATCHED}
    return [(event.kind, str(event.target)) for event in await portal(stage) if event.kind in kinds]


async def test_it_is_told_once_and_logged_when_it_is_over(seeing: Stage) -> None:
    seeing.standin.set_roles(Roles(withheld=frozenset({RULES})))
    for _ in range(3):
        await read(seeing)
    [alert] = alerts(seeing)
    assert "Changes can't be seen" in alert
    assert f"Anti-spam policies: The app may not run {RULES}." in alert
    assert await told(seeing) == [(EventKind.PORTAL_UNWATCHED, "anti spam policies")]
    # Another place, of which all is refused; the first stays as it was, and isn't told again.
    seeing.standin.set_roles(Roles(withheld=frozenset({RULES, "Get-TransportRule"})))
    await read(seeing)
    assert len(alerts(seeing)) == 2
    seeing.standin.set_roles(Roles())
    await read(seeing)
    assert sorted(await told(seeing)) == [
        (EventKind.PORTAL_UNWATCHED, "anti spam policies"),
        (EventKind.PORTAL_UNWATCHED, "mail flow rules"),
        (EventKind.PORTAL_WATCHED, "anti spam policies"),
        (EventKind.PORTAL_WATCHED, "mail flow rules"),
    ]
    assert len(alerts(seeing)) == 2
    # What was there before is no news, and from now on changes are seen.
    edit(seeing, "New-TransportRule", Name="Partner", SenderDomainIs=["evil.example"], SetSCL=-1)
    await read(seeing)
    assert "Partner" in alerts(seeing)[-1]


async def test_what_gives_no_answer_for_a_while_is_told_nobody(seeing: Stage) -> None:
    await read(seeing)
    seeing.standin.arm(Fault(cmdlet="Get-TransportRule", kind="500", times=20))
    await read(seeing)
    assert (await told(seeing), alerts(seeing)) == ([], [])
