"""The file with what became of each indicator: under the card and to the requester, once each."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import ItemState, Request
from bot.errors import LeaseLost, MessageGone, TryLater
from bot.playground.slack.faults import Fault
from bot.slack import files
from bot.slack.jobs.files_once import FileForPeople, FilesOnce
from bot.store import Job, PostedMessage, Store
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import later
from tests.integration.databases import Clock
from tests.integration.slack.import_stage import ImportStage, open_import_stage
from tests.support.installation import APPROVALS, GENERAL
from tests.support.stand_ins import client_of

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
DIRECT = "D0REQUEST1"


@pytest.fixture
async def stage(store: Store, clock: Clock) -> AsyncIterator[ImportStage]:
    async with open_import_stage(store, clock) as opened:
        yield opened


async def concluded(stage: ImportStage) -> Request:
    """A request of an import, of which one item was refused; its file is due. What was said by now is forgotten."""
    await stage.brought_in("a.example\nb.example\nwhat is this\n")
    [request] = await stage.requests()
    for name in (APPROVALS, DIRECT):
        conversation = stage.playground.slack.state.conversations.find(name)
        assert conversation is not None
        for message in conversation.messages:
            message.files.clear()
    async with stage.context.store.write() as uow:
        first, second = request.items
        await uow.requests.set_items(
            {first.id: (ItemState.APPLIED, ""), second.id: (ItemState.REFUSED, "The list is full.")}
        )
        await later(uow, JobKind.RESULT, request.id)
    return request


def states(text: str) -> list[tuple[str, str, str]]:
    return [(row["line"], row["state"], row["words"]) for row in csv.DictReader(io.StringIO(text))]


async def test_it_stands_under_the_card_and_with_the_requester_once(stage: ImportStage) -> None:
    request = await concluded(stage)
    await stage.run()
    for place in (APPROVALS, DIRECT):
        [text] = stage.files(place)
        found = states(text)
        assert found[:2] == [("1", "applied", ""), ("2", "refused", "The list is full.")]
        assert found[2][:2] == ("3", "set aside")
    conversation = stage.playground.slack.state.conversations.find(APPROVALS)
    assert conversation is not None
    [reply] = [message for message in conversation.messages if message.files]
    [card] = [message for message in conversation.messages if message.thread_ts is None]
    assert reply.thread_ts == card.ts
    assert reply.text.startswith(f"*#{request.id}*: what became of the 2 senders, and of the line set aside. The ind")
    async with stage.context.store.write() as uow:
        await later(uow, JobKind.RESULT, request.id)
    await stage.run()
    assert [len(stage.files(place)) for place in (APPROVALS, DIRECT)] == [1, 1]
    assert stage.broken() == []


@sqlite_only
async def test_of_several_lists_it_says_which_one_it_is_about(stage: ImportStage) -> None:
    await stage.brought_in("a.example\n203.0.113.9\nwhat is this\nnor this\n")
    first = min(await stage.requests(), key=lambda request: request.id)
    async with stage.context.store.write() as uow:
        await later(uow, JobKind.RESULT, first.id)
    await stage.run()
    conversation = stage.playground.slack.state.conversations.find(DIRECT)
    assert conversation is not None
    said = [message.text for message in conversation.messages if f"*#{first.id}*: what became" in message.text]
    assert len(said) == 1
    assert "what became of its 1 sender, and of the 2 lines set aside. What became of its other lists" in said[0]


@pytest.mark.parametrize("error", ["drop_before", "drop_after", "http_500", "ratelimited"])
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
@sqlite_only
async def test_a_passing_fault_doubles_nothing(stage: ImportStage, method: str, error: str) -> None:
    await concluded(stage)
    stage.fault(method, error)
    before = len(await stage.events(EventKind.RESULT_SHARED))
    await stage.run_until_idle()
    assert [len(stage.files(place)) for place in (APPROVALS, DIRECT)] == [1, 1]
    assert not stage.jobs.dead
    assert len(await stage.events(EventKind.RESULT_SHARED)) - before == 2


@sqlite_only
@pytest.mark.parametrize("error", ["channel_not_found", "missing_scope"])
async def test_one_place_that_refuses_keeps_nothing_from_the_other(stage: ImportStage, error: str) -> None:
    await concluded(stage)
    stage.fault("files.completeUploadExternal", error)  # the requester's, which comes first
    await stage.run()
    assert [len(stage.files(place)) for place in (APPROVALS, DIRECT)] == [1, 0]


@sqlite_only
async def test_under_a_card_that_is_gone_it_comes_with_the_next_one(stage: ImportStage) -> None:
    await concluded(stage)
    async with stage.context.store.write() as uow:
        [job] = await uow.jobs.claim("one", stage.clock(), 30, 1)
    conversation = stage.playground.slack.state.conversations.find(APPROVALS)
    assert conversation is not None
    conversation.messages.clear()
    with pytest.raises(MessageGone):
        await stage.jobs.do(job)
    with pytest.raises(TryLater, match="waits for the request's card"):
        await stage.jobs.do(job)
    await stage.run()
    await stage.jobs.do(job)
    assert [len(stage.files(place)) for place in (APPROVALS, DIRECT)] == [1, 1]


async def card_of(stage: ImportStage, request: Request) -> PostedMessage:
    async with stage.context.store.read() as uow:
        return (await uow.messages.of_request(request.proposal_id, Purpose.CARD))[-1]


def lose_an_answer(stage: ImportStage, error: str) -> None:
    """Let it go wrong with the second file, which goes under the card: the requester's comes first."""
    for each in (Fault(error="slow", seconds=0), Fault(error=error)):
        stage.playground.slack.state.faults.add("files.completeUploadExternal", each)


