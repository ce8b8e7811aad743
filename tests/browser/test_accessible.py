"""What axe finds on the playground's page, in its main states: nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from bot.playground.server import Playground
from bot.playground.tenant import TenantStandIn
from tests.browser.places import APPROVALS, APPROVER, GENERAL, HOME, visit
from tests.browser.small_bot import SmallBot
from tests.browser.test_page_forms import EVERY_FIELD, open_form

CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Block* `evil[.]example`\n<@U0REQUEST1>: `Phishing wave`"}},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "Senders · 30 days"}]},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "a", "style": "primary", "text": {"type": "plain_text", "text": "Approve"}},
            {"type": "button", "action_id": "b", "style": "danger", "text": {"type": "plain_text", "text": "Deny…"}},
        ],
    },
]


async def demand_nothing_found(page: Page) -> None:
    """Fails with the rules that are broken, and where. The rules are axe's own, as its newest version has them."""
    found = (await Axe().run(page)).response["violations"]
    told = [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]
    assert told == []


@pytest.mark.parametrize("query", [f"as={APPROVER}&channel={place}" for place in (GENERAL, HOME, "D")])
async def test_each_place(browser_page: Page, playground: Playground, query: str) -> None:
    await visit(browser_page, playground, query)
    await demand_nothing_found(browser_page)


async def test_a_card_and_the_lists(
    browser_page: Page, playground: Playground, bot: SmallBot, tenant: TenantStandIn
) -> None:
    tenant.edit("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPBlockList": ["198.51.100.0/24"]})
    await visit(browser_page, playground, f"as={APPROVER}&channel={APPROVALS}")
    await bot.post(channel=APPROVALS, text="Block evil.example", blocks=CARD)
    await expect(browser_page.get_by_test_id("message")).to_contain_text("Phishing wave")
    await expect(browser_page.locator("[data-testid=entry][data-value='198.51.100.0/24']")).to_be_visible()
    await demand_nothing_found(browser_page)


async def test_the_lists_while_they_are_edited_in_the_portal(
    browser_page: Page, playground: Playground, tenant: TenantStandIn
) -> None:
    tenant.edit("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPBlockList": ["198.51.100.0/24"]})
    await visit(browser_page, playground)
    await browser_page.get_by_test_id("portal").locator("summary").click()
    await browser_page.get_by_role("button", name="Change 198.51.100.0/24").click()
    await expect(browser_page.get_by_test_id("portal-save")).to_have_text("Save")
    await demand_nothing_found(browser_page)


async def test_a_form_with_every_field(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await open_form(browser_page, playground, bot, EVERY_FIELD)
    await demand_nothing_found(browser_page)


async def test_axe_is_asked_at_all(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    await browser_page.evaluate("document.body.append(new Image())")
    with pytest.raises(AssertionError, match="image-alt"):
        await demand_nothing_found(browser_page)
