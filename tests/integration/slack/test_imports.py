"""Imports: every line accounted for, requested once, told once, whatever happens in between."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.import_reading import ImportReading
from bot.domain.requests.request import Status
from bot.errors import Conflict, LeaseLost, ReadingFailed, StoreError
from bot.jobs import Handler
from bot.playground.slack.file_transfer import DOWNLOAD
from bot.slack import files
from bot.slack.jobs.import_reader import READ_IMPORT
from bot.store import Job, JobLane, Store
from bot.store.snapshots import Snapshots
from bot.workflow.importing.previews import ask_for
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.reading_process import ReadingOrder
from tests.integration.counted import Counted
from tests.integration.databases import Clock
from tests.integration.slack.import_stage import ImportStage, entry, open_import_stage, snapshot
from tests.support.installation import ALERTS, REQUESTER, VISITOR

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
DIRECT = "D0REQUEST1"


@pytest.fixture
async def stage(store: Store, clock: Clock) -> AsyncIterator[ImportStage]:
    async with open_import_stage(store, clock) as opened:
        yield opened


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@sqlite_only
async def test_an_import_is_judged_once_to_be_shown_and_once_to_be_requested(
    stage: ImportStage, counted: Counted
) -> None:
    await stage.give(text="evil.example\nworse.example")
    await stage.run()
    assert await stage.requests() == [], "nothing is requested before the person says so"
    assert (counted.judged, counted.checked) == (1, 1)
    counted.anew()
    await stage.click(ask_for)
    assert (counted.judged, counted.checked) == (0, 1), "the click reads the roles, and leaves the rest to a job"
    await stage.run()
    assert len(await stage.requests()) == 1
    assert (counted.judged, counted.checked) == (1, 2), "roles are read at the act too"


async def test_a_file_becomes_a_request_for_each_list_and_every_line_is_told(stage: ImportStage) -> None:
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(
            snapshot(stage.clock(), entry("known.example"), entry("off.example", action=Action.ALLOW))
        )
    content = (
        "indicator,comment\n"
        "evil.example,first\n"
        "https://evil.example/login,a page\n"
        "known.example,listed\n"
        "evil[.]example,again\n"
        "what is this,?\n"
        "=cmd|' /C calc'!A0,formula\n"
    )
    await stage.give(content=content.encode())
    await stage.run()
    [shown] = stage.told()
    assert "2 of 6 lines would be requested; 4 are set aside." in shown.text
    await stage.click(ask_for)
    await stage.run()
    requests = await stage.requests()
    assert [(request.list, request.total, request.status) for request in requests] == [
        (ListName.SENDER, 1, Status.PENDING),
        (ListName.URL, 1, Status.PENDING),
    ]
    [message, attached] = stage.told()
    assert "Import of `evil.csv`: 2 of 6 lines requested, 4 set aside." in message.text
    assert "#1" in message.text
    assert "2 lines (lines 6, 7): can't be read as an indicator" in message.text
    [text] = stage.files(DIRECT)
    assert attached.files
    found = {row["line"]: row for row in rows(text)}
    assert found["2"]["indicator"] == "evil.example"
    assert found["2"]["as typed"] == "evil.example,first"
    assert found["2"]["outcome"] == "requested in request 1"
    assert found["3"]["outcome"] == "requested in request 1", "people know all of it by one number"
    assert (found["4"]["outcome"], found["4"]["indicator"]) == ("set aside", "known.example")
    assert found["5"]["why"] == "It is the same as line 2."
    assert found["6"]["outcome"] == "set aside"
    assert found["7"]["as typed"].startswith("'="), "no spreadsheet program runs it"
    [first, second] = await stage.events(EventKind.IMPORT_READ)
    assert {first.request_id, second.request_id} == {1, 2}
    assert first.payload["source"] == {
        "by": "slack",
        "file": "evil.csv",
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
        "shown": 2,
    }
    assert first.payload["requested"] == 2
    assert stage.broken() == []


@sqlite_only
async def test_a_pasted_text_is_read_in_the_same_way(stage: ImportStage) -> None:
    await stage.brought_in("evil.example\n# nothing\n\n203.0.113.7\n")
    assert [(request.list, request.total) for request in await stage.requests()] == [
        (ListName.SENDER, 1),
        (ListName.CONNECTION_FILTER, 1),
    ]
    [message] = stage.told()
    assert "Your import: 2 of 2 lines requested" in message.text
    assert message.files == [], "a few lines, none of them set aside: the message says it all"


@sqlite_only
async def test_what_comes_twice_is_imported_once(stage: ImportStage) -> None:
    delivery = await stage.give("evil.example\n")
    await stage.give("evil.example\n", delivery=delivery)
    await stage.run()
    await stage.give("evil.example\n", delivery=delivery)
    await stage.run()
    await stage.click(ask_for)
    await stage.run()
    await stage.give("evil.example\n", delivery=delivery)
    await stage.run()
    assert len(await stage.requests()) == 1
    assert len(stage.told()) == 1
    assert len(await stage.events(EventKind.IMPORT_READ)) == 1


@pytest.mark.parametrize(
    ("method", "error", "times"),
    [
        (DOWNLOAD, "http_503", 2),
        ("chat.postMessage", "http_500", 1),
        ("chat.postMessage", "ratelimited", 1),
        ("chat.update", "http_500", 2),
        ("files.getUploadURLExternal", "http_500", 2),
        ("files.getUploadURLExternal", "drop_after", 1),
        ("files.completeUploadExternal", "drop_before", 1),
        ("files.completeUploadExternal", "drop_after", 1),
        ("files.completeUploadExternal", "internal_error", 1),
    ],
)
async def test_whatever_fails_on_the_way_doubles_nothing(
    stage: ImportStage, method: str, error: str, times: int
) -> None:
    stage.fault(method, error, times=times)
    await stage.brought_in(content=b"evil.example\nwhat is this\n")
    assert len(await stage.requests()) == 1
    assert len(await stage.events(EventKind.IMPORT_READ)) == 1
    [message, attached] = stage.told()
    assert "1 of 2 lines requested" in message.text
    assert [row["outcome"] for row in rows(stage.files(DIRECT)[0])] == ["requested in request 1", "set aside"]
    assert len(attached.files) == 1
    assert not stage.jobs.dead


class PowerCut(BaseException):
    """The process ends here: nothing catches it."""


async def until_it_is_cut(stage: ImportStage) -> None:
    """Do the jobs by which an import is requested, each after the other, until the process ends in one of them."""
    for kind in (JobKind.REQUEST_PREVIEW, JobKind.TELL_PREVIEW, JobKind.GIVE_OUTCOME):
        lane = JobLane(name=kind, kinds=((kind,),))
        async with stage.context.store.write() as uow:
            [job] = await uow.jobs.claim("one", stage.clock(), 30, 1, lane=lane)
        try:
            await stage.jobs.do(job)
        except PowerCut:
            return
        with suppress(LeaseLost):
            async with stage.context.store.write() as uow:
                await uow.jobs.finish(job)
    raise AssertionError("nothing was cut")


@pytest.mark.parametrize("after", ["propose", "log", "message", "send", "share", "finish"])
async def test_a_crash_after_any_step_is_made_good(
    stage: ImportStage, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot has moved on in between: what was requested before the crash is still what is told."""
    places = {
        "propose": ("bot.workflow.importing.importer.propose",),
        "log": ("bot.workflow.importing.importer._log",),
        "message": ("bot.slack.jobs.posting.call",),
        "send": ("bot.slack.jobs.files_once.files.send",),
        "share": ("bot.slack.jobs.files_once.files.share",),
        "finish": ("bot.slack.jobs.import_previews.finish",),
    }
    [place] = places[after]
    module, _, name = place.rpartition(".")
    from importlib import import_module  # noqa: PLC0415 — the place is the test's parameter

    owner = import_module("bot.slack.files") if ".files." in place else import_module(module)
    whole = getattr(owner, name)

    async def cut(*arguments: object, **named: object) -> object:
        await whole(*arguments, **named)
        raise PowerCut

    await stage.give("evil.example\nknown.example\nwhat is this\n")
    await stage.run()
    await stage.click(ask_for)
    monkeypatch.setattr(owner, name, cut)
    await until_it_is_cut(stage)
    monkeypatch.setattr(owner, name, whole)
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(snapshot(stage.clock(), entry("known.example"), entry("evil.example")))
        await uow.jobs.free()
    await stage.run_until_idle()
    [request] = await stage.requests()
    assert request.total == 2
    assert len(await stage.events(EventKind.IMPORT_READ)) == 1
    messages = [message for message in stage.told() if message.text.startswith("Your import")]
    assert len(messages) == 1
    [text] = stage.files(DIRECT)
    assert [row["outcome"] for row in rows(text)] == ["requested in request 1"] * 2 + ["set aside"]


