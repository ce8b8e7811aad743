"""The step of Workflow Builder with the real bot: over HTTP and Socket Mode, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio

from bot.playground.page_client import Json, PageClient, buttons, shown
from tests.acceptance.steps import count_events, defanged, idle, listed, requests_for
from tests.support.installation import APPROVALS, APPROVER, DIRECT, REQUESTER, SECOND, VISITOR, Installation

STEP = "propose_block"


async def run_step(page: PageClient, indicators: str, *, who: str = REQUESTER, reason: str = "Phishing wave") -> str:
    """Run a workflow of the step; what names the delivery."""
    inputs = {"indicators": indicators, "reason": reason, "lasts": "30d"}
    answer = await page.post("/api/steps", {"as": who, "callback_id": STEP, "inputs": inputs})
    assert answer["problem"] is None
    return str(answer["delivery_id"])


async def ended(page: PageClient, runs: int) -> Json:
    """The newest run, once so many have been and it is over."""

    async def look() -> Json | None:
        found: list[Json] = (await page.get("/api/steps"))["runs"]
        return found[-1] if len(found) >= runs and found[-1]["status"] != "running" else None

    return await page.until("the end of the step", look)


async def so_far(page: PageClient) -> int:
    return len((await page.get("/api/steps"))["runs"])


def outputs(run: Json) -> dict[str, str]:
    return {each["name"]: each["value"] for each in run["outputs"]}


async def test_a_workflow_proposes_two_approve_and_the_tenant_blocks(
    page: PageClient, here: Installation, name: str
) -> None:
    before = await so_far(page)
    await run_step(page, name)
    card = await page.message(APPROVER, APPROVALS, defanged(name), "0 of 2 approvals")
    assert "A workflow in Slack proposed this" in shown(card)
    run = await ended(page, before + 1)
    [request] = await requests_for(here, name)
    told = outputs(run)
    assert (run["status"], told["proposal"]) == ("completed", f"#{request.proposal_id}")
    assert f"/archives/{APPROVALS}/p{card['ts'].replace('.', '')}" in told["card"]
    copy = await page.message(REQUESTER, DIRECT, defanged(name))
    assert "Withdraw" in [button.text for button in buttons(copy)], "who started it hears of it, and can take it back"
    await page.approve(APPROVER, APPROVALS, card)
    card = await page.message(APPROVER, APPROVALS, defanged(name), "1 of 2 approvals")
    assert await listed(page, name) == 0
    await page.approve(SECOND, APPROVALS, card)
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied")
    assert await listed(page, name) == 1


async def test_delivered_again_and_again_it_is_one_request(page: PageClient, here: Installation, name: str) -> None:
    before = await so_far(page)
    delivery = await run_step(page, name)
    await asyncio.gather(*(page.post("/api/redeliver", {"delivery_id": delivery}) for _ in range(3)))
    await ended(page, before + 1)
    await page.post("/api/redeliver", {"delivery_id": delivery})
    await idle(page, here)
    assert await count_events(here, name, "request.proposed") == 1


async def test_what_cannot_be_read_and_who_may_not_end_it_with_an_error(
    page: PageClient, here: Installation, name: str
) -> None:
    before = await so_far(page)
    await run_step(page, f"{name} and what was in that mail")
    run = await ended(page, before + 1)
    assert (run["status"], outputs(run)["proposal"]) == ("failed", "")
    assert "Nothing was requested" in run["error"]
    await run_step(page, name, who=VISITOR)
    assert (await ended(page, before + 2))["status"] == "failed"
    assert await requests_for(here, name) == []
