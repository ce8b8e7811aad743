"""/lists over the last snapshot: filtered, paged in place, logged, and for nobody without a role."""

from __future__ import annotations

import json

import httpx

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Request
from bot.slack.block_kit.ids import ActionId
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.slack.harness import AUDITOR, REQUESTER, VISITOR, Bot
from tests.support.requests import add_request


async def snapshot(bot: Bot, *values: str) -> None:
    entries = tuple(Entry(list=ListName.SENDER, action=Action.BLOCK, value=value) for value in values)
    lists = Snapshot(as_of=bot.store.clock(), policies=(FilterPolicy(identity="Default"),), entries=entries)
    async with bot.store.write() as uow:
        await uow.snapshots.save(lists)


def said(answer: httpx.Response) -> str:
    return json.dumps(answer.json(), ensure_ascii=False)


async def test_it_shows_what_matches_and_that_somebody_looked_is_logged(bot: Bot) -> None:
    await snapshot(bot, "evil.example", "bad.example")
    seen = said(await bot.command("/lists", "block senders evil", who=AUDITOR))
    assert "*1 entry*: blocks, senders, with `evil`" in seen
    assert "bad" not in seen
    async with bot.store.read() as uow:
        [event] = await uow.audit.page()
    assert (event.kind, event.actor, event.payload) == (
        EventKind.LISTS_READ,
        AUDITOR,
        {"query": "block senders evil"},
    )


async def test_a_page_is_turned_in_place(bot: Bot) -> None:
    await snapshot(bot, *(f"evil{number:02}.example" for number in range(20)))
    first = said(await bot.command("/lists", "evil"))
    assert "evil07[.]example" in first
    assert "evil08[.]example" not in first
    await bot.click(ActionId.LISTS_NEXT, "8 evil", who=REQUESTER)
    [job] = [job for job in await bot.jobs() if job.kind == JobKind.REPLY]
    shown = json.dumps(job.payload, ensure_ascii=False)
    assert "evil08[.]example" in shown
    assert "9 to 16" in shown


async def test_what_comes_or_goes_meanwhile_hides_no_entry_and_shows_none_twice(bot: Bot) -> None:
    values = [f"evil{number:02}.example" for number in range(20)]
    await snapshot(bot, *values)
    blocks = (await bot.command("/lists", "evil")).json()["blocks"]
    [button] = [each for block in blocks if block["type"] == "actions" for each in block["elements"]]
    assert button["action_id"] == ActionId.LISTS_NEXT
    await snapshot(bot, "evil-early.example", *values[:3], *values[5:7], *values[8:])  # the last one shown is gone
    await bot.click(ActionId.LISTS_NEXT, button["value"], who=REQUESTER)
    [reply] = await bot.replies()
    shown = [number for number in range(20) if f"`evil{number:02}[.]example` ·" in reply]
    assert shown == list(range(8, 16))


async def test_a_page_that_is_gone_is_the_first_one(bot: Bot) -> None:
    await snapshot(bot, "evil.example")
    await bot.click(ActionId.LISTS_NEXT, "800 evil", who=REQUESTER)
    [reply] = await bot.replies()
    assert "evil[.]example" in reply


def on_record(bot: Bot, request: Request, value: str) -> KnownEntry:
    return KnownEntry(
        list=request.list,
        action=request.action,
        value=value,
        requester=request.requester,
        request_id=request.id,
        reason=request.reason,
        since=bot.store.clock(),
        expires=None,
    )


async def test_a_request_has_the_number_by_which_people_know_it(bot: Bot) -> None:
    await snapshot(bot, "evil.example")
    async with bot.store.write() as uow:
        first = await add_request(uow, bot.store)
        other = await add_request(uow, bot.store, list=ListName.SENDER, proposal_id=first.id)
        await uow.known.put(on_record(bot, other, "evil.example"))
    seen = said(await bot.command("/lists", who=AUDITOR))
    assert f"asked by <@{other.requester}>, #{first.id}" in seen
    assert f"Details of #{first.id}" in seen


async def test_of_what_came_of_a_submission_it_says_that_nobody_asked_for_it(bot: Bot) -> None:
    unnamed = Entry(list=ListName.URL, action=Action.ALLOW, value="other.example")
    lists = Snapshot(as_of=bot.store.clock(), policies=(), entries=(unnamed,))
    async with bot.store.write() as uow:
        await uow.snapshots.save(lists)
        request = await add_request(
            uow,
            bot.store,
            operation=Operation.SUBMIT,
            action=Action.ALLOW,
            list=ListName.URL,
            indicators=[(Kind.URL, "good.example/a")],
        )
        await uow.known.put(on_record(bot, request, "other.example"))
    seen = said(await bot.command("/lists"))
    assert f"nobody asked for it: it came of the submission of <@{request.requester}>, #{request.id}" in seen


async def test_before_the_first_snapshot_and_without_a_role_nothing_is_shown(bot: Bot) -> None:
    assert "have not been read yet" in said(await bot.command("/lists"))
    await snapshot(bot, "evil.example")
    seen = said(await bot.command("/lists", who=VISITOR))
    assert "may not" in seen
    assert "evil" not in seen
