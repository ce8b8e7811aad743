"""A command of which something was refused: the others are requested by one click, as they were typed."""

from __future__ import annotations

import pytest

from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, REQUESTER, Bot
from tests.support.requests_made import newest_requests

HELD = ("one.example", "two.example")


async def hold(bot: Bot) -> None:
    """The tenant's lists, as they were last read."""
    entries = tuple(Entry(list=ListName.SENDER, action=Action.BLOCK, value=value) for value in HELD)
    async with bot.store.write() as uow:
        await uow.snapshots.save(Snapshot(entries=entries, as_of=bot.store.clock()))


async def offered(bot: Bot, command: str, text: str) -> str:
    """What the button carries below the answer to a command."""
    answer = (await bot.command(command, text)).json()
    [name] = [
        element["value"]
        for block in answer["blocks"]
        for element in block.get("elements", ())
        if element.get("action_id") == ActionId.REQUEST_OTHERS
    ]
    return str(name)


async def requested(bot: Bot) -> list[tuple[str, list[str], str]]:
    """The operation, the values and the reason of each request that there is."""
    async with bot.store.read() as uow:
        whole = [await uow.requests.get(request.id) for request in await newest_requests(uow, limit=10)]
    return [(each.operation.value, [item.value for item in each.items], each.reason) for each in whole]


@pytest.mark.parametrize(
    ("command", "text", "operation", "values"),
    [
        ("/unblock", "one.example two.example gone.example Clean again", "remove", list(HELD)),
        ("/note", "block one.example gone.example two.example Case 4711", "annotate", list(HELD)),
        ("/block", "evil.example co.uk 30d Phishing wave", "add", ["evil.example"]),
    ],
)
async def test_one_click_requests_the_others(
    bot: Bot, command: str, text: str, operation: str, values: list[str]
) -> None:
    await hold(bot)
    name = await offered(bot, command, text)
    assert await requested(bot) == []
    await bot.click(ActionId.REQUEST_OTHERS, name, who=REQUESTER)
    await bot.click(ActionId.REQUEST_OTHERS, name, who=REQUESTER)
    [(made, its_values, reason)] = await requested(bot)
    assert (made, its_values) == (operation, values)
    assert reason in text
    assert reason
    assert all("#1" in reply for reply in await bot.replies())


async def test_what_was_refused_beside_a_reason_that_lacks_is_left_out_of_the_form(bot: Bot) -> None:
    await hold(bot)
    name = await offered(bot, "/unblock", "one.example gone.example")
    await bot.click(ActionId.REQUEST_OTHERS, name, who=REQUESTER)
    [view] = [asked[2] for asked in bot.slack.asked if asked[0] == "views.open"]
    assert b"one.example" in view
    assert b"gone.example" not in view
    assert await requested(bot) == []


async def test_nobody_else_requests_them(bot: Bot) -> None:
    await hold(bot)
    name = await offered(bot, "/unblock", "one.example gone.example Clean again")
    await bot.click(ActionId.REQUEST_OTHERS, name, who=APPROVER)
    await bot.click(ActionId.REQUEST_OTHERS, "no such name", who=REQUESTER)
    assert await requested(bot) == []
    said = await bot.replies()
    assert len(said) == 2
    assert all("isn't on record for you" in reply for reply in said)
