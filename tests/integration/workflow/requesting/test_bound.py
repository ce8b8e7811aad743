"""What was decided is what was seen: a click counts under what Portcullis posted for the request, as it is now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import Action
from bot.domain.requests.binding import Purpose, ShownCard, Unbound
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, Request, Status
from bot.errors import Conflict, NotPermitted, SlackUnavailable
from bot.store import PostedMessage
from bot.workflow.requesting.bound import demand_posted, remember_form
from bot.workflow.requesting.review import read_first, review
from bot.workflow.shared import early_clicks
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.workflow.requesting.conftest import Desk
from tests.support.deciding import read_in_full, shown, take_back
from tests.support.people import APPROVER, AUDITOR, REQUESTER, SECOND, THIRD

APPROVE = Decision.APPROVE

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

#: What somebody clicks on instead of the card of a request.
Falsified = Callable[[Desk, Request, ShownCard], Coroutine[Any, Any, ShownCard]]


async def a_message_that_is_not_on_record(desk: Desk, request: Request, card: ShownCard) -> ShownCard:
    return replace(card, ts="1699999999.000001")


async def a_form_that_was_opened_for_nobody(desk: Desk, request: Request, card: ShownCard) -> ShownCard:
    """From no card, as forms are that open from a list: they count by their own record alone, and this has none."""
    return replace(card, channel="", ts="", form="V0NOBODY")


async def the_card_of_another_request(desk: Desk, request: Request, card: ShownCard) -> ShownCard:
    other = await shown(desk.context, (await desk.proposed("evil.example", action=Action.BLOCK)).id)
    return replace(other, version=card.version)


async def the_copy_of_its_requester(desk: Desk, request: Request, card: ShownCard) -> ShownCard:
    return await shown(desk.context, request.id, purpose=Purpose.COPY)


async def an_older_version(desk: Desk, request: Request, card: ShownCard) -> ShownCard:
    return replace(card, version=card.version - 1)


async def no_version_at_all(desk: Desk, request: Request, card: ShownCard) -> ShownCard:
    return replace(card, version=0)


async def a_version_that_is_still_to_come(desk: Desk, request: Request, card: ShownCard) -> ShownCard:
    return replace(card, version=card.version + 100)


FALSIFIED: list[tuple[Falsified, Unbound]] = [
    (a_message_that_is_not_on_record, Unbound.UNKNOWN_MESSAGE),
    (a_form_that_was_opened_for_nobody, Unbound.UNKNOWN_FORM),
    (the_card_of_another_request, Unbound.OTHER_REQUEST),
    (the_copy_of_its_requester, Unbound.OTHER_MESSAGE),
    (an_older_version, Unbound.OLD_VERSION),
    (no_version_at_all, Unbound.OLD_VERSION),
    (a_version_that_is_still_to_come, Unbound.OLD_VERSION),
]


async def on_record(desk: Desk, request: Request, purpose: Purpose = Purpose.CARD) -> PostedMessage:
    async with desk.store.read() as uow:
        [posted] = await uow.messages.of_request(request.id, purpose)
    return posted


@pytest.mark.parametrize(("falsified", "why"), FALSIFIED)
@pytest.mark.parametrize("decision", Decision)
async def test_a_click_on_anything_else_than_its_card_decides_nothing(
    desk: Desk, decision: Decision, falsified: Falsified, why: Unbound
) -> None:
    request = await desk.proposed(action=Action.BLOCK)
    seen = await falsified(desk, request, await desk.card(request))
    with pytest.raises(Conflict, match="our click decided nothing"):
        await desk.review(request, decision, seen=seen, delivery="a click")
    standing = await desk.now(request)
    assert (standing.status, standing.reviews) == (Status.PENDING, ())
    [event] = await desk.events(request)
    assert (event.kind, event.actor) == ("click.refused", APPROVER.user_id)
    assert (event.payload["why"], event.payload["wanted"]) == (why, decision)
    # Its own card is rendered anew, and the request can be decided on it meanwhile.
    card = await on_record(desk, request)
    assert (card.is_outdated, card.version) == (True, request.version)
    async with desk.store.read() as uow:
        assert JobKind.NOTIFY in [job.kind for job in await uow.jobs.waiting()]
    assert standing.version == request.version, "a refused click changes no card"
    await desk.review(request, decision)
    assert await desk.status(request) is not Status.PENDING


@pytest.mark.parametrize(("falsified", "why"), FALSIFIED)
async def test_a_click_that_decides_nothing_keeps_nobody_else_from_deciding(
    desk: Desk, falsified: Falsified, why: Unbound
) -> None:
    """Whoever has the card before them as it is now decides, also before it is rendered anew."""
    request = await desk.proposed(action=Action.BLOCK)
    card = await desk.card(request)
    seen = await falsified(desk, request, card)
    with pytest.raises(Conflict, match="our click decided nothing"):
        await desk.review(request, who=SECOND, seen=seen, delivery="a click")
    assert (await desk.review(request, seen=card)).status is Status.APPROVED


async def test_delivered_again_it_is_logged_once(desk: Desk) -> None:
    request = await desk.proposed(action=Action.BLOCK)
    seen = replace(await desk.card(request), version=0)
    for _ in range(2):
        with pytest.raises(Conflict, match="decided nothing"):
            await desk.review(request, seen=seen, delivery="a click")
    assert await desk.status(request) is Status.PENDING
    assert await desk.kinds(request) == [EventKind.CLICK_REFUSED]


@sqlite_only
@pytest.mark.parametrize("who", [REQUESTER, AUDITOR, Person(user_id="U0STRANGER")])
@pytest.mark.parametrize("falsified", [a_message_that_is_not_on_record, an_older_version])
async def test_who_has_no_right_learns_nothing_and_moves_nothing(desk: Desk, who: Person, falsified: Falsified) -> None:
    request = await desk.proposed()
    card = await desk.card(request)
    seen = await falsified(desk, request, card)
    with pytest.raises(NotPermitted, match="Only approvers"):
        await desk.review(request, who=who, seen=seen)
    with pytest.raises(NotPermitted, match="Only approvers"):
        await read_first(desk.context, actor=who, request_id=request.id, shown=seen, delivery="another click")
    assert set(await desk.kinds(request)) == {"access.refused"}
    assert not (await on_record(desk, request)).is_outdated


@pytest.mark.parametrize(("purpose", "why"), [(Purpose.CARD, Unbound.OTHER_MESSAGE), (None, Unbound.UNKNOWN_MESSAGE)])
async def test_a_request_is_taken_back_under_its_copy_alone(desk: Desk, purpose: Purpose | None, why: Unbound) -> None:
    request = await desk.proposed()
    copy = await shown(desk.context, request.id, purpose=Purpose.COPY)
    seen = replace(copy, ts="1.1") if purpose is None else await shown(desk.context, request.id, purpose=purpose)
    with pytest.raises(Conflict, match="ecided nothing"):
        await take_back(desk.context, request.id, seen=seen)
    with pytest.raises(Conflict, match="as it stands now"):
        await take_back(desk.context, request.id, seen=replace(copy, version=copy.version - 1))
    assert [event.payload["why"] for event in await desk.events(request)] == [why, Unbound.OLD_VERSION]
    assert (await on_record(desk, request, Purpose.COPY)).is_outdated
    assert await desk.status(request) is Status.PENDING
    assert (await take_back(desk.context, request.id)).status is Status.WITHDRAWN


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than any machine takes to write one row."""
    monkeypatch.setattr(early_clicks, "PATIENCE", 120.0)


