"""Deny asks why before it decides, and whoever asked can propose the same again with one click."""

from __future__ import annotations

import json
from typing import Any

from bot.domain.auditing.events import EventKind
from bot.domain.requests.request import Status
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, REQUESTER, Bot
from tests.support.requests_made import newest_requests
from tests.support.scripted_slack import ok, refused

WHY = {"comment": {"value": {"type": "plain_text_input", "value": "Ask for the host alone"}}}


async def proposed(bot: Bot, text: str = "evil.example 30d Phishing wave") -> int:
    assert (await bot.command("/block", text)).status_code == 200
    async with bot.store.read() as uow:
        return (await newest_requests(uow))[0].id


def opened(bot: Bot) -> dict[str, Any]:
    """The form that was opened last, with the id that Slack gave it."""
    body = [body for method, _, body in bot.slack.asked if method == "views.open"][-1]
    return {**json.loads(body)["view"], "id": "V1"}


async def kinds(bot: Bot, request_id: int) -> list[str]:
    async with bot.store.read() as uow:
        return [step.kind for step in await uow.audit.steps(request_id)]


async def test_nothing_is_denied_before_it_is_said_why(bot: Bot) -> None:
    request_id = await proposed(bot)
    await bot.click_on(ActionId.DENY, request_id)
    form = opened(bot)
    assert await kinds(bot, request_id) == [EventKind.REQUEST_PROPOSED]
    answer = await bot.submit(form, who=APPROVER)
    assert answer.json()["errors"] == {"comment": "Choose a reason above, or write one here."}
    answer = await bot.submit({**form, "state": {"values": WHY}}, who=APPROVER)
    assert answer.json() == {"response_action": "clear"}
    async with bot.store.read() as uow:
        request = await uow.requests.get(request_id)
    assert request.status is Status.DENIED
    [review] = request.reviews
    assert (review.reviewer, review.comment) == (APPROVER, "Ask for the host alone")


async def test_a_form_that_somebody_else_has_opened_denies_nothing(bot: Bot) -> None:
    bot.slack.answers["usergroups.users.list"] = ok(users=["U0SECOND11"])
    request_id = await proposed(bot)
    await bot.click_on(ActionId.DENY, request_id, who=APPROVER)
    form = {**opened(bot), "state": {"values": WHY}}
    answer = await bot.submit(form, who="U0SECOND11")
    assert "decided nothing" in answer.text
    assert await kinds(bot, request_id) == [EventKind.REQUEST_PROPOSED, EventKind.CLICK_REFUSED]


async def test_a_form_that_slack_opens_no_more_is_told(bot: Bot) -> None:
    request_id = await proposed(bot)
    bot.slack.queue("views.open", refused("expired_trigger_id"))
    await bot.click_on(ActionId.DENY, request_id)
    [told] = await bot.replies()
    assert "It took too long to open the form: click or type once more." in told
    assert await kinds(bot, request_id) == [EventKind.REQUEST_PROPOSED]


async def test_what_was_denied_is_filled_in_to_propose_again(bot: Bot) -> None:
    request_id = await proposed(bot, "evil.example bad.example 30d Phishing wave")
    await bot.click_on(ActionId.DENY, request_id)
    await bot.submit({**opened(bot), "state": {"values": WHY}}, who=APPROVER)
    await bot.click(ActionId.PROPOSE_AGAIN, f"{request_id}.1", who=REQUESTER)
    fields = {block["block_id"]: block["element"] for block in opened(bot)["blocks"] if block["type"] == "input"}
    assert fields["indicators"]["initial_value"].splitlines() == ["evil.example", "bad.example"]
    assert fields["end"]["initial_option"]["value"] == "30d"
    assert fields["reason"]["initial_value"] == "Phishing wave"


async def test_what_somebody_else_asked_for_or_still_waits_is_not_asked_again(bot: Bot) -> None:
    request_id = await proposed(bot)
    for who, said in ((APPROVER, "somebody else's"), (REQUESTER, "nothing to propose again")):
        await bot.click(ActionId.PROPOSE_AGAIN, f"{request_id}.1", who=who)
        [told] = await bot.replies()
        assert said in told
    assert bot.slack.count("views.open") == 0
