"""The places beside the lists, read from the strict stand-in: in odd spellings, without rights, without an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.overrides.concern import Bearing, concerning
from bot.domain.overrides.override import PlaceReading, Sight
from bot.domain.overrides.places import Place
from bot.domain.overrides.sentences import gap_of
from bot.playground.tenant.faults import Fault
from bot.playground.tenant.tenant import Roles
from bot.tenant.exchange.override_reading import PLACE_CMDLETS
from bot.tenant.exchange.tenant import Tenant
from tests.integration.tenant.conftest import Stage

EVIL = Indicator(kind=Kind.DOMAIN, value="evil.example")
IP = Indicator(kind=Kind.IPV4, value="203.0.113.7")


@pytest.fixture
async def seeing(stage: Stage) -> AsyncIterator[Stage]:
    """A tenant's client that reads the places too."""
    tenant = Tenant(stage.settings, overrides=True)
    try:
        yield replace(stage, tenant=tenant)
    finally:
        await tenant.close()


async def by_place(stage: Stage) -> dict[Place, PlaceReading]:
    return {reading.place: reading for reading in await stage.tenant.read_places()}


async def test_a_tenant_as_it_comes_has_every_place_and_nothing_in_it(seeing: Stage) -> None:
    lists = await seeing.tenant.read_lists()
    assert {reading.place for reading in lists.places} == set(Place)
    assert all(reading.is_whole and not reading.overrides for reading in lists.places)
    assert seeing.standin.remarks() == []


async def test_without_the_setting_none_is_asked_for(stage: Stage) -> None:
    assert (await stage.tenant.read_lists()).places == ()
    asked = {str(call["cmdlet"]) for call in stage.standin.calls()}
    assert not asked & {cmdlet for cmdlets in PLACE_CMDLETS.values() for cmdlet in cmdlets}


async def test_every_place_says_what_it_lets_through_and_stops(seeing: Stage) -> None:
    standin = seeing.standin
    standin.edit("New-TransportRule", {"Name": "Partner", "SenderDomainIs": ["evil.example"], "SetSCL": -1})
    standin.edit(
        "New-TransportRule", {"Name": "Tried", "SenderDomainIs": ["evil.example"], "SetSCL": -1, "Mode": "Audit"}
    )
    standin.edit("New-TransportRule", {"Name": "Ban", "From": ["info@evil.example"], "DeleteMessage": True})
    standin.edit("Set-HostedContentFilterPolicy", {"Identity": "Default", "AllowedSenderDomains": ["evil.example"]})
    standin.hold_override(
        "InboundConnector",
        "Relay",
        Enabled=True,
        SenderDomains=["smtp:*;1"],
        SenderIPAddresses=["203.0.113.0/24"],
        TreatMessagesAsInternal=True,
    )
    standin.hold_override("PhishSimOverridePolicy", "PhishSimOverridePolicy", Enabled=True)
    standin.hold_override(
        "ExoPhishSimOverrideRule", "_Exe:PhishSimOverr:1", Domains=["evil.example"], SenderIpRanges=["203.0.113.7"]
    )
    standin.hold_override("AntiPhishPolicy", "Strict", Enabled=True, ExcludedDomains=["evil.example"])
    places = await seeing.tenant.read_places()
    assert [(each.override.place, each.bearing) for each in concerning(EVIL, places)] == [
        (Place.MAIL_FLOW_RULES, Bearing.LETS_THROUGH),
        (Place.ANTI_SPAM, Bearing.LETS_THROUGH),
        (Place.ADVANCED_DELIVERY, Bearing.MAY_LET_THROUGH),
        (Place.MAIL_FLOW_RULES, Bearing.MAY_STOP),
        (Place.ANTI_PHISHING, Bearing.MAY_LET_THROUGH),
    ]
    assert [(each.override.name, each.bearing) for each in concerning(IP, places)] == [
        ("Relay", Bearing.LETS_THROUGH),
        ("_Exe:PhishSimOverr:1", Bearing.MAY_LET_THROUGH),
    ]


@pytest.mark.parametrize(
    ("spelling", "unread"),
    [
        ("evil.example", 0),
        (["evil.example"], 0),
        ({"@odata.type": "#Collection(String)", "value": ["evil.example"]}, 0),
        ([{"Domain": "evil.example"}], 0),
        ([{"Name": "evil.example", "@odata.type": "#Exchange.SmtpDomain"}, {"Unheard": "of"}], 1),
    ],
)
async def test_odd_spellings_are_read_and_what_cant_be_is_counted(seeing: Stage, spelling: object, unread: int) -> None:
    odd = {"Name": "Odd", "SetSCL": "-1", "SenderDomainIs@data.type": "x", "SenderDomainIs": spelling}
    seeing.standin.place("Get-TransportRule", [odd])
    rules = (await by_place(seeing))[Place.MAIL_FLOW_RULES]
    assert [each.bearing for each in concerning(EVIL, [rules])] == [Bearing.LETS_THROUGH]
    assert (rules.sight, rules.unread) == (Sight.SEEN, unread)


@pytest.mark.parametrize("nul_bodies", [False, True])
@pytest.mark.parametrize("place", Place)
async def test_a_place_without_its_right_says_so_and_costs_nothing_else(
    seeing: Stage, place: Place, *, nul_bodies: bool
) -> None:
    seeing.standin.set_roles(Roles(withheld=frozenset(PLACE_CMDLETS[place]), nul_bodies=nul_bodies))
    lists = await seeing.tenant.read_lists()
    assert lists.unreadable == {}
    assert {reading.place for reading in lists.places if reading.sight is Sight.NO_RIGHT} == {place}
    assert all(reading.is_whole for reading in lists.places if reading.place is not place)


async def test_a_place_of_which_a_part_cant_be_read_has_a_gap(seeing: Stage) -> None:
    seeing.standin.set_roles(Roles(withheld=frozenset({"Get-HostedContentFilterRule"})))
    seeing.standin.edit(
        "Set-HostedContentFilterPolicy", {"Identity": "Default", "AllowedSenderDomains": ["evil.example"]}
    )
    policies = (await by_place(seeing))[Place.ANTI_SPAM]
    assert (policies.sight, policies.unread) == (Sight.SEEN, 1)
    assert policies.lacks == ("Get-HostedContentFilterRule",)
    assert gap_of(policies) == (
        "Anti-spam policies: a part of them could not be read, and changes of them aren't watched. "
        "The app may not run Get-HostedContentFilterRule."
    )
    assert [each.bearing for each in concerning(EVIL, [policies])] == [Bearing.MAY_LET_THROUGH]


async def test_a_place_that_gives_no_answer_is_unreadable(seeing: Stage) -> None:
    seeing.standin.arm(Fault(cmdlet="Get-TransportRule", kind="500", times=20))
    places = await by_place(seeing)
    assert places[Place.MAIL_FLOW_RULES].sight is Sight.UNREADABLE
    assert places[Place.CONNECTORS].is_whole