def files_under_cards(stage: ImportStage) -> int:
    return len(stage.files(APPROVALS)) + len(stage.files(GENERAL))


@sqlite_only
@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
async def test_one_in_doubt_is_not_shown_twice_where_the_channel_got_another_id(stage: ImportStage, fault: str) -> None:
    request = await concluded(stage)
    lose_an_answer(stage, fault)
    await stage.run()
    known, conversations = await card_of(stage, request), stage.playground.slack.state.conversations
    general, approvals = conversations.find(GENERAL), conversations.find(APPROVALS)
    assert general is not None
    assert approvals is not None
    general.messages = approvals.messages
    approvals.messages = []
    async with stage.context.store.write() as uow:
        await uow.messages.move(known.id, channel=GENERAL, version=known.version)
    await stage.run_until_idle()
    assert not stage.jobs.dead
    assert files_under_cards(stage) == 1


@sqlite_only
async def test_under_a_card_in_another_channel_it_is_shown_there_too(stage: ImportStage) -> None:
    request = await concluded(stage)
    lose_an_answer(stage, "drop_after")
    await stage.run()
    known = await card_of(stage, request)
    stage.clock.advance(seconds=1)
    async with stage.context.store.write() as uow:
        await uow.messages.become(known.id, Purpose.LOST_CARD)
        await uow.messages.put(purpose=Purpose.CARD, channel=GENERAL, ts=known.ts, request_id=request.proposal_id)
    conversations = stage.playground.slack.state.conversations
    general, approvals = conversations.find(GENERAL), conversations.find(APPROVALS)
    assert general is not None
    assert approvals is not None
    general.messages.extend(message for message in approvals.messages if message.ts == known.ts)
    await stage.run_until_idle()
    assert (len(stage.files(APPROVALS)), len(stage.files(GENERAL))) == (1, 1)


async def stalled_in_sending(stage: ImportStage, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job whose process stands still while it sends its next file, until another has done the whole of it."""
    async with stage.context.store.write() as uow:
        [job] = await uow.jobs.claim("one", stage.clock(), 30, 1)
    send = files.send

    async def stalled(*arguments: Any, **named: Any) -> str:  # noqa: ANN401 - as they are
        monkeypatch.setattr(files, "send", send)
        sent = await send(*arguments, **named)
        stage.clock.now += timedelta(minutes=1)
        async with stage.context.store.write() as uow:
            [taken_over] = await uow.jobs.claim("two", stage.clock(), 30, 1)
        assert taken_over.id == job.id
        await stage.jobs.do(taken_over)
        return sent

    monkeypatch.setattr(files, "send", stalled)
    return job


async def test_a_process_that_stood_still_shares_nothing_beside_the_one_that_took_over(
    stage: ImportStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await concluded(stage)
    job = await stalled_in_sending(stage, monkeypatch)
    with pytest.raises(LeaseLost):
        await stage.jobs.do(job)
    assert [len(stage.files(place)) for place in (APPROVALS, DIRECT)] == [1, 1]


async def test_nor_does_it_show_a_file_that_is_shown_once(stage: ImportStage, monkeypatch: pytest.MonkeyPatch) -> None:
    await concluded(stage)
    once = FilesOnce(context=stage.context, client=client_of(stage.playground))
    file = FileForPeople(name="audit-log.csv", content=b"a,b\n", title="Audit log", comment="1 event as CSV.")

    async def show(job: Job) -> None:
        await once.show("export-shown:1", file, channel=DIRECT, job=job)

    monkeypatch.setattr(stage.jobs, "do", show)
    job = await stalled_in_sending(stage, monkeypatch)
    with pytest.raises(LeaseLost):
        await show(job)
    assert stage.files(DIRECT) == ["a,b\n"]
