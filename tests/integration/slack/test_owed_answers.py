"""A click that is refused: what its person is told stands in the outbox with what is logged of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.policies.case import Rules
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, Request
from bot.errors import Conflict, NotPermitted, PortcullisError
from bot.slack.answering import explain
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.store import AuditFilter, Store
from bot.workflow.requesting.close import withdraw
from bot.workflow.requesting.review import read_to_decide, review
from bot.workflow.requesting.trying_again import try_again
from bot.workflow.requesting.unnamed_removal import propose_removal
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import reply
from bot.workflow.shared.owed_answers import Asker, asked_by
from tests.integration.databases import Clock
from tests.integration.slack.stage import SlackStage, open_stage
from tests.support import people
from tests.support.deciding import shown
from tests.support.installation import APPROVALS
from tests.support.jobs import nothing
from tests.support.people import who_is
from tests.support.proposing import drafted, propose_all

DELIVERY = "the delivery"


@pytest.fixture
async def stage(store: Store, clock: Clock) -> AsyncIterator[SlackStage]:
    instead = {JobKind.WATCH: nothing}
    async with open_stage(SlackStage, store, clock, rules=Rules(), instead=instead, max_attempts=20) as opened:
        yield opened


async def proposed(stage: SlackStage) -> Request:
    proposals = drafted(stage.context, "evil.example", end="30d")
    [request] = (await propose_all(stage.context, actor=people.REQUESTER, proposals=proposals)).requests
    await stage.run()
    return request


def asker(stage: SlackStage, who: Person, url: str) -> Asker:
    def in_words(error: PortcullisError) -> dict[str, Any]:
        return explain(error, doing="click").to_dict()

    return Asker(delivery=DELIVERY, user=who.user_id, response_url=url, in_words=in_words)


Act: TypeAlias = Callable[[SlackStage, Request, ShownCard], Awaitable[object]]


async def approves(stage: SlackStage, request: Request, card: ShownCard) -> None:
    await review(
        stage.context,
        actor=people.APPROVER,
        request_id=request.id,
        decision=Decision.APPROVE,
        shown=replace(card, version=card.version - 1),
        who_is=who_is,
        delivery=DELIVERY,
    )


async def approves_as_requester(stage: SlackStage, request: Request, card: ShownCard) -> None:
    await review(
        stage.context,
        actor=people.REQUESTER,
        request_id=request.id,
        decision=Decision.APPROVE,
        shown=card,
        who_is=who_is,
        delivery=DELIVERY,
    )


async def reads_as_auditor(stage: SlackStage, request: Request, card: ShownCard) -> None:
    del card
    await read_to_decide(stage.context, actor=people.AUDITOR, request_id=request.id, delivery=DELIVERY)


async def withdraws(stage: SlackStage, request: Request, card: ShownCard) -> None:
    await withdraw(stage.context, actor=people.REQUESTER, request_id=request.id, shown=card, delivery=DELIVERY)


async def withdraws_another(stage: SlackStage, request: Request, card: ShownCard) -> None:
    await withdraw(stage.context, actor=people.APPROVER, request_id=request.id, shown=card, delivery=DELIVERY)


async def tries_again(stage: SlackStage, request: Request, card: ShownCard) -> None:
    seen = replace(card, version=card.version - 1)
    await try_again(stage.context, actor=people.APPROVER, request_id=request.id, shown=seen, delivery=DELIVERY)


async def removes_from_a_card(stage: SlackStage, request: Request, card: ShownCard) -> None:
    await propose_removal(stage.context, actor=people.REQUESTER, request_id=request.id, shown=card, delivery=DELIVERY)


@pytest.mark.parametrize(
    ("act", "who", "event"),
    [
        (approves, people.APPROVER, EventKind.CLICK_REFUSED),
        (withdraws, people.REQUESTER, EventKind.CLICK_REFUSED),
        (tries_again, people.APPROVER, EventKind.CLICK_REFUSED),
        (removes_from_a_card, people.REQUESTER, EventKind.CLICK_REFUSED),
        (approves_as_requester, people.REQUESTER, EventKind.ACCESS_REFUSED),
        (reads_as_auditor, people.AUDITOR, EventKind.ACCESS_REFUSED),
        (withdraws_another, people.APPROVER, EventKind.ACCESS_REFUSED),
    ],
)
async def test_who_clicked_is_answered_although_the_process_ended_after_the_commit(
    stage: SlackStage, act: Act, who: Person, event: EventKind
) -> None:
    """Nothing that follows the refusing transaction is done here, as by a process that is killed then."""
    request = await proposed(stage)
    card = await shown(stage.context, request.id, purpose=Purpose.CARD)
    url = stage.playground.slack.state.new_response_url(user_id=who.user_id, channel_id=APPROVALS)
    with asked_by(asker(stage, who, url)):
        with pytest.raises((Conflict, NotPermitted)) as refused:
            await act(stage, request, card)
        with suppress(Conflict, NotPermitted):
            await act(stage, request, card)  # Slack delivers it once more
    async with stage.context.store.read() as uow:
        assert len(await uow.audit.page(filters=AuditFilter(kind=event, limit=10))) == 1
    await stage.run()
    [told] = [message for message in stage.messages(APPROVALS) if message.ephemeral_for == who.user_id]
    assert refused.value.what.split()[0] in told.text


async def test_nobody_is_owed_an_answer_that_the_acknowledgement_gives(stage: SlackStage) -> None:
    request = await proposed(stage)
    card = await shown(stage.context, request.id)
    with pytest.raises(Conflict):
        await approves(stage, request, card)
    async with stage.context.store.read() as uow:
        assert JobKind.REPLY not in {job.kind for job in await uow.jobs.waiting()}


@pytest.mark.parametrize("is_forgotten", [False, True])
@pytest.mark.parametrize(("only_there", "told"), [(False, ["It is requested."]), (True, [])])
async def test_what_another_message_says_too_is_told_where_they_asked_or_not_at_all(
    stage: SlackStage, only_there: bool, told: list[str], is_forgotten: bool
) -> None:
    message = Message.build(name="x", text="It is requested.", blocks=[elements.section("It is requested.")])
    async with stage.context.store.write() as uow:
        address = "http://gone.example/hook"  # no https: nothing is sent there
        await reply(uow, message.to_dict(), user=people.REQUESTER.user_id, response_url=address, only_there=only_there)
        if is_forgotten:  # the address has stopped working before the job's turn
            await uow.jobs.forget_addresses([JobKind.REPLY], stage.clock() + timedelta(seconds=1))
    await stage.run()
    assert [message.text for message in stage.direct(people.REQUESTER.user_id)] == told
