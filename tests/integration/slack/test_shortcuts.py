"""Shortcuts: forms from Slack's menus, and what is chosen of a message on its way to a request or a verdict."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bot.domain.auditing.events import EventKind
from bot.slack.block_kit.ids import ShortcutId
from tests.integration.slack.harness import AUDITOR, REQUESTER, TEAM, VISITOR, Bot, open_bot
from tests.unit.domain.tenant_lists import tenant


async def choose(bot: Bot, shortcut: ShortcutId, *, who: str = REQUESTER, message: object = None) -> httpx.Response:
    body: dict[str, Any] = {
        "type": "shortcut",
        "team": {"id": TEAM},
        "user": {"id": who},
        "callback_id": shortcut,
        "trigger_id": bot.trigger(),
    }
    if message is not None:
        of_message = {"channel": {"id": "C0GENERAL"}, "message": message, "response_url": f"{bot.slack.url}/hook"}
        body |= {"type": "message_action", **of_message}
    return await bot.deliver(body)


def opened(bot: Bot) -> list[dict[str, Any]]:
    return [json.loads(body)["view"] for method, _, body in bot.slack.asked if method == "views.open"]


async def kinds(bot: Bot) -> list[str]:
    async with bot.store.read() as uow:
        return [event.kind for event in await uow.audit.page()]


def sent(what: str, *lines: str) -> dict[str, Any]:
    ticked = {"selected_options": [{"value": line} for line in lines]}
    values = {"offers0": {"value": ticked}, "what": {"value": {"selected_option": {"value": what}}}}
    form = {"id": "V1", "type": "modal", "callback_id": "choose_form", "private_metadata": "{}"}
    return {**form, "state": {"values": values}}


@pytest.mark.parametrize(
    ("shortcut", "callback_id"), [(ShortcutId.BLOCK, "proposal_form"), (ShortcutId.CHECK, "check_form")]
)
async def test_a_shortcut_of_the_workspace_opens_its_form(bot: Bot, shortcut: ShortcutId, callback_id: str) -> None:
    answer = await choose(bot, shortcut)
    assert (answer.status_code, answer.text) == (200, "")
    [view] = opened(bot)
    assert view["callback_id"] == callback_id


async def test_what_a_message_holds_is_offered_and_nothing_is_ticked(bot: Bot) -> None:
    link = {"type": "link", "url": "https://evil.example/login", "text": "here"}
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}]
    await choose(bot, ShortcutId.MESSAGE, message={"text": "From bad[@]evil[.]example", "blocks": blocks})
    [view] = opened(bot)
    offered = json.dumps(view)
    assert "bad@evil[.]example" in offered
    assert "evil[.]example/login" in offered
    assert "initial_options" not in offered


async def test_own_domains_are_named_and_not_offered_also_where_only_the_tenant_knows_them(bot: Bot) -> None:
    async with bot.store.write() as uow:
        await uow.snapshots.save(tenant(accepted_domains=frozenset({"ours.example"})))
    await choose(bot, ShortcutId.MESSAGE, message={"text": "From ours.example user@ours.example evil.example"})
    [view] = opened(bot)
    [options] = [block["element"]["options"] for block in view["blocks"] if block.get("block_id") == "offers0"]
    assert [option["value"] for option in options] == ["evil.example"]
    assert "Left out, because they are your own domains" in json.dumps(view)


async def test_what_is_chosen_goes_on_to_the_form_of_a_request(bot: Bot) -> None:
    answer = (await bot.submit(sent("block", "bad@evil.example", "https://evil.example/login"))).json()
    assert answer["response_action"] == "update"
    assert answer["view"]["callback_id"] == "proposal_form"
    assert "bad@evil.example\\nhttps://evil.example/login" in json.dumps(answer["view"])
    assert await kinds(bot) == [], "nothing is requested yet"


async def test_what_is_chosen_can_be_checked(bot: Bot) -> None:
    answer = (await bot.submit(sent("check", "evil.example"), who=AUDITOR)).json()
    assert answer["response_action"] == "update"
    assert await kinds(bot) == [EventKind.CHECK_ASKED]


async def test_nothing_ticked_is_told_at_the_field(bot: Bot) -> None:
    answer = (await bot.submit(sent("block"))).json()
    assert answer == {"response_action": "errors", "errors": {"offers0": "Tick at least one."}}


@pytest.mark.parametrize("message", [{"text": "Lunch?"}, {}, {"text": 7, "blocks": "x"}, "no message", []])
async def test_where_there_is_nothing_to_choose_it_is_said(bot: Bot, message: object) -> None:
    assert (await choose(bot, ShortcutId.MESSAGE, message=message)).status_code == 200
    assert opened(bot) == []
    [reply] = await bot.replies()
    assert "Nothing in this message" in reply


async def test_of_a_message_that_was_not_read_to_its_end_nothing_is_said_of_the_rest(bot: Bot) -> None:
    await choose(bot, ShortcutId.MESSAGE, message={"text": "hxxps[:]//e(.)x " * 600 + "https://evil.example/login"})
    assert opened(bot) == []
    [reply] = await bot.replies()
    assert "Nothing in what was read of this long message" in reply


@pytest.mark.parametrize("shortcut", ShortcutId)
async def test_every_shortcut_needs_a_role_when_it_is_chosen(bot: Bot, shortcut: ShortcutId) -> None:
    message = {"text": "evil.example"} if shortcut is ShortcutId.MESSAGE else None
    await choose(bot, shortcut, who=VISITOR, message=message)
    assert opened(bot) == []
    assert await kinds(bot) == [EventKind.ACCESS_REFUSED]
    [reply] = await bot.replies()
    assert "may not" in reply


async def test_who_may_not_is_told_whom_to_ask(sqlite_url: str) -> None:
    async with open_bot(sqlite_url, contact="U0OPERATOR") as bot:
        await choose(bot, ShortcutId.BLOCK, who=VISITOR)
        [reply] = await bot.replies()
        assert "<@U0OPERATOR>" in reply
        answer = (await bot.command("/portcullis", who=VISITOR)).json()
        assert "<@U0OPERATOR>" in answer["text"]


async def test_who_may_not_propose_gets_no_form_for_it(bot: Bot) -> None:
    answer = (await bot.submit(sent("block", "evil.example"), who=AUDITOR)).json()
    assert "may not propose" in json.dumps(answer)
    assert await kinds(bot) == [EventKind.ACCESS_REFUSED]
