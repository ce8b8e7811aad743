"""The preview of an import: what was shown is what is requested, by the person who gave it, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.importing.preview import MOST_OPEN, ImportPreview, PreviewState
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.people import Person
from bot.errors import Conflict, InvalidInput, NotPermitted
from bot.slack.jobs.preview_teller import DOUBTED, doubt_of
from bot.store import Store
from bot.workflow.importing.previews import IMPORT_KINDS, KEPT_FOR, ask_for, cancel, choose_column, take_ends
from bot.workflow.shared import early_clicks
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import enqueue
from tests.integration.databases import Clock
from tests.integration.slack.import_stage import ImportStage, entry, open_import_stage, snapshot
from tests.support.installation import REQUESTER

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
Act = Callable[..., Awaitable[None]]

#: Two columns with addresses, and nothing that says which of them is meant.
TWO = b"Sender,Reply-To\na@evil.example,b@worse.example\nc@evil.example,d@worse.example\n"
OTHER = "U0APPROVE1"


@pytest.fixture
async def stage(store: Store, clock: Clock) -> AsyncIterator[ImportStage]:
    async with open_import_stage(store, clock) as opened:
        yield opened


async def shown(stage: ImportStage, text: str = "", **given: Any) -> ImportPreview:  # noqa: ANN401 - give's
    """The preview of an import, as it was just shown."""
    await stage.give(text, **given)
    await stage.run()
    return await stage.preview()


async def state(stage: ImportStage, preview: ImportPreview) -> PreviewState:
    async with stage.context.store.read() as uow:
        return (await uow.previews.get(preview.id)).state


async def content(stage: ImportStage, preview: ImportPreview) -> object:
    async with stage.context.store.read() as uow:
        return await uow.previews.given(preview.id)


def position(preview: ImportPreview, stage: ImportStage, title: str) -> int:
    """The place of a way to read it, as the select offers it."""
    [message] = [message for message in stage.told() if "Which column?" in str(message.blocks)]
    options = [
        option
        for block in message.blocks
        for element in block.get("elements") or []
        for option in element.get("options") or []
    ]
    [value] = [option["value"] for option in options if title in option["text"]["text"]]
    assert value.startswith(f"{preview.id}.{preview.version}.")
    return int(value.rpartition(".")[2])


async def values(stage: ImportStage) -> list[list[str]]:
    """What the requests name, oldest first."""
    return [[item.value for item in request.items] for request in await stage.requests()]


async def test_the_column_that_a_person_chooses_is_the_one_that_is_requested(stage: ImportStage) -> None:
    asked = await shown(stage, content=TWO)
    with pytest.raises(Conflict, match="Nothing of this import"):
        await stage.click(ask_for)
    await stage.run()
    asked = await stage.preview()
    await stage.click(choose_column, position=position(asked, stage, "Reply-To"))
    await stage.run()
    [message] = stage.told()
    assert "2 of 2 lines would be requested." in message.text, "the same message, brought up to date"
    await stage.click(ask_for)
    await stage.run()
    assert await values(stage) == [["b@worse.example", "d@worse.example"]]
    [event] = await stage.events(EventKind.IMPORT_READ)
    assert (event.payload["column"], event.payload["ends_from"], event.payload["requested"]) == ("Reply-To", "", 2)
    assert stage.broken() == []


async def test_a_click_on_an_older_version_changes_nothing_and_shows_the_newer_one(stage: ImportStage) -> None:
    older = await shown(stage, content=TWO)
    await stage.click(choose_column, position=position(older, stage, "Reply-To"))
    await stage.run()
    newer = await stage.preview()
    for act, chosen in ((ask_for, {}), (cancel, {}), (choose_column, {"position": 0}), (take_ends, {"take": True})):
        with pytest.raises(Conflict, match="no longer what would be requested"):
            await stage.click(act, on=older, **chosen)
    assert (await stage.preview()).version == newer.version
    stage.direct()[0].text = "somebody's old sight of it"
    await stage.run()
    assert "would be requested" in stage.told()[0].text
    assert await stage.requests() == []


async def test_a_double_click_requests_once(stage: ImportStage) -> None:
    preview = await shown(stage, "evil.example\n")

    async def click() -> str:
        try:
            await stage.click(ask_for, on=preview)
        except Conflict as error:
            return str(error)
        return ""

    answers = await asyncio.gather(click(), click(), click())
    assert sorted(map(bool, answers)) == [False, True, True]
    assert {answer for answer in answers if answer} == {
        "It is being requested already. Its message shows what comes of it, or has come of it."
    }
    await stage.run()
    assert await values(stage) == [["evil.example"]]
    with pytest.raises(Conflict, match="has been requested already"):
        await stage.click(ask_for, on=preview)
    await stage.run()
    assert "1 of 1 line requested" in stage.told()[0].text, "a late click changes nothing of what is told"


@pytest.mark.parametrize(
    ("act", "chosen"), [(ask_for, {}), (cancel, {}), (choose_column, {"position": 0}), (take_ends, {"take": False})]
)
async def test_a_click_that_is_delivered_again_changes_nothing(
    stage: ImportStage, act: Act, chosen: dict[str, object]
) -> None:
    preview = await shown(stage, "evil.example\n")
    for _ in range(2):
        await stage.click(act, on=preview, delivery="click", **chosen)
    async with stage.context.store.read() as uow:
        assert (await uow.previews.get(preview.id)).version == preview.version + 1


@sqlite_only
@pytest.mark.parametrize(
    ("act", "chosen"), [(ask_for, {}), (cancel, {}), (choose_column, {"position": 0}), (take_ends, {"take": False})]
)
async def test_nobody_else_goes_on_with_it(stage: ImportStage, act: Act, chosen: dict[str, object]) -> None:
    preview = await shown(stage, "evil.example\n")
    with pytest.raises(NotPermitted, match="given by somebody else"):
        await stage.click(act, on=preview, who=OTHER, **chosen)
    assert await stage.preview() == preview
    [event] = await stage.events(EventKind.ACCESS_REFUSED)
    assert event.actor == OTHER


def without_roles(stage: ImportStage) -> Person:
    stage.jobs.directory._entitled = {role: frozenset() for role in stage.jobs.directory._entitled}
    return Person(user_id=REQUESTER, roles=frozenset())


@sqlite_only
async def test_a_right_that_was_lost_since_it_was_shown_counts_at_the_click(stage: ImportStage) -> None:
    preview = await shown(stage, "evil.example\n")
    without_roles(stage)
    with pytest.raises(NotPermitted, match="may not propose"):
        await stage.click(ask_for)
    assert await stage.preview() == preview
    await stage.click(cancel)
    assert await state(stage, preview) is PreviewState.CANCELLED, "to cancel takes no right"


@sqlite_only
async def test_a_right_that_was_lost_since_the_click_counts_too(stage: ImportStage) -> None:
    await shown(stage, "evil.example\n")
    await stage.click(ask_for)
    without_roles(stage)
    await stage.run()
    assert await stage.requests() == []
    assert any("may not propose" in message.text for message in stage.told())
    assert (await stage.preview()).state is PreviewState.OPEN


@sqlite_only
async def test_what_is_cancelled_says_so_and_is_no_longer_kept(stage: ImportStage) -> None:
    preview = await shown(stage, content=b"evil.example\n", name="evil.csv")
    await stage.click(cancel)
    assert await content(stage, preview) is None
    await stage.run()
    [message] = stage.told()
    assert message.text == "Import of `evil.csv`: cancelled. Nothing was requested."
    assert [block["type"] for block in message.blocks] == ["section"]
    with pytest.raises(Conflict, match=r"was cancelled\. Import it once more"):
        await stage.click(ask_for, on=preview)


async def test_what_was_shown_is_requested_though_the_file_is_gone_since(stage: ImportStage) -> None:
    preview = await shown(stage, content=b"evil.example\nwhat is this\n")
    for file in list(stage.playground.slack.state.files):
        stage.playground.slack.state.files.forget(file.id)
    await stage.click(ask_for)
    await stage.run()
    assert await values(stage) == [["evil.example"]]
    assert await state(stage, preview) is PreviewState.REQUESTED
    assert await content(stage, preview) is None


async def lists(stage: ImportStage, *listed: str) -> None:
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(snapshot(stage.clock(), *map(entry, listed)))


async def test_what_changed_since_it_was_shown_is_told_and_never_more_is_requested(stage: ImportStage) -> None:
    await lists(stage, "freed.example")
    await shown(stage, "evil.example\nlisted.example\nfreed.example\n")
    stage.clock.advance(seconds=60)
    await lists(stage, "listed.example")
    await stage.click(ask_for)
    await stage.run()
    assert await values(stage) == [["evil.example"]]
    message = stage.told()[0]
    assert "1 of 3 lines requested, 2 set aside" in message.text
    whole = str(message.blocks)
    since = whole.partition("Set aside since you looked")[2].partition("*Set aside*")[0]
    assert "1 line (line 2): on the list already" in since
    assert "freed" not in since
    assert "1 line (line 3): could not be requested when you looked, and could be now" in whole


async def test_when_all_was_set_aside_since_nothing_is_requested(stage: ImportStage) -> None:
    await lists(stage)
    preview = await shown(stage, "evil.example\n")
    stage.clock.advance(seconds=60)
    await lists(stage, "evil.example")
    await stage.click(ask_for)
    await stage.run()
    assert await stage.requests() == []
    assert "none of 1 line could be requested. Nothing was changed." in stage.told()[0].text
    assert await state(stage, preview) is PreviewState.REQUESTED
    [event] = await stage.events(EventKind.IMPORT_READ)
    assert (event.request_id, event.payload["requested"]) == (None, 0)


async def test_the_same_feed_sent_twice_is_asked_for_once(stage: ImportStage) -> None:
    feed = "evil.example\nhttps://evil.example/a\n203.0.113.7\n"
    await stage.brought_in(feed)
    await shown(stage, feed + "worse.example\n")
    told = stage.told()[-1]
    assert "1 of 4 lines would be requested; 3 are set aside." in told.text
    assert "named by a request that is still open (#1, which is still open, names it already.)" in told.text
    await stage.click(ask_for)
    await stage.run()
    assert await values(stage) == [["evil.example"], ["evil.example/a"], ["203.0.113.7"], ["worse.example"]]


async def test_two_previews_of_one_feed_are_requested_once(stage: ImportStage) -> None:
    first, second = await shown(stage, "evil.example\n"), await shown(stage, "evil.example\n")
    for preview in (first, second):
        await stage.click(ask_for, on=preview)
    await stage.run()
    assert await values(stage) == [["evil.example"]]
    nothing_left = ["none of 1 line could be requested" in message.text for message in stage.told()]
    assert nothing_left.count(True) == 1


@sqlite_only
async def test_of_too_many_that_wait_the_oldest_is_dropped_and_that_is_told(stage: ImportStage) -> None:
    previews = [await shown(stage, f"h{number}.example\n", name="") for number in range(MOST_OPEN)]
    await shown(stage, "one-more.example\n")
    assert await state(stage, previews[0]) is PreviewState.DROPPED
    assert await content(stage, previews[0]) is None
    assert await state(stage, previews[1]) is PreviewState.OPEN
    told = [message.text for message in stage.told()]
    assert "dropped, because more than 20 imports of yours were waiting" in told[0]
    assert sum("Your import was dropped" in text for text in told) == 1, "beside it, in whichever order"


async def test_what_nobody_asks_for_is_dropped_in_the_end(stage: ImportStage) -> None:
    preview = await shown(stage, "evil.example\n")
    stage.clock.advance(seconds=(KEPT_FOR - timedelta(minutes=1)).total_seconds())
    for expected in (PreviewState.OPEN, PreviewState.EXPIRED):
        async with stage.context.store.write() as uow:
            await enqueue(uow, JobKind.CLEAN, NothingPayload())
        await stage.run()
        assert await state(stage, preview) is expected
        stage.clock.advance(seconds=120)
    assert await content(stage, preview) is None
    assert "nobody asked for it in time" in stage.told()[0].text
    with pytest.raises(Conflict, match="within 7 days"):
        await stage.click(ask_for, on=preview)


@sqlite_only
async def test_a_message_that_was_deleted_is_shown_anew(stage: ImportStage) -> None:
    preview = await shown(stage, content=TWO)
    stage.fault("chat.update", "message_not_found")
    await stage.click(choose_column, position=position(preview, stage, "Reply-To"))
    await stage.run()
    newer = await stage.preview()
    assert newer.ts != preview.ts
    assert "2 of 2 lines would be requested" in stage.told()[-1].text


@sqlite_only
async def test_a_slack_that_takes_no_message_keeps_no_import_from_being_read(stage: ImportStage) -> None:
    stage.fault("chat.postMessage", "ratelimited", times=1000)
    await stage.give("evil.example\n")
    await stage.give("worse.example\n")
    await stage.run()
    async with stage.context.store.read() as uow:
        assert {job.kind for job in await uow.jobs.waiting()} >= {JobKind.TELL_PREVIEW}
        assert not await uow.jobs.count_of(REQUESTER, IMPORT_KINDS)
        assert [await uow.previews.shown(preview.id) for preview in await uow.previews.open_of(REQUESTER)] != [None] * 2
    stage.playground.slack.state.faults.clear()
    await stage.run_until_idle()
    assert len([message for message in stage.told() if "would be requested" in message.text]) == 2


@sqlite_only
async def test_an_update_that_comes_after_the_next_is_undone(stage: ImportStage) -> None:
    """The first was not answered; before it was tried again, the import was requested."""
    preview = await shown(stage, content=TWO)
    stage.fault("chat.update", "internal_error")
    await stage.click(choose_column, position=position(preview, stage, "Reply-To"))
    await stage.run()
    [message] = stage.told()
    before = message.text, message.blocks
    assert "would be requested" not in before[0], "nobody knows what became of it"
    await stage.click(ask_for)
    await stage.run()
    for _ in range(2):
        await stage.later(5)
    assert "2 of 2 lines requested" in message.text
    message.text, message.blocks = before
    await stage.later(20)
    assert "2 of 2 lines requested" in message.text


@sqlite_only
async def test_what_an_older_update_may_undo_is_shown_once_more_and_no_oftener(stage: ImportStage) -> None:
    preview = await shown(stage, content=TWO)
    async with stage.context.store.write() as uow:  # as an attempt of the version before leaves it
        await uow.deliveries.first_time(doubt_of(preview))
        await uow.deliveries.answer(doubt_of(preview), DOUBTED)
    await stage.click(choose_column, position=position(preview, stage, "Reply-To"))
    await stage.run()
    [message] = stage.told()
    now = message.text
    message.text = "the version before"
    await stage.later(20)
    assert message.text == now
    await stage.later(20)
    async with stage.context.store.read() as uow:
        assert JobKind.TELL_PREVIEW not in {job.kind for job in await uow.jobs.waiting()}


@pytest.mark.parametrize("act", [ask_for, cancel])
async def test_a_click_on_a_message_that_portcullis_did_not_post_of_it_changes_nothing(
    stage: ImportStage, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the bot's token may post one that says something else; a crash may leave one that isn't on record."""
    monkeypatch.setattr(early_clicks, "PATIENCE", 0.0)
    preview = await shown(stage, "evil.example\n")
    foreign = replace(preview, channel="C0GENERAL", ts="1700000000.000900")
    for on in (foreign, replace(foreign, version=preview.version - 1), replace(preview, channel="", ts="")):
        with pytest.raises(Conflict, match="what it says may be false"):
            await stage.click(act, on=on)
        await stage.run()
        now = await stage.preview()
        assert (now.state, now.channel, now.ts) == (PreviewState.OPEN, preview.channel, preview.ts)
        preview = now
        foreign = replace(foreign, version=now.version)
    refused = await stage.events(EventKind.CLICK_REFUSED)
    assert [(event.target, event.payload["why"]) for event in refused] == [("import 1", "unknown_message")] * 3
    assert await values(stage) == []


