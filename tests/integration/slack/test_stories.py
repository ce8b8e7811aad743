"""The story of a request, below its card and to the requester: each step is told, whatever became of those before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.budgets import BudgetsInMemory
from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.requests.request import Decision, Request
from bot.slack.jobs.card_keeper import CardKeeper
from bot.slack.pace import RATES, UPDATE
from bot.store import Store
from bot.workflow.requesting.asking_back import ask
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import notify
from tests.integration.databases import Clock
from tests.integration.slack.import_stage import ImportStage, open_import_stage
from tests.support.deciding import decide_on, take_back
from tests.support.installation import APPROVALS
from tests.support.jobs import Jobs, nothing
from tests.support.people import APPROVER

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

DIRECT = "D0REQUEST1"
ENDED, GONE = "Ended", "No longer in effect"


@pytest.fixture
async def stage(store: Store, clock: Clock) -> AsyncIterator[ImportStage]:
    async with open_import_stage(store, clock) as opened:
        yield opened


async def happens(stage: ImportStage, request: Request, kind: EventKind) -> None:
    """A step of a request, and all that is told of it."""
    async with stage.context.store.write() as uow:
        await uow.audit.append(
            kind, actor=PORTCULLIS, target=request.items[0].value, request_id=request.id, at=stage.context.now()
        )
        await notify(uow, request.id)
    await stage.run_until_idle()


def told(stage: ImportStage, channel: str) -> list[str]:
    return [message.text for message in stage.messages(channel)]


@pytest.mark.parametrize("channel", [APPROVALS, DIRECT])
async def test_what_follows_a_step_whose_answers_were_lost_is_told(stage: ImportStage, channel: str) -> None:
    """Slack says nothing of the first, twice, and lets nobody look. The second is news all the same."""
    await stage.brought_in("a.example\n")
    [request] = await stage.requests()
    for method in ("conversations.history", "conversations.replies"):
        stage.fault(method, "missing_scope", times=99)
    stage.fault("chat.postMessage", "drop_before", times=99)
    await happens(stage, request, EventKind.ITEM_EXPIRED)
    stage.playground.slack.state.faults.clear()
    for _ in range(2):
        await happens(stage, request, EventKind.ITEM_MISSING)
    [line] = [text for text in told(stage, channel) if GONE in text]
    assert ENDED not in line


async def test_what_happens_while_a_card_is_on_its_way_is_told_below_it(
    stage: ImportStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever would tell it finds no card yet, and leaves it to the job that posts one."""
    await stage.brought_in("a.example\n")
    [request] = await stage.requests()
    keep = CardKeeper.keep

    async def slowly(*args: object) -> None:
        await keep(*args)  # type: ignore[arg-type]
        async with stage.context.store.write() as uow:
            await uow.audit.append(
                EventKind.ITEM_MISSING,
                actor=PORTCULLIS,
                target=request.items[0].value,
                request_id=request.id,
                at=stage.context.now(),
            )

    monkeypatch.setattr(CardKeeper, "keep", slowly)
    async with stage.context.store.write() as uow:
        await notify(uow, request.id)
    await stage.run_until_idle()
    assert [text for text in told(stage, APPROVALS) if GONE in text]


async def test_a_copy_that_waits_for_its_turn_keeps_no_news_from_the_requester(stage: ImportStage) -> None:
    """Updates are counted for the whole workspace, messages for each channel and person."""
    await stage.brought_in("a.example\n")
    [request] = await stage.requests()
    budgets = BudgetsInMemory()
    await budgets.hold_back(f"slack:{UPDATE}", RATES[UPDATE], 3600)
    stage.jobs = Jobs(replace(stage.context, budgets=budgets), stage.playground, instead={JobKind.WATCH: nothing})
    await happens(stage, request, EventKind.ITEM_MISSING)
    assert [text for text in told(stage, DIRECT) if GONE in text]


async def test_a_copy_that_slack_refuses_keeps_no_news_from_the_requester(stage: ImportStage) -> None:
    await stage.brought_in("a.example\n")
    [request] = await stage.requests()
    stage.fault("chat.update", "not_in_any_list_of_ours", times=99)
    await happens(stage, request, EventKind.ITEM_MISSING)
    assert len([text for text in told(stage, DIRECT) if GONE in text]) == 1