@sqlite_only
async def test_who_may_not_propose_is_told_so_and_it_is_logged(stage: ImportStage) -> None:
    await stage.give("evil.example\n", who=VISITOR)
    await stage.run()
    assert await stage.requests() == []
    [message] = stage.told(VISITOR)
    assert "may not propose" in message.text
    assert len(await stage.events(EventKind.ACCESS_REFUSED)) == 1


@sqlite_only
async def test_somebody_who_was_taken_out_since_is_refused(stage: ImportStage) -> None:
    """Roles are those of the moment in which it is read, not those of the form."""
    await stage.give("evil.example\n", who="U0APPROVE2")
    stage.playground.slack.state.group_members["S0APPROVERS"] = ["U0APPROVE1"]
    stage.jobs.directory._entitled = {
        role: frozenset(user for user in ids if user != "U0APPROVE2")
        for role, ids in stage.jobs.directory._entitled.items()
    }
    await stage.run()
    assert await stage.requests() == []
    assert "may not propose" in stage.told("U0APPROVE2")[0].text


@sqlite_only
async def test_somebody_who_was_taken_out_while_their_file_was_fetched_is_refused(
    stage: ImportStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = files.download

    async def meanwhile(*args: Any, **options: Any) -> bytes:  # noqa: ANN401 - as they are
        content = await download(*args, **options)
        stage.jobs.directory._entitled = dict.fromkeys(stage.jobs.directory._entitled, frozenset[str]())
        return content

    monkeypatch.setattr(files, "download", meanwhile)
    await stage.give(content=b"evil.example\n")
    await stage.run()
    [message] = stage.told()
    assert "may not propose" in message.text
    async with stage.context.store.read() as uow:
        assert await uow.previews.open_of(REQUESTER) == []
    assert len(await stage.events(EventKind.ACCESS_REFUSED)) == 1


class Dying:
    """A process that dies over its first import."""

    def __init__(self) -> None:
        self._has_died = False

    async def read(self, order: ReadingOrder) -> ImportReading:
        if self._has_died:
            return order.carry_out()
        self._has_died = True
        raise ReadingFailed("The import could not be read: what reads it ended without an answer.", "Split it.")

    def close(self) -> None:
        pass


@sqlite_only
async def test_an_import_over_which_the_reader_dies_is_told_and_over(stage: ImportStage) -> None:
    object.__setattr__(stage.context, "reader", Dying())
    await stage.give(text="evil.example")
    await stage.run_until_idle()
    [message] = stage.told()
    assert "ended without an answer" in message.text
    assert "Split it." in message.text
    assert await stage.requests() == []


@sqlite_only
async def test_one_that_was_shown_can_be_asked_for_once_more_after_the_reader_died(stage: ImportStage) -> None:
    await stage.give(text="evil.example")
    await stage.run()
    object.__setattr__(stage.context, "reader", Dying())
    await stage.click(ask_for)
    await stage.run()
    assert any("ended without an answer" in message.text for message in stage.told())
    assert await stage.requests() == []
    await stage.click(ask_for)
    await stage.run()
    assert len(await stage.requests()) == 1


@sqlite_only
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00\x01\x02\x03", "isn't text"),
        (b"evil.example\n" * 10_002, "10,002 lines"),
        (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MiB"),
    ],
)
async def test_a_file_that_can_not_be_used_is_told_once(stage: ImportStage, content: bytes, words: str) -> None:
    await stage.give(content=content)
    await stage.run_until_idle()
    [message] = stage.told()
    assert words in message.text
    assert await stage.requests() == []
    assert await stage.events(EventKind.IMPORT_READ) == []


