"""Approvers are called once: by a mention on the first card, and by another below it before the request lapses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.calling import Calling
from bot.domain.requests.request import Decision
from bot.playground.slack.conversations import Message
from bot.playground.slack.faults import Fault
from bot.workflow.requesting.post_again import post_again
from bot.workflow.shared.jobs import notify
from tests.integration.workflow.conftest import Stage
from tests.support.installation import APPROVALS
from tests.support.jobs import Jobs
from tests.support.people import APPROVER, REQUESTER, SECOND

FIRST, LATE = "S0APPROVERS", "U0AUDITOR1"
MENTIONED, MENTIONED_LATE = f"<!subteam^{FIRST}>", f"<@{LATE}>"

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def calling(stage: Stage) -> Stage:
    """The stage, with people to be called; the requester among them."""
    called = Calling(first=(FIRST, REQUESTER.user_id), second=(LATE, SECOND.user_id))
    stage.context = replace(stage.context, calling=called)
    stage.jobs = Jobs(stage.context, stage.playground)
    return stage


def mentions(message: Message, what: str = MENTIONED) -> tuple[bool, bool]:
    """Whether a message mentions somebody where it is read aloud, and where it is seen."""
    return what in message.text, what in str(message.blocks)


async def called(stage: Stage, kind: EventKind) -> list[str]:
    async with stage.context.store.read() as uow:
        return [event.target for event in (await uow.audit.page())[::-1] if event.kind == kind]


async def test_the_card_calls_those_who_are_named_and_not_who_asked(calling: Stage) -> None:
    await calling.propose("evil.example")
    await calling.run()
    [card] = calling.cards()
    assert mentions(card) == (True, True)
    assert "Please decide" in card.text
    assert f"Please decide: {MENTIONED}, <@{REQUESTER.user_id}>" not in str(card.blocks)
    assert await called(calling, EventKind.APPROVERS_CALLED) == [FIRST]


async def test_a_card_that_is_posted_again_calls_nobody_anew(calling: Stage) -> None:
    request = await calling.propose("evil.example")
    await calling.run()
    await post_again(calling.context, actor=APPROVER, request_id=request.id, delivery="again")
    await calling.run()
    old, new = calling.cards()
    assert mentions(new) == (False, False)
    assert "replaced" in old.text
    assert await called(calling, EventKind.APPROVERS_CALLED) == [FIRST]


async def test_a_card_whose_answer_was_lost_calls_once(calling: Stage) -> None:
    """It stands, and nobody knows: found again, it is brought up to date, which notifies nobody, and logged."""
    calling.playground.slack.state.faults.add(
        "chat.postMessage", Fault(error="drop_after", times=1, retry_after=0, channel=APPROVALS)
    )
    await calling.propose("evil.example")
    await calling.run_until_idle(longest=timedelta(minutes=5))
    assert len(calling.cards()) == 1
    assert await called(calling, EventKind.APPROVERS_CALLED) == [FIRST]


async def test_the_others_are_called_below_the_card_before_it_lapses(calling: Stage) -> None:
    request = await calling.propose("evil.example")
    await calling.run()
    calling.clock.now = request.lapses_at - timedelta(hours=24, seconds=1)
    await calling.run()
    assert calling.thread() == []
    calling.clock.advance(seconds=2)
    await calling.run()
    [line] = [message for message in calling.messages(APPROVALS) if message.thread_ts is not None]
    assert mentions(line, MENTIONED_LATE) == mentions(line, f"<@{SECOND.user_id}>") == (True, True)
    assert "It expires undecided" in line.text
    assert await called(calling, EventKind.APPROVERS_CALLED_LATE) == [LATE, SECOND.user_id]
    assert await called(calling, EventKind.APPROVERS_TOLD_LATE) == [f"request {request.id}"]
    async with calling.context.store.write() as uow:
        await notify(uow, request.id)
    await calling.run()
    assert len(calling.thread()) == 1, "once"
    assert len(await called(calling, EventKind.APPROVERS_TOLD_LATE)) == 1


async def test_who_could_not_be_called_is_not_logged_as_called(calling: Stage) -> None:
    request = await calling.propose("evil.example")
    await calling.run()
    calling.playground.slack.state.faults.add(
        "chat.postMessage", Fault(error="is_archived", times=100, retry_after=0, channel=APPROVALS)
    )
    calling.clock.now = request.lapses_at - timedelta(hours=23)
    await calling.run_until_idle(longest=timedelta(days=7))
    assert calling.thread() == []
    assert await called(calling, EventKind.APPROVERS_CALLED_LATE) == [LATE, SECOND.user_id]
    assert await called(calling, EventKind.APPROVERS_TOLD_LATE) == []


async def test_nobody_is_called_late_to_what_is_decided(calling: Stage) -> None:
    request = await calling.propose("evil.example")
    await calling.run()
    await calling.decide(request, Decision.DENY)
    await calling.run()
    calling.clock.now = request.lapses_at - timedelta(hours=1)
    await calling.run()
    assert await called(calling, EventKind.APPROVERS_CALLED_LATE) == []
    assert not [line for line in calling.thread() if MENTIONED_LATE in line]


async def test_where_nobody_is_named_nobody_is_called(stage: Stage) -> None:
    await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    assert "Please decide" not in card.text
    assert await stage.waiting("request.call_late") == []
