"""Several approved in one form that takes longer than it may: a job does the rest, each once, and tells of all once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.request import Status
from bot.domain.telling.parts_facts import parts_facts
from bot.errors import StoreError
from bot.slack.jobs.late_decisions import FINISH_DECISION, WAITS
from bot.slack.listeners import deliveries
from bot.slack.listeners import together as listener
from bot.slack.modals import together_form
from bot.workflow.asking.waiting_together import waiting_together
from bot.workflow.requesting import together as workflow
from bot.workflow.requesting.together import remember_together
from bot.workflow.shared.context import Context
from tests.integration.whole_bot import WholeBot, open_whole_bot
from tests.support import people
from tests.support.installation import APPROVER

HERS = f"D{APPROVER[1:]}"
GIVEN_UP = "Approved: #3. Whatever else you ticked was not approved by this form: Your decision did not count"


@pytest.fixture
async def bot(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WholeBot]:
    # What is left for the job is what a test says, however slow the machine.
    monkeypatch.setattr(listener, "WITHIN", 60)
    monkeypatch.setattr(deliveries, "ANSWERED_WITHIN", 90)
    async with open_whole_bot(database_url, monkeypatch) as opened:
        yield opened


async def ticked(bot: WholeBot) -> dict[str, Any]:
    """The form about three proposals, as it is delivered with all of them ticked."""
    for value in ("first.example", "second.example", "third.example"):
        await bot.proposed(value)
    found = await waiting_together(bot.portcullis.context, actor=people.APPROVER, delivery="opens")
    await remember_together(bot.portcullis.context, found.together, "V1", actor=people.APPROVER, beside=found.beside)
    form = together_form.build([parts_facts(parts) for parts in found.together]).to_dict()
    boxes = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    values = {name: {box["action_id"]: {"selected_options": box["options"]}} for name, box in boxes.items()}
    return {
        "type": "view_submission",
        "team": {"id": bot.playground.workspace.team_id},
        "user": {"id": APPROVER},
        "trigger_id": "1.2.3",
        "view": {**form, "id": "V1", "state": {"values": values}},
    }


async def sent(bot: WholeBot, body: dict[str, Any]) -> dict[str, Any]:
    answer = await bot.portcullis.slack.async_dispatch(AsyncBoltRequest(body=json.dumps(body)))
    assert answer.status == 200
    return json.loads(answer.body)


async def reviewed(bot: WholeBot) -> list[int | None]:
    return sorted(event.request_id or 0 for event in await bot.events(EventKind.REQUEST_REVIEWED))


def fails_at(monkeypatch: pytest.MonkeyPatch, number: int, error: Exception) -> None:
    """The approval of one of them fails."""
    review = workflow.review

    async def failing(context: Context, **how: Any) -> object:  # noqa: ANN401 - as `review` takes it
        if how["request_id"] == number:
            raise error
        return await review(context, **how)

    monkeypatch.setattr(workflow, "review", failing)


async def test_what_there_is_no_time_for_is_approved_by_a_job_and_told_once(
    bot: WholeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = await ticked(bot)
    monkeypatch.setattr(listener, "WITHIN", 0)
    assert await sent(bot, body) == {"response_action": "clear"}
    assert await reviewed(bot) == []
    assert await sent(bot, body) == {"response_action": "clear"}, "Slack delivers it again"
    assert len(await bot.waiting(FINISH_DECISION)) == 1
    await bot.run()
    assert await reviewed(bot) == [1, 2, 3]
    assert bot.said(HERS).count("Approved: #1, #2, #3.") == 1


async def test_the_first_count_at_once_and_the_rest_once_when_the_database_fails_in_between(
    bot: WholeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = await ticked(bot)
    with monkeypatch.context() as broken:
        fails_at(broken, 2, StoreError("The database is away."))
        assert await sent(bot, body) == {"response_action": "clear"}
    assert await reviewed(bot) == [3]
    await bot.run()
    assert await reviewed(bot) == [1, 2, 3]
    assert bot.said(HERS).count("Approved: #1, #2, #3.") == 1


async def test_each_of_the_rest_is_held_to_what_the_form_showed(bot: WholeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    body = await ticked(bot)
    monkeypatch.setattr(listener, "WITHIN", 0)
    await sent(bot, body)
    async with bot.store.write() as uow:
        await uow.audit.append(
            EventKind.REQUEST_ASKED, actor="U0SECOND11", request_id=2, at=bot.portcullis.context.now(), payload={}
        )
    await bot.run()
    assert await reviewed(bot) == [1, 3]
    said = bot.said(HERS)
    assert "Approved: #1, #3. Not approved by you: This doesn't show #2 as it stands now" in said
    assert "else you ticked" not in said, "what the form came to is all there is to say"


async def test_what_they_have_approved_meanwhile_is_said_and_no_refusal(
    bot: WholeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = await ticked(bot)
    monkeypatch.setattr(listener, "WITHIN", 0)
    await sent(bot, body)
    monkeypatch.setattr(listener, "WITHIN", 60)
    values = body["view"]["state"]["values"]
    await sent(bot, {**body, "view": {**body["view"], "state": {"values": {"approve2": values["approve2"]}}}})
    await bot.run()
    assert await reviewed(bot) == [1, 2, 3]
    assert "Approved: #1, #3. You approved #2 already." in bot.said(HERS)
    assert "Not approved" not in bot.said(HERS)


async def test_given_up_it_names_those_that_count(bot: WholeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    body = await ticked(bot)
    fails_at(monkeypatch, 2, StoreError("The database is away."))
    await sent(bot, body)
    [job] = await bot.waiting(FINISH_DECISION)
    await bot.make_due(job, attempts=1_000)
    await bot.run()
    assert (
        "Approved: #3. Whatever else you ticked was not approved by this form: Your decision did not count"
        in bot.said(HERS)
    )


async def test_too_late_it_names_those_that_count(bot: WholeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    body = await ticked(bot)
    with monkeypatch.context() as broken:
        fails_at(broken, 2, StoreError("The database is away."))
        await sent(bot, body)
    later = bot.portcullis.context.now() + 2 * WAITS
    monkeypatch.setattr(bot.store, "clock", lambda: later)
    await bot.run()
    assert await reviewed(bot) == [3]
    assert (
        "Approved: #3. Whatever else you ticked was not approved by this form: Your decision did not count"
        in bot.said(HERS)
    )
    assert {(await bot.request(each)).status for each in await bot.requests()} >= {Status.PENDING}