@sqlite_only
async def test_a_file_that_is_gone_is_told_once(stage: ImportStage) -> None:
    await stage.give(content=b"evil.example\n")
    for file in list(stage.playground.slack.state.files):
        stage.playground.slack.state.files.forget(file.id)
    await stage.run_until_idle()
    [message] = stage.told()
    assert "no longer in Slack" in message.text


@sqlite_only
async def test_a_text_with_nothing_in_it_is_told(stage: ImportStage) -> None:
    await stage.give("# only a comment\n\n")
    await stage.run()
    [message] = stage.told()
    assert "Nothing in it was to be read" in message.text


@sqlite_only
async def test_when_nothing_is_left_there_is_an_answer_and_no_request(stage: ImportStage) -> None:
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(snapshot(stage.clock(), entry("known.example")))
    await stage.give("known.example\nwhat is this\n")
    await stage.run()
    [message] = stage.told()
    assert "None of 2 lines can be requested." in message.text
    with pytest.raises(Conflict, match="Nothing of this import can be requested"):
        await stage.click(ask_for)
    await stage.run()
    assert await stage.requests() == []


@sqlite_only
async def test_a_list_that_is_refused_as_a_whole_costs_the_others_nothing(stage: ImportStage) -> None:
    """Extending IP allows is for people to look at one by one."""
    lists = snapshot(
        stage.clock(),
        *(entry(f"198.51.100.{number}", ListName.CONNECTION_FILTER, Action.ALLOW) for number in range(1, 150)),
        entry("partner.example", action=Action.ALLOW),
    )
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(lists)
    lines = [f"198.51.100.{number}" for number in range(1, 150)]
    await stage.brought_in("\n".join([*lines, "partner.example"]), what=(Operation.EXTEND, Action.ALLOW), end="7d")
    assert [(request.list, request.operation) for request in await stage.requests()] == [
        (ListName.SENDER, Operation.EXTEND)
    ]
    found = rows(stage.files(DIRECT)[0])
    assert [row["outcome"] for row in found] == ["set aside"] * 149 + ["requested in request 1"]
    assert all(row["why"] for row in found[:-1])


