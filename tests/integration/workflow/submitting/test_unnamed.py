"""An allow that comes of a submission and that nobody named: told, logged, found by its own value, and taken out."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import Event, EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName
from bot.domain.reading.lines import read_as_logged
from bot.domain.requests.binding import ShownCard
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, ItemState, Request, Status
from bot.domain.telling.verdict_facts import verdict_facts
from bot.errors import Conflict, NotPermitted
from bot.playground.slack.conversations import Message
from bot.playground.tenant import Known, SubmissionItem
from bot.store import AuditFilter
from bot.workflow.asking import check
from bot.workflow.requesting.propose import Proposed
from bot.workflow.requesting.unnamed_removal import propose_removal
from tests.integration.workflow.conftest import Stage
from tests.integration.workflow.submitting.conftest import MESSAGE_URL, SENDER, Submitting
from tests.support.installation import ALERTS
from tests.support.people import APPROVER, AUDITOR, REQUESTER
from tests.unit.domain.telling.plain_text import in_words

EVIL = "ceo@evil.example"


def blocked_by(stage: Stage, *senders: str) -> None:
    """What Microsoft found to have stopped the message."""
    items = tuple(SubmissionItem(list_type="Sender", value=sender) for sender in senders)
    stage.standin.know(Known(name=MESSAGE_URL, sender=EVIL, blocked_by=items))


async def unasked(submitting: Submitting, *senders: str) -> tuple[Request, Event]:
    """A submission for `SENDER` of which allows for these came, and the event that tells of the last of them."""
    blocked_by(submitting.stage, *senders)
    request = await submitting.approved(SENDER)
    await submitting.run()
    await submitting.later(minutes=1)
    async with submitting.stage.context.store.read() as uow:
        told = await uow.audit.page(filters=AuditFilter(kind=EventKind.SUBMISSION_UNNAMED))
    return request, told[0]


def alerts(stage: Stage) -> list[Message]:
    return [message for message in stage.messages(ALERTS) if "nobody asked for it" in message.text]


async def click(stage: Stage, event: Event, *, who: Person = APPROVER, ts: str = "") -> Proposed:
    """A click on the button below the alert."""
    [message] = alerts(stage)
    channel = stage.playground.slack.state.conversations.find(ALERTS)
    assert channel is not None
    return await propose_removal(
        stage.context,
        actor=who,
        request_id=event.request_id or 0,
        shown=ShownCard(channel=channel.id, ts=ts or message.ts, version=event.seq),
        delivery=secrets.token_hex(8),
    )


async def test_it_is_told_as_what_it_is_and_found_by_its_own_value(submitting: Submitting) -> None:
    stage = submitting.stage
    request, event = await unasked(submitting, EVIL)

    now = await stage.request(request)
    assert now.items[0].state is ItemState.APPLIED, "it confirms nothing of what was asked for"
    assert now.items[0].outcome.index("Not asked for, and allowed all the same: ceo@evil[.]example") > 0
    assert now.warnings[0].code == "unnamed_allow"
    card = str(stage.cards()[0].blocks)
    assert "allowed what nobody asked for" in card
    assert "white_check_mark" not in card
    assert (event.target, event.request_id) == (EVIL, request.id)
    assert (event.payload["requester"], event.payload["named"]) == (REQUESTER.user_id, [SENDER])
    assert len(alerts(stage)) == 1
    assert any(line.startswith("Allowed, and nobody asked for it") for line in stage.lines())
    [verdict] = (await check.answer(stage.context, [read_as_logged(EVIL)], asked_at=stage.clock())).verdicts
    [told] = verdict_facts(verdict).entries
    assert in_words(told.asked_by) == (
        f"nobody asked for it: it came of the submission of #{request.id} by {REQUESTER.user_id}"
    )


async def test_what_was_asked_for_beside_it_is_confirmed_as_ever(submitting: Submitting) -> None:
    request, event = await unasked(submitting, SENDER, EVIL)

    assert (await submitting.stage.item(request)).state is ItemState.CONFIRMED
    assert event.target == EVIL
    stage = submitting.stage
    [verdict] = (await check.answer(stage.context, [read_as_logged(SENDER)], asked_at=stage.clock())).verdicts
    [told] = verdict_facts(verdict).entries
    assert in_words(told.asked_by) == f"asked by {REQUESTER.user_id}"


async def test_it_is_news_once_however_often_it_is_looked_at(submitting: Submitting) -> None:
    request, _ = await unasked(submitting, EVIL)
    for _ in range(30):
        await submitting.later(hours=6)

    assert (await submitting.stage.kinds(request)).count(EventKind.SUBMISSION_UNNAMED) == 1
    assert len(alerts(submitting.stage)) == 1


async def test_its_removal_is_an_ordinary_request_and_takes_it_out(submitting: Submitting) -> None:
    stage = submitting.stage
    request, event = await unasked(submitting, EVIL)
    proposed = await click(stage, event, who=REQUESTER)

    [removal] = proposed.requests
    assert (removal.operation, removal.list, removal.status) == (Operation.REMOVE, ListName.SENDER, Status.PENDING)
    assert (removal.requester, [item.value for item in removal.items]) == (REQUESTER.user_id, [EVIL])
    assert f"submission of #{request.id}." in removal.reason
    await submitting.run()
    [alert] = alerts(stage)
    assert f"Now: #{removal.id} asks to remove it. Waits for approval" in alert.text
    assert "Propose removal" not in str(alert.blocks)
    await stage.decide(removal, who=APPROVER)
    await submitting.later(minutes=6)
    [alert] = alerts(stage)
    assert f"Now: #{removal.id} asks to remove it. Applied" in alert.text
    assert (await stage.request(removal)).status is Status.APPLIED
    lists = await stage.context.tenant.read_lists()
    assert EVIL not in {entry.value for entry in lists.entries}
    # The submission did not lose anything that it had been asked for.
    assert (await stage.item(request)).state is ItemState.APPLIED


async def test_however_often_and_by_whoever_it_is_clicked_it_makes_one_request(submitting: Submitting) -> None:
    _, event = await unasked(submitting, EVIL)
    first = await click(submitting.stage, event, who=REQUESTER)
    again = await click(submitting.stage, event, who=APPROVER)

    assert [made.id for made in again.requests] == [made.id for made in first.requests]
    await submitting.stage.decide(first.requests[0], Decision.DENY)
    with pytest.raises(Conflict, match="is decided: denied"):
        await click(submitting.stage, event)


async def test_an_old_alert_makes_no_second_request(submitting: Submitting) -> None:
    """What is forgotten of other clicks after a day is not forgotten of it: the alert stands there for good."""
    _, event = await unasked(submitting, EVIL)
    [made] = (await click(submitting.stage, event, who=REQUESTER)).requests
    async with submitting.stage.context.store.write() as uow:
        await uow.deliveries.forget(submitting.stage.clock() + timedelta(days=2))
    assert [again.id for again in (await click(submitting.stage, event)).requests] == [made.id]
    await submitting.stage.decide(made, Decision.DENY)
    with pytest.raises(Conflict, match="is decided: denied"):
        await click(submitting.stage, event)


async def test_what_was_refused_may_go_ahead_later(submitting: Submitting) -> None:
    """It is gone, and then somebody allows it anew."""
    stage = submitting.stage
    _, event = await unasked(submitting, EVIL)
    stage.standin.edit("Remove-TenantAllowBlockListItems", {"ListType": "Sender", "Entries": [EVIL]})
    await stage.snapshot()
    refused = await click(stage, event)
    assert (refused.requests, [refusal.code for refusal in refused.refusals]) == ((), ["not_listed"])
    stage.standin.hold(EVIL, list_type="Sender", action="Allow")
    await stage.snapshot()
    [made] = (await click(stage, event)).requests
    assert [item.value for item in made.items] == [EVIL]


async def test_only_the_alert_of_this_very_entry_makes_it(submitting: Submitting) -> None:
    stage = submitting.stage
    _, event = await unasked(submitting, EVIL)
    with pytest.raises(Conflict, match="what it says may be false"):
        await click(stage, event, ts="1.000001")
    with pytest.raises(Conflict, match="not the alert"):
        await click(stage, replace(event, seq=event.seq - 1))
    with pytest.raises(NotPermitted):
        await click(stage, event, who=AUDITOR)
