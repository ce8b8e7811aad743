"""A proposal of several lists: one card, one decision, one message to the requester, an outcome for each list."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, ItemState, Request, Status
from bot.domain.telling.parts_facts import parts_facts
from bot.errors import Conflict
from bot.slack.messages.card import withdrawn_message
from bot.workflow.requesting.asking_back import answer, ask, before_asking, to_answer
from bot.workflow.requesting.close import withdraw_answered
from bot.workflow.requesting.named_out import find_named_out
from bot.workflow.requesting.review import review
from bot.workflow.shared.proving import read_proved
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import decide_on, read_in_full, shown
from tests.support.people import APPROVER, REQUESTER, SECOND, who_is
from tests.support.proposing import drafted, propose_all

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

FOUR = ("evil.example", "https://phish.example/login", "203.0.113.7", "a" * 64)


async def proposed(stage: Stage, *values: str) -> list[Request]:
    await stage.snapshot()
    made = await propose_all(stage.context, actor=REQUESTER, proposals=drafted(stage.context, *values))
    assert not made.refusals
    return list(made.requests)


async def as_they_are(stage: Stage, requests: list[Request]) -> list[Request]:
    return [await stage.request(request) for request in requests]


def notes_in_the_tenant(stage: Stage) -> set[str]:
    """By which words the tenant's entries lead back to us."""
    items = stage.standin.lists()["items"]
    assert isinstance(items, dict)
    notes = [str(item["Notes"]) for of_type in items.values() for item in of_type]
    return {note.rpartition("(")[2].removesuffix(")") for note in notes if "Portcullis" in note}


def direct(stage: Stage) -> list[str]:
    return [message.text for message in stage.messages("D0REQUEST1")]


async def test_four_lists_are_one_card_one_decision_and_one_outcome_each(stage: Stage) -> None:
    requests = await proposed(stage, *FOUR)
    assert len(requests) == 4
    assert {request.proposal_id for request in requests} == {requests[0].id}
    await stage.run()
    [card] = stage.cards()
    assert f"#{requests[0].id}: Block 4 indicators" in card.text
    assert all(name in str(card.blocks) for name in ("Senders", "URLs", "IPs", "Files"))
    assert len(direct(stage)) == 1

    await stage.decide(requests[0])
    await stage.run_until_idle()
    now = await as_they_are(stage, requests)
    assert {request.status for request in now} == {Status.APPLIED}
    [card] = stage.cards()
    assert "Applied and confirmed" in card.text
    assert all(f"*{name}:* 1 blocked" in str(card.blocks) for name in ("Senders", "URLs", "IPs", "Files"))
    [copy] = stage.messages("D0REQUEST1")
    assert "*Blocked*" in str(copy.blocks)
    assert {line.split(":")[0] for line in stage.lines()} == {"Senders", "URLs", "IPs", "Files"}
    # One number towards people: also in the tenant's notes, where a part behind the first says which it is.
    assert notes_in_the_tenant(stage) == {
        "Portcullis request {}{}".format(requests[0].id, "" if at == 0 else f", part {at + 1}")
        for at, request in enumerate(requests)
        if request.list is not ListName.CONNECTION_FILTER
    }


@sqlite_only
async def test_a_denial_and_a_withdrawal_are_of_all(stage: Stage) -> None:
    denied = await proposed(stage, *FOUR)
    await stage.decide(denied[0], Decision.DENY)
    assert {request.status for request in await as_they_are(stage, denied)} == {Status.DENIED}
    await stage.run()
    assert [line for line in stage.lines() if line.startswith("Denied")] == [stage.lines()[0]]


@sqlite_only
async def test_what_is_taken_back_below_the_first_answer_is_told_whole(stage: Stage) -> None:
    requests = await proposed(stage, *FOUR)
    number, version = requests[0].id, (await stage.request(requests[0])).version
    for _ in range(2):
        parts = await withdraw_answered(
            stage.context, actor=REQUESTER, request_id=number, version=version, delivery="w"
        )
        assert {request.status for request in parts.requests} == {Status.WITHDRAWN}
        told = withdrawn_message(parts_facts(parts)).text
        assert f"#{number}: Block 4 indicators" in told


@sqlite_only
async def test_each_request_has_its_review_in_the_log(stage: Stage) -> None:
    requests = await proposed(stage, *FOUR)
    await stage.decide(requests[0])
    for request in requests:
        kinds = await stage.kinds(request)
        assert kinds == [EventKind.REQUEST_PROPOSED, EventKind.REQUEST_REVIEWED, EventKind.REQUEST_APPROVED]
    async with stage.context.store.read() as uow:
        assert (await uow.audit.verify_requests()).findings == ()