@pytest.mark.usefixtures("patient")
async def test_a_click_that_is_early_waits_for_the_record_of_its_card(desk: Desk) -> None:
    """Slack shows a card before Portcullis has written down that it is posted."""
    request = await desk.proposed(action=Action.BLOCK)
    seen = ShownCard(channel="C0APPROVALS", ts="1700000000.000001", version=request.version)
    clicking = asyncio.create_task(desk.review(request, seen=seen))
    await asyncio.sleep(0)  # it has begun
    await desk.card(request)
    assert (await clicking).status is Status.APPROVED


@pytest.mark.usefixtures("patient")
async def test_a_click_that_decides_nothing_by_itself_waits_for_the_record_too(desk: Desk) -> None:
    request = await desk.proposed(action=Action.BLOCK)
    seen = ShownCard(channel="C0APPROVALS", ts="1700000000.000001", version=request.version)
    clicking = asyncio.create_task(
        demand_posted(
            desk.context, request.id, seen, purpose=Purpose.CARD, actor=REQUESTER, wanted="extend", delivery="early"
        )
    )
    await asyncio.sleep(0)
    await desk.card(request)
    await clicking
    assert await desk.events(request) == []


@pytest.mark.usefixtures("patient")
async def test_a_card_that_is_brought_up_to_date_just_now_is_waited_for_too(desk: Desk) -> None:
    request = await desk.proposed()
    card = await desk.card(request)
    await desk.review(request)
    now = replace(card, version=(await desk.now(request)).version)
    clicking = asyncio.create_task(desk.review(request, who=SECOND, seen=now))
    await asyncio.sleep(0)
    await desk.card(request)
    assert (await clicking).status is Status.APPROVED


