"""What Slack delivers again, what comes twice at once, and a Slack that is slow while somebody waits."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response

from bot.domain.auditing.events import EventKind
from bot.domain.requests.request import Status
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, TEAM, Bot
from tests.integration.slack.test_listeners import kinds, pending, status, text_of
from tests.support.scripted_slack import ok

EVENT: dict[str, Any] = {
    "type": "event_callback",
    "team_id": TEAM,
    "authorizations": [{"team_id": TEAM, "is_bot": True, "is_enterprise_install": False}],
    "event_id": "Ev1",
    "event": {"type": "subteam_members_changed", "subteam_id": "S0APPROVERS", "team_id": TEAM},
}


def retry(number: int) -> dict[str, str]:
    return {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"} if number else {}


async def test_an_event_that_slack_retries_is_taken_each_time(bot: Bot) -> None:
    for number in range(4):
        answer = await bot.deliver(EVENT, headers=retry(number))
        assert (answer.status_code, answer.text) == (200, "")
    assert await bot.jobs() == []


async def test_a_command_that_is_said_to_be_a_retry_is_still_one_request(bot: Bot) -> None:
    said = [
        text_of(await bot.command("/block", "evil.example 30d Wave", trigger_id="the same", headers=retry(number)))
        for number in range(3)
    ]
    assert len(set(said)) == 1
    assert (await kinds(bot)).count(EventKind.REQUEST_PROPOSED) == 1


async def test_the_same_button_on_two_devices_decides_once(bot: Bot) -> None:
    request_id = await pending(bot, requester="U0SOMEBODY")
    await asyncio.gather(*(bot.click_on(ActionId.APPROVE, request_id, who=APPROVER) for _ in range(2)))
    assert (await kinds(bot)).count(EventKind.REQUEST_REVIEWED) == 1
    assert await status(bot, request_id) is not Status.PENDING
    [told] = await bot.replies()
    assert f"#{request_id}" in told.lower()


async def test_a_form_that_slack_is_slow_to_open_holds_up_no_acknowledgement(bot: Bot) -> None:
    opened = asyncio.Event()

    async def slowly() -> Response:
        await opened.wait()
        return ok(view={"id": "V1"})

    bot.slack.answers["views.open"] = slowly
    try:
        # It ends while Slack still hasn't answered.
        assert "Type it again" in text_of(await bot.command("/block", "evil.example"))
    finally:
        opened.set()
