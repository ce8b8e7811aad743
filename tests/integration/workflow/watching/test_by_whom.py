"""The tenant's audit log says who edited past Portcullis: late, by pages, refused, or with what nobody can use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import EventKind
from bot.playground.tenant import Roles
from bot.tenant.audit_records import AuditRecords
from bot.tenant.exchange.tenant import Tenant
from tests.integration.workflow.conftest import Stage
from tests.integration.workflow.watching.test_unrequested import alerts, allow_ip, changes, edit, portal, read
from tests.support.jobs import Jobs
from tests.support.stand_ins import access_to

#: The databases' differences are the store's matter.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

ADMIN = "admin@contoso.example"
IP = "203.0.113.7"


@pytest.fixture
async def asking(stage: Stage) -> AsyncIterator[Stage]:
    """A stage whose bot asks the tenant's audit log, and may."""
    stage.standin.set_roles(Roles(audit_role=True))
    records = AuditRecords(access_to(stage.playground.environment()), now=stage.clock)
    stage.context = replace(stage.context, audit_records=records)
    stage.jobs = Jobs(stage.context, stage.playground)
    yield stage
    await records.close()


async def edited(stage: Stage) -> None:
    """Somebody allows an IP in the portal, and the next reading sees it."""
    await read(stage)
    allow_ip(stage, IP)
    await read(stage)


async def kinds(stage: Stage) -> list[str]:
    return [event.kind for event in await portal(stage)]


async def test_the_name_follows_in_the_same_alert_and_in_the_log(asking: Stage) -> None:
    asking.standin.audit_log.looks = 1
    asking.standin.audit_log.odd = [{"id": 7}, {"operation": "x", "createdDateTime": "soon"}, {}]
    await edited(asking)
    assert ADMIN not in alerts(asking)[0]
    for _ in range(3):
        await read(asking)
    [alert] = alerts(asking)
    assert f"By {ADMIN} from 198.51.100.24" in alert
    assert await kinds(asking) == [EventKind.PORTAL_ADDED, EventKind.PORTAL_ATTRIBUTED]
    [change] = await changes(asking)
    assert (change.actor, change.actor_address) == (ADMIN, "198.51.100.24")


async def test_records_that_come_late_are_asked_for_again(asking: Stage) -> None:
    asking.standin.audit_log.late = timedelta(hours=20)
    await edited(asking)
    for _ in range(8):
        asking.clock.now += timedelta(hours=4)
        await read(asking)
    assert ADMIN in alerts(asking)[0]
    assert await kinds(asking) == [EventKind.PORTAL_ADDED, EventKind.PORTAL_ATTRIBUTED]


async def test_what_nobody_is_named_for_is_given_up_with_a_line(asking: Stage) -> None:
    asking.standin.audit_log.late = timedelta(days=9)
    began = asking.clock.now
    await edited(asking)
    for _ in range(16):
        assert "audit log" not in alerts(asking)[0] or asking.clock.now - began > timedelta(hours=49)
        asking.clock.now += timedelta(hours=6)
        await read(asking)
    [alert] = alerts(asking)
    assert "The tenant's audit log doesn't say who it was." in alert
    assert await kinds(asking) == [EventKind.PORTAL_ADDED, EventKind.PORTAL_UNATTRIBUTED]
    asked = [call for call in asking.standin.calls() if call["cmdlet"] == "post-queries" and call["status"] == 201]
    assert 2 <= len(asked) <= 6


@pytest.fixture
async def asking_of_places(asking: Stage) -> AsyncIterator[Stage]:
    """The same, of a bot that reads the places beside the lists."""
    tenant = Tenant(access_to(asking.playground.environment()), overrides=True, now=asking.clock)
    asking.context = replace(asking.context, tenant=tenant)
    asking.jobs = Jobs(asking.context, asking.playground)
    yield asking
    await tenant.close()


async def test_who_changed_a_rule_or_a_policy_is_told_too(asking_of_places: Stage) -> None:
    stage = asking_of_places
    edit(stage, "New-TransportRule", Name="First", SenderDomainIs=["other.example"], SetSCL=-1)
    edit(stage, "New-TransportRule", Name="Gone", SenderDomainIs=["gone.example"], SetSCL=-1)
    await read(stage)
    edit(stage, "New-TransportRule", Name="Partner", SenderDomainIs=["evil.example"], SetSCL=-1)
    edit(stage, "Disable-TransportRule", Identity="Gone")
    edit(stage, "Set-HostedContentFilterPolicy", Identity="Default", AllowedSenderDomains=["evil.example"])
    for _ in range(3):
        await read(stage)
    told = [event for event in await portal(stage) if event.kind == EventKind.PORTAL_ATTRIBUTED]
    assert {(event.target, event.payload["operation"]) for event in told} == {
        ("Partner", "New-TransportRule"),
        ("Gone", "Disable-TransportRule"),
        ("evil.example", "Set-HostedContentFilterPolicy"),
    }
    [alert] = alerts(stage)
    assert alert.count(f"By {ADMIN} from 198.51.100.24") == 3


async def test_another_order_of_rules_is_a_change_of_somebody(asking_of_places: Stage) -> None:
    stage = asking_of_places
    for name, does in (("Partner", {"SetSCL": -1}), ("Ban", {"DeleteMessage": True}), ("Third", {"SetSCL": 9})):
        edit(stage, "New-TransportRule", Name=name, SenderDomainIs=["evil.example"], **does)
    await read(stage)
    edit(stage, "Set-TransportRule", Identity="Third", Priority=0)
    for _ in range(3):
        await read(stage)
    [changed, named] = await portal(stage)
    assert (changed.kind, changed.payload["fields"]) == (EventKind.PORTAL_CHANGED, ["order"])
    assert named.payload["user"] == ADMIN
    [alert] = alerts(stage)
    assert "order: 3rd → 1st" in alert
    assert "in another order they can let through what was stopped before" in alert
    # What goes moves all behind it, and none past another.
    edit(stage, "Remove-TransportRule", Identity="Third", Confirm=False)
    await read(stage)
    assert [event.payload["what"] for event in await portal(stage) if event.kind != EventKind.PORTAL_ATTRIBUTED] == [
        "changed",
        "removed",
    ]


async def test_of_what_nobody_names_the_log_is_not_asked(asking_of_places: Stage) -> None:
    """What can't be read of a place may be anybody's: nobody says that the log was asked."""
    stage = asking_of_places
    await read(stage)
    stage.standin.hold_override("TransportRule", "Odd", State="Enabled", SetSCL="loud")
    for _ in range(8):
        await read(stage)
        stage.clock.now += timedelta(hours=12)
    assert await kinds(stage) == [EventKind.PORTAL_ADDED]
    assert not [call for call in stage.standin.calls() if call["cmdlet"] == "post-queries"]


async def test_a_log_that_refuses_holds_up_no_reading(asking: Stage) -> None:
    asking.standin.set_roles(Roles(audit_role=False))
    await edited(asking)
    assert len(alerts(asking)) == 1
    assert await kinds(asking) == [EventKind.PORTAL_ADDED]
    asking.standin.set_roles(Roles(audit_role=True))
    for _ in range(4):
        asking.clock.now += timedelta(hours=2)
        await read(asking)
    assert ADMIN in alerts(asking)[0]


async def test_without_the_setting_nothing_is_asked(stage: Stage) -> None:
    await edited(stage)
    await read(stage)
    assert not [call for call in stage.standin.calls() if "queries" in str(call["cmdlet"])]