async def test_a_double_click_does_not_answer_what_nobody_has_read(desk: Desk) -> None:
    request = await desk.proposed(action=Action.BLOCK)
    card = await desk.card(request)
    await desk.lists_hold((Action.ALLOW, "203.0.113.7"))
    with pytest.raises(Conflict, match="Something has changed"):
        await desk.review(request, seen=card)
    with pytest.raises(Conflict, match="as it stands now"):
        await desk.review(request, seen=card)
    assert await desk.status(request) is Status.PENDING
    assert (await desk.review(request)).status is Status.APPROVED


# What lets strangers in is approved where all of it is shown.


async def test_what_lets_strangers_in_is_read_first_and_decided_by_what_was_read(desk: Desk) -> None:
    request = await desk.proposed()
    card = await desk.card(request)
    to_read = await read_first(
        desk.context, actor=APPROVER, request_id=request.id, shown=card, delivery="a click on the card"
    )
    assert to_read is not None
    assert to_read.requests == (await desk.now(request),)
    assert (to_read.requests[0].status, to_read.requests[0].reviews, await desk.kinds(request)) == (
        Status.PENDING,
        (),
        [],
    )
    assert len((await desk.review(request, seen=card)).reviews) == 1
    with pytest.raises(Conflict, match="as it stands now"):
        await desk.review(request, who=SECOND, seen=card)  # what opened before the first approval


async def test_a_click_on_its_card_alone_does_not_approve_it(desk: Desk) -> None:
    request = await desk.proposed()
    with pytest.raises(Conflict, match="where all of it is shown"):
        await review(
            desk.context,
            actor=APPROVER,
            request_id=request.id,
            decision=APPROVE,
            shown=await desk.card(request),
            who_is=desk.who_is,
            delivery="a click",
        )
    assert (await desk.now(request)).reviews == ()


