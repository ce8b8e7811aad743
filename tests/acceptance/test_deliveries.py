"""What Slack delivers: once is enough, twice is harmless, and what isn't Slack's is nothing at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlencode

import httpx
import pytest

from bot.playground.page_client import PageClient, shown
from bot.playground.slack.signing import signed_headers
from bot.web.bodies import MAX_BODY
from tests.acceptance.steps import (
    NEW,
    changes,
    count_events,
    defanged,
    fault,
    idle,
    installation,
    listed,
    only_request,
    propose,
    requests_for,
    status,
)
from tests.support.installation import APPROVALS, APPROVER, GENERAL, REQUESTER, SECOND, Installation

#: A text that may stand nowhere but in what was sent.
MARKER = "marker-of-an-impostor.example"

over_http = pytest.mark.parametrize("here", ["http-sqlite"], indirect=True)


@pytest.fixture(scope="module", params=["http-sqlite", "socket-sqlite"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("deliveries")
    with installation(request.param, request=request, folder=folder) as here:
        yield here


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        yield client
        assert await client.violations() == []


async def answers(page: PageClient, who: str, name: str) -> list[str]:
    """What somebody was told alone about a domain."""
    return [
        shown(message)
        for message in await page.messages(who, GENERAL)
        if message["ephemeral"] and defanged(name) in shown(message)
    ]


async def test_a_command_delivered_again_gives_the_same_answer_and_no_second_request(
    page: PageClient, here: Installation, name: str
) -> None:
    typed = await page.type(REQUESTER, f"/block {name} 30d Phishing wave")
    await page.message(APPROVER, APPROVALS, defanged(name), "Waits for approval")
    again = await asyncio.gather(
        *(page.post("/api/redeliver", {"delivery_id": typed["delivery_id"]}) for _ in range(3))
    )
    assert [answer["problem"] for answer in again] == [None] * 3
    told = await answers(page, REQUESTER, name)
    assert len(told) == 4
    assert len(set(told)) == 1
    assert await count_events(here, name, "request.proposed") == 1


async def test_a_command_delivered_twice_at_once_makes_one_request(
    page: PageClient, here: Installation, name: str
) -> None:
    """Not one after the other: the second is there before the first has been answered."""
    typing = asyncio.create_task(page.type(REQUESTER, f"/block {name} 30d Phishing wave"))

    async def delivered() -> str | None:
        made = (await page.get("/api/deliveries"))["deliveries"]
        return next((message["id"] for message in made if name in str(message["payload"].get("text"))), None)

    delivery = await page.until("the delivery", delivered)
    await asyncio.gather(typing, *(page.post("/api/redeliver", {"delivery_id": delivery}) for _ in range(5)))
    assert len(await requests_for(here, name)) == 1
    assert len(set(await answers(page, REQUESTER, name))) == 1


async def test_a_click_delivered_again_changes_nothing(page: PageClient, here: Installation, name: str) -> None:
    card = await propose(page, name)
    clicked = await page.click(APPROVER, APPROVALS, card, "Approve")
    again = {"delivery_id": clicked["delivery_id"]}
    await asyncio.gather(*(page.post("/api/redeliver", again) for _ in range(3)))
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied and confirmed")
    assert (await page.post("/api/redeliver", again))["problem"] is None
    await idle(page, here)
    assert await count_events(here, name, "request.reviewed") == 1
    assert await count_events(here, name, "request.approved") == 1
    assert await count_events(here, name, "request.applied") == 1
    assert len(await changes(page, name)) == 1
    told = await page.messages(APPROVER, APPROVALS)
    assert not [message for message in told if message["ephemeral"] and message["ts"] > card["ts"]]


async def test_a_submission_delivered_again_makes_no_second_request(
    page: PageClient, here: Installation, name: str
) -> None:
    await page.type(REQUESTER, "/block")
    form = await page.view(REQUESTER)
    sent = await page.submit(REQUESTER, form, {"indicators": name, "reason": "Phishing wave"})
    assert sent["errors"] is None
    again = await asyncio.gather(*(page.post("/api/redeliver", {"delivery_id": sent["delivery_id"]}) for _ in range(3)))
    assert [answer["problem"] for answer in again] == [None] * 3
    await page.message(APPROVER, APPROVALS, defanged(name), "Waits for approval")
    await idle(page, here)
    assert await count_events(here, name, "request.proposed") == 1


@over_http
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("bad_signature", "delivery with a bad signature refused"),
        ("no_signature", "delivery without a signature or with an old timestamp refused"),
        ("old_timestamp", "delivery without a signature or with an old timestamp refused"),
        ("future_timestamp", "delivery without a signature or with an old timestamp refused"),
    ],
)
async def test_what_is_not_slacks_is_refused_and_leaves_no_trace(
    page: PageClient, here: Installation, kind: str, told: str
) -> None:
    forged = await page.post("/api/forge", {"kind": kind, "as": REQUESTER, "text": f"/block {MARKER} 30d Phishing"})
    assert forged["status"] == 401
    assert MARKER not in forged["body"]
    assert await requests_for(here, MARKER) == []
    log = here.log.read_text()
    assert told in log
    assert MARKER not in log


def signed(here: Installation, body: bytes) -> dict[str, str]:
    secret = here.playground.workspace.credentials.signing_secret
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        **signed_headers(secret=secret, timestamp=int(time.time()), body=body),
    }


def command(here: Installation, text: str, **changes: str) -> bytes:
    fields = {
        "team_id": here.playground.workspace.team_id,
        "command": "/block",
        "text": text,
        "user_id": REQUESTER,
        "channel_id": GENERAL,
        "trigger_id": "1.2.3",
        "response_url": f"{here.url}/none",
    }
    return urlencode(fields | changes).encode()


async def send(here: Installation, body: bytes) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return await client.post(f"{here.bot_url}/slack/events", content=body, headers=signed(here, body))


@over_http
async def test_another_workspace_is_not_served(here: Installation, page: PageClient, name: str) -> None:
    answer = await send(here, command(here, f"{MARKER} 30d Phishing wave", team_id="T0ELSEWHERE"))
    assert answer.status_code == 200
    assert "doesn't serve the workspace" in answer.json()["text"]
    assert await requests_for(here, MARKER) == []
    assert MARKER not in here.log.read_text()
    # The same from the workspace that is served, so that it is the workspace that made the difference.
    assert (await send(here, command(here, f"{name} 30d Phishing wave"))).status_code == 200
    assert (await only_request(here, name)).requester == REQUESTER
    await idle(page, here)


@over_http
async def test_a_body_that_is_too_large_is_refused(here: Installation) -> None:
    answer = await send(here, command(here, f"{MARKER} 30d {'x' * MAX_BODY}"))
    assert answer.status_code == 413
    assert await requests_for(here, MARKER) == []
    assert MARKER not in here.log.read_text()


async def test_it_is_ready_only_once_slack_answers(here: Installation, page: PageClient) -> None:
    assert await asyncio.to_thread(here.stop_bot) == 0
    faults = here.playground.slack.state.faults
    await page.post("/api/faults", {"method": "auth.test", "error": "http_503", "times": 10_000})
    try:
        here.start_bot(wait=False)

        async def not_ready() -> httpx.Response | None:
            try:
                async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
                    answer = await client.get(f"{here.bot_url}/readyz")
            except httpx.TransportError:
                return None
            return answer

        answer = await page.until("/readyz to answer", not_ready)
        assert answer.status_code == 503
        assert answer.json()["checks"]["database"] == "ok"
        assert answer.json()["checks"]["slack"] != "ok"
        alive = await asyncio.to_thread(httpx.get, f"{here.bot_url}/healthz", trust_env=False)
        assert alive.status_code == 200
    finally:
        faults.clear()
        await asyncio.to_thread(here.wait_until_ready)
    assert (await page.type(REQUESTER, "/requests open"))["problem"] is None


@pytest.mark.parametrize("here", ["socket-sqlite"], indirect=True)
async def test_sigterm_ends_it_soon_and_what_was_under_way_goes_on(
    here: Installation, page: PageClient, name: str
) -> None:
    card = await propose(page, name)
    await idle(page, here)
    await fault(page, "delay", NEW, delay=12)
    await page.click(SECOND, APPROVALS, card, "Approve")
    await status(page, here, name, "applying")
    started = time.monotonic()
    assert await asyncio.to_thread(here.stop_bot) == 0
    assert time.monotonic() - started < 25
    assert "Traceback" not in here.log.read_text()
    await asyncio.to_thread(here.start_bot)
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied and confirmed")
    assert await listed(page, name) == 1
    assert await count_events(here, name, "request.applied") == 1
