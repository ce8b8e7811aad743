"""Enterprise organizations and channels shared with others: whose deliveries are taken, and who has a role in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.responses import Response

from bot.domain.requests.request import Status
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, MISSING, REQUESTER, TEAM, VISITOR, Bot
from tests.integration.slack.test_listeners import form, pending, status, text_of
from tests.support.scripted_slack import ok

OTHER, ORG = "T0OTHER", "E0ORG"
GREETING = {"team_id": TEAM, "user_id": "U0BOT", "bot_id": "B0BOT"}


async def test_a_form_sent_from_another_workspace_is_ours_when_the_app_is(bot: Bot) -> None:
    answer = await bot.submit(
        form(app_installed_team_id=TEAM), team={"id": OTHER}, user={"id": REQUESTER, "team_id": OTHER}
    )
    assert answer.content == b""
    assert await status(bot, 1) is Status.PENDING


async def test_a_form_of_the_app_in_another_workspace_is_not(bot: Bot) -> None:
    answer = await bot.submit(form(app_installed_team_id=OTHER))
    assert "doesn't serve the workspace" in json.dumps(answer.json())
    assert not await bot.jobs()


async def test_a_command_of_another_workspace_is_told(bot: Bot) -> None:
    said = text_of(await bot.command("/block", "evil.example 30d Phishing wave", team_id=OTHER))
    assert "doesn't serve the workspace" in said
    assert not await bot.jobs()


@pytest.mark.parametrize("kind", ["shortcut", "message_action", "interactive_message", "dialog_submission"])
async def test_what_nobody_here_knows_is_told_too(bot: Bot, kind: str) -> None:
    body: dict[str, Any] = {
        "type": kind,
        "team": {"id": TEAM},
        "user": {"id": REQUESTER},
        "callback_id": "old",
        "actions": [{}],
    }
    assert (await bot.deliver({**body, "trigger_id": bot.trigger()})).status_code == 200
    [said] = await bot.replies()
    assert "doesn't know that" in said


async def test_it_is_told_once_however_often_it_comes(bot: Bot) -> None:
    for _ in range(2):
        await bot.click(ActionId.APPROVE, "1.1", team={"id": OTHER}, trigger_id="the same")
    assert len(await bot.replies()) == 1


@pytest.mark.parametrize(
    ("home", "member", "decided"),
    [
        (OTHER, True, False),  # a user group of ours says nothing of people from elsewhere
        ("E0OTHER", True, False),
        (TEAM, True, True),
        (ORG, True, True),  # in an Enterprise organization all of its people are said to be at home in it
        (MISSING, True, True),
        (OTHER, False, False),
    ],
)
async def test_a_visitor_has_no_role_by_a_user_group(bot: Bot, home: object, member: bool, decided: bool) -> None:
    bot.slack.answers["auth.test"] = ok(**GREETING, enterprise_id=ORG)
    bot.slack.answers["usergroups.users.list"] = ok(users=[VISITOR] if member else [])
    request_id = await pending(bot, requester="U0SOMEBODY")
    user = {"id": VISITOR} if home is MISSING else {"id": VISITOR, "team_id": home}
    await bot.click_on(ActionId.APPROVE, request_id, user=user)
    assert await status(bot, request_id) is (Status.APPROVED if decided else Status.PENDING)
    if not decided:
        [said] = await bot.replies()
        assert "another workspace" in said


async def test_a_visitor_who_is_named_by_id_has_that_role(bot: Bot) -> None:
    request_id = await pending(bot, requester="U0SOMEBODY")
    await bot.click_on(ActionId.APPROVE, request_id, user={"id": APPROVER, "team_id": OTHER})
    assert await status(bot, request_id) is Status.APPROVED


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (ok(**GREETING | {"team_id": ORG}, enterprise_id=ORG, is_enterprise_install=True), "whole organization"),
        (ok(**GREETING | {"team_id": ""}), "names no workspace"),
    ],
)
async def test_an_installation_that_is_no_workspaces_is_not_served(bot: Bot, greeting: Response, said: str) -> None:
    bot.slack.answers["auth.test"] = greeting
    assert said in text_of(await bot.command("/requests"))


async def test_a_click_by_an_installation_for_a_whole_organization_is_told(bot: Bot) -> None:
    await bot.click(ActionId.APPROVE, "1.1", team=None, enterprise={"id": ORG}, is_enterprise_install=True)
    [said] = await bot.replies()
    assert "whole organization" in said
