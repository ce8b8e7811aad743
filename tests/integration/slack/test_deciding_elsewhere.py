"""What waits is decided from /requests and from the details too: in a form that Portcullis opened, with all of it."""

from __future__ import annotations

import json
from typing import Any

from bot.domain.auditing.events import EventKind
from bot.domain.requests.people import Person
from bot.domain.requests.request import Request, Status
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, REQUESTER, Bot
from tests.support import people
from tests.support.proposing import drafted, propose_all
from tests.support.requests_made import newest_requests
from tests.support.scripted_slack import ok

WHY = {"comment": {"value": {"type": "plain_text_input", "value": "Too wide"}}}


async def request(bot: Bot) -> Request:
    async with bot.store.read() as uow:
        return (await newest_requests(uow))[0]


async def proposed(bot: Bot, who: Person = people.REQUESTER) -> Request:
    await propose_all(bot.context, actor=who, proposals=drafted(bot.context, "evil.example"))
    return await request(bot)


def opened(bot: Bot, number: str) -> dict[str, Any]:
    """The view that was opened last, with the id that Slack gave it."""
    body = [body for method, _, body in bot.slack.asked if method in {"views.open", "views.push"}][-1]
    return {**json.loads(body)["view"], "id": number}


async def decide_from_details(bot: Bot, of: Request) -> dict[str, Any]:
    """Decide, clicked in the details: the form lies over them."""
    bot.slack.queue("views.push", ok(view={"id": "V2"}))
    await in_view(bot, ActionId.DECIDE, of, "V1")
    assert bot.slack.count("views.push") == 1
    return opened(bot, "V2")


async def in_view(bot: Bot, action: ActionId, of: Request, view: str) -> None:
    await bot.click(
        action,
        f"{of.id}.{of.version}",
        container={"type": "view", "view_id": view},
        view={"id": view, "type": "modal"},
    )


async def test_it_is_approved_in_a_form_with_all_of_it(bot: Bot) -> None:
    waits = await proposed(bot)
    form = await decide_from_details(bot, waits)
    assert "evil" in str(form["blocks"])
    assert "Phishing wave" in str(form["blocks"])
    answer = await bot.submit(form, who=APPROVER)
    assert answer.json() == {"response_action": "clear"}
    assert (await request(bot)).status is Status.APPROVED


async def test_it_is_denied_from_there_with_a_reason(bot: Bot) -> None:
    waits = await proposed(bot)
    await decide_from_details(bot, waits)
    bot.slack.queue("views.push", ok(view={"id": "V3"}))
    await in_view(bot, ActionId.DENY, waits, "V2")
    await bot.submit({**opened(bot, "V3"), "state": {"values": WHY}}, who=APPROVER)
    denied = await request(bot)
    assert (denied.status, [review.comment for review in denied.reviews]) == (Status.DENIED, ["Too wide"])


async def test_deny_in_a_form_that_is_not_on_record_opens_nothing(bot: Bot) -> None:
    waits = await proposed(bot)
    await in_view(bot, ActionId.DENY, waits, "V2")
    assert bot.slack.count("views.push") == 0
    async with bot.store.read() as uow:
        assert [step.kind for step in await uow.audit.steps(waits.id)][-1] == EventKind.CLICK_REFUSED


async def test_what_has_changed_since_is_not_decided(bot: Bot) -> None:
    waits = await proposed(bot)
    form = await decide_from_details(bot, waits)
    async with bot.store.write() as uow:
        await uow.audit.append(
            EventKind.REQUEST_ASKED, actor="U0SECOND11", request_id=waits.id, at=bot.context.now(), payload={}
        )
    answer = await bot.submit(form, who=APPROVER)
    assert "as it stands now" in answer.text
    assert (await request(bot)).status is Status.PENDING


async def test_one_s_own_is_refused_before_anything_opens(bot: Bot) -> None:
    own = await proposed(bot, people.APPROVER)
    await bot.click(ActionId.DECIDE, f"{own.id}.{own.version}", who=APPROVER)
    assert bot.slack.count("views.open") == 0
    [told] = await bot.replies()
    assert "nobody reviews their own request" in told


async def test_in_requests_approvers_have_decide_and_others_have_not(bot: Bot) -> None:
    await proposed(bot)
    for who, can in ((APPROVER, True), (REQUESTER, False)):
        answer = await bot.command("/requests", who=who)
        assert (ActionId.DECIDE in answer.text) is can
