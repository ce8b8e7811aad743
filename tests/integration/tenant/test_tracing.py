"""Mail figures over real HTTP: pages, budgets, and answers that refuse, lie or are late."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.domain.figures.figures import MailFigures, MailSource, Unseen
from bot.domain.indicators.indicator import Indicator, Kind
from bot.errors import IncompleteAnswer, PermissionMissing, TenantError, TenantUnavailable, Throttled
from bot.tenant.access import Cloud
from bot.tenant.calling.graph import Graph
from bot.tenant.optional_rights import MESSAGE_TRACE_APP as TRACE_APP
from bot.tenant.signing_in.access_tokens import AccessTokens
from bot.tenant.tracing import hunting
from bot.tenant.tracing.service import TRACE_RATE, MailTracing
from tests.integration.tenant.conftest import QUICK, SettingsFor
from tests.integration.tenant.scripted import serving_app

SENDER = Indicator(kind=Kind.ADDRESS, value="a@evil.example")
DOMAIN = Indicator(kind=Kind.DOMAIN, value="evil.example")
IP = Indicator(kind=Kind.IPV4, value="203.0.113.7")
URL = Indicator(kind=Kind.URL, value="evil.example/a")


@dataclass
class Answers:
    """What the service answers, one after the other, and what it was asked."""

    url: str = ""
    traces: deque[Response] = field(default_factory=deque)
    hunts: deque[Response] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)

    async def token(self, _: Request) -> Response:
        return JSONResponse({"token_type": "Bearer", "expires_in": 3599, "access_token": "t"})

    async def discovery(self, request: Request) -> Response:
        base = f"{self.url}/{request.path_params['tenant']}"
        return JSONResponse({"issuer": base, "authorization_endpoint": base, "token_endpoint": f"{base}/token"})

    async def trace(self, request: Request) -> Response:
        self.asked.append(request.query_params.get("$filter", "next"))
        return self.traces.popleft() if self.traces else JSONResponse({"value": []})

    async def hunt(self, request: Request) -> Response:
        self.asked.append((await request.json())["Query"])
        return self.hunts.popleft()


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    held = Answers()
    app = Starlette(
        routes=[
            Route("/{tenant}/v2.0/.well-known/openid-configuration", held.discovery),
            Route("/{tenant}/token", held.token, methods=["POST"]),
            Route("/v1.0/admin/exchange/tracing/messageTraces", held.trace),
            Route("/v1.0/security/runHuntingQuery", held.hunt, methods=["POST"]),
        ]
    )
    async with serving_app(app) as held.url:
        yield held


@pytest.fixture
async def tracing(answers: Answers, settings_for: SettingsFor) -> AsyncIterator[MailTracing]:
    service = MailTracing(
        settings_for(answers.url, graph_url=answers.url), sources=set(MailSource), patience=replace(QUICK, attempts=1)
    )
    yield service
    await service.close()


def only(tracing: MailTracing, *sources: MailSource) -> MailTracing:
    tracing.sources = frozenset(sources)
    return tracing


def row(number: int, sender: str = "a@evil.example", **more: object) -> dict[str, object]:
    return {
        "id": str(number),
        "messageId": f"<{number}@evil.example>",
        "senderAddress": sender,
        "recipientAddress": f"user{number}@contoso.example",
        "fromIP": "203.0.113.7",
        "subject": f"Invoice {number}",
        "status": "delivered",
        **more,
    }


def page(rows: Sequence[dict[str, object]], next_link: str | None = None) -> Response:
    return JSONResponse({"value": list(rows), **({"@odata.nextLink": next_link} if next_link else {})})


def refusal(status: int, message: str, **headers: str) -> Response:
    return JSONResponse({"error": {"code": "X", "message": message}}, status_code=status, headers=headers)


def counts(**more: Any) -> Response:  # noqa: ANN401 - whatever a service may answer
    given = {"Messages": 4, "People": 2, "Delivered": 1, "Junk": 0, "Quarantined": 3, "Stopped": 0, "FailedDmarc": 3}
    return JSONResponse({"schema": [], "results": [{**given, "WrittenTo": 1, **more}]})


async def test_a_sender_is_traced_over_its_pages_and_what_was_written_to_it(
    answers: Answers, tracing: MailTracing
) -> None:
    link = f"{answers.url}/v1.0/admin/exchange/tracing/messageTraces?$skiptoken=1"
    answers.traces.extend([page([row(1)], link), page([row(2, status="quarantined")])])
    answers.traces.append(page([row(3, "user@contoso.example", recipientAddress="a@evil.example")]))
    found = await only(tracing, MailSource.TRACE).figures(SENDER)
    assert isinstance(found, MailFigures)
    assert (found.messages, found.people, found.delivered, found.quarantined, found.written_to) == (2, 2, 1, 1, 1)
    assert found.is_whole
    assert found.subjects == ()
    assert "senderAddress eq 'a@evil.example'" in answers.asked[0]
    assert "recipientAddress eq 'a@evil.example'" in answers.asked[2]


async def test_pages_end_somewhere_and_that_is_said(answers: Answers, tracing: MailTracing) -> None:
    link = f"{answers.url}/v1.0/admin/exchange/tracing/messageTraces?$skiptoken="
    answers.traces.extend(page([row(number)], f"{link}{number}") for number in range(9))
    found = await only(tracing, MailSource.TRACE).figures(IP, subjects=True)
    assert isinstance(found, MailFigures)
    assert (found.messages, found.is_whole) == (3, False)
    assert len(found.subjects) == 3
    assert len(answers.asked) == 3


async def test_a_page_without_mail_that_names_the_next_for_ever_is_no_word_of_no_mail(
    answers: Answers, tracing: MailTracing
) -> None:
    link = f"{answers.url}/v1.0/admin/exchange/tracing/messageTraces?$skiptoken="
    for asked in (SENDER, DOMAIN):
        answers.traces.extend(page([], f"{link}{number}") for number in range(3))
        with pytest.raises(IncompleteAnswer):
            await only(tracing, MailSource.TRACE).figures(asked)


async def test_of_what_was_written_to_it_one_page_is_read_and_that_is_said(
    answers: Answers, tracing: MailTracing
) -> None:
    link = f"{answers.url}/v1.0/admin/exchange/tracing/messageTraces?$skiptoken=1"
    answers.traces.append(page([row(1)]))
    answers.traces.append(page([row(2, "user@contoso.example", recipientAddress="a@evil.example")], link))
    found = await only(tracing, MailSource.TRACE).figures(SENDER)
    assert isinstance(found, MailFigures)
    assert (found.written_to, found.is_whole, found.written_is_whole) == (1, True, False)


async def test_what_is_asked_to_wait_holds_up_neither_the_other_source_nor_submissions(
    answers: Answers, settings_for: SettingsFor
) -> None:
    settings = settings_for(answers.url, graph_url=answers.url)
    service = MailTracing(settings, sources=set(MailSource), patience=replace(QUICK, attempts=1))
    tokens = AccessTokens(settings, scope=settings.graph_scope)
    others = Graph(settings=settings, tokens=tokens, version="v1.0")
    answers.hunts.append(refusal(429, "Too many", **{"Retry-After": "600"}))
    answers.traces.append(page([row(1)]))
    try:
        found = await service.figures(SENDER)
        assert isinstance(found, MailFigures)
        assert found.source is MailSource.TRACE
        answers.hunts.append(counts())
        assert await others.ask(hunting.PATH, {"Query": "x"})
        with pytest.raises(Throttled):
            await only(service, MailSource.HUNTING).figures(SENDER)
    finally:
        await others.close()
        await service.close()
        await tokens.close()


async def test_that_nothing_is_found_of_a_whole_domain_says_nothing(answers: Answers, tracing: MailTracing) -> None:
    trace = only(tracing, MailSource.TRACE)
    assert await trace.figures(DOMAIN) is Unseen.DOMAINS
    answers.traces.append(refusal(400, "Invalid filter clause"))
    assert await trace.figures(DOMAIN) is Unseen.DOMAINS
    answers.traces.append(page([row(1, "x@evil.example")]))
    found = await trace.figures(DOMAIN)
    assert isinstance(found, MailFigures)
    assert (found.messages, found.written_to) == (1, None)


async def test_an_answer_about_something_else_is_no_figure(answers: Answers, tracing: MailTracing) -> None:
    answers.traces.append(page([row(1, "other@contoso.example")]))
    with pytest.raises(IncompleteAnswer):
        await only(tracing, MailSource.TRACE).figures(SENDER)


async def test_hunting_is_asked_first_and_trace_where_it_fails(answers: Answers, tracing: MailTracing) -> None:
    answers.hunts.append(counts())
    found = await tracing.figures(SENDER)
    assert isinstance(found, MailFigures)
    assert (found.source, found.messages, found.failed_dmarc, found.written_to) == (MailSource.HUNTING, 4, 3, 1)
    answers.hunts.append(refusal(403, "Missing application roles"))
    answers.traces.append(page([row(1)]))
    found = await tracing.figures(SENDER)
    assert isinstance(found, MailFigures)
    assert found.source is MailSource.TRACE


async def test_subjects_are_read_only_where_they_are_asked_for(answers: Answers, tracing: MailTracing) -> None:
    answers.hunts.extend([counts(), counts(), JSONResponse({"results": [{"Subject": "Invoice"}]})])
    plain = await tracing.figures(IP)
    full = await tracing.figures(IP, subjects=True)
    assert isinstance(plain, MailFigures)
    assert isinstance(full, MailFigures)
    assert (plain.subjects, full.subjects) == ((), ("Invoice",))


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (refusal(403, "Forbidden"), PermissionMissing, "ExchangeMessageTrace.Read.All"),
        (refusal(401, f"Service principal {TRACE_APP} not found"), PermissionMissing, "New-MgServicePrincipal"),
        (refusal(403, f"The app {TRACE_APP} is unknown here"), PermissionMissing, "New-MgServicePrincipal"),
        (refusal(429, "Too many", **{"Retry-After": "60"}), Throttled, ""),
        (refusal(503, "Down"), TenantUnavailable, ""),
        (JSONResponse({"value": 3}), IncompleteAnswer, ""),
    ],
)
async def test_a_refusal_says_what_to_do(
    answers: Answers, tracing: MailTracing, answer: Response, error: type[TenantError], told: str
) -> None:
    answers.traces.extend([answer, answer])
    with pytest.raises(error) as raised:
        await only(tracing, MailSource.TRACE).figures(SENDER)
    assert told in raised.value.remedy


async def test_what_only_hunting_sees_is_unseen_while_that_is_not_granted(
    answers: Answers, tracing: MailTracing
) -> None:
    answers.hunts.append(refusal(403, "Forbidden"))
    assert await tracing.figures(URL) is Unseen.URLS


async def test_what_hunting_may_tell_in_a_while_is_not_said_to_be_unseen(
    answers: Answers, tracing: MailTracing
) -> None:
    for refused in (refusal(503, "Down"), refusal(429, "Too many", **{"Retry-After": "1"})):
        answers.hunts.append(refused)
        with pytest.raises((TenantUnavailable, Throttled)):
            await tracing.figures(DOMAIN)
    answers.hunts.append(refusal(403, "Forbidden"))
    assert await tracing.figures(DOMAIN) is Unseen.DOMAINS


async def test_hunting_names_its_own_permission(answers: Answers, tracing: MailTracing) -> None:
    only(tracing, MailSource.HUNTING)
    answers.hunts.append(refusal(403, "Forbidden"))
    with pytest.raises(PermissionMissing) as raised:
        await tracing.figures(URL)
    assert "ThreatHunting.Read.All" in raised.value.remedy
    answers.hunts.append(counts(Messages="many"))
    with pytest.raises(IncompleteAnswer):
        await tracing.figures(URL)


async def test_what_is_in_another_cloud_is_not_asked(answers: Answers, settings_for: SettingsFor) -> None:
    service = MailTracing(
        settings_for(answers.url, graph_url=answers.url, cloud=Cloud.GCC_HIGH), sources={MailSource.TRACE}
    )
    try:
        with pytest.raises(PermissionMissing, match="cloud gcc-high"):
            await service.figures(SENDER)
        assert await service.figures(URL) is Unseen.URLS
    finally:
        await service.close()
    assert answers.asked == []


async def test_a_call_that_fails_is_not_made_again_beside_the_budget(
    answers: Answers, settings_for: SettingsFor
) -> None:
    service = MailTracing(settings_for(answers.url, graph_url=answers.url), sources={MailSource.TRACE})
    answers.traces.append(refusal(503, "Down"))
    try:
        with pytest.raises(TenantUnavailable):
            await service.figures(SENDER)
    finally:
        await service.close()
    assert len(answers.asked) == 1


async def test_never_more_than_a_hundred_requests_in_five_minutes(answers: Answers, tracing: MailTracing) -> None:
    assert TRACE_RATE.burst + TRACE_RATE.per_second * 300 <= 100
    trace = only(tracing, MailSource.TRACE)
    asked = await asyncio.gather(*(trace.figures(IP) for _ in range(45)), return_exceptions=True)
    refused = [error for error in asked if isinstance(error, Throttled)]
    assert 0 < len(refused) <= 5
    assert all((error.retry_after or 0) > 2 for error in refused)
    assert len(answers.asked) == 45 - len(refused)
