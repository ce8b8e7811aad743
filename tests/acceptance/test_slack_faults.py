"""Slack on a bad day: the card comes, tells the truth wherever it stands, and nobody is left without a word."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.playground.page_client import PageClient, buttons, shown
from bot.playground.slack.conversations import Conversation
from tests.acceptance.steps import (
    cards,
    changes,
    count_events,
    defanged,
    idle,
    installation,
    propose,
    slack_fault,
)
from tests.support.installation import ALERTS, APPROVALS, APPROVER, DIRECT, REQUESTER, Installation

POST = "chat.postMessage"


@pytest.fixture(scope="module", params=["socket-sqlite"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(request.param, request=request, folder=tmp_path_factory.mktemp("slack")) as here:
        yield here


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        yield client
        await idle(client, here)
        assert await client.violations() == []


def approvals(here: Installation) -> Conversation:
    """The approval channel itself, for what only an admin of the workspace can do to it."""
    conversation = here.playground.slack.state.conversations.find(APPROVALS)
    assert conversation is not None
    return conversation


@pytest.mark.parametrize("error", ["ratelimited", "drop_before"])
async def test_a_card_that_slack_does_not_take_comes_later_and_once(
    page: PageClient, here: Installation, name: str, error: str
) -> None:
    await slack_fault(page, POST, error, times=2)
    assert (await page.type(REQUESTER, f"/block {name} 30d Phishing wave"))["problem"] is None
    await idle(page, here)
    assert len(await cards(page, name)) == 1
    copies = [text for message in await page.messages(REQUESTER, DIRECT) if defanged(name) in (text := shown(message))]
    assert len(copies) == 1


async def test_a_card_whose_answer_was_lost_is_found_and_decides(
    page: PageClient, here: Installation, name: str
) -> None:
    await slack_fault(page, POST, "drop_after", channel=APPROVALS)
    card = await propose(page, name)
    await idle(page, here)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied and confirmed")
    assert len(await cards(page, name)) == 1
    assert await count_events(here, name, "request.approved") == 1
    assert len(await changes(page, name)) == 1


async def test_a_deleted_card_is_posted_again(page: PageClient, here: Installation, name: str) -> None:
    card = await propose(page, name)
    await idle(page, here)
    first = approvals(here).message(card["ts"])
    assert first is not None
    approvals(here).remove(first)
    copy = await page.message(REQUESTER, DIRECT, defanged(name), "Waits for approval")
    await page.click(REQUESTER, DIRECT, copy, "Withdraw")
    again = await page.message(APPROVER, APPROVALS, defanged(name), "Withdrawn", after=card["ts"])
    assert [button.text for button in buttons(again)] == ["Details"]


async def test_a_requester_who_cannot_be_written_to_holds_nothing_up(
    page: PageClient, here: Installation, name: str
) -> None:
    await slack_fault(page, POST, "messages_tab_disabled", channel=REQUESTER)
    card = await propose(page, name)
    await idle(page, here)
    await slack_fault(page, POST, "messages_tab_disabled", channel=REQUESTER)
    await page.deny(APPROVER, APPROVALS, card)
    await page.message(APPROVER, APPROVALS, defanged(name), "Denied")


async def test_an_archived_channel_is_an_alert_at_once_and_the_card_comes_when_it_is_back(
    page: PageClient, here: Installation, name: str
) -> None:
    await page.post("/api/archive", {"channel": APPROVALS})
    try:
        typed = await page.type(REQUESTER, f"/block {name} 30d Phishing wave")
        assert typed["problem"] is None
        await page.message(APPROVER, ALERTS, "Slack refuses the card", "is_archived")
        await page.message(REQUESTER, DIRECT, defanged(name), "Waits for approval")
        assert await cards(page, name) == []
    finally:
        approvals(here).archived = False
    card = await page.message(APPROVER, APPROVALS, defanged(name), "Waits for approval")
    assert "Approve" in [button.text for button in buttons(card)]


@pytest.mark.parametrize(("error", "times"), [("http_500", 4), ("unanswered", 1)])
async def test_it_hears_again_after_a_refresh_whose_handshake_failed(
    page: PageClient, here: Installation, name: str, error: str, times: int
) -> None:
    slack = here.playground.slack
    await slack_fault(page, "socket", error, times=times)
    await page.post("/api/socket/disconnect", {"reason": "refresh_requested"})
    assert slack.connections == 0

    async def connected() -> bool | None:
        return (slack.connections > 0 and not slack.state.faults.are_left("socket")) or None

    await page.until("another connection", connected)
    await propose(page, name)
    await idle(page, here)
    assert len(await cards(page, name)) == 1
