"""Many requests at once, by Slack's rates: what comes first, what waits, and that nothing is lost or told twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.budgets import BudgetsInMemory
from bot.domain.requests.binding import Purpose
from bot.playground.slack.faults import Fault
from bot.slack.pace import POST, RATES, UPDATE
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import retire
from tests.integration.workflow.conftest import Stage
from tests.support.installation import APPROVALS
from tests.support.jobs import Jobs, nothing

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

MANY = 12
LONG = timedelta(minutes=4)


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """With budgets that go by the test's clock."""
    budgets = BudgetsInMemory(clock=lambda: stage.clock().timestamp())
    context = replace(stage.context, budgets=budgets)
    jobs = Jobs(context, stage.playground, instead={JobKind.RESULT: nothing})
    return replace(stage, context=context, jobs=jobs)


def calls(stage: Stage) -> Counter[str]:
    return Counter(call.method for call in stage.playground.slack.state.ledger.calls)


async def test_no_more_is_posted_at_once_than_slack_takes_and_nothing_is_lost(stage: Stage) -> None:
    for number in range(MANY):
        await stage.propose(f"bad{number}.example")
    began = stage.clock()
    await stage.run()
    assert len(stage.cards()) == RATES[POST].burst
    await stage.run_until_idle(longest=LONG)
    assert len(stage.cards()) == MANY
    assert len({card.text for card in stage.cards()}) == MANY
    assert stage.clock() - began < timedelta(seconds=2 * MANY)
    assert {job.attempts for job in await stage.waiting()} == {0}, "to wait is no failure"


async def test_cards_that_wait_for_a_decision_come_before_lines_below_others(stage: Stage) -> None:
    requests = [await stage.propose(f"bad{number}.example") for number in range(MANY)]
    await stage.run()
    for request in requests[: RATES[POST].burst]:
        await stage.decide(request)
    await stage.run_until_idle(longest=LONG)
    is_line = [message.thread_ts is not None for message in stage.messages(APPROVALS)]
    assert is_line == sorted(is_line)
    assert Counter(is_line) == {False: MANY, True: RATES[POST].burst}
    for line in stage.thread():
        assert line.startswith("Applied")


async def test_updates_that_wait_are_one_with_the_newest_state(stage: Stage) -> None:
    requests = [await stage.propose(f"bad{number}.example") for number in range(MANY)]
    await stage.run_until_idle(longest=LONG)
    assert stage.context.budgets is not None
    await stage.context.budgets.hold_back(f"slack:{UPDATE}", RATES[UPDATE], 30)
    for request in requests:
        await stage.decide(request)
    await stage.run_until_idle(longest=LONG)
    assert calls(stage)[UPDATE] == 2 * MANY, "one for each card, and one for each copy"
    assert all("Applied" in card.text for card in stage.cards())


async def test_one_request_alone_waits_for_nothing(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    await stage.decide(request)
    await stage.run()
    [card] = stage.cards()
    assert "Applied" in card.text
    assert len(stage.thread()) == 1
    assert calls(stage) == {POST: 3, UPDATE: 3}


async def test_looking_for_a_message_spends_nothing_of_what_slack_takes(stage: Stage) -> None:
    """What stands already is found without a turn."""
    stage.playground.slack.state.faults.add(POST, Fault(error="drop_after", times=1, retry_after=0, channel=APPROVALS))
    await stage.propose("evil.example")
    await stage.run()
    assert stage.context.budgets is not None
    await stage.context.budgets.hold_back(f"slack:{POST}:{APPROVALS}", RATES[POST], 3000)
    await stage.run_until_idle(longest=LONG)
    assert len(stage.cards()) == 1
    async with stage.context.store.read() as uow:
        assert await uow.posts.in_doubt(["card:"]) == []


async def test_a_message_off_the_record_waits_for_its_turn(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run_until_idle(longest=LONG)
    assert stage.context.budgets is not None
    await stage.context.budgets.hold_back(f"slack:{UPDATE}", RATES[UPDATE], 30)
    async with stage.context.store.write() as uow:
        [known] = await uow.messages.of_request(request.id, Purpose.CARD)
        await uow.messages.forget(known.id)
        await retire(uow, request.id, channel=known.channel, ts=known.ts)
    await stage.run()
    assert calls(stage)[UPDATE] == 0
    await stage.run_until_idle(longest=LONG)
    assert calls(stage)[UPDATE] == 1
