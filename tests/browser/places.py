"""Where the tests go in the playground, and as whom."""

from __future__ import annotations

from playwright.async_api import Page, expect

from bot.playground.server import Playground

REQUESTER = "U0REQUEST1"
APPROVER = "U0APPROVE1"
GENERAL = "C0GENERAL"
APPROVALS = "C0APPROVALS"
#: App Home, as the page names it.
HOME = "H"


async def visit(page: Page, playground: Playground, query: str = f"as={REQUESTER}&channel={GENERAL}") -> None:
    """Open the page and wait until it has read everything."""
    await page.goto(f"{playground.url}/?{query}")
    await expect(page.locator("html")).to_have_attribute("data-ready", "true")
