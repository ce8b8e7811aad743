"""Approvers are reminded of what waits for them: by one message each, once, in their own working hours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.policies.case import Rules
from bot.domain.requests.request import Decision, Request
from bot.playground.slack.conversations import Message
from bot.playground.slack.faults import Fault
from bot.store import AuditFilter, Store
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import enqueue
from tests.integration.databases import Clock
from tests.integration.slack.stage import SlackStage, open_stage
from tests.support import people
from tests.support.deciding import decide_on
from tests.support.installation import APPROVER, REQUESTER, SECOND
from tests.support.jobs import Jobs, nothing
from tests.support.proposing import drafted, propose_all

#: A Wednesday at nine, in UTC.
NINE = datetime(2030, 1, 2, 9, tzinfo=UTC)


@pytest.fixture
async def stage(store: Store, clock: Clock) -> AsyncIterator[SlackStage]:
    clock.now = NINE
    instead = {JobKind.WATCH: nothing}
    async with open_stage(SlackStage, store, clock, rules=Rules(), instead=instead, max_attempts=20) as opened:
        yield opened


async def proposed(stage: SlackStage, value: str, *, who: Any = people.REQUESTER) -> Request:  # noqa: ANN401
    made = await propose_all(stage.context, actor=who, proposals=drafted(stage.context, value, end="30d"))
    await stage.run()
    [request] = made.requests
    return request


async def look(stage: SlackStage, **later: float) -> None:
    """So much later, it is looked who is to be reminded."""
    stage.clock.advance(**later)
    async with stage.context.store.write() as uow:
        await enqueue(uow, JobKind.REMIND_APPROVERS, NothingPayload())
    await stage.run()


def reminders(stage: SlackStage, who: str = APPROVER) -> list[Message]:
    return [message for message in stage.direct(who) if "reminder" in message.text or "your decision" in message.text]


async def logged(stage: SlackStage) -> list[tuple[str, int | None]]:
    async with stage.context.store.read() as uow:
        page = await uow.audit.page(filters=AuditFilter(kind=EventKind.APPROVER_REMINDED, limit=100))
    return [(event.target, event.request_id) for event in page[::-1]]


async def test_each_approver_is_reminded_once_of_all_that_waits(stage: SlackStage) -> None:
    first = await proposed(stage, "evil.example")
    await look(stage, minutes=59)
    assert reminders(stage) == []
    second = await proposed(stage, "worse.example", who=people.SECOND)
    await look(stage, minutes=2)
    await look(stage, minutes=5)
    [told] = reminders(stage)
    assert told.text.startswith("2 requests wait for your decision: #")
    assert "evil" in told.text
    assert "The card of #" in str(told.blocks), "a link to each card"
    [other] = reminders(stage, SECOND)
    assert other.text.startswith("1 request waits for your decision"), "nobody is reminded of their own"
    async with stage.context.store.read() as uow:
        assert (await uow.people.names())[APPROVER] == "approver-one", "the audit log is read by names"
    assert reminders(stage, REQUESTER) == []
    assert sorted(await logged(stage)) == sorted([(APPROVER, first.id), (APPROVER, second.id), (SECOND, first.id)])


async def test_the_next_comes_after_a_longer_wait_and_replaces_the_first(stage: SlackStage) -> None:
    await proposed(stage, "evil.example")
    await look(stage, hours=1)
    await look(stage, hours=3, minutes=59)
    assert len(reminders(stage)) == 1
    await look(stage, minutes=1)
    old, new = reminders(stage)
    assert old.text == "There is a newer reminder below."
    assert new.text.startswith("1 request waits")
    async with stage.context.store.read() as uow:
        [event, *_] = await uow.audit.page(filters=AuditFilter(kind=EventKind.APPROVER_REMINDED, limit=1))
    assert event.payload == {"times": 2}


async def test_what_is_decided_is_taken_from_the_reminder_and_nobody_is_reminded_of_it(stage: SlackStage) -> None:
    request = await proposed(stage, "evil.example")
    other = await proposed(stage, "worse.example")
    await look(stage, hours=1)
    await decide_on(stage.context, request, Decision.DENY)
    await look(stage, minutes=5)
    [told] = reminders(stage)
    assert told.text.startswith(f"1 request waits for your decision: #{other.id} ")
    await decide_on(stage.context, other, Decision.DENY)
    await look(stage, days=1)
    [told] = reminders(stage)
    assert told.text == "Nothing of this waits for your decision any more."


async def test_an_update_that_comes_after_the_next_is_undone(stage: SlackStage) -> None:
    request = await proposed(stage, "evil.example")
    await look(stage, hours=1)
    [told] = reminders(stage)
    before = told.text, told.blocks
    stage.playground.slack.state.faults.add("chat.update", Fault(error="internal_error", channel=f"D{APPROVER[1:]}"))
    await decide_on(stage.context, request, Decision.DENY)
    await look(stage, minutes=5)
    assert told.text == before[0], "nobody knows what became of it"
    await stage.later(5)
    assert told.text == "Nothing of this waits for your decision any more."
    told.text, told.blocks = before
    await stage.later(20)
    assert told.text == "Nothing of this waits for your decision any more."


async def test_it_is_the_working_time_of_each(stage: SlackStage) -> None:
    slack = stage.playground.slack.state
    there = tuple(
        replace(person, time_zone="America/New_York") if person.id == APPROVER else person
        for person in slack.workspace.people
    )
    object.__setattr__(slack.workspace, "people", there)
    await proposed(stage, "evil.example")
    await look(stage, hours=1)
    assert reminders(stage) == []
    assert len(reminders(stage, SECOND)) == 1
    await look(stage, hours=4)  # nine in New York, where work began at eight
    assert len(reminders(stage)) == 1


async def test_who_does_not_want_to_be_disturbed_is_reminded_afterwards(stage: SlackStage) -> None:
    begins = int(NINE.timestamp())
    stage.playground.slack.state.quiet[APPROVER] = (begins, begins + 2 * 3600)
    await proposed(stage, "evil.example")
    await look(stage, hours=1)
    assert (len(reminders(stage)), len(reminders(stage, SECOND))) == (0, 1)
    await look(stage, hours=1)
    assert len(reminders(stage)) == 1


async def test_without_the_scopes_it_is_working_time_of_utc(stage: SlackStage) -> None:
    workspace = stage.playground.slack.state.workspace
    object.__setattr__(workspace, "scopes", workspace.scopes - {"users:read", "dnd:read"})
    await proposed(stage, "evil.example")
    await look(stage, hours=1)
    assert len(reminders(stage)) == 1
    await look(stage, hours=12)
    assert len(reminders(stage)) == 1, "it is night"


async def test_who_is_gone_from_slack_is_not_reminded(stage: SlackStage) -> None:
    slack = stage.playground.slack.state
    gone = tuple(replace(each, deleted=True) if each.id == APPROVER else each for each in slack.workspace.people)
    object.__setattr__(slack.workspace, "people", gone)
    await proposed(stage, "evil.example")
    await look(stage, hours=1)
    assert await logged(stage) == [(SECOND, 1)]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_reminder_whose_answer_was_lost_is_sent_and_logged_once(stage: SlackStage) -> None:
    await proposed(stage, "evil.example")
    stage.fault("chat.postMessage", "drop_after", times=1)
    await look(stage, hours=1)
    await stage.run_until_idle()
    assert (len(reminders(stage)), len(reminders(stage, SECOND))) == (1, 1)
    assert sorted(await logged(stage)) == [(APPROVER, 1), (SECOND, 1)]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("lost", ["drop_after", "drop_before"])
async def test_a_reminder_that_was_overtaken_while_its_answer_was_lost_reminds_of_nothing(
    stage: SlackStage, lost: str
) -> None:
    request = await proposed(stage, "evil.example")
    stage.fault("chat.postMessage", lost, times=2)
    await look(stage, hours=1)
    await decide_on(stage.context, request, Decision.DENY)
    await stage.run_until_idle()
    for who in (APPROVER, SECOND):
        texts = [message.text for message in reminders(stage, who)]
        assert texts == ["Nothing of this waits for your decision any more."] * (lost == "drop_after")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fails", [False, True], ids=["changed at once", "changed later"])
async def test_a_reminder_whose_answer_was_lost_names_only_what_still_waits_though_nobody_is_due_for_that(
    stage: SlackStage, fails: bool
) -> None:
    """It named both, and stands: that one of them is decided shows there, and that the other is."""
    request = await proposed(stage, "evil.example")
    stage.clock.advance(minutes=30)
    other = await proposed(stage, "worse.example")
    stage.fault("chat.postMessage", "drop_after", times=2)
    await look(stage, minutes=30)
    await decide_on(stage.context, request, Decision.DENY)
    if fails:
        for who in (APPROVER, SECOND):
            gone = Fault(error="internal_error", channel=f"D{who[1:]}")
            stage.playground.slack.state.faults.add("chat.update", gone)
    await stage.run_until_idle()
    for who in (APPROVER, SECOND):
        [told] = reminders(stage, who)
        assert told.text.startswith(f"1 request waits for your decision: #{other.id} ")
    await decide_on(stage.context, other, Decision.DENY)
    await look(stage, minutes=5)
    for who in (APPROVER, SECOND):
        [told] = reminders(stage, who)
        assert told.text == "Nothing of this waits for your decision any more."


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("still_waits", [False, True])
async def test_after_a_reminder_that_nobody_can_look_for_the_next_one_is_sent(
    stage: SlackStage, still_waits: bool
) -> None:
    """It is let be, and is none: nobody knows whether it stands."""
    request = await proposed(stage, "evil.example")
    if still_waits:
        stage.clock.advance(minutes=30)
        await proposed(stage, "worse.example")
    stage.fault("conversations.history", "missing_scope", times=99)
    stage.fault("chat.postMessage", "drop_before", times=2)
    await look(stage, minutes=30 if still_waits else 60)
    await decide_on(stage.context, request, Decision.DENY)
    await stage.run_until_idle()
    if not still_waits:
        await proposed(stage, "worse.example")
    assert reminders(stage) == []
    await look(stage, hours=1)
    for who in (APPROVER, SECOND):
        assert [told.text.split(":")[0] for told in reminders(stage, who)] == ["1 request waits for your decision"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_reminder_that_was_overtaken_is_changed_though_its_first_update_fails(stage: SlackStage) -> None:
    request = await proposed(stage, "evil.example")
    stage.fault("chat.postMessage", "drop_after", times=2)
    await look(stage, hours=1)
    await decide_on(stage.context, request, Decision.DENY)
    for who in (APPROVER, SECOND):
        stage.playground.slack.state.faults.add("chat.update", Fault(error="internal_error", channel=f"D{who[1:]}"))
    await stage.run_until_idle()
    for who in (APPROVER, SECOND):
        assert [message.text for message in reminders(stage, who)] == [
            "Nothing of this waits for your decision any more."
        ]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_where_nobody_is_to_be_reminded_nobody_is(stage: SlackStage) -> None:
    stage.context = replace(stage.context, reminding=replace(stage.context.reminding, waits=()))
    stage.jobs = Jobs(stage.context, stage.playground, instead={JobKind.WATCH: nothing})
    await proposed(stage, "evil.example")
    await look(stage, hours=5)
    assert reminders(stage) == []
