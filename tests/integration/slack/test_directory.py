"""Who is who: user ids and groups, read at each act, and nothing guessed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest
from starlette.responses import Response

from bot.domain.requests.people import Right, Role
from bot.errors import SlackError
from bot.slack.client import web_client
from bot.slack.directory import Directory
from tests.support.scripted_slack import ScriptedSlack, ok, raw, refused, scripted_slack

LIST = "usergroups.users.list"


@pytest.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    async with scripted_slack() as running:
        yield running


def directory(slack: ScriptedSlack, *, requesters: str = "", approvers: str = "", auditors: str = "") -> Directory:
    return Directory(
        web_client("token", api_url=slack.api_url, context=ssl.create_default_context()),
        requesters=requesters.split(),
        approvers=approvers.split(),
        auditors=auditors.split(),
    )


async def test_user_ids_need_no_call(slack: ScriptedSlack) -> None:
    people = directory(slack, requesters="U0ONE1 U0TWO2", approvers="U0TWO2", auditors="U0ONE1")
    assert (await people.person("U0ONE1")).roles == {Role.REQUESTER, Role.AUDITOR}
    assert (await people.person("U0TWO2")).roles == {Role.REQUESTER, Role.APPROVER}
    assert (await people.person("U0OTHER")).roles == frozenset()
    assert slack.asked == []


async def test_ids_and_groups_may_be_mixed(slack: ScriptedSlack) -> None:
    slack.answers[LIST] = ok(users=["U0TWO2", "U0THREE3"])
    people = directory(slack, requesters="U0ONE1 S0GROUP", approvers="U0FOUR4", auditors="S0GROUP")
    assert (await people.person("U0ONE1")).roles == {Role.REQUESTER}
    assert (await people.person("U0TWO2")).roles == {Role.REQUESTER, Role.AUDITOR}
    assert (await people.person("U0FOUR4")).roles == {Role.APPROVER}


async def test_a_group_is_read_each_time_and_a_removed_member_loses_the_role_at_once(slack: ScriptedSlack) -> None:
    people = directory(slack, approvers="S0GROUP")
    slack.queue(LIST, ok(users=["U0ONE1"]), ok(users=[]), ok(users=["U0ONE1"]))
    assert (await people.person("U0ONE1")).has(Right.REVIEW)
    assert not (await people.person("U0ONE1")).has(Right.REVIEW)
    assert (await people.person("U0ONE1")).has(Right.REVIEW)
    assert slack.count(LIST) == 3


async def test_people_who_act_in_the_same_moment_share_one_reading(slack: ScriptedSlack) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def slow() -> Response:
        asked.set()
        await go.wait()
        return ok(users=["U0ONE1", "U0TWO2"])

    slack.answers[LIST] = slow
    people = directory(slack, approvers="S0GROUP")
    first = asyncio.create_task(people.person("U0ONE1"))
    await asked.wait()
    others = [asyncio.create_task(people.person(user)) for user in ("U0TWO2", "U0OTHER", "U0ONE1")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()  # whoever gave up takes nobody else's reading along
    go.set()
    found = await asyncio.gather(*others)
    assert [person.has(Right.REVIEW) for person in found] == [True, False, True]
    assert slack.count(LIST) == 1


@pytest.mark.parametrize(
    "answer",
    [
        refused("missing_scope"),
        refused("no_such_subteam"),
        refused("ratelimited", status=429),
        ok(),
        ok(users="U0ONE1"),
        raw("<html>", content_type="text/html"),
    ],
    ids=["missing_scope", "no_such_subteam", "ratelimited", "no users", "a text for users", "html"],
)
async def test_a_group_that_cannot_be_read_entitles_nobody_and_says_why(slack: ScriptedSlack, answer: Response) -> None:
    slack.answers[LIST] = answer
    people = directory(slack, requesters="U0ONE1", approvers="U0TWO2 S0GROUP")
    known = await people.person("U0ONE1")
    known.require(Right.PROPOSE)
    with pytest.raises(SlackError):
        known.require(Right.REVIEW)
    with pytest.raises(SlackError):
        (await people.person("U0OTHER")).require(Right.CHECK)
    (await people.person("U0TWO2")).require(Right.REVIEW)


async def test_one_group_that_cannot_be_read_takes_nothing_from_another(slack: ScriptedSlack) -> None:
    people = directory(slack, requesters="S0BROKEN", approvers="S0GROUP")
    slack.queue(LIST, refused("no_such_subteam"), ok(users=["U0ONE1"]))
    both = [await people.person("U0ONE1")]
    slack.queue(LIST, ok(users=["U0ONE1"]), refused("no_such_subteam"))
    both.append(await people.person("U0ONE1"))
    assert [person.doubt is not None for person in both] == [True, True]
    assert sorted(role for person in both for role in person.roles) == [Role.APPROVER, Role.REQUESTER]


async def test_a_groups_own_id_is_nobody(slack: ScriptedSlack) -> None:
    slack.answers[LIST] = ok(users=[])
    assert (await directory(slack, approvers="S0GROUP").person("S0GROUP")).roles == frozenset()
    assert (await directory(slack, approvers="S0GROUP").person("")).roles == frozenset()
