"""App Home: published when it is opened, brought up to date after one's own acts, and each row of it acts."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import Response

from bot.domain.auditing.events import EventKind
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.browsing import entry_id
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, AUDITOR, REQUESTER, TEAM, VISITOR, Bot
from tests.integration.slack.test_deciding_elsewhere import opened, proposed
from tests.support.requests import add_request
from tests.support.scripted_slack import ok, refused

ENTRY = Entry(list=ListName.SENDER, action=Action.BLOCK, value="evil.example", notes="Case 4711")


async def snapshot(bot: Bot, *entries: Entry) -> None:
    lists = Snapshot(as_of=bot.store.clock(), policies=(FilterPolicy(identity="Default"),), entries=entries)
    async with bot.store.write() as uow:
        await uow.snapshots.save(lists)


async def open_home(bot: Bot, who: str, tab: str = "home") -> None:
    event = {"type": "app_home_opened", "user": who, "channel": "D0HOME", "tab": tab, "event_ts": bot.trigger()}
    body = {
        "type": "event_callback",
        "team_id": TEAM,
        "authorizations": [{"team_id": TEAM, "is_bot": True, "is_enterprise_install": False}],
        "event_id": bot.trigger(),
        "event": event,
    }
    assert (await bot.deliver(body)).status_code == 200


async def published(bot: Bot, *, times: int = 1) -> list[dict[str, Any]]:
    """What was published so far, once it was so often: publishing is done beside the delivery."""
    return [json.loads(body) for body in await bot.slack.asked_for("views.publish", times=times)]


def seen(view: dict[str, Any]) -> str:
    return json.dumps(view, ensure_ascii=False)


async def test_it_shows_each_person_what_is_theirs(bot: Bot) -> None:
    async with bot.store.write() as uow:
        await add_request(uow, bot.store, requester=REQUESTER, reason="Phishing wave")
    await snapshot(bot, Entry(list=ListName.SENDER, action=Action.BLOCK, value="b.example",
                              expires=bot.store.clock() + timedelta(days=1)))  # fmt: skip
    for number, who in enumerate((APPROVER, REQUESTER, AUDITOR), start=1):
        await open_home(bot, who)
        await published(bot, times=number)
    approver, requester, auditor = await published(bot, times=3)
    assert approver["user_id"] == APPROVER
    assert approver["view"]["type"] == "home"
    assert "1 request waits for you." in seen(approver)
    assert "1 of yours is under way." in seen(requester)
    assert "Phishing wave" not in seen(auditor)
    assert all("`b[.]example`" in seen(view) for view in (approver, requester, auditor))
    async with bot.store.read() as uow:
        [event] = await uow.audit.page()
    assert (event.kind, event.actor) == (EventKind.REQUESTS_READ, APPROVER)


async def test_who_has_no_role_is_told_whom_to_ask_and_sees_nothing(bot: Bot) -> None:
    async with bot.store.write() as uow:
        await add_request(uow, bot.store, reason="Phishing wave")
    await snapshot(bot, ENTRY)
    await open_home(bot, VISITOR)
    [view] = await published(bot)
    assert "no role" in seen(view)
    assert "Phishing wave" not in seen(view)
    assert "evil" not in seen(view)


async def test_it_is_brought_up_to_date_after_ones_own_acts_and_for_nobody_else(bot: Bot) -> None:
    await bot.command("/block", "evil.example 30d Phishing wave")
    assert bot.slack.count("views.publish") == 0, "nobody has opened it"
    await open_home(bot, REQUESTER)
    await published(bot, times=1)
    await bot.command("/block", "evil2.example 30d Phishing wave", who=APPROVER)
    await bot.command("/block", "evil3.example 30d Phishing wave")
    views = await published(bot, times=2)
    assert [view["user_id"] for view in views] == [REQUESTER, REQUESTER]
    assert "2 of yours are under way." in seen(views[-1])


async def test_the_messages_tab_publishes_nothing_and_refresh_does(bot: Bot) -> None:
    await open_home(bot, REQUESTER, tab="messages")
    await bot.click(ActionId.REFRESH_HOME, "-", who=REQUESTER)
    [view] = await published(bot)
    assert "Nothing waits for you" in seen(view)


async def test_many_openings_at_once_are_one_call_at_a_time_and_the_last_is_shown(bot: Bot) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> Response:
        begun.set()
        await go_on.wait()
        return ok()

    bot.slack.queue("views.publish", slowly)
    await open_home(bot, REQUESTER)
    await begun.wait()
    for _ in range(5):
        await open_home(bot, REQUESTER)
    await bot.command("/block", "evil.example 30d Phishing wave")
    assert bot.slack.count("views.publish") == 1
    go_on.set()
    views = await published(bot, times=2)
    assert "1 of yours is under way." in seen(views[-1])


async def test_what_was_decided_from_it_waits_no_longer_on_it(bot: Bot) -> None:
    waits = await proposed(bot)
    await open_home(bot, APPROVER)
    [before] = await published(bot, times=1)
    assert "1 request waits for you." in seen(before)
    home = {"container": {"type": "view", "view_id": "V9"}, "view": {"id": "V9", "type": "home"}}
    await bot.click(ActionId.DECIDE, f"{waits.id}.{waits.version}", **home)
    answer = await bot.submit(opened(bot, "V1"), who=APPROVER)
    assert answer.json() == {"response_action": "clear"}
    views = await published(bot, times=2)
    assert "Nothing waits for you" in seen(views[-1])


async def test_where_it_can_not_be_published_the_delivery_is_acknowledged_and_the_next_time_works(bot: Bot) -> None:
    bot.slack.queue("views.publish", refused("internal_error"))
    await open_home(bot, REQUESTER)
    await published(bot, times=1)
    await open_home(bot, REQUESTER)
    await published(bot, times=2)


@pytest.mark.parametrize(
    ("verb", "who", "callback_id", "holds"),
    [
        ("remove", REQUESTER, "proposal_form", "Request an unblock"),
        ("extend", REQUESTER, "proposal_form", "Request new expiry date"),
        ("note", REQUESTER, "proposal_form", "Request a new note"),
        ("check", AUDITOR, "", "Blocked"),
    ],
)
async def test_an_entrys_menu_opens_what_is_about_just_this_entry(
    bot: Bot, verb: str, who: str, callback_id: str, holds: str
) -> None:
    await snapshot(bot, ENTRY)
    option = {"type": "overflow", "action_id": ActionId.ENTRY, "block_id": "b"}
    chosen = {**option, "selected_option": {"value": f"{verb} {entry_id(ENTRY)}"}}
    assert (await bot.click(ActionId.ENTRY, "", who=who, actions=[chosen])).text == ""
    [view] = [json.loads(body)["view"] for method, _, body in bot.slack.asked if method == "views.open"]
    assert view.get("callback_id", "") == callback_id
    assert holds in seen(view)
    assert "evil" in seen(view)


@pytest.mark.parametrize(
    "value", ["", "check", "check x", "remove 0", "fly 0123456789abcdef", "details abc", "0" * 400]
)
async def test_what_names_no_entry_opens_nothing(bot: Bot, value: str) -> None:
    await snapshot(bot, ENTRY)
    await bot.click(ActionId.ENTRY, value, who=REQUESTER)
    assert bot.slack.count("views.open") == 0
    [reply] = await bot.replies()
    assert "entry" in reply or "button" in reply


async def test_what_waits_of_ones_own_is_taken_back_there(bot: Bot) -> None:
    answer = await bot.command("/block", "evil.example 203.0.113.7 30d Phishing wave")  # two lists, one proposal
    assert ActionId.WITHDRAW_HERE in answer.text, "nor does it take the Home"
    await open_home(bot, REQUESTER)
    [view] = await published(bot)
    [value] = [
        element["value"]
        for block in view["view"]["blocks"]
        for element in block.get("elements", ())
        if element.get("action_id") == ActionId.WITHDRAW_HERE
    ]
    home = {"container": {"type": "view", "view_id": "V2"}, "view": {"id": "V2", "type": "home"}, "response_url": ""}
    await bot.click(ActionId.WITHDRAW_HERE, value, who=REQUESTER, **home)
    views = await published(bot, times=2)
    assert "nothing of yours is under way" in seen(views[-1])
    assert await bot.replies() == []