@sqlite_only
async def test_the_part_that_takes_most_approvals_has_all_of_it_wait(stage: Stage) -> None:
    """Two approvers for a pair that anybody may use are two for the domain beside it."""
    await stage.snapshot()
    proposals = drafted(stage.context, "203.0.113.7", "2001:db8::7", action=Action.ALLOW, end="7d", acknowledged=True)
    made = await propose_all(stage.context, actor=REQUESTER, proposals=proposals)
    assert {request.approvals_needed for request in made.requests} == {2}
    await stage.decide(made.requests[0])
    assert {request.status for request in await as_they_are(stage, list(made.requests))} == {Status.PENDING}
    await stage.decide(made.requests[0], who=SECOND)
    assert {request.status for request in await as_they_are(stage, list(made.requests))} == {Status.APPROVED}


@sqlite_only
async def test_one_full_list_keeps_nothing_from_the_others(stage: Stage) -> None:
    requests = await proposed(stage, *FOUR)
    for number in range(1_000):
        stage.standin.hold(f"there{number}.example/x", list_type="Url")
    await stage.run()
    await stage.decide(requests[0])
    await stage.run_until_idle()
    now = {request.list: request for request in await as_they_are(stage, requests)}
    assert now[ListName.URL].status is Status.FAILED
    assert {request.status for name, request in now.items() if name is not ListName.URL} == {Status.APPLIED}
    [card] = stage.cards()
    assert "Partly applied" in card.text
    assert "*URLs:* failed" in str(card.blocks)
    assert "The limit of 1000 block entries" in str(card.blocks)
    assert "*Senders:* 1 blocked" in str(card.blocks)
    assert len(direct(stage)) == 2


@sqlite_only
async def test_a_row_that_was_put_into_another_proposal_is_found_out_and_not_sent(stage: Stage) -> None:
    """Whoever can write to the database can have a card decide on what it doesn't show."""
    [seen] = await proposed(stage, "evil.example")
    [unseen] = await proposed(stage, "other.example")
    async with stage.context.store.write() as uow:
        await uow.requests._scope.session.execute(
            text("UPDATE requests SET proposal_id = :to WHERE id = :id"), {"to": seen.id, "id": unseen.id}
        )
    await stage.decide(seen)
    await stage.run_until_idle()
    assert (await stage.request(unseen)).status is not Status.APPLIED
    assert (await stage.request(seen)).status is Status.APPLIED
    async with stage.context.store.read() as uow:
        findings = (await uow.audit.verify_requests()).findings
    assert [(finding.request_id, finding.about) for finding in findings][:1] == [(unseen.id, "proposal")]


async def approve_some(
    stage: Stage, request: Request, *left_out: str, who: Person = APPROVER, comment: str = ""
) -> Request:
    """Somebody approves a proposal without some of its values, in the form that shows all of it."""
    async with stage.context.store.read() as uow:
        parts = await uow.requests.parts(request.id, items=100)
    kept = [item.id for each in parts.requests for item in each.items if item.value not in left_out]
    card = await read_in_full(stage.context, parts.id, await shown(stage.context, parts.id), who=who)
    return await review(
        stage.context,
        actor=who,
        request_id=request.id,
        decision=Decision.APPROVE,
        shown=card,
        who_is=who_is,
        delivery=secrets.token_hex(8),
        kept=kept,
        comment=comment,
    )


async def test_what_an_approver_leaves_out_is_never_sent(stage: Stage) -> None:
    requests = await proposed(stage, "evil.example", "worse.example", "203.0.113.7")
    await stage.run()
    await approve_some(stage, requests[0], "worse.example")
    async with stage.context.store.read() as uow:
        assert await uow.requests.naming(ListName.SENDER, ["worse.example"]) == []
        assert [each.id for each in await uow.requests.naming(ListName.SENDER, ["evil.example"])] == [requests[0].id]
    await stage.run_until_idle()
    senders, ips = await as_they_are(stage, requests)
    assert {item.value: item.state for item in senders.items} == {
        "evil.example": ItemState.CONFIRMED,
        "worse.example": ItemState.LEFT_OUT,
    }
    assert (senders.status, ips.status) == (Status.APPLIED, Status.APPLIED)
    listed = {entry.value for entry in (await stage.context.tenant.read_lists()).entries}
    assert {"evil.example", "203.0.113.7"} <= listed
    assert "worse.example" not in listed
    [event] = [event for event in await stage.events(senders) if event.kind == EventKind.REQUEST_LEFT_OUT]
    assert (event.actor, event.payload["left_out"]) == (APPROVER.user_id, ["worse.example"])
    [card] = stage.cards()
    assert "`worse[.]example` left out" in str(card.blocks)
    assert any("Left out" in text and "worse[.]example" in text for text in direct(stage))
    async with stage.context.store.read() as uow:
        assert (await uow.audit.verify_requests()).findings == ()


