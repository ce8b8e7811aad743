"""One reference from a delivery to the calls to the tenant, and all of it found by that."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bot.domain.requests.request import Status
from bot.reference import reference_of
from bot.slack.delivery_keys import delivery_key
from bot.workflow.asking.trace import trace_reference, trace_request
from tests.integration.whole_bot import WholeBot, click_on_card, open_whole_bot
from tests.support.installation import APPROVER, GENERAL, REQUESTER


@pytest.fixture
async def bot(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WholeBot]:
    async with open_whole_bot(database_url, monkeypatch) as whole:
        yield whole


async def deliver(bot: WholeBot, body: dict[str, Any]) -> str:
    """Have something delivered; the reference of all that comes of it."""
    await bot.portcullis.slack.async_dispatch(AsyncBoltRequest(body=json.dumps(body)))
    return reference_of(delivery_key(body))


async def test_a_click_and_the_calls_that_come_of_it_have_one_reference(bot: WholeBot) -> None:
    typed = {
        "command": "/block",
        "text": "evil.example 30d Phishing wave",
        "team_id": bot.playground.workspace.team_id,
        "channel_id": GENERAL,
        "user_id": REQUESTER,
        "user_name": "somebody",
        "trigger_id": secrets.token_hex(8),
        "response_url": "",
    }
    with capture_logs(processors=(merge_contextvars,)) as logged:
        proposed = await deliver(bot, typed)
        await bot.run()
        approved = await deliver(bot, click_on_card(bot, "Approve", who=APPROVER))
        await bot.run()
    [request] = await bot.requests()
    assert request.status is Status.APPLIED
    written = [line for line in logged if line["event"] == "tenant call" and line["write"]]
    assert written
    assert {line["reference"] for line in written} == {approved}
    async with bot.store.read() as uow:
        found = await trace_reference(uow, approved)
        whole = await trace_request(uow, request.id)
    kinds = {event.kind: found.references.get(event.seq) for event in found.events}
    assert kinds["request.proposed"] == proposed
    assert kinds["request.approved"] == approved
    assert kinds["item.applied"] == approved
    assert [each.id for each in found.requests] == [request.id]
    assert {event.seq for event in whole.events} <= {event.seq for event in found.events}
    assert {job.reference for job in whole.jobs} <= {proposed, approved}
