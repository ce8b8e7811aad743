"""A decision that has to wait for its person's roles: kept, told, and done once they can be read, or not at all."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest
from sqlalchemy import update

from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import Action
from bot.domain.requests.request import Request, Status
from bot.errors import StoreError
from bot.slack.jobs import late_decisions
from bot.slack.jobs.late_decisions import FINISH_DECISION, WAITS
from bot.store.tables import JobRow
from tests.integration.whole_bot import WholeBot, click_on_card, open_whole_bot
from tests.support import people
from tests.support.installation import APPROVER, SECOND, VISITOR
from tests.support.proposing import drafted, propose_all

GROUP, LIST = "S0APPROVERS", "usergroups.users.list"


@pytest.fixture
async def bot(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WholeBot]:
    async with open_whole_bot(database_url, monkeypatch) as opened:
        yield opened


async def deliver(bot: WholeBot, body: dict[str, Any]) -> None:
    answer = await bot.portcullis.slack.async_dispatch(AsyncBoltRequest(body=json.dumps(body)))
    assert answer.status == 200


async def clicked_while_limited(bot: WholeBot, *, who: str = APPROVER) -> tuple[Request, dict[str, Any]]:
    """A pending request whose card somebody has approved while Slack said nothing of who is in the group."""
    request = await bot.proposed("evil.example")
    await bot.run()
    bot.break_slack(LIST)
    click = click_on_card(bot, "Approve", who=who)
    await deliver(bot, click)
    return request, click


async def _failing(*_: object, **__: object) -> None:
    raise StoreError("The database is away.")


async def due_now(bot: WholeBot) -> None:
    [job] = await bot.waiting(FINISH_DECISION)
    await bot.make_due(job)
    await bot.run()


async def test_it_is_kept_and_the_person_is_told(bot: WholeBot) -> None:
    request, click = await clicked_while_limited(bot)
    await deliver(bot, click)
    assert await bot.status(request) is Status.PENDING
    assert len(await bot.waiting(FINISH_DECISION)) == 1, "delivered twice, it is one"
    [reply] = await bot.waiting("reply.post")
    assert "Your decision is kept" in reply.payload["message"]["text"]


async def test_it_counts_once_the_roles_can_be_read(bot: WholeBot) -> None:
    request, _ = await clicked_while_limited(bot)
    bot.repair()
    await due_now(bot)
    assert await bot.status(request) is Status.APPLIED
    assert "has counted now" in bot.said(f"D{APPROVER[1:]}")


async def test_it_does_not_count_for_somebody_who_was_taken_out_meanwhile(bot: WholeBot) -> None:
    request, _ = await clicked_while_limited(bot)
    bot.repair()
    bot.playground.slack.state.group_members[GROUP] = [SECOND]
    await due_now(bot)
    assert await bot.status(request) is Status.PENDING
    assert "Only approvers decide on requests" in bot.said(f"D{APPROVER[1:]}")
    assert [event.actor for event in await bot.events(EventKind.ACCESS_REFUSED)] == [APPROVER]


async def test_it_is_held_to_its_person_whatever_the_database_says(bot: WholeBot) -> None:
    """Whoever can write to the database has no approver's hand for that."""
    request, _ = await clicked_while_limited(bot, who=VISITOR)
    bot.repair()
    [job] = await bot.waiting(FINISH_DECISION)
    payload = {**job.payload, "delivery": secrets.token_hex(8), "body": {**job.payload["body"], "user": {"id": SECOND}}}
    async with bot.store.write() as uow:
        await uow.jobs._scope.session.execute(update(JobRow).where(JobRow.id == job.id).values(payload=payload))
    await due_now(bot)
    assert await bot.status(request) is Status.PENDING
    assert "did not count" in bot.said(f"D{SECOND[1:]}")


async def test_what_has_to_be_read_in_a_form_leads_back_to_its_card(bot: WholeBot) -> None:
    """No form can be opened so long after a click."""
    proposals = drafted(
        bot.portcullis.context, "203.0.113.7", action=Action.ALLOW, end="3d", reason="Scanner", acknowledged=True
    )
    [request] = (await propose_all(bot.portcullis.context, actor=people.REQUESTER, proposals=proposals)).requests
    await bot.run()
    bot.break_slack(LIST)
    await deliver(bot, click_on_card(bot, "Approve", who=APPROVER))
    bot.repair()
    await due_now(bot)
    assert await bot.status(request) is Status.PENDING
    said = bot.said(f"D{APPROVER[1:]}")
    assert "Click Approve on its card once more" in said
    conversation = bot.playground.slack.state.conversations.find(f"D{APPROVER[1:]}")
    assert conversation is not None
    assert f"The card of #{request.id}" in str(conversation.messages[-1].blocks)