@sqlite_only
async def test_of_a_large_one_what_is_left_out_is_named(stage: Stage) -> None:
    many = drafted(stage.context, *(f"evil{number}.example" for number in range(101)))
    [made] = (await propose_all(stage.context, actor=REQUESTER, proposals=many, most=1_000)).requests
    out, problem = await find_named_out(
        stage.context, actor=APPROVER, request_id=made.id, text="evil7[.]example\nEVIL100.example", delivery="d"
    )
    assert problem == ""
    card = await read_in_full(stage.context, made.id, await shown(stage.context, made.id), who=APPROVER)
    await review(
        stage.context,
        actor=APPROVER,
        request_id=made.id,
        decision=Decision.APPROVE,
        shown=card,
        who_is=who_is,
        delivery="d",
        out=out,
    )
    async with stage.context.store.read() as uow:
        request, found = await read_proved(uow, made.id)
    assert found == ()
    left = [item.value for item in request.items if item.state is ItemState.LEFT_OUT]
    assert (request.status, sorted(left)) == (Status.APPROVED, ["evil100.example", "evil7.example"])


@sqlite_only
async def test_a_list_of_which_nothing_stays_is_over_without_a_call(stage: Stage) -> None:
    requests = await proposed(stage, "evil.example", "203.0.113.7")
    await approve_some(stage, requests[0], "evil.example", comment="That one is ours.")
    await stage.run_until_idle()
    senders, ips = await as_they_are(stage, requests)
    assert (senders.status, ips.status) == (Status.DENIED, Status.APPLIED)
    assert [review.comment for each in (senders, ips) for review in each.reviews] == ["That one is ours."] * 2
    [logged] = [event for event in await stage.events(senders) if event.kind == EventKind.REQUEST_REVIEWED]
    assert logged.payload["comment"] == "That one is ours."
    assert EventKind.REQUEST_APPLYING not in await stage.kinds(senders)
    [card] = stage.cards()
    assert "*Senders:* left out" in str(card.blocks)


@sqlite_only
async def test_something_has_to_stay(stage: Stage) -> None:
    requests = await proposed(stage, "evil.example", "203.0.113.7")
    with pytest.raises(Conflict, match="would be left to approve"):
        await approve_some(stage, requests[0], "evil.example", "203.0.113.7")
    assert {request.status for request in await as_they_are(stage, requests)} == {Status.PENDING}


@sqlite_only
async def test_the_second_approver_sees_what_the_first_left_out(stage: Stage) -> None:
    await stage.snapshot()
    values = ("203.0.113.7", "198.51.100.7")
    proposals = drafted(stage.context, *values, action=Action.ALLOW, end="7d", acknowledged=True)
    [request] = (await propose_all(stage.context, actor=REQUESTER, proposals=proposals)).requests
    before = await shown(stage.context, request.id)
    await approve_some(stage, request, "198.51.100.7")
    with pytest.raises(Conflict, match="doesn't show #1 as it stands now"):
        await decide_on(stage.context, request, who=SECOND, seen=replace(before, version=before.version))
    await stage.decide(request, who=SECOND)
    await stage.run_until_idle()
    now = await stage.request(request)
    assert now.status is Status.APPLIED
    assert {item.value for item in now.items if item.state is ItemState.LEFT_OUT} == {"198.51.100.7"}


@sqlite_only
async def test_what_waits_can_be_asked_about_though_its_first_list_was_left_out(stage: Stage) -> None:
    await stage.snapshot()
    values = ("203.0.113.7", "2001:db8::7")
    proposals = drafted(stage.context, *values, action=Action.ALLOW, end="7d", acknowledged=True)
    made = (await propose_all(stage.context, actor=REQUESTER, proposals=proposals)).requests
    [left] = [item.value for item in (await stage.request(made[0])).items]
    await approve_some(stage, made[0], left)
    assert [request.status for request in await as_they_are(stage, list(made))] == [Status.DENIED, Status.PENDING]
    number = made[0].id
    await before_asking(stage.context, actor=SECOND, request_id=number, delivery="b")
    await ask(stage.context, actor=SECOND, request_id=number, text="Whose is it?", delivery="q")
    parts, question = await to_answer(stage.context, actor=REQUESTER, request_id=number, delivery="o")
    assert (parts.id, question.text) == (number, "Whose is it?")
    await answer(stage.context, actor=REQUESTER, request_id=number, number=1, text="The scanner's", delivery="a")
    async with stage.context.store.read() as uow:
        asked = (await uow.requests.parts(number)).as_one.asked_back
        assert asked is not None
        assert asked.answer == "The scanner's"
        assert (await uow.audit.verify_requests()).findings == ()


@sqlite_only
@pytest.mark.parametrize(("before", "after"), [("left_out", "proposed"), ("proposed", "left_out")])
async def test_what_the_log_has_not_left_out_is_found_out(stage: Stage, before: str, after: str) -> None:
    requests = await proposed(stage, "evil.example", "worse.example", "203.0.113.7")
    await approve_some(stage, requests[0], "worse.example")
    async with stage.context.store.write() as uow:
        await uow.requests._scope.session.execute(
            text("UPDATE items SET state = :to WHERE state = :was AND request_id = :id"),
            {"to": after, "was": before, "id": requests[0].id},
        )
    await stage.run_until_idle()
    assert (await stage.request(requests[0])).status is Status.FAILED
    listed = {entry.value for entry in (await stage.context.tenant.read_lists()).entries}
    assert not {"evil.example", "worse.example"} & listed
