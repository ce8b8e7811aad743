"""SQL changes a request past the running bot: nothing of it is sent, people are told, and a verification names it."""

# ruff: noqa: S608 - tampering is what these statements are for

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from bot.domain.requests.request import Request, Status
from bot.playground.page_client import Json, PageClient
from bot.store import Store
from bot.workflow.shared.jobs import apply_soon
from tests.acceptance.steps import count_events, defanged, idle, installation, only_request, propose, requests_for
from tests.support.installation import ALERTS, APPROVALS, APPROVER, DIRECT, REQUESTER, SECOND, Installation
from tests.support.tampering import run_raw

NOTHING_SENT = "Nothing was sent: the database says otherwise of it than the log."


@pytest.fixture(scope="module", params=["http-sqlite", "socket-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(request.param, request=request, folder=tmp_path_factory.mktemp("tampering")) as here:
        yield here


def forged_review(request: Request, who: str) -> str:
    return (
        "INSERT INTO reviews (tenant_id, request_id, reviewer, decision, comment, at) "
        f"SELECT tenant_id, id, '{who}', 'approve', '', created_at FROM requests WHERE id = {request.id}"
    )


async def have_applied(here: Installation, request: Request) -> None:
    """Queue the job that an approval would have queued."""
    store = Store(here.database_url, tenant_id=here.playground.environment()["PORTCULLIS_TENANT_ID"])
    async with store.write() as uow:
        await apply_soon(uow, request.id)
    await store.close()


def found(here: Installation, request: Request) -> tuple[int, set[str]]:
    """How `audit verify` ends, and what it names about a request."""
    verified = here.command("audit", "verify", "--json")
    named = json.loads(verified.stdout)["requests"]
    return verified.returncode, {each["about"] for each in named if each["request_id"] == request.id}


async def writes(page: PageClient) -> list[str]:
    """The calls that came to the tenant and weren't readings."""
    calls = await page.get("/api/tenant/calls")
    return [call["cmdlet"] for call in calls if call["cmdlet"] and not call["cmdlet"].startswith("Get-")]


@asynccontextmanager
async def nothing_goes_out(page: PageClient, here: Installation, request: Request) -> AsyncIterator[None]:
    """Nothing comes to the tenant of what is done to a request, and everybody who has to do with it is told."""
    before, lists = await writes(page), await page.lists()
    yield
    await page.message(APPROVER, ALERTS, f"The database contradicts the log about #{request.id}", "audit verify")
    await page.message(APPROVER, APPROVALS, f"#{request.id}", NOTHING_SENT)
    await page.message(REQUESTER, DIRECT, NOTHING_SENT)
    await idle(page, here)
    assert await writes(page) == before
    assert await page.lists() == lists


async def ip_allow(page: PageClient, address: str) -> Json:
    """A pending IP allow; its card."""
    await page.type(REQUESTER, f"/allow {address} 7d Scanner at the head office")
    form = await page.view(REQUESTER)
    assert (await page.submit(REQUESTER, form, {"acknowledged": ["acknowledged"]}))["errors"] is None
    return await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "0 of 2")


async def test_a_pending_block_made_an_approved_allow(page: PageClient, here: Installation, name: str) -> None:
    await propose(page, name)
    await idle(page, here)
    request = await only_request(here, name)
    assert found(here, request)[1] == set()
    async with nothing_goes_out(page, here, request):
        made = f"UPDATE requests SET status = 'approved', action = 'allow' WHERE id = {request.id}"
        await run_raw(here.database_url, made, forged_review(request, APPROVER))
        await have_applied(here, request)
    assert (await only_request(here, name)).status is Status.FAILED
    assert await count_events(here, name, "request.contradicted") == 1
    code, about = found(here, request)
    assert code == 1
    assert about >= {"action", "reviews"}


async def test_another_value_is_approved_by_nobody(page: PageClient, here: Installation, name: str) -> None:
    """It is put in the place of one that waits; the approver clicks on the card, which shows the one before."""
    card = await propose(page, name)
    await idle(page, here)
    request = await only_request(here, name)
    other = f"other-{name}"
    async with nothing_goes_out(page, here, request):
        await run_raw(here.database_url, f"UPDATE items SET value = '{other}' WHERE request_id = {request.id}")
        await page.approve(APPROVER, APPROVALS, card)
    [failed] = await requests_for(here, other)
    assert failed.status is Status.FAILED
    assert found(here, request) == (1, {"items"})


async def test_a_forged_review_is_no_second_approval(page: PageClient, here: Installation, address: str) -> None:
    card = await ip_allow(page, address)
    await idle(page, here)
    request = await only_request(here, address)
    async with nothing_goes_out(page, here, request):
        await page.click(APPROVER, APPROVALS, card, "Approve")
        form = await page.view(APPROVER)
        # From here on: before it opens, it is found as well.
        await run_raw(here.database_url, forged_review(request, SECOND))
        assert (await page.submit(APPROVER, form, {}))["errors"] is None
    assert (await only_request(here, address)).status is Status.FAILED
    code, about = found(here, request)
    assert code == 1
    assert "reviews" in about
