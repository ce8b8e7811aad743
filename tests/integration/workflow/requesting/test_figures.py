"""Mail figures on a card: read after the proposal, logged as shown, and in the way of no decision."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import Event, EventKind
from bot.domain.figures.figures import MailFigures, MailSource
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.traits import Action
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.request import Decision, Request, Status
from bot.playground.tenant.faults import Fault
from bot.playground.tenant.mail import MailRights, StagedMail
from bot.store import PostedMessage
from bot.tenant.tracing.service import MailTracing
from bot.workflow.asking.queries import details
from bot.workflow.requesting.figures import GIVEN_UP_AFTER
from bot.workflow.requesting.review import review
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import enqueue
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import read_in_full
from tests.support.installation import APPROVALS
from tests.support.jobs import Jobs
from tests.support.people import APPROVER, REQUESTER, who_is
from tests.support.stand_ins import access_to

LINE = "Last 10 days: 13 messages to 3 people, 4 quarantined; 2 sent to it"
_EVIL = "billing@evil.example"


@pytest.fixture
async def counting(stage: Stage) -> AsyncIterator[Stage]:
    """A stage on which mail is counted by message trace."""
    tracing = MailTracing(access_to(stage.playground.environment()), sources={MailSource.TRACE}, now=stage.clock)
    stage.context = replace(stage.context, tracing=tracing)
    stage.jobs = Jobs(stage.context, stage.playground)
    two = ("alex@contoso.example", "sam@contoso.example")
    stage.standin.stage_mail(StagedMail(sender=_EVIL, recipients=two), times=9)
    stage.standin.stage_mail(StagedMail(sender=_EVIL, status="quarantined"), times=4)
    stage.standin.stage_mail(StagedMail(sender=two[0], recipients=(_EVIL,), direction="Outbound"), times=2)
    yield stage
    await tracing.close()


def card(stage: Stage) -> str:
    [message] = stage.cards()
    return str(message.blocks)


async def posted(stage: Stage, request: Request) -> PostedMessage:
    async with stage.context.store.read() as uow:
        [known] = await uow.messages.of_request(request.id, Purpose.CARD)
    return known


async def shown_event(stage: Stage, request: Request) -> Event:
    [event] = [event for event in await stage.events(request) if event.kind == EventKind.FIGURES_SHOWN]
    return event


async def post_card(stage: Stage) -> None:
    """The card before anything is known of mail: the job that counts is done afterwards."""
    stage.standin.arm(Fault(kind="503", cmdlet="get-messageTraces", times=1_000))
    await stage.run()


async def decide_as_shown(stage: Stage, request: Request, known: PostedMessage) -> Request:
    return await review(
        stage.context,
        actor=APPROVER,
        request_id=request.id,
        decision=Decision.APPROVE,
        shown=ShownCard(channel=known.channel, ts=known.ts, version=request.version),
        who_is=who_is,
        delivery="click",
    )


async def test_a_card_shows_what_the_log_has_and_a_review_says_that_it_was_there(counting: Stage) -> None:
    request = await counting.propose(_EVIL)
    await counting.run()
    assert LINE in card(counting)
    assert LINE in counting.cards()[0].text
    event = await shown_event(counting, request)
    assert event.payload["figures"] == [
        {
            "kind": "address",
            "value": _EVIL,
            "source": "trace",
            "messages": 13,
            "people": 3,
            "delivered": 9,
            "junk": 0,
            "quarantined": 4,
            "stopped": 0,
            "written_to": 2,
            "is_whole": True,
            "written_is_whole": True,
        }
    ]
    assert (await posted(counting, request)).beside.figures == event.seq
    await decide_as_shown(counting, request, await posted(counting, request))
    [reviewed] = [event for event in await counting.events(request) if event.kind == EventKind.REQUEST_REVIEWED]
    assert reviewed.payload["figures"] == event.seq


async def test_a_click_on_the_card_of_before_counts_and_the_log_says_that_no_figures_were_there(
    counting: Stage,
) -> None:
    request = await counting.propose(_EVIL)
    await post_card(counting)
    before = await posted(counting, request)
    assert before.beside.figures == 0
    counting.standin.disarm()
    # The figures are known and logged, and Slack doesn't show them yet.
    [job] = await counting.waiting(JobKind.READ_FIGURES)
    counting.clock.now = job.run_at
    async with counting.context.store.write() as uow:
        [taken] = await uow.jobs.claim("test", counting.clock(), 60, 1)
    await counting.jobs.do(taken)
    await shown_event(counting, request)
    assert (await counting.request(request)).version == request.version
    decided = await decide_as_shown(counting, request, before)
    assert decided.status is Status.APPROVED
    [reviewed] = [event for event in await counting.events(request) if event.kind == EventKind.REQUEST_REVIEWED]
    assert "figures" not in reviewed.payload
    await counting.run()
    assert "Last 10 days" not in card(counting)


async def test_what_is_not_to_be_had_is_asked_for_again_and_then_given_up(counting: Stage) -> None:
    request = await counting.propose(_EVIL)
    await post_card(counting)
    assert "Last 10 days" not in card(counting)
    [job] = await counting.waiting(JobKind.READ_FIGURES)
    assert job.run_at > counting.clock()
    counting.clock.now += GIVEN_UP_AFTER + timedelta(minutes=1)
    await counting.run()
    assert await counting.waiting(JobKind.READ_FIGURES) == []
    assert EventKind.FIGURES_SHOWN not in await counting.kinds(request)
    assert counting.jobs.dead == []


async def test_figures_that_come_later_are_added_to_the_card(counting: Stage) -> None:
    request = await counting.propose(_EVIL)
    await post_card(counting)
    counting.standin.disarm()
    [job] = await counting.waiting(JobKind.READ_FIGURES)
    counting.clock.now = job.run_at
    await counting.run()
    assert LINE in card(counting)
    known = await posted(counting, request)
    assert known.version == request.version
    await decide_as_shown(counting, request, known)


@pytest.mark.parametrize("rights", [MailRights(trace=False), MailRights(trace_app=False)])
async def test_what_is_not_granted_costs_nothing(counting: Stage, rights: MailRights) -> None:
    counting.standin.set_mail(rights=rights)
    request = await counting.propose(_EVIL)
    await counting.run()
    assert "Last 10 days" not in card(counting)
    assert await counting.waiting(JobKind.READ_FIGURES) == []
    assert EventKind.FIGURES_SHOWN not in await counting.kinds(request)


async def test_what_is_refused_as_it_is_asked_is_not_asked_again_and_again(counting: Stage) -> None:
    counting.standin.arm(Fault(kind="404", cmdlet="get-messageTraces", times=1_000))
    await counting.propose(_EVIL)
    await counting.run()
    assert await counting.waiting(JobKind.READ_FIGURES) == []


async def test_what_cannot_be_seen_is_said(counting: Stage) -> None:
    await counting.propose("evil.example/pay")
    await counting.run()
    assert "Last 10 days: message trace can't see links" in card(counting)


async def test_an_ip_allow_says_what_would_have_skipped_the_filters(counting: Stage) -> None:
    counting.standin.stage_mail(
        StagedMail(sender="s@printer.example", ip="198.51.100.7", status="filteredAsSpam", subject="Scanned document")
    )
    request = await counting.propose("198.51.100.7", end="1d", action=Action.ALLOW)
    await counting.run()
    assert "Last 10 days: 1 message to 1 person would skip filtering; 1 filtered" in card(counting)
    # Which mail that was is for approvers, where nobody else reads it.
    assert "Scanned document" not in "".join(str(message.blocks) for message in counting.messages(APPROVALS))
    assert all("Scanned document" not in str(event.payload) for event in await counting.events(request))
    for who, subjects in ((APPROVER, ("Scanned document",)), (REQUESTER, ())):
        found = await details(counting.context, actor=who, request_id=request.id)
        assert found.subjects == subjects
        assert found.beside.figures is not None
    counting.clock.now += timedelta(hours=1, minutes=1)
    assert (await details(counting.context, actor=APPROVER, request_id=request.id)).subjects == ()


async def test_what_the_first_approver_leaves_out_is_in_no_figures_of_the_second(counting: Stage) -> None:
    for ip, times in (("198.51.100.7", 2), ("198.51.100.8", 40)):
        counting.standin.stage_mail(StagedMail(sender="s@printer.example", ip=ip), times=times)
    request = await counting.propose("198.51.100.7", "198.51.100.8", end="1d", action=Action.ALLOW)
    await counting.run()
    assert "Last 10 days: 42 messages, 40 of " in card(counting)
    known = await posted(counting, request)
    as_shown = ShownCard(channel=known.channel, ts=known.ts, version=request.version)
    full = await read_in_full(counting.context, request.id, as_shown, who=APPROVER)
    [kept, _] = (await counting.request(request)).items
    waits = await review(
        counting.context,
        actor=APPROVER,
        request_id=request.id,
        decision=Decision.APPROVE,
        shown=full,
        who_is=who_is,
        delivery="click",
        kept=[kept.id],
    )
    assert waits.status is Status.PENDING
    await counting.run()
    assert "Last 10 days: 2 messages to 1 person would skip filtering" in card(counting)
    events = [event for event in await counting.events(request) if event.kind == EventKind.FIGURES_SHOWN]
    assert [event.payload["indicators"] for event in events] == [2, 1]
    assert (await posted(counting, request)).beside.figures == max(event.seq for event in events)


async def test_an_indicator_is_asked_for_once_an_hour_and_forgotten_then(counting: Stage) -> None:
    def asked() -> int:
        return sum(call["cmdlet"] == "get-messageTraces" for call in counting.standin.calls())

    first = await counting.propose(_EVIL)
    await counting.run()
    before = asked()
    assert before
    await decide_as_shown(counting, first, await posted(counting, first))
    indicator = Indicator(kind=Kind.ADDRESS, value=_EVIL)
    async with counting.context.store.read() as uow:
        kept = await uow.figures.find(indicator, since=counting.clock() - timedelta(hours=1))
    assert isinstance(kept, MailFigures)
    await counting.propose(_EVIL)
    counting.clock.now += timedelta(minutes=59)
    await counting.run()
    assert asked() == before
    counting.clock.now += timedelta(minutes=2)
    async with counting.context.store.write() as uow:
        await enqueue(uow, JobKind.CLEAN, NothingPayload())
    await counting.run()
    async with counting.context.store.read() as uow:
        assert await uow.figures.find(indicator, since=counting.clock() - timedelta(days=9)) is None
