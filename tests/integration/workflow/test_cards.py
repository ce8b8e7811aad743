"""Cards that Slack takes none of are told of, and cards that can't be kept hold up nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Decision, Request, Status
from bot.errors import Conflict
from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.faults import Fault
from bot.workflow.shared.jobs import notify
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import decide_on, shown
from tests.support.installation import ALERTS, APPROVALS

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

POST, UPDATE = "chat.postMessage", "chat.update"
_ALWAYS = 10_000


def fault(stage: Stage, method: str, error: str, *, times: int = 1, channel: str | None = APPROVALS) -> None:
    stage.playground.slack.state.faults.add(method, Fault(error=error, times=times, retry_after=0, channel=channel))


def mend(stage: Stage) -> None:
    stage.playground.slack.state.faults.clear()


def channel(stage: Stage, name: str = APPROVALS) -> Conversation:
    found = stage.playground.slack.state.conversations.find(name)
    assert found is not None
    return found


def direct(stage: Stage) -> list[str]:
    return [message.text for message in stage.messages("D0REQUEST1")]


def buttons(message: Message) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        for element in block.get("elements") or []
        if element.get("type") == "button"
    ]


async def next_attempt(stage: Stage) -> None:
    """All that is due in the next minutes."""
    stage.clock.advance(minutes=6)
    await stage.run()


async def changed(stage: Stage, request: Request) -> None:
    """Something has its card looked at again."""
    async with stage.context.store.write() as uow:
        await notify(uow, request.id)
    await next_attempt(stage)


@pytest.mark.parametrize(
    "error",
    [
        "is_archived",
        "channel_not_found",
        "not_in_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "no_permission",
        "channel_is_limited_access",
        "missing_scope",
        "account_inactive",
        "invalid_blocks",
        "msg_blocks_too_long",
        "code_of_next_year",
    ],
)
@sqlite_only
async def test_a_card_that_slack_does_not_take_is_told_once_with_what_to_do(stage: Stage, error: str) -> None:
    fault(stage, POST, error, times=_ALWAYS)
    request = await stage.propose("evil.example")
    for _ in range(4):
        await next_attempt(stage)
    [alert] = stage.messages(ALERTS)
    assert f"card of request {request.id}" in alert.text
    assert f"Slack's answer: {error}" in alert.text
    assert len(alert.text.splitlines()) == 3, "what, why, and what to do about it"
    [told] = [text for text in direct(stage) if "Nobody can decide yet" in text]
    assert error in told
    assert (await stage.kinds(request)).count(EventKind.CARD_REFUSED) == 1
    assert not stage.jobs.dead


async def test_a_card_that_can_be_posted_again_is_told_in_the_same_alert(stage: Stage) -> None:
    channel(stage).archived = True
    request = await stage.propose("evil.example")
    await stage.run()
    await next_attempt(stage)
    [alert] = stage.messages(ALERTS)
    assert "Unarchive the channel" in alert.text
    assert stage.cards() == []
    async with stage.context.store.read() as uow:
        [(missing, remedy)] = await uow.messages.refused_cards_of_all()
    assert missing == request.id
    assert "Unarchive the channel" in remedy
    channel(stage).archived = False
    await next_attempt(stage)
    [card] = stage.cards()
    [alert] = stage.messages(ALERTS)
    assert "Now: The card is posted." in alert.text
    assert "Unarchive the channel" not in alert.text
    assert card.ts in str(alert.blocks), "a link to it"
    async with stage.context.store.read() as uow:
        assert await uow.messages.refused_cards_of_all() == []
    assert [text for text in direct(stage) if "The card is there now" in text]
    assert (await stage.kinds(request))[-2:] == [EventKind.CARD_REFUSED, EventKind.CARD_POSTED]
    await stage.decide(request, Decision.DENY)
    await stage.run()
    [alert] = stage.messages(ALERTS)
    assert "Now: The card is posted. Denied by" in alert.text


@sqlite_only
async def test_it_is_told_whatever_the_attempt(stage: Stage) -> None:
    """A first attempt that fails for a passing reason used to keep the alert from being told at all."""
    fault(stage, POST, "ratelimited")
    fault(stage, POST, "is_archived", times=_ALWAYS)
    await stage.propose("evil.example")
    await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    assert len(stage.messages(ALERTS)) == 1


@sqlite_only
async def test_another_reason_is_told_as_well(stage: Stage) -> None:
    fault(stage, POST, "not_in_channel", times=2)
    fault(stage, POST, "is_archived", times=_ALWAYS)
    await stage.propose("evil.example")
    for _ in range(4):
        await next_attempt(stage)
    assert [alert.text.count("is_archived") for alert in stage.messages(ALERTS)] == [0, 1]


@sqlite_only
async def test_a_card_that_was_posted_before_its_alert_is_not_told_of(stage: Stage) -> None:
    fault(stage, POST, "not_in_channel")
    fault(stage, POST, "ratelimited", times=_ALWAYS, channel=ALERTS)
    await stage.propose("evil.example")
    await stage.run()
    await next_attempt(stage)
    mend(stage)
    await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    assert len(stage.cards()) == 1
    assert stage.messages(ALERTS) == []


@sqlite_only
async def test_a_channel_that_is_archived_under_a_card_is_told_too(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    fault(stage, UPDATE, "is_inactive", times=_ALWAYS)
    async with stage.context.store.write() as uow:
        await uow.messages.outdate(request.id, Purpose.CARD)
    await changed(stage, request)
    [alert] = stage.messages(ALERTS)
    assert "is_inactive" in alert.text


@pytest.mark.parametrize("error", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"])
@sqlite_only
async def test_what_slack_does_not_take_goes_out_in_its_plainest_form(stage: Stage, error: str) -> None:
    fault(stage, POST, error)
    request = await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    assert {block["type"] for block in card.blocks} == {"section", "actions"}
    assert all(block["text"]["type"] == "plain_text" for block in card.blocks if block["type"] == "section")
    said = str(card.blocks)
    assert all(
        word in said for word in ("evil[.]example", "Phishing wave", "Waits for approval", f"request {request.id}")
    )
    assert buttons(card) == ["Approve", "Deny", "Details"]
    assert stage.messages(ALERTS) == []
    now = await shown(stage.context, request.id)
    assert (now.ts, now.version) == (card.ts, request.version)
    with pytest.raises(Conflict, match="as it stands now"):
        await decide_on(stage.context, request, seen=replace(now, version=request.version - 1))
    await stage.run()
    assert (await decide_on(stage.context, request, seen=now)).status is Status.APPROVED


@sqlite_only
async def test_an_update_that_slack_does_not_take_goes_out_in_its_plainest_form(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    fault(stage, UPDATE, "msg_too_long")
    await stage.decide(request, Decision.DENY)
    await stage.run()
    [card] = stage.cards()
    assert "Denied" in str(card.blocks)
    assert {block["type"] for block in card.blocks} == {"section", "actions"}
