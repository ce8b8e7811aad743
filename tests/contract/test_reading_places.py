"""The places beside the lists: what their cmdlets return, for whoever may run them.

How these records are spelled over REST is documented nowhere. Each check says what the bot counts on; where a real
tenant doesn't give the right to a cmdlet, the check is skipped.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.tenant.exchange.override_policies import Found, read_anti_phishing, read_anti_spam, read_connectors
from bot.tenant.exchange.override_reading import PLACE_CMDLETS
from bot.tenant.exchange.override_rules import read_rules
from tests.contract.service import Service

EVERY_CMDLET = pytest.mark.parametrize("cmdlet", [each for cmdlets in PLACE_CMDLETS.values() for each in cmdlets])

#: What stands in each record, among much else: the bot goes by it.
KEYS = {
    "Get-TransportRule": ("State", "Mode", "SetSCL", "SenderDomainIs", "SenderIpRanges", "DeleteMessage", "Conditions"),
    "Get-HostedContentFilterPolicy": ("IsDefault", "AllowedSenders", "AllowedSenderDomains", "BlockedSenders"),
    "Get-AntiPhishPolicy": ("Enabled", "ExcludedSenders", "ExcludedDomains"),
    "Get-InboundConnector": ("Enabled", "SenderDomains", "SenderIPAddresses", "TreatMessagesAsInternal", "EFSkipIPs"),
}


def records(service: Service, cmdlet: str) -> list[dict[str, Any]]:
    """What a cmdlet returns; skipped where the caller may not run it."""
    if service.post(cmdlet).status_code == 403:
        pytest.skip(f"the caller has no right to {cmdlet}")
    return service.read(cmdlet)


@EVERY_CMDLET
def test_it_runs_without_parameters_and_names_each_record(service: Service, cmdlet: str) -> None:
    assert all(record.get("Name") or record.get("Identity") for record in records(service, cmdlet))


@pytest.mark.parametrize("cmdlet", KEYS)
def test_a_record_has_what_the_bot_goes_by(service: Service, cmdlet: str) -> None:
    for record in records(service, cmdlet):
        assert set(KEYS[cmdlet]) <= set(record)


def test_every_tenant_has_a_default_anti_spam_policy_and_an_anti_phishing_policy(service: Service) -> None:
    assert any(record["IsDefault"] is True for record in records(service, "Get-HostedContentFilterPolicy"))
    assert records(service, "Get-AntiPhishPolicy")


def test_all_of_it_can_be_read(service: Service) -> None:
    _, unread = read_rules(records(service, "Get-TransportRule"), now=datetime.now(UTC))
    found = Found()
    rules = records(service, "Get-HostedContentFilterRule")
    read_anti_spam(found, records(service, "Get-HostedContentFilterPolicy"), rules)
    read_connectors(found, records(service, "Get-InboundConnector"))
    read_anti_phishing(found, records(service, "Get-AntiPhishPolicy"))
    assert (unread, found.unread) == (0, 0)
