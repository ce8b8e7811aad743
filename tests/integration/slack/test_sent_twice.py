"""A form is sent once, however often and however quickly it comes; a form that can't open loses nothing."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import Status
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, Bot
from tests.integration.slack.test_listeners import (
    filled,
    form,
    ip_allow,
    kinds,
    pending,
    shown_warning,
    status,
    text_of,
)
from tests.support.scripted_slack import refused

ENTRY = Entry(list=ListName.SENDER, action=Action.BLOCK, value="evil.example", identity="1")


async def proposed(bot: Bot) -> int:
    return (await kinds(bot)).count(EventKind.REQUEST_PROPOSED)


async def test_a_form_sent_twice_is_one_request(bot: Bot) -> None:
    for _ in range(2):
        assert (await bot.submit(form())).content == b""
    assert await proposed(bot) == 1


async def test_so_it_is_at_the_same_time(bot: Bot) -> None:
    answers = await asyncio.gather(*(bot.submit(form()) for _ in range(3)))
    assert {answer.content for answer in answers} == {b""}
    assert await proposed(bot) == 1


async def test_so_it_is_with_a_warning_that_was_ticked(bot: Bot) -> None:
    warning = await shown_warning(bot, ip_allow("203.0.113.7"))
    for _ in range(2):
        assert (await bot.submit(filled(warning, "203.0.113.7"))).content == b""
    assert await proposed(bot) == 1


async def test_another_form_with_the_same_in_it_is_another_one(bot: Bot) -> None:
    for view_id in ("V1", "V2"):
        await bot.submit(form(id=view_id))
    assert await proposed(bot) + (await kinds(bot)).count(EventKind.REQUEST_REFUSED) == 2


async def test_what_was_refused_can_be_sent_again_as_it_is(bot: Bot) -> None:
    async with bot.store.write() as uow:
        await uow.snapshots.save(Snapshot(as_of=bot.store.clock(), entries=(ENTRY,)))
    assert (await bot.submit(form())).json()["response_action"] == "errors"
    async with bot.store.write() as uow:
        await uow.snapshots.save(Snapshot(as_of=bot.store.clock()))
    assert (await bot.submit(form())).content == b""
    assert await proposed(bot) == 1


async def test_an_approval_sent_twice_is_one(bot: Bot) -> None:
    warning = await shown_warning(bot, ip_allow("203.0.113.7"))
    await bot.submit(filled(warning, "203.0.113.7"))
    await bot.click_on(ActionId.APPROVE, 1)
    [view] = [json.loads(body)["view"] for method, _, body in bot.slack.asked if method == "views.open"]
    for _ in range(2):
        answer = await bot.submit({**view, "id": "V1", "state": {"values": {}}}, who=APPROVER)
        assert answer.json() == {"response_action": "clear"}
    assert (await kinds(bot)).count(EventKind.REQUEST_REVIEWED) == 1
    assert await status(bot, 1) is Status.PENDING, "another approver is still to come"


async def test_a_refused_decision_that_comes_again_is_refused_again(bot: Bot) -> None:
    """A form that closed without a word would look as if it had counted."""
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "approval_form",
        "private_metadata": json.dumps({"request": f"{await pending(bot)}.1", "channel": "C0", "ts": "1.1"}),
        "state": {"values": {}},
    }
    for _ in range(2):
        answer = await bot.submit(view, who=APPROVER)
        assert answer.json()["response_action"] == "update"
    assert (await kinds(bot)).count(EventKind.CLICK_REFUSED) == 1


@pytest.mark.parametrize("code", ["expired_trigger_id", "invalid_trigger_id", "internal_error"])
@pytest.mark.parametrize(
    ("command", "text"),
    [("/block", "evil.example"), ("/allow", "203.0.113.7 3d Scanner <at> the office"), ("/import", "")],
)
async def test_what_was_typed_is_told_where_its_form_cant_open(bot: Bot, code: str, command: str, text: str) -> None:
    bot.slack.answers["views.open"] = refused(code)
    answer = await bot.command(command, text)
    assert "Type it again" in text_of(answer)
    [typed] = [
        block["text"]["text"]
        for block in answer.json()["blocks"]
        if block.get("text", {}).get("text", "").startswith("```")
    ]
    assert typed == f"```\n{f'{command} {text}'.strip().replace('<', '&lt;').replace('>', '&gt;')}\n```"
    assert await proposed(bot) == 0


async def test_a_form_that_stands_open_already_isnt_asked_for_again(bot: Bot) -> None:
    bot.slack.answers["views.open"] = refused("exchanged_trigger_id")
    assert (await bot.command("/block", "evil.example")).content == b""