@sqlite_only
@pytest.mark.parametrize("is_over", [False, True])
async def test_a_copy_that_is_not_on_record_loses_its_buttons_at_the_first_click(
    stage: ImportStage, monkeypatch: pytest.MonkeyPatch, is_over: bool
) -> None:
    """Such as one whose answer was lost, and in whose place another was posted."""
    monkeypatch.setattr(early_clicks, "PATIENCE", 0.0)
    preview = await shown(stage, "evil.example\n")
    [known] = stage.told()
    copy = replace(known, ts=stage.playground.slack.state.conversations.next_ts())
    stage.direct().append(copy)
    if is_over:
        await stage.click(cancel)
        await stage.run()
    with pytest.raises(Conflict):
        await stage.click(ask_for, on=replace(preview, ts=copy.ts))
    await stage.run()
    [known, copy] = stage.told()
    assert "isn't the one that Portcullis has on record for this import" in copy.text
    assert "actions" not in {block["type"] for block in copy.blocks}
    assert "isn't the one" not in known.text
    assert stage.broken() == []


@sqlite_only
async def test_a_click_before_the_message_is_on_record_counts(
    stage: ImportStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_clicks, "PATIENCE", 120.0)
    preview = await shown(stage, "evil.example\n")
    async with stage.context.store.write() as uow:
        await uow.previews.posted(preview.id, channel="", ts="")

    async def remember() -> None:
        async with stage.context.store.write() as uow:
            await uow.previews.posted(preview.id, channel=preview.channel, ts=preview.ts)

    await asyncio.gather(stage.click(ask_for, on=preview), remember())
    await stage.run()
    assert await values(stage) == [["evil.example"]]


