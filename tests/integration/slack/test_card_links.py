"""Wherever a request is told of, its number leads to its card, once that is on record."""

from __future__ import annotations

import json
from datetime import timedelta

from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, TEAM, Bot
from tests.integration.slack.test_home import open_home, published
from tests.integration.slack.test_lists import on_record
from tests.support import people
from tests.support.deciding import shown
from tests.support.proposing import drafted, propose_all
from tests.support.scripted_slack import ok

LINK = "<https://workspace.example/archives/"


async def test_requests_and_events_lead_to_the_card(bot: Bot) -> None:
    bot.slack.answers["auth.test"] = ok(team_id=TEAM, user_id="U0BOT", bot_id="B0BOT", url="https://workspace.example/")
    await propose_all(bot.context, actor=people.REQUESTER, proposals=drafted(bot.context, "evil.example"))
    assert LINK not in (await bot.command("/requests", who=APPROVER)).text, "no card is on record yet"
    card = await shown(bot.context, 1)
    link = f"{LINK}{card.channel}/p{card.ts.replace('.', '')}|"
    for command, text, words in (
        ("/requests", "", "#1>"),
        ("/requests", "1", "#1>"),
        ("/portcullis", "", "#1>"),
    ):
        assert f"{link}{words}" in (await bot.command(command, text, who=APPROVER)).text, command
    # There each row has a button that opens the details, which lead to the card: one way is enough.
    said = (await bot.command("/audit", "#1", who=APPROVER)).text
    assert LINK not in said
    assert "Details of #1" in said
    await bot.click(ActionId.DETAILS, "1", who=APPROVER)
    [view] = [body for method, _, body in bot.slack.asked if method == "views.open"]
    assert f"{link}The card of #1>" in json.dumps(json.loads(view))
    ends = bot.store.clock() + timedelta(days=1)
    entry = Entry(list=ListName.SENDER, action=Action.BLOCK, value="evil.example", expires=ends)
    async with bot.store.write() as uow:
        await uow.snapshots.save(Snapshot(as_of=bot.store.clock(), policies=(), entries=(entry,)))
        await uow.known.put(on_record(bot, await uow.requests.get(1), "evil.example"))
    assert f", {link}#1>" in (await bot.command("/lists", who=APPROVER)).json()["blocks"][1]["text"]["text"]
    await open_home(bot, APPROVER)
    [home] = await published(bot)
    assert json.dumps(home).count(f"{link}#1>") == 2, "what waits, and what ends soon"