@pytest.mark.parametrize("form", ["V-of-nobody", "V-of-another-person", "V-of-another-request", "V-of-before"])
@sqlite_only
async def test_a_form_that_was_opened_by_or_for_somebody_else_approves_nothing(desk: Desk, form: str) -> None:
    """Whoever has stolen both tokens may open a form in the bot's place, and write into it what they like."""
    request, other = await desk.proposed(), await desk.proposed("198.51.100.7")
    card = await desk.card(request)
    on_record = {
        "V-of-another-person": (SECOND, request, card.version),
        "V-of-another-request": (APPROVER, other, card.version),
        "V-of-before": (APPROVER, request, card.version - 1),
    }
    if form in on_record:
        who, about, version = on_record[form]
        await remember_form(desk.context, replace(about, version=version), form, actor=who)
    with pytest.raises(Conflict, match="isn't one that Portcullis opened for you"):
        await desk.review(request, seen=replace(card, form=form))
    assert (await desk.now(request)).reviews == ()
    assert [event.payload["why"] for event in await desk.events(request)] == [Unbound.UNKNOWN_FORM]


async def test_what_is_new_and_serious_is_told_before_anything_opens(desk: Desk) -> None:
    request = await desk.proposed()
    await desk.review(request)
    await desk.lists_hold((Action.BLOCK, "203.0.113.7"))
    with pytest.raises(Conflict, match="Something has changed"):
        await read_first(
            desk.context, actor=SECOND, request_id=request.id, shown=await desk.card(request), delivery="a click"
        )
    assert (await desk.now(request)).reviews == ()


@sqlite_only
@pytest.mark.parametrize(("falsified", "why"), FALSIFIED)
async def test_nothing_opens_from_anything_else_than_its_card(desk: Desk, falsified: Falsified, why: Unbound) -> None:
    request = await desk.proposed()
    seen = await falsified(desk, request, await desk.card(request))
    with pytest.raises(Conflict, match="ecided nothing"):
        await read_first(desk.context, actor=APPROVER, request_id=request.id, shown=seen, delivery="a click")
    assert [event.payload["why"] for event in await desk.events(request)] == [why]


async def test_what_lets_nobody_in_is_decided_by_the_click(desk: Desk) -> None:
    request = await desk.proposed(action=Action.BLOCK)
    card = await desk.card(request)
    assert await read_first(desk.context, actor=APPROVER, request_id=request.id, shown=card, delivery="click") is None


# An approval counts as long as whoever gave it is an approver.


async def test_an_approval_of_who_is_no_approver_any_more_is_voided(desk: Desk) -> None:
    request = await desk.proposed()
    await desk.review(request)
    desk.left.add(APPROVER.user_id)
    after = await desk.review(request, who=SECOND)
    assert (after.status, [given.reviewer for given in after.reviews]) == (Status.PENDING, [SECOND.user_id])
    [_, voided, reviewed] = await desk.events(request)
    assert (voided.kind, voided.actor, voided.target) == (
        EventKind.REQUEST_APPROVAL_VOIDED,
        SECOND.user_id,
        APPROVER.user_id,
    )
    assert voided.payload["void"] == [APPROVER.user_id]
    assert (reviewed.kind, reviewed.actor) == ("request.reviewed", SECOND.user_id)
    assert (await desk.review(request, who=THIRD)).status is Status.APPROVED


async def test_who_comes_back_may_approve_again(desk: Desk) -> None:
    request = await desk.proposed()
    await desk.review(request)
    desk.left.add(APPROVER.user_id)
    await desk.review(request, who=SECOND)
    desk.left.clear()
    assert (await desk.review(request)).status is Status.APPROVED


async def test_nothing_is_decided_while_nobody_can_say_who_is_an_approver(desk: Desk) -> None:
    request = await desk.proposed()
    await desk.review(request)

    async def unknown(user_id: str) -> Person:
        return Person(user_id=user_id, doubt=SlackUnavailable("The group can't be read.", "Try again."))

    with pytest.raises(SlackUnavailable):
        await review(
            desk.context,
            actor=SECOND,
            request_id=request.id,
            decision=APPROVE,
            shown=await read_in_full(desk.context, request.id, await desk.card(request), who=SECOND),
            who_is=unknown,
            delivery="a click",
        )
    assert len((await desk.now(request)).reviews) == 1
    assert await desk.status(request) is Status.PENDING
