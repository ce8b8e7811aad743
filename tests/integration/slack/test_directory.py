"""Who is who: user ids and groups, and nothing guessed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import pytest
from starlette.responses import Response

from bot.domain.requests.people import Right, Role
from bot.errors import SlackError
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.store import Store
from bot.tls import outside_context
from tests.support.scripted_slack import ScriptedSlack, ok, raw, refused, scripted_slack

LIST = "usergroups.users.list"
NO_HURRY = 20  # seconds: whether it is fast enough isn't what these tests are about
#: For what no waiting mends.
SOON = 1.0


@pytest.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    async with scripted_slack() as running:
        yield running


class People(Protocol):
    def __call__(self, *, requesters: str = "", approvers: str = "", auditors: str = "") -> Directory: ...


@pytest.fixture
def directory(slack: ScriptedSlack, store: Store) -> People:
    def named(*, requesters: str = "", approvers: str = "", auditors: str = "") -> Directory:
        return Directory(
            web_client("token", api_url=slack.api_url, context=outside_context()),
            store=store,
            requesters=requesters.split(),
            approvers=approvers.split(),
            auditors=auditors.split(),
        )

    return named


async def test_user_ids_need_no_call(slack: ScriptedSlack, directory: People) -> None:
    people = directory(requesters="U0ONE1 U0TWO2", approvers="U0TWO2", auditors="U0ONE1")
    assert (await people.person("U0ONE1", within=NO_HURRY)).roles == {Role.REQUESTER, Role.AUDITOR}
    assert (await people.person("U0TWO2", within=NO_HURRY)).roles == {Role.REQUESTER, Role.APPROVER}
    assert (await people.person("U0OTHER", within=NO_HURRY)).roles == frozenset()
    assert slack.asked == []


async def test_ids_and_groups_may_be_mixed(slack: ScriptedSlack, directory: People) -> None:
    slack.answers[LIST] = ok(users=["U0TWO2", "U0THREE3"])
    people = directory(requesters="U0ONE1 S0GROUP", approvers="U0FOUR4", auditors="S0GROUP")
    assert (await people.person("U0ONE1", within=NO_HURRY)).roles == {Role.REQUESTER}
    assert (await people.person("U0TWO2", within=NO_HURRY)).roles == {Role.REQUESTER, Role.AUDITOR}
    assert (await people.person("U0FOUR4", within=NO_HURRY)).roles == {Role.APPROVER}


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
async def test_a_group_that_cannot_be_read_entitles_nobody_and_says_why(
    slack: ScriptedSlack, directory: People, answer: Response
) -> None:
    slack.answers[LIST] = answer
    people = directory(requesters="U0ONE1", approvers="U0TWO2 S0GROUP")
    known = await people.person("U0ONE1", within=SOON)
    known.require(Right.PROPOSE)
    with pytest.raises(SlackError):
        known.require(Right.REVIEW)
    with pytest.raises(SlackError):
        (await people.person("U0OTHER", within=SOON)).require(Right.CHECK)
    (await people.person("U0TWO2", within=SOON)).require(Right.REVIEW)


async def test_one_group_that_cannot_be_read_takes_nothing_from_another(
    slack: ScriptedSlack, directory: People
) -> None:
    people = directory(requesters="S0BROKEN", approvers="S0GROUP")
    slack.queue(LIST, refused("no_such_subteam"), ok(users=["U0ONE1"]))
    person = await people.person("U0ONE1", within=NO_HURRY)
    assert person.doubt is not None
    assert len(person.roles) == 1


def by_rules(slack: ScriptedSlack, store: Store, *, decide: str = "", propose: str = "") -> Directory:
    return Directory(
        web_client("token", api_url=slack.api_url, context=outside_context()),
        store=store,
        requesters=["U0TWO2"],
        approvers=["U0ONE1"],
        auditors=[],
        decide_by_rules=decide.split(),
        propose_by_rules=propose.split(),
    )


async def test_the_groups_of_rules_are_told_of_who_has_a_role(slack: ScriptedSlack, store: Store) -> None:
    slack.answers[LIST] = ok(users=["U0ONE1", "U0OTHER"])
    people = by_rules(slack, store, decide="S0NETWORK U0ONE1", propose="S0SOC")
    assert (await people.person("U0ONE1", within=NO_HURRY)).groups == {"S0NETWORK", "S0SOC"}
    assert (await people.person("U0TWO2", within=NO_HURRY)).groups == frozenset()
    nobody = await people.person("U0OTHER", within=NO_HURRY)
    assert (nobody.roles, nobody.groups) == (frozenset(), frozenset())
    assert {user: person.groups for user, person in (await people.approvers()).items()} == {"U0ONE1": {"S0NETWORK"}}


async def test_for_a_decision_only_groups_that_decide_are_read_and_after_the_click(
    slack: ScriptedSlack, store: Store
) -> None:
    slack.answers[LIST] = ok(users=["U0ONE1"])
    people = by_rules(slack, store, decide="S0NETWORK", propose="S0SOC")
    await people.prepare()
    before = len(slack.asked)
    person = await people.person("U0ONE1", since=asyncio.get_running_loop().time(), within=NO_HURRY)
    assert person.groups == {"S0NETWORK"}
    assert len(slack.asked) == before + 1


async def test_a_group_of_a_rule_that_cannot_be_read_takes_no_role(slack: ScriptedSlack, store: Store) -> None:
    slack.answers[LIST] = refused("no_such_subteam")
    person = await by_rules(slack, store, decide="S0NETWORK").person("U0ONE1", within=SOON)
    assert (person.roles, person.groups, set(person.unread)) == ({Role.APPROVER}, frozenset(), {"S0NETWORK"})


async def test_a_groups_own_id_is_nobody(slack: ScriptedSlack, directory: People) -> None:
    slack.answers[LIST] = ok(users=[])
    assert (await directory(approvers="S0GROUP").person("S0GROUP", within=NO_HURRY)).roles == frozenset()
    assert (await directory(approvers="S0GROUP").person("", within=NO_HURRY)).roles == frozenset()