@pytest.mark.parametrize("lost", ["drop_after", "drop_before"])
@pytest.mark.parametrize("channel", [APPROVALS, DIRECT])
async def test_news_that_grows_while_an_answer_is_lost_is_told_once(
    stage: ImportStage, channel: str, lost: str
) -> None:
    await stage.brought_in("a.example\n")
    [request] = await stage.requests()
    stage.fault("chat.postMessage", lost, times=2)
    for _ in range(2):
        async with stage.context.store.write() as uow:
            await uow.audit.append(
                EventKind.SUBMISSION_RESULT,
                actor=PORTCULLIS,
                target=request.items[0].value,
                request_id=request.id,
                at=stage.context.now(),
            )
            await notify(uow, request.id)
        await stage.run()
    await stage.run_until_idle()
    assert len([text for text in told(stage, channel) if "Heard from Microsoft" in text]) == 1
    await happens(stage, request, EventKind.SUBMISSION_RESULT)
    assert len([text for text in told(stage, channel) if "Heard from Microsoft" in text]) == 2, "more is news"


async def asked(stage: ImportStage, request: Request, *, lost: str) -> None:
    """An approver asks something, and the answers to what tells it are lost."""
    stage.fault("chat.postMessage", lost, times=2)
    await ask(stage.context, actor=APPROVER, request_id=request.id, text="Whose is it?", delivery="asked")
    await stage.run()


async def on_record(stage: ImportStage, request: Request) -> set[tuple[str, str]]:
    async with stage.context.store.read() as uow:
        return {(message.channel, message.ts) for message in await uow.messages.of_request(request.id)}


@pytest.mark.parametrize("lost", ["drop_after", "drop_before"])
@pytest.mark.parametrize("is_withdrawn", [True, False])
async def test_what_was_overtaken_while_its_answer_was_lost_stands_on_record_or_not_at_all(
    stage: ImportStage, is_withdrawn: bool, lost: str
) -> None:
    """A question needs no answer once the request is over: no message is left that asks it."""
    await stage.brought_in("a.example\n")
    [request] = await stage.requests()
    await asked(stage, request, lost=lost)
    if is_withdrawn:
        await take_back(stage.context, request.id)
    else:
        await decide_on(stage.context, request, Decision.DENY)
    await stage.run_until_idle()
    about = [
        (channel, message)
        for channel in (APPROVALS, DIRECT)
        for message in stage.messages(channel)
        if "Whose is it?" in message.text or "Withdrawn" in message.text
    ]
    assert {(channel, message.ts) for channel, message in about} <= await on_record(stage, request)
    assert not [block for _, message in about for block in message.blocks if "Answer" in str(block.get("elements"))]
    questions = [message.text for channel, message in about if channel == DIRECT and not message.text.startswith("#")]
    assert len(questions) == (lost == "drop_after" and is_withdrawn), "of a denial they are told instead"
    assert all("needs no answer any more" in text for text in questions)


@pytest.mark.parametrize("lost", ["drop_after", "drop_before"])
async def test_what_was_told_along_with_what_was_overtaken_is_told_once(stage: ImportStage, lost: str) -> None:
    await stage.brought_in("a.example\n")
    [request] = await stage.requests()
    async with stage.context.store.write() as uow:
        missing = {"actor": PORTCULLIS, "target": request.items[0].value, "request_id": request.id}
        question = {"number": 1, "question": "Whose is it?"}
        await uow.audit.append(
            EventKind.REQUEST_ASKED, **{**missing, "actor": APPROVER.user_id}, payload=question, at=stage.context.now()
        )
        await uow.audit.append(EventKind.ITEM_MISSING, **missing, at=stage.context.now())
        await notify(uow, request.id)
    stage.fault("chat.postMessage", lost, times=2)
    await stage.run()
    await take_back(stage.context, request.id)
    await stage.run_until_idle()
    for channel in (APPROVALS, DIRECT):
        assert len([text for text in told(stage, channel) if GONE in text]) == 1
    below = [message for message in stage.messages(APPROVALS) if message.thread_ts]
    assert {(APPROVALS, message.ts) for message in below} <= await on_record(stage, request)


async def test_news_that_nobody_can_look_for_keeps_no_news_from_anybody(stage: ImportStage) -> None:
    """Twice nobody knows whether the first stands: it is taken to, and what came since is told by itself."""
    await stage.brought_in("a.example\n")
    [request] = await stage.requests()
    for method in ("conversations.history", "conversations.replies"):
        stage.fault(method, "missing_scope", times=99)
    stage.fault("chat.postMessage", "drop_before", times=4)
    for _ in range(2):
        await happens(stage, request, EventKind.SUBMISSION_RESULT)
    for channel in (APPROVALS, DIRECT):
        assert len([text for text in told(stage, channel) if "Heard from Microsoft" in text]) == 1
