"""A real browser in front of the playground, and a small bot behind it."""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect
from playwright.async_api import Error as BrowserError

from bot.playground.server import Playground
from bot.playground.tenant import TenantStandIn
from tests.browser.hands import Hands
from tests.browser.small_bot import SmallBot
from tests.support.installation import Installation

PATIENCE = 30_000  # milliseconds, on a machine that is busy with other things
USUAL = 5_000
CHROMIUM = Path("/usr/bin/chromium")  # Debian's; playwright's own download is not used
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def browser_page() -> AsyncIterator[Page]:
    """A page in Chromium, 1280 × 800, British English, in Berlin's time zone.

    The test fails when the page raised an error or wrote one to the console, which is where a breach of the content
    security policy shows. A request that was answered with an error is not counted: tests provoke those.
    Without Chromium the test is skipped, except under CI, where it fails.
    """
    if not CHROMIUM.exists():  # noqa: ASYNC240 - one look at the local disk, before anything runs
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium")
        pytest.skip(f"{CHROMIUM} is missing")
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def fail(error: BrowserError) -> None:
        complaints.append(str(error))

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            context = await browser.new_context(
                viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="Europe/Berlin"
            )
            page = await context.new_page()
            page.on("console", listen)
            page.on("pageerror", fail)
            yield page
        finally:
            await browser.close()
    assert not complaints


@pytest.fixture
def tenant() -> TenantStandIn:
    """The tenant behind the playground, empty."""
    return TenantStandIn(
        tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_urlsafe(16)
    )


@pytest.fixture
async def playground(tenant: TenantStandIn) -> AsyncIterator[Playground]:
    """The playground, listening on a free port, in Socket Mode."""
    playground = Playground(port=0, mode="socket", tenant=tenant)
    tenant.on_change = playground.slack.state.changes.bump
    await playground.start()
    try:
        yield playground
    finally:
        await playground.stop()


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[SmallBot]:
    """A bot that is connected and does what the test tells it to."""
    bot = SmallBot(url=playground.url, credentials=playground.workspace.credentials)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()


@pytest.fixture
def patience() -> Iterator[None]:
    """What the bot does takes longer than what a page does."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=USUAL)


@pytest.fixture
async def hands(browser_page: Page, here: Installation) -> AsyncIterator[Hands]:
    """The page, open. After each test, its Rules tab must say that the bot broke none of Slack's rules."""
    hands = Hands(browser_page, here.url)
    await hands.open()
    yield hands
    await browser_page.get_by_test_id("tab-rules").click()
    await expect(browser_page.get_by_test_id("no-violations")).to_be_visible()
    await expect(browser_page.get_by_test_id("violation")).to_have_count(0)
