"""Who may do what, while Slack limits how often it is asked: many people work, and who has left decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.requests.request import Status
from bot.playground.page_client import Json, PageClient
from bot.playground.slack.rate_limits import A_WINDOW
from bot.playground.slack.workspace import Person, UserGroup
from tests.acceptance.steps import count_events, defanged, installation, only_request, slack_fault, status
from tests.support.installation import APPROVALS, APPROVER, DIRECT, GENERAL, SECOND, Installation, installed_workspace

LIST, LIMIT = "usergroups.users.list", A_WINDOW[2]
APPROVERS, REQUESTERS = "S0APPROVERS", "S0REQUESTERS"
PEOPLE = tuple(Person(id=f"U0PEOPLE{number:02}", name=f"Requester {number}") for number in range(50))


@pytest.fixture(scope="module", params=["socket-sqlite", "http-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Fifty people who may propose by their group, and a Slack that limits."""
    members = tuple(person.id for person in PEOPLE)
    group = UserGroup(id=REQUESTERS, handle="mail-requesters", name="Mail requesters", members=members)
    usual = installed_workspace().with_extra_people(PEOPLE)
    workspace = replace(usual, user_groups=(*usual.user_groups, group), requesters=(REQUESTERS,))
    folder = tmp_path_factory.mktemp("roles")
    with installation(request.param, request=request, folder=folder, workspace=workspace, limits=True) as opened:
        yield opened


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        await client.post("/api/groups", {"id": APPROVERS, "members": [APPROVER, SECOND]})
        yield client
        assert await client.violations() == []


async def asked(page: PageClient) -> list[Json]:
    """The questions for the members of a group."""
    return [call for call in (await page.get("/api/calls"))["calls"] if call["method"] == LIST]


async def test_fifty_people_type_two_hundred_commands_in_a_minute(page: PageClient, here: Installation) -> None:
    before = len(await asked(page))
    turns = asyncio.Semaphore(8)

    async def typed(number: int) -> str | None:
        who = PEOPLE[number % len(PEOPLE)].id
        text = ("/check evil.example", "/requests mine", "/check 203.0.113.7", f"/block crowd{number}.example Phishing")
        async with turns:
            answer = await page.type(who, text[number % 4], channel=GENERAL)
        problem: str | None = answer["problem"]
        return problem

    assert set(await asyncio.gather(*map(typed, range(200)))) == {None}
    said = {message["text"] for who in PEOPLE for message in await page.messages(who.id, GENERAL)}
    assert not [text for text in said if "can't be read" in text or "may not" in text]
    assert await count_events(here, "crowd3.example", "request.proposed") == 1
    calls = (await asked(page))[before:]
    assert len(calls) <= LIMIT / 2
    assert {call["status"] for call in calls} <= {200}


async def waiting_card(page: PageClient, name: str, *, who: str = PEOPLE[0].id) -> Json:
    answer = await page.type(who, f"/block {name} 30d Phishing wave")
    assert answer["problem"] is None
    return await page.message(APPROVER, APPROVALS, defanged(name), "Waits for approval")


@pytest.mark.parametrize("told", [True, False], ids=["told", "the event is lost"])
async def test_who_was_taken_out_cannot_decide_from_the_next_click_on(
    page: PageClient, here: Installation, name: str, told: bool
) -> None:
    # A minute in which nobody is asked for who is in a group: Slack has forgotten what was asked before.
    here.playground.slack.state.clock.advance(60)
    here.skip(timedelta(minutes=1))
    card = await waiting_card(page, name)
    await page.post("/api/groups", {"id": APPROVERS, "members": [SECOND], "told": told})
    clicked = await page.click(APPROVER, APPROVALS, card, "Approve")
    assert clicked["problem"] is None
    await page.message(APPROVER, APPROVALS, "Only approvers decide on requests", after=card["ts"])
    assert (await only_request(here, name)).status is Status.PENDING
    assert await count_events(here, name, "request.reviewed") == 0
    await page.click(SECOND, APPROVALS, card, "Approve")
    await status(page, here, name, Status.APPLIED)


async def test_who_was_taken_out_has_no_ordinary_right_either_once_slack_tells(page: PageClient) -> None:
    who = PEOPLE[-1].id
    members = [person.id for person in PEOPLE]
    assert (await page.type(who, "/requests mine"))["problem"] is None
    await page.post("/api/groups", {"id": REQUESTERS, "members": members[:-1]})
    await page.type(who, "/requests mine")
    await page.message(who, GENERAL, "You may not see requests")
    await page.post("/api/groups", {"id": REQUESTERS, "members": members})


async def test_decisions_while_slack_limits_wait_their_turn_and_none_is_lost(
    page: PageClient, here: Installation, name: str
) -> None:
    names = [f"turn{number}-{name}" for number in range(4)]
    cards = [await waiting_card(page, each) for each in names]
    await slack_fault(page, LIST, "ratelimited", retry_after=3)
    for card in cards:
        await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, "Your decision is kept", after=cards[-1]["ts"])
    for each in names:
        await status(page, here, each, Status.APPLIED)
        assert await count_events(here, each, "request.reviewed") == 1
    await page.message(APPROVER, DIRECT, "has counted now")