@sqlite_only
@pytest.mark.parametrize("place", [-1, 99])
async def test_a_column_that_there_is_not_is_refused(stage: ImportStage, place: int) -> None:
    preview = await shown(stage, content=TWO)
    with pytest.raises(InvalidInput, match="no such column"):
        await stage.click(choose_column, position=place)
    assert await stage.preview() == preview


def dated(stage: ImportStage, days: list[int]) -> bytes:
    rows = [f"h{number}.example,{stage.clock() + timedelta(days=day):%Y-%m-%d}\n" for number, day in enumerate(days, 1)]
    return "".join(["indicator,ExpirationTime\n", *rows, "last.example,\n"]).encode()


async def test_the_ends_of_the_rows_count_when_the_person_takes_them(stage: ImportStage) -> None:
    await shown(stage, content=dated(stage, [5, 9, 5]), end="7d")
    assert "would be requested" in stage.told()[0].text
    await stage.click(take_ends, take=True)
    await stage.run()
    assert "4 of 4 lines would be requested." in stage.told()[0].text
    await stage.click(ask_for)
    await stage.run()
    midnight = stage.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    ends = {tuple(item.value for item in request.items): request.expires for request in await stage.requests()}
    assert ends == {
        ("last.example",): stage.clock() + timedelta(days=7),
        ("h1.example", "h3.example"): midnight + timedelta(days=6),
        ("h2.example",): midnight + timedelta(days=10),
    }
    [event, *_] = await stage.events(EventKind.IMPORT_READ)
    assert (event.payload["column"], event.payload["ends_from"]) == ("indicator", "ExpirationTime")