async def test_it_does_not_wait_for_ever(bot: WholeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    request, _ = await clicked_while_limited(bot)
    [job] = await bot.waiting(FINISH_DECISION)
    later = bot.store.clock() + WAITS
    monkeypatch.setattr(bot.store, "clock", lambda: later + timedelta(seconds=1))
    await bot.make_due(job)
    await bot.run()
    bot.repair()
    await bot.run()
    assert await bot.waiting(FINISH_DECISION) == []
    assert await bot.status(request) is Status.PENDING
    assert "did not count" in bot.said(f"D{APPROVER[1:]}")


async def test_it_does_not_count_where_nobody_did_it_in_time(bot: WholeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot was down meanwhile, and the roles can be read at once when it is back."""
    request, _ = await clicked_while_limited(bot)
    bot.repair()
    later = bot.store.clock() + WAITS
    monkeypatch.setattr(bot.store, "clock", lambda: later + timedelta(seconds=1))
    await due_now(bot)
    assert await bot.status(request) is Status.PENDING
    assert "waited for too long" in bot.said(f"D{APPROVER[1:]}")


@pytest.mark.parametrize("is_given_up", [False, True])
async def test_one_that_counted_is_told_as_such_whenever_that_is(
    bot: WholeBot, monkeypatch: pytest.MonkeyPatch, is_given_up: bool
) -> None:
    """The process ended between the decision and its answer, and the roles can't be read when it is back."""
    request, _ = await clicked_while_limited(bot)
    bot.repair()
    with monkeypatch.context() as failing:
        failing.setattr(late_decisions, "reply", _failing)
        await due_now(bot)
    assert await bot.status(request) is Status.APPLIED
    bot.break_slack(LIST)
    later = bot.store.clock() + WAITS
    monkeypatch.setattr(bot.store, "clock", lambda: later + timedelta(seconds=1))
    [job] = await bot.waiting(FINISH_DECISION)
    if is_given_up:
        async with bot.store.write() as uow:
            await uow.jobs._scope.session.execute(update(JobRow).where(JobRow.id == job.id).values(attempts=100))
    await bot.make_due(job)
    await bot.run()
    said = bot.said(f"D{APPROVER[1:]}")
    assert "has counted now" in said
    assert "did not count" not in said


async def test_nobody_gives_it_more_time_in_the_database(bot: WholeBot) -> None:
    request, _ = await clicked_while_limited(bot)
    bot.repair()
    [job] = await bot.waiting(FINISH_DECISION)
    payload = {**job.payload, "until": (bot.store.clock() + 2 * WAITS).isoformat()}
    async with bot.store.write() as uow:
        await uow.jobs._scope.session.execute(update(JobRow).where(JobRow.id == job.id).values(payload=payload))
    await due_now(bot)
    assert await bot.status(request) is Status.PENDING
    assert "did not count" in bot.said(f"D{APPROVER[1:]}")


async def test_where_the_person_could_be_answered_is_not_kept(bot: WholeBot) -> None:
    request = await bot.proposed("evil.example")
    await bot.run()
    bot.break_slack(LIST)
    await deliver(
        bot, {**click_on_card(bot, "Approve", who=APPROVER), "response_url": "https://hooks.example.com/actions/1"}
    )
    [job] = await bot.waiting(FINISH_DECISION)
    assert "hooks.example.com" not in json.dumps(dict(job.payload))
    assert await bot.status(request) is Status.PENDING


async def test_who_may_not_decide_uses_up_no_questions_of_those_who_may(bot: WholeBot) -> None:
    """Slack takes about twenty questions a minute, and anybody who sees a card can click on it."""
    request = await bot.proposed("evil.example")
    await bot.run()

    def asked() -> int:
        return sum(call.method == LIST for call in bot.playground.slack.state.ledger.calls)

    before = asked()
    for _ in range(10):
        await deliver(bot, click_on_card(bot, "Approve", who=VISITOR))
    assert asked() <= before + 1
    assert len(await bot.events(EventKind.ACCESS_REFUSED)) == 10
    await deliver(bot, click_on_card(bot, "Approve", who=APPROVER))
    assert asked() > before
    await bot.run()
    assert await bot.status(request) is Status.APPLIED