@sqlite_only
async def test_removals_are_imported_too(stage: ImportStage) -> None:
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(snapshot(stage.clock(), entry("known.example")))
    await stage.brought_in("known.example\nunknown.example\n", what=(Operation.REMOVE, Action.BLOCK), end="")
    [request] = await stage.requests()
    assert (request.operation, [item.value for item in request.items]) == (Operation.REMOVE, ["known.example"])
    [_, second] = rows(stage.files(DIRECT)[0])
    assert second["outcome"] == "set aside"


@sqlite_only
async def test_somebody_who_cannot_be_written_to_has_their_request_all_the_same(stage: ImportStage) -> None:
    await stage.give("evil.example\nwhat is this\n")
    await stage.run_until_idle()
    await stage.click(ask_for)
    stage.fault("chat.postMessage", "user_disabled", times=2)
    stage.fault("chat.update", "user_disabled", times=2)
    await stage.run_until_idle()
    assert len(await stage.requests()) == 1
    assert not stage.jobs.dead


@sqlite_only
async def test_without_the_scope_for_files_the_operator_hears_of_it(stage: ImportStage) -> None:
    stage.fault("files.getUploadURLExternal", "missing_scope")
    await stage.brought_in("evil.example\nwhat is this\n")
    [message] = stage.told()
    assert "1 of 2 lines requested" in message.text
    alerts = stage.playground.slack.state.conversations.find(ALERTS)
    assert alerts is not None
    assert "files:write" in alerts.messages[0].text


