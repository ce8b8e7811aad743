"""Several proposals approved in one form: each as by a click of its own, in the version that the form shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import Action
from bot.domain.requests.people import Person
from bot.domain.requests.request import Request, Status
from bot.slack.block_kit.ids import ActionId
from bot.slack.listeners.doubts import became
from tests.integration.slack.harness import APPROVER, REQUESTER, VISITOR, Bot
from tests.support import people
from tests.support.proposing import drafted, propose_all
from tests.support.requests_made import newest_requests

SECOND = "U0SECOND11"


async def proposed(bot: Bot, *values: str, who: Person = people.REQUESTER) -> None:
    for value in values:
        await propose_all(bot.context, actor=who, proposals=drafted(bot.context, value))


async def requests(bot: Bot) -> dict[int, Request]:
    async with bot.store.read() as uow:
        return {each.id: await uow.requests.get(each.id) for each in await newest_requests(uow)}


async def opened(bot: Bot, *, who: str = APPROVER) -> dict[str, Any]:
    """The form that the button opens, with the id that Slack gave it."""
    await bot.click(ActionId.DECIDE_SEVERAL, "-", who=who)
    body = [body for method, _, body in bot.slack.asked if method == "views.open"][-1]
    return {**json.loads(body)["view"], "id": "V1"}


def ticked(form: dict[str, Any], *numbers: int) -> dict[str, Any]:
    """The form as it is sent with these boxes ticked."""
    boxes = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    values = {
        name: {box["action_id"]: {"selected_options": box["options"] if name in _names(numbers) else []}}
        for name, box in boxes.items()
    }
    return {**form, "state": {"values": values}}


def _names(numbers: tuple[int, ...]) -> set[str]:
    return {f"approve{number}" for number in numbers}


async def test_each_that_is_ticked_is_approved_with_events_of_its_own(bot: Bot) -> None:
    await proposed(bot, "one.example", "two.example", "three.example")
    form = await opened(bot)
    shown = json.dumps(form)
    assert all(f"{name}[.]example" in shown for name in ("one", "two", "three"))
    assert "Phishing wave" in shown
    answer = await bot.submit(ticked(form, 1, 3), who=APPROVER)
    assert answer.json() == {"response_action": "clear"}
    assert {number: each.status for number, each in (await requests(bot)).items()} == {
        1: Status.APPROVED,
        2: Status.PENDING,
        3: Status.APPROVED,
    }
    async with bot.store.read() as uow:
        kinds = [(step.kind, step.actor) for step in await uow.audit.steps(3)]
    assert (EventKind.REQUEST_REVIEWED, APPROVER) in kinds
    await bot.submit(ticked(form, 1, 3), who=APPROVER)  # Slack delivers it again
    assert len((await requests(bot))[1].reviews) == 1


async def test_what_has_changed_since_is_told_and_the_others_are_approved(bot: Bot) -> None:
    await proposed(bot, "one.example", "two.example")
    form = await opened(bot)
    async with bot.store.write() as uow:
        await uow.audit.append(EventKind.REQUEST_ASKED, actor=SECOND, request_id=1, at=bot.context.now(), payload={})
    answer = (await bot.submit(ticked(form, 1, 2), who=APPROVER)).text
    assert "Approved: #2." in answer
    assert "Not approved by you: This doesn't show #1 as it stands now" in answer
    assert {number: each.status for number, each in (await requests(bot)).items()} == {
        1: Status.PENDING,
        2: Status.APPROVED,
    }


async def test_what_they_have_approved_by_another_click_is_no_refusal(bot: Bot) -> None:
    await proposed(bot, "one.example", "two.example", "three.example")
    form = await opened(bot)
    await bot.submit(ticked(form, 1), who=APPROVER)
    for _ in range(2):  # Slack delivers it again
        assert (await bot.submit(ticked(form, 1, 2), who=APPROVER)).json() == {"response_action": "clear"}
    assert {number: each.status for number, each in (await requests(bot)).items()} == {
        1: Status.APPROVED,
        2: Status.APPROVED,
        3: Status.PENDING,
    }


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"counted": True}, "Of what you ticked #1 was approved after all, and nothing else."),
        ({"what": "#1 is denied already.", "remedy": ""}, "Nothing of what you ticked was approved. #1 is denied"),
        (None, ""),
    ],
)
async def test_what_became_of_the_first_says_nothing_of_the_others(
    bot: Bot, answer: dict[str, Any] | None, told: str
) -> None:
    """Nobody could tell whether it was recorded, and the database took nothing of the rest."""
    async with bot.store.write() as uow:
        if answer is not None:
            await uow.deliveries.first_time("sent:1")
            await uow.deliveries.answer("sent:1", answer)
    async with bot.store.write() as uow:
        message = await became(uow, "sent:1", "sent")
    assert (message.text if message is not None else "").startswith(told)
    assert (message is None) is (answer is None)


async def test_one_s_own_is_not_there_and_what_lets_strangers_in_stands_apart(bot: Bot) -> None:
    await proposed(bot, "one.example")
    await proposed(bot, "own.example", who=people.APPROVER)
    grave = drafted(bot.context, "203.0.113.7", action=Action.ALLOW, end="3d", acknowledged=True)
    await propose_all(bot.context, actor=people.REQUESTER, proposals=grave)
    form = await opened(bot)
    boxes = [block["block_id"] for block in form["blocks"] if block["type"] == "input"]
    assert boxes == ["approve1"]
    assert "own[.]example" not in json.dumps(form)
    assert "Decided apart" in json.dumps(form)
    forged = ticked(form)
    shown = f"3.{(await requests(bot))[3].version}"
    forged["private_metadata"] = json.dumps([shown])
    forged["state"]["values"]["approve3"] = {"value": {"selected_options": [{"value": shown}]}}
    await bot.submit(forged, who=APPROVER)
    assert {each.status for each in (await requests(bot)).values()} == {Status.PENDING}


async def test_a_form_of_somebody_else_approves_nothing(bot: Bot) -> None:
    await proposed(bot, "one.example", "two.example")
    form = await opened(bot)
    for who in (REQUESTER, VISITOR):
        await bot.submit(ticked(form, 1, 2), who=who)
    await bot.submit({**ticked(form, 1, 2), "id": "V2"}, who=APPROVER)
    assert {each.status for each in (await requests(bot)).values()} == {Status.PENDING}


async def test_without_a_tick_the_form_says_so(bot: Bot) -> None:
    await proposed(bot, "one.example", "two.example")
    answer = await bot.submit(ticked(await opened(bot)), who=APPROVER)
    assert answer.json()["response_action"] == "errors"


async def test_the_button_stands_where_several_wait_for_an_approver(bot: Bot) -> None:
    await proposed(bot, "one.example")
    assert ActionId.DECIDE_SEVERAL not in (await bot.command("/requests", who=APPROVER)).text
    await proposed(bot, "two.example")
    for command in ("/requests", "/portcullis"):
        for who, has in ((APPROVER, True), (REQUESTER, False)):
            assert (ActionId.DECIDE_SEVERAL in (await bot.command(command, who=who)).text) is has
