"""The right column: the tenant's lists as they are, the calls as they came, the rules that were broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect
from slack_sdk.errors import SlackApiError

from bot.playground.server import Playground
from bot.playground.tenant import TenantStandIn
from tests.browser.places import GENERAL, visit
from tests.browser.small_bot import SmallBot


async def test_the_lists_are_shown_and_a_change_stands_out(
    browser_page: Page, playground: Playground, tenant: TenantStandIn
) -> None:
    tenant.edit("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPBlockList": ["198.51.100.0/24"]})
    await visit(browser_page, playground)
    held = browser_page.locator("[data-testid=entry][data-value='198.51.100.0/24']")
    await expect(held).to_have_attribute("data-action", "block")
    await expect(held).not_to_have_attribute("data-change", "added")
    ends = datetime.now(UTC) + timedelta(days=30)
    tenant.edit(
        "New-TenantAllowBlockListItems",
        {
            "ListType": "Sender",
            "Entries": ["evil.example"],
            "Block": True,
            "ExpirationDate": ends.isoformat(),
            "Notes": "Request 7",
        },
    )
    added = browser_page.locator("[data-testid=entry][data-value='evil.example']")
    await expect(added).to_have_attribute("data-change", "added")
    await expect(added).to_contain_text("Request 7")
    await expect(added.locator("time")).to_contain_text("in 30 days")
    tenant.edit("Remove-TenantAllowBlockListItems", {"ListType": "Sender", "Entries": ["evil.example"]})
    await expect(added).to_have_attribute("data-change", "removed")


async def test_calls_on_both_wires_are_listed_newest_first(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    await visit(browser_page, playground)
    await browser_page.get_by_test_id("tab-calls").click()
    await bot.post(channel=GENERAL, text="Hello")
    with pytest.raises(SlackApiError):
        await bot.post(channel="C0NOWHERE", text="Hello")
    await bot.post(channel=GENERAL, text="Hello again")
    calls = browser_page.locator("[data-testid=call][data-name='chat.postMessage']")
    await expect(calls).to_have_count(3)
    await expect(calls.nth(1)).to_contain_text("channel_not_found")
    await calls.first.locator("summary").click()
    await expect(calls.first.locator("pre")).to_contain_text("Hello again")


async def test_the_rules_are_green_until_one_is_broken(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    await visit(browser_page, playground)
    tab = browser_page.get_by_test_id("tab-rules")
    await expect(tab).to_contain_text("✓")
    await tab.click()
    await expect(browser_page.get_by_test_id("no-violations")).to_be_visible()
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    with pytest.raises(SlackApiError):
        await bot.post(channel=GENERAL, text="Too long", blocks=blocks)
    violation = browser_page.get_by_test_id("violation")
    await expect(violation).to_have_attribute("data-rule", "invalid_blocks")
    await expect(violation).to_contain_text("chat.postMessage")
    await expect(tab).to_contain_text("1")
    await expect(browser_page.get_by_test_id("no-violations")).to_have_count(0)


async def test_the_tabs_follow_the_arrows(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    await browser_page.get_by_test_id("tab-tenant").focus()
    await browser_page.keyboard.press("ArrowRight")
    await expect(browser_page.get_by_test_id("tab-calls")).to_be_focused()
    await expect(browser_page.get_by_test_id("panel-calls")).to_be_visible()
    await expect(browser_page.get_by_test_id("panel-tenant")).to_be_hidden()
    await browser_page.keyboard.press("ArrowLeft")
    await browser_page.keyboard.press("ArrowLeft")
    await expect(browser_page.get_by_test_id("tab-rules")).to_have_attribute("aria-selected", "true")


async def test_the_tenant_can_be_made_to_fail(
    browser_page: Page, playground: Playground, tenant: TenantStandIn
) -> None:
    await visit(browser_page, playground)
    faults = browser_page.get_by_test_id("faults")
    await faults.locator("summary").click()
    await faults.get_by_label("What goes wrong").select_option("503")
    await faults.get_by_label("How many calls").fill("2")
    await faults.get_by_test_id("make-fault").click()
    await expect(faults.get_by_role("status")).to_contain_text("next 2 calls")
    answer = await browser_page.request.get(f"{playground.url}/api/tenant/faults")
    (fault,) = await answer.json()
    assert fault["kind"] == "503"


async def test_without_a_tenant_the_page_works_and_says_so(browser_page: Page) -> None:
    async with Playground(port=0) as playground:
        await visit(browser_page, playground)
        await expect(browser_page.get_by_test_id("tenant-lists")).to_contain_text("No tenant")
        await expect(browser_page.get_by_test_id("faults")).to_be_hidden()


async def test_mail_can_be_had_come_to_the_tenant(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    panel = browser_page.get_by_test_id("mail-panel")
    await panel.locator("summary").click()
    await panel.get_by_label("From").fill("a@evil.example")
    await panel.get_by_label("How it fared").select_option("quarantined")
    await panel.get_by_label("How many messages").fill("3")
    await panel.get_by_test_id("have-mail").click()
    await expect(panel.get_by_test_id("mail")).to_contain_text(
        "3 from a@evil.example to user@contoso.example, quarantined"
    )


async def test_each_list_is_edited_in_the_portal(
    browser_page: Page, playground: Playground, tenant: TenantStandIn
) -> None:
    await visit(browser_page, playground)
    portal = browser_page.get_by_test_id("portal")
    await portal.locator("summary").click()
    for name, value, words in (
        ("Connection filter · Default", "203.0.113.9", "no end date in this list"),
        ("Senders", "partner.example", "in 30 days"),
        ("URLs", "evil.example/login", "in 30 days"),
        ("Files", "a" * 64, "in 30 days"),
        ("IPv6 addresses", "2001:db8::1", "in 30 days"),
        ("Spoofed senders", "ceo@contoso.example, mailer.example", "External spoof"),
    ):
        await portal.get_by_label("List").select_option(name)
        await portal.get_by_label("Value").fill(value)
        if name not in {"Connection filter · Default", "Spoofed senders"}:
            await portal.get_by_label("Ends").select_option("In 30 days")
        await portal.get_by_test_id("portal-save").click()
        entry = browser_page.locator(f"[data-testid=entry][data-value='{value}']")
        await expect(entry).to_have_attribute("data-action", "block")
        await expect(entry).to_contain_text(words)
        if name != "Files":  # which takes an allow from a submission only
            await browser_page.get_by_role("button", name=f"Change {value}").click()
            await portal.get_by_label("What it does").select_option("Allow")
            await portal.get_by_test_id("portal-save").click()
            await expect(
                browser_page.locator(f"[data-testid=entry][data-value='{value}'][data-action=allow]")
            ).to_be_visible()
        await browser_page.get_by_role("button", name=f"Remove {value}").click()
        await expect(portal.get_by_role("status")).to_have_text(f"{value} was removed.")
        await portal.get_by_label("What it does").select_option("Block")
    held = tenant.lists()
    assert not any(held["items"].values())
    assert held["spoof"] == []
    await browser_page.get_by_role("button", name="Switch the safe list on").click()
    await expect(browser_page.get_by_text("Safe list is on", exact=True)).to_be_visible()
    await browser_page.get_by_role("button", name="Switch the safe list off").click()
    await expect(browser_page.get_by_text("Safe list is off", exact=True)).to_be_visible()


async def test_what_the_portal_refuses_is_said(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    portal = browser_page.get_by_test_id("portal")
    await portal.locator("summary").click()
    await portal.get_by_label("Value").fill("0.0.0.0/1")
    await portal.get_by_test_id("portal-save").click()
    await expect(portal.get_by_role("status")).to_contain_text("isn't valid")
    await expect(portal.get_by_label("Value")).to_have_value("0.0.0.0/1")
