"""The safe and blocked senders of one mailbox over the wire: as they are, missing, refused, late, odd and lying."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from starlette.responses import Response

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.overrides.safe_senders import SenderStanding, in_mailbox
from bot.errors import PermissionMissing, TenantError, TenantUnavailable, Throttled, ValueRefused
from bot.playground.tenant.faults import Fault
from bot.playground.tenant.tenant import Roles
from bot.tenant.access import TenantAccess
from bot.tenant.exchange import junk_settings
from bot.tenant.exchange.tenant import Tenant
from tests.integration.tenant.conftest import Stage
from tests.integration.tenant.scripted import Scripted, page, refusal

ANA = "ana@contoso.example"
CMDLET = "Get-MailboxJunkEmailConfiguration"
EVIL = Indicator(kind=Kind.DOMAIN, value="evil.example")
EMPTY = {"TrustedSendersAndDomains": [], "BlockedSendersAndDomains": []}


@pytest.fixture
async def tenant(settings: TenantAccess) -> AsyncIterator[Tenant]:
    tenant = Tenant(settings)
    try:
        yield tenant
    finally:
        await tenant.close()


async def test_the_lists_and_switches_of_that_mailbox_are_read(stage: Stage) -> None:
    stage.standin.hold_mailbox(
        ANA,
        TrustedSendersAndDomains=["@Evil.Example", "Info@Fabrikam.Example"],
        BlockedSendersAndDomains=["union.example"],
        ContactsTrusted=True,
        TrustedListsOnly=True,
    )
    stage.standin.hold_mailbox("bob@contoso.example", BlockedSendersAndDomains=["evil.example"])
    found = await stage.tenant.read_junk_settings(ANA)
    said = in_mailbox(EVIL, found)
    assert (said.safe, said.blocked) == (SenderStanding.DIRECTLY, SenderStanding.NOT_LISTED)
    assert (said.contacts_trusted, said.trusted_only) == (True, True)
    address = Indicator(kind=Kind.ADDRESS, value="info@fabrikam.example")
    assert in_mailbox(address, found).safe is SenderStanding.DIRECTLY
    [asked] = [call for call in stage.standin.calls() if call["cmdlet"] == CMDLET]
    assert asked["parameters"] == {"Identity": ANA, "ResultSize": 2}
    assert stage.standin.remarks() == []


async def test_a_mailbox_that_is_not_there_is_said_to_be_missing(stage: Stage) -> None:
    with pytest.raises(ValueRefused, match="no such mailbox"):
        await stage.tenant.read_junk_settings("nobody@contoso.example")


async def test_without_the_right_it_says_so(stage: Stage) -> None:
    stage.standin.hold_mailbox(ANA)
    stage.standin.set_roles(Roles(withheld=frozenset({CMDLET})))
    with pytest.raises(PermissionMissing, match=CMDLET):
        await stage.tenant.read_junk_settings(ANA)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refusal(404, "The operation couldn\u2019t be performed"), ValueRefused, "no such mailbox"),
        (refusal(400, "Mailbox ana couldn't be found on the server."), ValueRefused, "no such mailbox"),
        (refusal(400, "What is this?"), ValueRefused, "What is this"),
        (refusal(403, ""), PermissionMissing, "may not run"),
        (page(), ValueRefused, "no such mailbox"),
        (page(EMPTY, EMPTY), TenantUnavailable, "several mailboxes"),
        (page({"Name": "another thing"}), TenantUnavailable, "could not be understood"),
    ],
)
async def test_what_is_no_answer_is_told_in_words(
    service: Scripted, tenant: Tenant, answer: Response, error: type[TenantError], words: str
) -> None:
    service.by_cmdlet[CMDLET] = lambda _: answer
    with pytest.raises(error, match=words):
        await tenant.read_junk_settings(ANA)


async def test_a_tenant_that_has_too_many_calls_says_so(service: Scripted, tenant: Tenant) -> None:
    service.by_cmdlet[CMDLET] = lambda _: refusal(429, "")
    with pytest.raises(Throttled):
        await tenant.read_junk_settings(ANA)


async def test_a_late_answer_is_not_waited_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junk_settings, "MAILBOX_WITHIN", 0.2)
    stage.standin.arm(Fault(kind="delay", delay=1))
    with pytest.raises(TenantUnavailable, match=r"within 0\.2 seconds"):
        await stage.tenant.read_junk_settings(ANA)


@pytest.mark.parametrize(
    ("given", "standing"),
    [
        ("evil.example", SenderStanding.DIRECTLY),
        (["evil.example"], SenderStanding.DIRECTLY),
        ({"value": ["evil.example"], "Count": 1}, SenderStanding.DIRECTLY),
        ([{"Address": "@evil.example"}], SenderStanding.DIRECTLY),
        (None, SenderStanding.NOT_LISTED),
        ([], SenderStanding.NOT_LISTED),
        ("", SenderStanding.NOT_LISTED),
        (True, SenderStanding.UNKNOWN),
        ("System.Collections.ArrayList", SenderStanding.UNKNOWN),
        (["Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]"], SenderStanding.UNKNOWN),
        (17, SenderStanding.UNKNOWN),
        ({"a": {"b": "c"}}, SenderStanding.UNKNOWN),
        (["x" * 5_000], SenderStanding.UNKNOWN),
        (["<!channel>", "*", "evil.example"], SenderStanding.DIRECTLY),
        (["<!channel>"], SenderStanding.UNKNOWN),
        ([["evil.example"]], SenderStanding.DIRECTLY),
    ],
)
async def test_a_list_is_read_however_it_is_spelled_and_never_taken_for_nothing(
    service: Scripted, tenant: Tenant, given: object, standing: SenderStanding
) -> None:
    service.by_cmdlet[CMDLET] = lambda _: page({**EMPTY, "TrustedSendersAndDomains": given})
    assert in_mailbox(EVIL, await tenant.read_junk_settings(ANA)).safe is standing


async def test_a_list_that_is_left_out_leaves_open_what_stands_there(service: Scripted, tenant: Tenant) -> None:
    service.by_cmdlet[CMDLET] = lambda _: page({"BlockedSendersAndDomains": [], "TrustedListsOnly": "sometimes"})
    said = in_mailbox(EVIL, await tenant.read_junk_settings(ANA))
    assert (said.safe, said.blocked, said.trusted_only) == (SenderStanding.UNKNOWN, SenderStanding.NOT_LISTED, None)


async def test_ten_thousand_entries_are_read(service: Scripted, tenant: Tenant) -> None:
    many = [f"sender{number}@partner.example" for number in range(10_000)]
    service.by_cmdlet[CMDLET] = lambda _: page({**EMPTY, "BlockedSendersAndDomains": [*many, "evil.example"]})
    said = in_mailbox(EVIL, await tenant.read_junk_settings(ANA))
    assert (said.safe, said.blocked) == (SenderStanding.NOT_LISTED, SenderStanding.DIRECTLY)
