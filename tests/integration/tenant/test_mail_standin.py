"""Mail figures against the strict stand-in: both sources count the same mail, and its faults are what they say."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.figures.figures import Found, MailFigures, MailSource, Unseen
from bot.domain.indicators.indicator import Indicator, Kind
from bot.errors import IncompleteAnswer, PermissionMissing, TenantError, TenantUnavailable, Throttled
from bot.playground.tenant import Fault, MailRights, StagedMail, TenantStandIn
from bot.playground.tenant.faults import FaultKind
from bot.tenant.tracing.service import MailTracing
from tests.integration.tenant.conftest import QUICK
from tests.integration.tenant.scripted import CLIENT_ID, TENANT_ID, serving_app
from tests.support.stand_ins import access_to

TRACE, HUNTING = "get-messageTraces", "post-runHuntingQuery"
DIGEST = "ab" * 32
SENDER = Indicator(kind=Kind.ADDRESS, value="billing@evil.example")
MAIL = (
    StagedMail(sender="billing@evil.example", recipients=("a@contoso.example", "b@contoso.example"), subject="Hello"),
    StagedMail(
        sender="billing@evil.example",
        status="quarantined",
        dmarc="fail",
        urls=("https://evil.example/pay?id=1",),
        files=(DIGEST,),
        hours=3,
    ),
    StagedMail(sender="o'hara\"@sub.evil.example", ip="203.0.113.7", status="failed"),
    StagedMail(sender="six@six.example", ip="2001:db8::7", status="filteredAsSpam"),
    StagedMail(sender="a@contoso.example", recipients=("billing@evil.example",), direction="Outbound"),
    StagedMail(sender="billing@evil.example", hours=11 * 24),
)


@pytest.fixture
def standin() -> TenantStandIn:
    made = TenantStandIn(tenant_id=TENANT_ID, client_id=CLIENT_ID, client_secret=secrets.token_hex(16))
    for mail in MAIL:
        made.stage_mail(mail)
    return made


@pytest.fixture
async def tracing(standin: TenantStandIn) -> AsyncIterator[MailTracing]:
    async with serving_app(standin.app()) as url:
        service = MailTracing(
            access_to(standin.environment(url)), sources=set(MailSource), patience=replace(QUICK, attempts=1)
        )
        yield service
        await service.close()


async def by(tracing: MailTracing, source: MailSource, indicator: Indicator, *, subjects: bool = False) -> Found:
    tracing.sources = frozenset({source})
    return await tracing.figures(indicator, subjects=subjects)


@pytest.mark.parametrize("source", MailSource)
@pytest.mark.parametrize(
    ("kind", "value", "messages", "held", "written_to"),
    [
        (Kind.ADDRESS, "billing@evil.example", 2, 1, 1),
        (Kind.ADDRESS, "o'hara%22@sub.evil.example", 1, 1, 0),
        (Kind.ADDRESS, "nobody@evil.example", 0, 0, 0),
        (Kind.DOMAIN, "evil.example", 2, 1, 1),
        (Kind.IPV4, "203.0.113.7", 1, 1, None),
        (Kind.IPV6, "2001:db8::7", 1, 1, None),
    ],
)
async def test_both_sources_count_the_same_mail(
    tracing: MailTracing, source: MailSource, kind: Kind, value: str, messages: int, held: int, written_to: int | None
) -> None:
    found = await by(tracing, source, Indicator(kind=kind, value=value))
    assert isinstance(found, MailFigures)
    assert (found.messages, found.held_back, found.written_to) == (messages, held, written_to)


@pytest.mark.parametrize(
    ("kind", "value", "messages"),
    [
        (Kind.DOMAIN, "*.evil.example", 1),
        (Kind.IPV4_NETWORK, "203.0.113.0/24", 3),
        (Kind.IPV4_RANGE, "203.0.113.1-203.0.113.9", 1),
        (Kind.IPV6_NETWORK, "2001:db8::/64", 1),
        (Kind.URL, "evil.example", 1),
        (Kind.URL, "evil.example/pay/*", 0),
        (Kind.URL, "evil.example/pay*", 1),
        (Kind.URL, "~evil.example~", 1),
        (Kind.URL, "*.example/*", 1),
        (Kind.FILE, DIGEST.upper(), 1),
    ],
)
async def test_hunting_sees_what_message_trace_does_not(
    tracing: MailTracing, kind: Kind, value: str, messages: int
) -> None:
    indicator = Indicator(kind=kind, value=value)
    found = await by(tracing, MailSource.HUNTING, indicator)
    assert isinstance(found, MailFigures)
    assert found.messages == messages
    assert isinstance(await by(tracing, MailSource.TRACE, indicator), Unseen)


@pytest.mark.parametrize("source", MailSource)
async def test_subjects_come_where_they_are_asked_for(tracing: MailTracing, source: MailSource) -> None:
    found = await by(tracing, source, SENDER, subjects=True)
    assert isinstance(found, MailFigures)
    assert found.subjects == ("Your invoice", "Hello")


async def test_a_trace_that_takes_no_domains_says_nothing_of_them(standin: TenantStandIn, tracing: MailTracing) -> None:
    standin.set_mail(takes_domains=False)
    domain = Indicator(kind=Kind.DOMAIN, value="evil.example")
    assert await by(tracing, MailSource.TRACE, domain) is Unseen.DOMAINS


async def test_a_trace_that_lies_is_found_out(standin: TenantStandIn, tracing: MailTracing) -> None:
    standin.set_mail(lies=True)
    with pytest.raises(IncompleteAnswer):
        await by(tracing, MailSource.TRACE, Indicator(kind=Kind.ADDRESS, value="nobody@evil.example"))
    found = await by(tracing, MailSource.TRACE, Indicator(kind=Kind.IPV6, value="2001:db8::7"))
    assert isinstance(found, MailFigures)
    assert found.messages == 1


@pytest.mark.parametrize(
    ("kind", "error"), [("403", PermissionMissing), ("429", Throttled), ("503", TenantUnavailable)]
)
@pytest.mark.parametrize(("source", "call"), [(MailSource.TRACE, TRACE), (MailSource.HUNTING, HUNTING)])
async def test_faults(
    standin: TenantStandIn,
    tracing: MailTracing,
    kind: FaultKind,
    error: type[TenantError],
    source: MailSource,
    call: str,
) -> None:
    standin.arm(Fault(kind=kind, cmdlet=call, times=9, retry_after=60))
    with pytest.raises(error):
        await by(tracing, source, SENDER)


@pytest.mark.parametrize(
    ("rights", "source", "remedy"),
    [
        (MailRights(trace=False), MailSource.TRACE, "ExchangeMessageTrace.Read.All"),
        (MailRights(trace_app=False), MailSource.TRACE, "New-MgServicePrincipal"),
        (MailRights(hunting=False), MailSource.HUNTING, "ThreatHunting.Read.All"),
    ],
)
async def test_what_is_not_granted_is_named(
    standin: TenantStandIn, tracing: MailTracing, rights: MailRights, source: MailSource, remedy: str
) -> None:
    standin.set_mail(rights=rights)
    with pytest.raises(PermissionMissing) as raised:
        await tracing.try_out(source)
    assert remedy in raised.value.remedy
    standin.set_mail()
    await tracing.try_out(source)
