"""An emergency block over the wire: who may, in whatever order it is typed or by the form's box, and its review."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.indicators.indicator import Kind
from bot.domain.requests.emergency import awaits_review
from bot.domain.requests.request import Decision, ItemState, Request, Status
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, ON_CALL, REQUESTER, Bot
from tests.support.requests_made import newest_requests
from tests.support.scripted_slack import ok
from tests.unit.domain.tenant_lists import tenant

WHY = {"reason": {"value": {"type": "plain_text_input", "value": "Our own newsletter"}}}


@pytest.fixture(autouse=True)
async def _lists_read(bot: Bot) -> None:
    """The tenant's domains are known: until then no name is blocked at once."""
    async with bot.store.write() as uow:
        await uow.snapshots.save(tenant(accepted_domains=frozenset({"ours.example"})))


async def requests(bot: Bot) -> list[Request]:
    async with bot.store.read() as uow:
        return (await newest_requests(uow))[::-1]


def opened(bot: Bot, method: str = "views.open") -> dict[str, Any]:
    """The form that was opened last, with the id that Slack gave it."""
    body = [body for asked, _, body in bot.slack.asked if asked == method][-1]
    return {**json.loads(body)["view"], "id": "V1"}


def fields(form: dict[str, Any]) -> dict[str, Any]:
    return {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}


async def applied(bot: Bot, text: str = "emergency evil.example because of a phishing wave") -> Request:
    """An emergency block that the tenant has, as if a worker had been there."""
    await bot.command("/block", text, who=ON_CALL)
    [request] = await requests(bot)
    async with bot.store.write() as uow:
        await uow.requests.move(request.id, expected=Status.APPROVED, to=Status.APPLYING)
        await uow.requests.set_items({item.id: (ItemState.APPLIED, "") for item in request.items})
        await uow.requests.move(request.id, expected=Status.APPLYING, to=Status.APPLIED)
        for item in request.items:
            await uow.audit.append(
                EventKind.ITEM_APPLIED,
                actor=PORTCULLIS,
                target=item.value,
                request_id=request.id,
                payload={},
                at=bot.context.now(),
            )
        await uow.audit.append(
            EventKind.REQUEST_APPLIED,
            actor=PORTCULLIS,
            target=f"request {request.id}",
            request_id=request.id,
            payload={},
            at=bot.context.now(),
        )
    async with bot.store.read() as uow:
        return await uow.requests.summary(request.id)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("/block", "emergency evil.example because of a phishing wave"),
        ("/block", "evil.example emergency because of a phishing wave"),
        ("/portcullis", "block emergency evil.example because of a phishing wave"),
    ],
)
async def test_what_is_typed_so_is_approved_at_once(bot: Bot, command: str, text: str) -> None:
    answer = await bot.command(command, text, who=ON_CALL)
    assert "Emergency block #1" in answer.text
    assert "being applied now" in answer.text
    [request] = await requests(bot)
    assert (request.status, request.reason, len(request.items)) == (Status.APPROVED, "a phishing wave", 1)
    assert request.lasts is not None
    assert request.lasts.days == 3
    assert awaits_review(request)


@pytest.mark.parametrize("who", [REQUESTER, APPROVER])
async def test_who_may_not_is_told_and_nothing_is_requested(bot: Bot, who: str) -> None:
    answer = await bot.command("/block", "emergency evil.example because of a phishing wave", who=who)
    assert "You may not block anything as an emergency" in answer.text
    assert await requests(bot) == []


async def test_what_can_t_be_one_is_refused_whole_and_says_what_to_do(bot: Bot) -> None:
    answer = await bot.command(
        "/block", "emergency evil.example 198.51.100.0/24 because of a phishing wave", who=ON_CALL
    )
    assert "Request it as an ordinary block" in answer.text
    assert await requests(bot) == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("emergency evil.example", "reason"),
        ("emergency because of a phishing wave", "indicators"),
        ("emergency evil.example 30d phishing wave", "end"),
    ],
)
async def test_what_is_missing_opens_the_form_with_the_box_ticked(bot: Bot, text: str, asked: str) -> None:
    await bot.command("/block", text, who=ON_CALL)
    shown = fields(opened(bot))
    assert asked in shown
    assert [option["value"] for option in shown["emergency"]["initial_options"]] == ["emergency"]
    assert await requests(bot) == []


async def test_a_reason_that_begins_with_the_word_is_asked_about(bot: Bot) -> None:
    await bot.command("/block", "evil.example emergency at the bank", who=ON_CALL)
    assert "Is it an emergency" in json.dumps(opened(bot), ensure_ascii=False)
    assert "initial_options" not in fields(opened(bot))["emergency"]
    assert await requests(bot) == []


