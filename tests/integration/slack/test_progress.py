"""While a large request is being sent, its copies show how far it has come, and not more often than people can read."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.requests.request import Request, Status
from bot.slack.jobs import poster
from bot.slack.jobs.notifier import TOGETHER_WITHIN
from bot.store import Store
from bot.workflow.shared.jobs import notify
from tests.integration.databases import Clock
from tests.integration.slack.import_stage import ImportStage, open_import_stage
from tests.support.installation import APPROVALS

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
async def stage(store: Store, clock: Clock) -> AsyncIterator[ImportStage]:
    async with open_import_stage(store, clock) as opened:
        yield opened


async def applying(stage: ImportStage) -> Request:
    """A request of 60 items that a worker has begun to send."""
    await stage.brought_in("".join(f"h{number}.example\n" for number in range(60)))
    [request] = await stage.requests()
    async with stage.context.store.write() as uow:
        await uow.requests.move(request.id, expected=Status.PENDING, to=Status.APPROVED)
        await uow.requests.move(request.id, expected=Status.APPROVED, to=Status.APPLYING)
    return request


async def sent(stage: ImportStage, request: Request, count: int) -> int:
    """So many are sent, and people are told; how often Slack was asked to change a message."""
    calls = stage.playground.slack.state.ledger.calls
    before = sum(call.method == "chat.update" for call in calls)
    async with stage.context.store.write() as uow:
        await uow.requests.set_sent(request.id, count)
        await notify(uow, request.id)
    await stage.run()
    stage.clock.now += TOGETHER_WITHIN  # the requester's copy follows a moment later
    await stage.run()
    return sum(call.method == "chat.update" for call in calls) - before


def card(stage: ImportStage) -> str:
    conversation = stage.playground.slack.state.conversations.find(APPROVALS)
    assert conversation is not None
    return conversation.messages[0].text


async def test_the_copies_show_progress_now_and_then(stage: ImportStage, monkeypatch: pytest.MonkeyPatch) -> None:
    request = await applying(stage)
    monkeypatch.setattr(poster, "PROGRESS_EVERY", 3600.0)
    assert await sent(stage, request, 20) == 2, "the card and the requester's copy"
    assert "20 of 60 sent" in card(stage)
    assert await sent(stage, request, 40) == 0, "a moment later nobody has read it yet"
    assert "20 of 60 sent" in card(stage)
    monkeypatch.setattr(poster, "PROGRESS_EVERY", 0.0)
    assert await sent(stage, request, 45) == 2
    assert "45 of 60 sent" in card(stage)
    assert await sent(stage, request, 45) == 0, "nothing new to show"


async def test_the_end_is_shown_at_once(stage: ImportStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poster, "PROGRESS_EVERY", 3600.0)
    request = await applying(stage)
    assert await sent(stage, request, 20) == 2
    async with stage.context.store.write() as uow:
        await uow.requests.move(request.id, expected=Status.APPLYING, to=Status.FAILED, failure="The list is full.")
        await uow.audit.append(EventKind.REQUEST_FAILED, actor=PORTCULLIS, request_id=request.id, at=stage.clock())
    assert await sent(stage, request, 60) == 2
    assert "Failed" in card(stage)
