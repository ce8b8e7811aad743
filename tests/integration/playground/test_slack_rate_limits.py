"""How often the stand-in takes a call, when that is switched on; and how it tells of a group that has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.playground.slack import UserGroup, Workspace
from bot.playground.slack.event_payloads import MOST_USERS
from bot.playground.slack.rate_limits import A_WINDOW, BURST, TIERS, UNLIMITED
from bot.playground.slack.web_api import METHODS
from bot.playground.slack.workspace import Person
from tests.integration.playground.slack_stage import APPROVALS, APPROVER, GENERAL, QUIET, REQUESTER, Stage, open_stage

LIST, POST = "usergroups.users.list", "chat.postMessage"
GROUP = {"usergroup": "S0APPROVERS"}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        stage.playground.slack.state.limits.on = True
        yield stage


async def call(stage: Stage, method: str, **arguments: str) -> httpx.Response:
    token = stage.playground.workspace.credentials.bot_token
    return await stage.page.post(f"/slack/api/{method}", data=arguments, headers={"Authorization": f"Bearer {token}"})


async def taken(stage: Stage, method: str, times: int, **arguments: str) -> int:
    """How many of so many calls were taken before one was too many."""
    answers = [await call(stage, method, **arguments) for _ in range(times)]
    return sum(answer.status_code == 200 for answer in answers)


def test_each_method_has_its_tier() -> None:
    assert METHODS.keys() == TIERS.keys() | UNLIMITED | {POST}
    assert A_WINDOW == {1: 1, 2: 20, 3: 50, 4: 100}


async def test_nothing_is_limited_unless_somebody_says_so() -> None:
    async with open_stage() as stage:
        assert await taken(stage, LIST, 30, **GROUP) == 30


async def test_a_method_of_tier_two_is_taken_twenty_times_a_minute(stage: Stage) -> None:
    assert await taken(stage, LIST, 30, **GROUP) == 20
    stage.clock.advance(20)
    limited = await call(stage, LIST, **GROUP)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "40")
    assert limited.json() == {"ok": False, "error": "ratelimited"}
    assert (await call(stage, "users.info", user=REQUESTER)).status_code == 200, "each method by itself"
    stage.clock.advance(40)
    assert await taken(stage, LIST, 30, **GROUP) == 20
    assert await stage.broken() == []


async def test_a_channel_takes_a_message_a_second_after_a_burst(stage: Stage) -> None:
    message = {"text": "A card", **{name: str(value).lower() for name, value in QUIET.items()}}
    assert await taken(stage, POST, BURST + 3, channel=APPROVALS, **message) == BURST
    assert await taken(stage, POST, 1, channel=GENERAL, **message) == 1, "each channel by itself"
    stage.clock.advance(1)
    assert await taken(stage, POST, 2, channel=APPROVALS, **message) == 1


async def change(stage: Stage, *members: str, **more: object) -> list[dict[str, Any]]:
    await stage.page.post("/slack/api/auth.test", headers=_token(stage))  # the bot shows itself
    await stage.post("/api/groups", id="S0APPROVERS", members=list(members), **more)
    return stage.bot.payloads


def _token(stage: Stage) -> dict[str, str]:
    return {"Authorization": f"Bearer {stage.playground.workspace.credentials.bot_token}"}


async def test_a_changed_group_is_told_as_slack_tells_it(stage: Stage) -> None:
    told = await change(stage, APPROVER, REQUESTER)
    assert [payload["event"]["type"] for payload in told] == ["subteam_members_changed", "subteam_updated"]
    assert {payload["type"] for payload in told} == {"event_callback"}
    delta, whole = (payload["event"] for payload in told)
    assert (delta["subteam_id"], delta["added_users"], delta["removed_users"]) == (
        "S0APPROVERS",
        [REQUESTER],
        ["U0APPROVE2"],
    )
    assert (whole["subteam"]["id"], whole["subteam"]["users"]) == ("S0APPROVERS", [APPROVER, REQUESTER])
    headers, body = stage.bot.requests[-1]
    assert headers["content-type"] == "application/json"
    assert body.startswith(b"{")


async def test_events_can_get_lost(stage: Stage) -> None:
    assert await change(stage, APPROVER, told=False) == []
    assert stage.playground.slack.state.group_members["S0APPROVERS"] == [APPROVER]


async def test_an_event_is_not_told_to_an_app_that_has_not_asked_for_it() -> None:
    async with open_stage(workspace=replace(Workspace(), events=frozenset({"subteam_members_changed"}))) as stage:
        assert len(await change(stage, APPROVER)) == 1


async def test_a_large_group_is_cut_off_in_the_event() -> None:
    people = tuple(Person(id=f"U0MANY{number:04}", name="Somebody") for number in range(MOST_USERS + 1))
    group = UserGroup(id="S0APPROVERS", handle="many", name="Many", members=())
    workspace = replace(Workspace().with_extra_people(people), user_groups=(group,))
    async with open_stage(workspace=workspace) as stage:
        told = await change(stage, *(person.id for person in people))
    subteam = told[-1]["event"]["subteam"]
    assert (len(subteam["users"]), subteam["user_count"]) == (MOST_USERS, MOST_USERS + 1)