async def test_who_may_not_is_offered_no_box_and_a_reason_is_a_reason(bot: Bot) -> None:
    await bot.command("/block")
    assert "emergency" not in fields(opened(bot))
    await bot.command("/block", "evil.example emergency at the bank")
    [request] = await requests(bot)
    assert (request.status, request.reason) == (Status.PENDING, "emergency at the bank")


@pytest.mark.parametrize(("who", "status"), [(ON_CALL, Status.APPROVED), (REQUESTER, None)])
async def test_the_box_of_the_form_counts_for_who_may(bot: Bot, who: str, status: Status | None) -> None:
    """The box of somebody who wasn't offered it comes from a false form."""
    await bot.command("/block", who=ON_CALL)
    values = {
        "indicators": {"value": {"value": "evil.example"}},
        "end": {"value": {"selected_option": {"value": "7d"}}},
        "end_date": {"value": {"selected_date": None}},
        "reason": {"value": {"value": "Phishing wave"}},
        "emergency": {"value": {"selected_options": [{"value": "emergency"}]}},
    }
    form = {**opened(bot), "state": {"values": values}}
    await bot.submit(form, who=who)
    await bot.submit(form, who=who)  # delivered again
    assert [request.status for request in await requests(bot)] == ([] if status is None else [status])


async def test_it_is_kept_with_one_click_on_its_card(bot: Bot) -> None:
    request = await applied(bot)
    await bot.click_on(ActionId.KEEP, request.id)
    [now] = await requests(bot)
    assert [(review.reviewer, review.decision) for review in now.reviews] == [(APPROVER, Decision.APPROVE)]
    assert not awaits_review(now)


async def test_it_is_taken_out_with_a_reason(bot: Bot) -> None:
    request = await applied(bot)
    await bot.click_on(ActionId.TAKE_OUT, request.id)
    form = opened(bot)
    chosen = {"decision": {"value": {"selected_option": {"value": "deny"}}}}
    answer = await bot.submit({**form, "state": {"values": chosen}}, who=APPROVER)
    assert answer.json()["errors"] == {"reason": "Say why it is taken out."}
    answer = await bot.submit({**form, "state": {"values": {**chosen, **WHY}}}, who=APPROVER)
    assert answer.json() == {"response_action": "clear"}
    block, removal = await requests(bot)
    [review] = block.reviews
    assert (review.decision, review.comment) == (Decision.DENY, "Our own newsletter")
    assert removal.status is Status.APPROVED
    assert [(item.kind, item.value) for item in removal.items] == [(Kind.DOMAIN, "evil.example")]


async def test_a_form_that_was_opened_for_somebody_else_takes_nothing_out(bot: Bot) -> None:
    bot.slack.answers["usergroups.users.list"] = ok(users=["U0SECOND11"])
    request = await applied(bot)
    await bot.click_on(ActionId.TAKE_OUT, request.id)
    chosen = {"decision": {"value": {"selected_option": {"value": "deny"}}}, **WHY}
    answer = await bot.submit({**opened(bot), "state": {"values": chosen}}, who="U0SECOND11")
    assert "decided nothing" in answer.text
    assert len(await requests(bot)) == 1


async def test_it_waits_where_people_look_and_is_reviewed_from_there(bot: Bot) -> None:
    request = await applied(bot)
    for command, text in (("/requests", ""), ("/portcullis", "")):
        answer = await bot.command(command, text, who=APPROVER)
        assert "Review…" in answer.json()["blocks"].__repr__()
    await bot.click(ActionId.DECIDE, f"{request.id}.1", who=APPROVER)
    form = opened(bot)
    assert "initial_option" not in fields(form)["decision"]
    kept = {"decision": {"value": {"selected_option": {"value": "approve"}}}}
    answer = await bot.submit({**form, "state": {"values": kept}}, who=APPROVER)
    assert answer.json() == {"response_action": "clear"}
    assert not awaits_review((await requests(bot))[0])


async def test_the_log_finds_it(bot: Bot) -> None:
    request = await applied(bot)
    await bot.click_on(ActionId.KEEP, request.id)
    answer = await bot.command("/audit", "emergency", who=APPROVER)
    assert "had it blocked as an emergency" in answer.text
    assert "kept the emergency block" in answer.text
    async with bot.store.read() as uow:
        kinds = [step.kind for step in await uow.audit.steps(request.id)]
    assert kinds == [
        EventKind.REQUEST_PROPOSED,
        EventKind.REQUEST_EMERGENCY,
        EventKind.REQUEST_APPROVED,
        EventKind.ITEM_APPLIED,
        EventKind.REQUEST_APPLIED,
        EventKind.REQUEST_KEPT,
    ]