@sqlite_only
async def test_ends_that_were_taken_can_be_left_out_again(stage: ImportStage) -> None:
    await shown(stage, content=dated(stage, [5, 9]))
    for take in (True, False):
        await stage.click(take_ends, take=take)
        await stage.run()
    await stage.click(ask_for)
    await stage.run()
    assert len(await stage.requests()) == 1


@sqlite_only
async def test_with_too_many_different_ends_nothing_is_requested(stage: ImportStage) -> None:
    await shown(stage, content=dated(stage, list(range(1, 22))).replace(b"last.example,\n", b""))
    await stage.click(take_ends, take=True)
    await stage.run()
    [message] = stage.told()
    assert "None of 21 lines can be requested." in message.text
    assert "The rows give 21 different ends" in message.text
    with pytest.raises(Conflict, match="Nothing of this import"):
        await stage.click(ask_for)
    assert await stage.requests() == []


@sqlite_only
async def test_a_list_with_room_for_each_end_and_not_for_all_is_refused_as_a_whole(stage: ImportStage) -> None:
    """The tenant's plan holds 10,000 blocked senders, and 9,990 are there."""
    room = [entry(f"known{number}.example", ListName.SENDER, Action.BLOCK) for number in range(9_990)]
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(snapshot(stage.clock(), *room))
    await shown(stage, content=dated(stage, [5] * 6 + [9] * 6))
    await stage.click(take_ends, take=True)
    await stage.run()
    assert "None of 13 lines can be requested." in stage.told()[0].text
