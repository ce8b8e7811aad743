"""A real browser in front of the playground, and a small bot behind it.

All of these tests run on one event loop, since Chromium is started once for it: each test has a profile of its own.
"""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect
from playwright.async_api import Error as BrowserError

from bot.playground.server import Playground
from bot.playground.tenant import TenantStandIn
from tests.browser.hands import Hands
from tests.browser.small_bot import SmallBot
from tests.support.installation import Installation

HERE = Path(__file__).parent
PATIENCE = 180_000  # milliseconds, on a machine that is busy with other things
USUAL = 5_000
CHROMIUM = Path("/usr/bin/chromium")  # Debian's; playwright's own download is not used
#: Chromium makes pages of its own for the address bar of each window, also where nobody sees it: half the computing of
#: a short test. The last such argument counts, hence the others, which playwright says itself.
SWITCHED_OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(SWITCHED_OFF)}",
]


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Run what is in this folder on the loop that Chromium is driven from."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium. Without it the test is skipped, except under CI, where it fails."""
    if not CHROMIUM.exists():  # noqa: ASYNC240 - one look at the local disk, before anything runs
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium")
        pytest.skip(f"{CHROMIUM} is missing")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser_page(browser: Browser) -> AsyncIterator[Page]:
    """A page in Chromium, 1280 × 800, British English, in Berlin's time zone.

    The test fails when the page raised an error or wrote one to the console, which is where a breach of the content
    security policy shows. A request that was answered with an error is not counted: tests provoke those.
    """
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def fail(error: BrowserError) -> None:
        complaints.append(str(error))

    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="Europe/Berlin"
    )
    try:
        page = await context.new_page()
        page.on("console", listen)
        page.on("pageerror", fail)
        yield page
    finally:
        await context.close()
    assert not complaints


@pytest.fixture
def tenant() -> TenantStandIn:
    """The tenant behind the playground, empty."""
    return TenantStandIn(
        tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_urlsafe(16)
    )


@pytest_asyncio.fixture(loop_scope="session")
async def playground(tenant: TenantStandIn) -> AsyncIterator[Playground]:
    """The playground, listening on a free port, in Socket Mode."""
    playground = Playground(port=0, mode="socket", tenant=tenant)
    tenant.on_change = playground.slack.state.changes.bump
    await playground.start()
    try:
        yield playground
    finally:
        await playground.stop()


@pytest_asyncio.fixture(loop_scope="session")
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


@pytest_asyncio.fixture(loop_scope="session")
async def hands(browser_page: Page, here: Installation) -> AsyncIterator[Hands]:
    """The page, open. After each test, its Rules tab must say that the bot broke none of Slack's rules."""
    hands = Hands(browser_page, here.url)
    await hands.open()
    yield hands
    await browser_page.get_by_test_id("tab-rules").click()
    await expect(browser_page.get_by_test_id("no-violations")).to_be_visible()
    await expect(browser_page.get_by_test_id("violation")).to_have_count(0)
