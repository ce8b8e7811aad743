"""One workspace of an Enterprise organization, for which the app is installed as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.playground.page_client import PageClient
from tests.acceptance.steps import defanged, installation, listed, propose
from tests.support.installation import APPROVALS, APPROVER, REQUESTER, SECOND, Installation, installed_workspace


@pytest.fixture(scope="module", params=["http-sqlite", "socket-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    workspace = installed_workspace(enterprise_id="E0PLAYGROUND", granted=(("T0SALES", "Sales"),))
    folder = tmp_path_factory.mktemp("organization")
    with installation(request.param, request=request, folder=folder, workspace=workspace) as here:
        yield here


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page(patience=60) as client:
        yield client
        assert await client.violations() == []


async def test_a_block_is_requested_approved_and_applied(page: PageClient, name: str) -> None:
    """Clicks and forms don't name the workspace there, and user groups have to be asked for by it."""
    card = await propose(page, name)
    await page.deny(APPROVER, APPROVALS, card)
    await page.message(APPROVER, APPROVALS, defanged(name), "Denied")
    card = await propose(page, f"other-{name}")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, defanged(f"other-{name}"), "Applied")
    assert await listed(page, f"other-{name}") == 1


async def test_a_workflow_proposes_and_two_approve(page: PageClient, name: str) -> None:
    inputs = {"indicators": name, "reason": "Phishing wave"}
    answer = await page.post("/api/steps", {"as": REQUESTER, "callback_id": "propose_block", "inputs": inputs})
    assert answer["problem"] is None
    card = await page.message(APPROVER, APPROVALS, defanged(name), "0 of 2 approvals")
    await page.approve(APPROVER, APPROVALS, card)
    card = await page.message(SECOND, APPROVALS, defanged(name), "1 of 2 approvals")
    await page.approve(SECOND, APPROVALS, card)
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied")


async def test_that_the_token_reaches_others_is_in_the_log(here: Installation) -> None:
    written = await asyncio.to_thread(here.log.read_text)
    assert "the bot token reaches workspaces that are not served" in written
