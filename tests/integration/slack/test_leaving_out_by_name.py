"""Of more lines than a form has boxes for, an approver names those that they leave out: in full, or told where.

Of fewer they untick them, and not all.
"""

from __future__ import annotations

import json
from typing import Any

from bot.domain.requests.request import ItemState, Status
from bot.slack.block_kit.ids import ActionId
from bot.slack.modals.approval_form import FIRST_BOXES, NAMES, NOTHING_LEFT
from tests.integration.slack.harness import APPROVER, Bot
from tests.support import people
from tests.support.proposing import drafted, propose_all


async def opened(bot: Bot, lines: int = 101) -> dict[str, Any]:
    """The form of a proposal of so many lines, as Approve some… on its card opens it."""
    many = drafted(bot.context, *(f"evil{number}.example" for number in range(lines)))
    await propose_all(bot.context, actor=people.REQUESTER, proposals=many, most=1_000)
    await bot.click_on(ActionId.APPROVE_SOME, 1)
    [body] = [body for method, _, body in bot.slack.asked if method == "views.open"]
    return {**json.loads(body)["view"], "id": "V1"}


def naming(form: dict[str, Any], text: str) -> dict[str, Any]:
    return {**form, "state": {"values": {NAMES: {"value": {"type": "plain_text_input", "value": text}}}}}


async def test_a_piece_is_told_where_it_stands_and_a_line_in_full_is_left_out(bot: Bot) -> None:
    form = await opened(bot)
    answer = (await bot.submit(naming(form, "evil10"), who=APPROVER)).json()
    assert "evil100[.]example" in answer["errors"][NAMES]
    answer = (await bot.submit(naming(form, "evil100[.]example\nevil7.example"), who=APPROVER)).json()
    assert answer == {"response_action": "clear"}
    async with bot.store.read() as uow:
        request = await uow.requests.get(1)
    left = {item.value for item in request.items if item.state is ItemState.LEFT_OUT}
    assert (request.status, left) == (Status.APPROVED, {"evil100.example", "evil7.example"})


async def test_where_nothing_stays_ticked_the_form_stays_and_says_so(bot: Bot) -> None:
    form = await opened(bot, lines=2)
    [boxes] = [block for block in form["blocks"] if block.get("block_id") == FIRST_BOXES]
    for ticked, answered in (([], {FIRST_BOXES: NOTHING_LEFT}), (boxes["element"]["options"][:1], None)):
        state = {"values": {FIRST_BOXES: {"value": {"type": "checkboxes", "selected_options": ticked}}}}
        answer = (await bot.submit({**form, "state": state}, who=APPROVER)).json()
        assert answer.get("errors") == answered
    async with bot.store.read() as uow:
        request = await uow.requests.get(1)
    left = [item.value for item in request.items if item.state is ItemState.LEFT_OUT]
    assert (request.status, left) == (Status.APPROVED, ["evil1.example"])