@sqlite_only
@pytest.mark.parametrize("fails", ["download", "show", "file", "lists"])
async def test_an_import_that_is_given_up_is_told_to_the_person(
    store: Store, clock: Clock, fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unread(_snapshots: Snapshots) -> Snapshot | None:
        raise StoreError("The database can't be read.")

    method, kind, words = {
        "download": (DOWNLOAD, READ_IMPORT, "nothing was requested"),
        "show": ("chat.postMessage", JobKind.TELL_PREVIEW, "could not be shown, and nothing was requested"),
        "file": ("files.getUploadURLExternal", JobKind.GIVE_OUTCOME, "was requested (#1)"),
        "lists": ("", JobKind.REQUEST_PREVIEW, "could not be requested"),
    }[fails]
    async with open_import_stage(store, clock, max_attempts=2) as stage:
        if fails in {"download", "show"}:
            stage.fault(method, "http_500", times=2 if fails == "show" else 9)
            await stage.give(content=b"evil.example\nwhat is this\n")
        else:
            await stage.give(content=b"evil.example\nwhat is this\n")
            await stage.run()
            await stage.click(ask_for)
            if fails == "lists":
                monkeypatch.setattr(Snapshots, "load", unread)
            else:
                stage.fault(method, "http_500", times=9)
        await stage.run_until_idle()
        assert stage.jobs.dead[0].kind == kind
        assert any(words in message.text for message in stage.told())
        async with store.read() as uow:
            left = [preview.state for preview in await uow.previews.open_of(REQUESTER)]
        assert left == {"download": [], "show": ["open"], "file": [], "lists": ["open"]}[fails]


class CutOff:
    """A job whose first attempt does all that it does, and whose end isn't recorded."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.ran = 0

    async def __call__(self, job: Job) -> None:
        self.ran += 1
        await self._handler(job)
        if self.ran == 1:
            raise StoreError("The process ended here.")


def cut_off(stage: ImportStage, kind: str, monkeypatch: pytest.MonkeyPatch) -> CutOff:
    handlers = stage.jobs.worker._handlers
    monkeypatch.setattr(stage.jobs.worker, "_handlers", {**handlers, kind: (cut := CutOff(handlers[kind]))})
    return cut


@sqlite_only
@pytest.mark.parametrize("is_given_up", [False, True])
async def test_what_was_opened_before_the_process_ended_is_not_refused_by_the_next_attempt(
    stage: ImportStage, is_given_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.give("evil.example\n")
    cut = cut_off(stage, READ_IMPORT, monkeypatch)
    await stage.run()
    entitled = stage.jobs.directory._entitled
    stage.jobs.directory._entitled = dict.fromkeys(entitled, frozenset[str]())
    if is_given_up:
        monkeypatch.setattr(stage.jobs.worker, "_max_attempts", 1)
    await stage.later(60)
    stage.jobs.directory._entitled = entitled
    await stage.run_until_idle()
    assert cut.ran == (1 if is_given_up else 2)
    [message] = stage.told()
    assert "1 of 1 line would be requested" in message.text
    assert len(stage.jobs.dead) == is_given_up


@sqlite_only
async def test_what_was_requested_before_the_process_ended_is_told_as_such_to_who_may_not_any_more(
    stage: ImportStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut(*_: object, **__: object) -> None:
        raise StoreError("The database is away.")

    await stage.give("evil.example\nhttps://worse.example/a\n")
    await stage.run()
    await stage.click(ask_for)
    with monkeypatch.context() as failing:
        failing.setattr("bot.slack.jobs.import_previews.finish", cut)
        await stage.run()
    assert [request.proposal_id for request in await stage.requests()] == [1, 1], "one proposal about two lists"
    stage.jobs.directory._entitled = dict.fromkeys(stage.jobs.directory._entitled, frozenset[str]())
    await stage.run_until_idle()
    assert any("was requested (#1)" in message.text for message in stage.told())
    assert not any("nothing was requested" in message.text for message in stage.told())


@sqlite_only
async def test_that_a_file_is_refused_is_told_to_the_operator_once(
    stage: ImportStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the process ends before that is recorded."""
    await stage.give("evil.example\nwhat is this\n")
    await stage.run()
    await stage.click(ask_for)
    stage.fault("files.getUploadURLExternal", "missing_scope", times=10)
    cut = cut_off(stage, JobKind.GIVE_OUTCOME, monkeypatch)
    await stage.run_until_idle()
    assert cut.ran == 1
    alerts = stage.messages(ALERTS)
    assert len([message for message in alerts if "files:write" in message.text]) == 1
