"""The mail of what was checked: counted by a job, filled in where somebody asked, without anybody's subjects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.figures.figures import MailSource
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.requests.people import Person
from bot.errors import InvalidInput, NotPermitted
from bot.playground.tenant.faults import Fault
from bot.playground.tenant.mail import MailRights, StagedMail
from bot.store import AuditFilter
from bot.tenant.tracing.service import MailTracing
from bot.workflow.asking.check import by_snapshot, on_record
from bot.workflow.asking.mail import GIVEN_UP_AFTER, ask_for_mail
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.mail_figures import LASTS
from tests.integration.workflow.conftest import Stage
from tests.support.jobs import Jobs
from tests.support.people import REQUESTER
from tests.support.stand_ins import access_to

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

EVIL = Indicator(kind=Kind.ADDRESS, value="billing@evil.example")
LINK = Indicator(kind=Kind.URL, value="evil.example/pay")
LINE = "Last 10 days: 9 messages to 1 person"


@pytest.fixture
async def counting(stage: Stage) -> AsyncIterator[Stage]:
    """A stage with a snapshot, on which mail is counted by message trace."""
    tracing = MailTracing(access_to(stage.playground.environment()), sources={MailSource.TRACE}, now=stage.clock)
    stage.context = replace(stage.context, tracing=tracing)
    stage.jobs = Jobs(stage.context, stage.playground)
    stage.standin.stage_mail(StagedMail(sender=EVIL.value, subject="Your invoice"), times=9)
    await stage.snapshot()
    yield stage
    await tracing.close()


async def ask(stage: Stage, *indicators: Indicator, delivery: str = "click", who: Person = REQUESTER) -> bool:
    return await ask_for_mail(
        stage.context, actor=who, indicators=indicators or (EVIL,), delivery=delivery, response_url=""
    )


def told(stage: Stage) -> Sequence[str]:
    conversation = stage.playground.slack.state.conversations.direct(REQUESTER.user_id)
    return [] if conversation is None else [str(message.blocks) for message in conversation.messages]


def asked(stage: Stage) -> int:
    return sum(call["cmdlet"] == "get-messageTraces" for call in stage.standin.calls())


async def test_the_answer_comes_again_with_the_figures_and_without_subjects(counting: Stage) -> None:
    assert await ask(counting)
    await counting.run()
    [answer] = told(counting)
    assert LINE in answer
    assert "Not listed" in answer
    assert "Your invoice" not in answer
    async with counting.context.store.read() as uow:
        events = await uow.audit.page(filters=AuditFilter(limit=10))
    [event] = [event for event in events if event.kind == EventKind.CHECK_ASKED]
    assert (event.actor, event.target, event.payload["from"]) == (REQUESTER.user_id, EVIL.value, "mail")


async def test_what_was_counted_within_the_hour_is_not_asked_for_again_and_stands_in_the_next_answer(
    counting: Stage,
) -> None:
    await ask(counting)
    await counting.run()
    before = asked(counting)
    assert not await ask(counting, delivery="another click")
    assert await counting.waiting(JobKind.COUNT_MAIL) == []
    checked = await by_snapshot(counting.context, [EVIL])
    [known] = (await on_record(counting.context, checked)).mail or ()
    assert known.indicator == EVIL
    counting.clock.now += LASTS + timedelta(minutes=1)
    assert await ask(counting, delivery="a click an hour later")
    await counting.run()
    assert asked(counting) > before


async def test_a_click_delivered_again_counts_once(counting: Stage) -> None:
    for _ in range(3):
        assert await ask(counting)
    [_] = await counting.waiting(JobKind.COUNT_MAIL)
    await counting.run()
    assert len(told(counting)) == 1


async def test_what_nothing_can_see_is_said_beside_what_can(counting: Stage) -> None:
    await ask(counting, EVIL, LINK)
    await counting.run()
    [answer] = told(counting)
    assert LINE in answer
    assert "Last 10 days: message trace can't see links" in answer


@pytest.mark.parametrize("rights", [MailRights(trace=False), MailRights(trace_app=False)])
async def test_what_is_not_granted_is_said(counting: Stage, rights: MailRights) -> None:
    counting.standin.set_mail(rights=rights)
    await ask(counting)
    await counting.run()
    [answer] = told(counting)
    assert "Mail can't be counted: " in answer


async def test_what_is_late_is_waited_for_and_then_said_to_be_missing(counting: Stage) -> None:
    counting.standin.arm(Fault(kind="503", cmdlet="get-messageTraces", times=1_000))
    await ask(counting)
    await counting.run()
    assert told(counting) == []
    [job] = await counting.waiting(JobKind.COUNT_MAIL)
    assert job.run_at > counting.clock()
    counting.clock.now += GIVEN_UP_AFTER + timedelta(seconds=1)
    await counting.run()
    [answer] = told(counting)
    assert "Mail could not be counted in time: " in answer
    assert counting.jobs.dead == []


async def test_what_the_tenant_holds_up_for_longer_than_somebody_waits_is_said_at_once(counting: Stage) -> None:
    counting.standin.arm(Fault(kind="429", cmdlet="get-messageTraces", retry_after=600, times=1_000))
    await ask(counting)
    await counting.run()
    [answer] = told(counting)
    assert "Mail could not be counted in time: " in answer
    assert await counting.waiting(JobKind.COUNT_MAIL) == []


async def test_nobody_counts_who_may_not_check_or_where_it_is_off(counting: Stage) -> None:
    with pytest.raises(NotPermitted):
        await ask(counting, who=Person(user_id="U0VISITOR1"))
    counting.context = replace(counting.context, tracing=None)
    with pytest.raises(InvalidInput, match="MAIL_FIGURES"):
        await ask(counting)
    assert await counting.waiting(JobKind.COUNT_MAIL) == []
