"""Cards that were posted and that no bot knows of: a click on one decides nothing, and takes its buttons away."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.slack.block_kit.ids import Carried
from tests.chaos.approvals import Breach
from tests.chaos.found import Found, Shown
from tests.chaos.hands import buttons
from tests.chaos.invariants import live_buttons, strays
from tests.chaos.place import APPROVERS, Place
from tests.chaos.waiting import comes_true
from tests.support.installation import APPROVALS

#: How long the buttons may take to go, in seconds.
_WITHIN = 10.0


async def click_strays(place: Place, found: Found) -> tuple[int, list[Breach]]:
    """Click every stray that has a button which decides; how many were retired by it, and what is left of the others.

    They are no breach by that alone: a bot that was killed before it knew that Slack took its message can't always find
    it. They must not stay, and no click on them may decide.
    """
    live = [(stray, live[0]) for stray in strays(found) if (live := live_buttons(stray))]
    gone = await asyncio.gather(*(_goes(place, stray, button) for stray, button in live))
    kept = [
        Breach(kind="a stray keeps its buttons after a click", what=f"request {stray.request_id}: {stray.name}")
        for (stray, _), is_gone in zip(live, gone, strict=True)
        if not is_gone
    ]
    return sum(gone), kept


async def _goes(place: Place, stray: Shown, action: str) -> bool:
    """Click as somebody who may; whether the buttons go."""
    slack = place.playground.slack
    button, block_id = buttons(stray.message.blocks, action)[0]
    who = _whose(place, stray, button["value"])
    place.reach_a_bot()
    await slack.interactions.click_in_message(
        user_id=who, channel_id=stray.channel, ts=stray.message.ts, block_id=block_id, action_id=action
    )
    conversation = slack.state.conversations.find(stray.channel)
    assert conversation is not None

    def gone() -> bool:
        now = conversation.message(stray.message.ts)
        return now is None or not live_buttons(replace(stray, message=now))

    return await comes_true(gone, within=_WITHIN)


def _whose(place: Place, stray: Shown, value: str) -> str:
    if stray.channel == APPROVALS:
        return APPROVERS[0]
    assert Carried.read(value) is not None
    return next(person.id for person in place.playground.workspace.people if f"D{person.id[1:]}" == stray.channel)
