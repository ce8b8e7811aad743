"""The main job as people do it, by typing and clicking in Chromium, with the real bot behind the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.domain.policies.ip_allow import SKIPS_FILTERING
from tests.browser.hands import Hands
from tests.browser.places import HOME
from tests.support.installation import APPROVALS, APPROVER, AUDITOR, DIRECT, GENERAL, REQUESTER, SECOND, Installation

pytestmark = pytest.mark.usefixtures("patience")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running bot in Socket Mode on SQLite, shared by these tests: each uses indicators of its own."""
    settings = {"PORTCULLIS_OVERRIDES": "on"}
    with Installation(folder=tmp_path_factory.mktemp("main-job"), settings=settings) as installation:
        yield installation


async def test_a_block_is_typed_approved_with_a_click_and_stands_in_the_tenant(hands: Hands) -> None:
    await hands.type("/block evil[.]example 30d Phishing wave")
    answer = hands.message("Only visible to you", "Block evil[.]example")
    await expect(answer).to_contain_text("Nothing has been changed yet")

    await hands.go(who=APPROVER, where=APPROVALS)
    card = hands.message("evil[.]example", "Phishing wave")
    await expect(card).to_contain_text("Block evil[.]example")
    await expect(card).to_contain_text("0 of 1 approval")
    posted = await card.get_attribute("data-ts")
    await expect(hands.entry("evil.example")).to_have_count(0)
    await hands.click(card, "Approve")

    entry = hands.entry("evil.example")
    await expect(entry).to_have_attribute("data-action", "block")
    await expect(entry).to_contain_text("Portcullis request")
    await expect(card).to_contain_text("Blocked evil[.]example to")
    await expect(card).to_have_attribute("data-ts", posted or "")
    await expect(card.get_by_test_id("edited").first).to_be_visible()
    await expect(hands.button(card, "Approve")).to_have_count(0)
    await expect(hands.page.get_by_test_id("message").filter(has_text="evil[.]example")).to_have_count(1)
    await expect(card).to_contain_text("confirmed")
    await expect(card.get_by_test_id("reply")).to_have_count(1)

    await hands.go(who=REQUESTER, where=DIRECT)
    await expect(hands.message("evil[.]example")).to_contain_text("Blocked evil[.]example to")


async def test_an_ip_allow_is_warned_about_ticked_and_approved_by_two(hands: Hands) -> None:
    await hands.type("/allow 203.0.113.7 7d Scanner at the head office")
    await expect(hands.form).to_contain_text(SKIPS_FILTERING)
    await expect(hands.form).to_contain_text("Better ways")
    await hands.submit()
    await expect(hands.problem("acknowledged")).not_to_be_empty()
    await expect(hands.form).to_be_visible()
    await hands.form.get_by_role("checkbox").check()
    await hands.submit()
    await expect(hands.form).to_have_count(0)

    await hands.go(who=APPROVER, where=APPROVALS)
    card = hands.message("203.0.113[.]7", "Scanner at the head office")
    await expect(card).to_contain_text("IP ALLOW proposed")
    await expect(card).to_contain_text("0 of 2 approvals")
    await hands.click(card, "Approve")
    for word in ("203.0.113[.]7", "Scanner at the head office", "0 of 2 approvals", SKIPS_FILTERING):
        await expect(hands.form).to_contain_text(word)
    await hands.form.get_by_test_id("modal-close").click()
    await expect(hands.form).to_have_count(0)
    await expect(card).to_contain_text("0 of 2 approvals")
    await hands.click(card, "Approve")
    await hands.submit()
    await expect(hands.form).to_have_count(0)
    await expect(card).to_contain_text("1 of 2 approvals")
    await expect(hands.entry("203.0.113.7")).to_have_count(0)

    await hands.go(who=SECOND, where=APPROVALS)
    await hands.click(card, "Approve")
    await expect(hands.form).to_contain_text("Approved before")
    await hands.submit()
    await expect(hands.entry("203.0.113.7")).to_have_attribute("data-action", "allow")
    await expect(card).to_contain_text("IP ALLOW: Allowed 203.0.113[.]7 to")

    await hands.go(who=AUDITOR, where=GENERAL)
    await hands.type("/check 203.0.113.7")
    verdict = hands.message("Only visible to you", "203.0.113[.]7")
    await expect(verdict).to_contain_text("IP Allow List")
    await expect(verdict).to_contain_text("Requester")


async def test_an_emergency_is_blocked_by_the_form_s_box_and_taken_out_on_its_card(hands: Hands) -> None:
    await hands.type("/block emergency alarm.example")
    await expect(hands.form.get_by_role("checkbox")).to_be_checked()
    await hands.field("Reason").fill("Phishing wave at night")
    await hands.submit()
    await expect(hands.form).to_have_count(0)

    await hands.go(who=APPROVER, where=APPROVALS)
    card = hands.message("alarm[.]example", "Emergency block, applied at once")
    await expect(hands.entry("alarm.example")).to_have_attribute("data-action", "block")
    await expect(card).to_contain_text("confirmed")
    await hands.click(card, "Take out…")
    await expect(hands.form.get_by_role("radio").first).to_be_checked()
    await hands.field("Why you decide so").last.fill("Our own newsletter")
    await hands.submit()
    await expect(hands.form).to_have_count(0)
    await expect(hands.entry("alarm.example")).to_have_count(0)
    await expect(hands.message("alarm[.]example", "taken out by")).to_contain_text("Our own newsletter")


async def test_a_check_names_the_rule_that_lets_a_domain_through(hands: Hands) -> None:
    await hands.type("/check rule.example")
    await expect(hands.message("Not listed", "rule[.]example").first).to_be_visible()
    panel = hands.page.get_by_test_id("mail-flow-rules")
    await panel.locator("summary").click()
    await panel.get_by_label("Whose mail skips spam filtering").fill("rule.example")
    await panel.get_by_test_id("add-rule").click()
    await expect(hands.page.locator("[data-testid=entry][data-value='Bypass rule.example']")).to_be_visible()
    await hands.type("/check now rule.example")
    told = hands.message("let through elsewhere", "rule[.]example")
    await expect(told).to_contain_text("Let through by the mail flow rule “Bypass rule[.]example”")
    await panel.get_by_role("button", name="Remove the rule Bypass rule.example").click()
    await expect(panel.get_by_test_id("remove-rule")).to_have_count(0)


async def test_a_check_says_that_nothing_is_listed(hands: Hands) -> None:
    await hands.type("/check 198.51.100.7")
    await expect(hands.message("Only visible to you", "198.51.100[.]7")).to_contain_text("Not listed")


async def test_the_details_show_the_cmdlet(hands: Hands) -> None:
    await hands.type("/block details.example 7d Phishing wave")
    await hands.go(who=APPROVER, where=APPROVALS)
    await hands.click(hands.message("Block details[.]example"), "Details")
    await expect(hands.form).to_contain_text("New-TenantAllowBlockListItems")
    await expect(hands.form).to_contain_text("'details.example'")
    await hands.form.get_by_test_id("modal-close").click()
    await expect(hands.form).to_have_count(0)


async def test_the_requester_withdraws_and_the_card_follows(hands: Hands) -> None:
    await hands.type("/block withdrawn.example 7d Phishing wave")
    await hands.go(who=REQUESTER, where=DIRECT)
    copy = hands.message("Block withdrawn[.]example")
    await expect(copy).to_contain_text("0 of 1 approval")
    await hands.click(copy, "Withdraw")
    await expect(copy).to_contain_text("Withdrawn")
    await hands.go(who=APPROVER, where=APPROVALS)
    card = hands.message("Block withdrawn[.]example")
    await expect(card).to_contain_text("Withdrawn")
    await expect(hands.button(card, "Approve")).to_have_count(0)


async def test_a_denied_request_changes_nothing_and_its_requester_is_told(hands: Hands) -> None:
    await hands.type("/block denied.example 7d Phishing wave")
    await hands.go(who=SECOND, where=APPROVALS)
    card = hands.message("Block denied[.]example")
    await hands.click(card, "Deny…")
    await hands.form.get_by_text("Too wide").click()
    await hands.submit()
    await expect(card).to_contain_text("Denied: Block denied[.]example")
    await expect(card).to_contain_text("Approver two")
    await expect(card).to_contain_text("Too wide")
    await expect(hands.entry("denied.example")).to_have_count(0)
    await hands.go(who=REQUESTER, where=DIRECT)
    await expect(hands.message("Your request", "Block denied[.]example")).to_contain_text("Denied")


async def test_a_command_alone_opens_the_form_and_a_bad_indicator_is_told_at_its_field(hands: Hands) -> None:
    await hands.type("/block")
    await hands.field("Indicators").fill("0x7f.1")
    await hands.field("Reason").fill("Phishing wave")
    await hands.submit()
    await expect(hands.problem("indicators")).to_contain_text("0x7f.1")
    await expect(hands.field("Reason")).to_have_value("Phishing wave")
    await hands.field("Indicators").fill("hxxps://form[.]example/login")
    await hands.submit()
    await expect(hands.form).to_have_count(0)
    await hands.go(who=APPROVER, where=APPROVALS)
    await expect(hands.message("Block form[.]example/login")).to_contain_text("Phishing wave")


@pytest.mark.parametrize("by", ["keyboard", "mouse"])
async def test_a_file_is_chosen_and_imported(hands: Hands, by: str) -> None:
    content = f"ioc,source\n{by}-1[.]example,feed\n{by}-2[.]example,feed\n{by}-1.example,again\n"
    await hands.type("/import")
    control = hands.form.locator("input[type=file]")
    async with hands.page.expect_file_chooser() as choosing:
        if by == "mouse":
            await control.click()
        else:
            await hands.field("What to do").focus()
            await hands.page.keyboard.press("Tab")
            await expect(control).to_be_focused()
            await hands.page.keyboard.press("Enter")
    chooser = await choosing.value
    await chooser.set_files([{"name": f"{by}.csv", "mimeType": "text/csv", "buffer": content.encode()}])
    await expect(hands.form.get_by_test_id("chosen-files")).to_have_text(f"{by}.csv")
    reason = hands.field("Reason")
    await reason.fill("Feed of the week")
    await hands.submit()
    await expect(hands.form).to_have_count(0)
    await hands.go(who=REQUESTER, where=DIRECT)
    preview = hands.message("Import of", f"{by}.csv")
    await expect(preview).to_contain_text("2 of 3 lines would be requested; 1 is set aside.")
    await hands.click(preview, "Request these")
    await expect(preview).to_contain_text("2 of 3 lines requested, 1 set aside.")

    await hands.go(who=APPROVER, where=APPROVALS)
    card = hands.message(f"{by}-1[.]example", f"{by}-2[.]example")
    await expect(card).to_contain_text("0 of 1 approval")
    await hands.click(card, "Approve")
    for number in (1, 2):
        await expect(hands.entry(f"{by}-{number}.example")).to_have_attribute("data-action", "block")
    async with hands.page.expect_download() as downloading:
        await card.get_by_role("button", name=re.compile("csv|result", re.IGNORECASE)).first.click()
    rows = Path(await (await downloading.value).path()).read_text(encoding="utf-8-sig")  # noqa: ASYNC240
    assert rows.count(",applied,") == 2
    assert rows.count(",set aside,") == 1


async def test_the_column_of_an_import_is_chosen_in_its_preview(hands: Hands) -> None:
    """Nothing of it says which of two columns is meant: it is asked, chosen, read again, and dropped."""
    content = "Sender,Reply-To\na@column.example,b@column-1.example\nc@column.example,b@column-2.example\n"
    await hands.type("/import")
    async with hands.page.expect_file_chooser() as choosing:
        await hands.form.locator("input[type=file]").click()
    chosen = {"name": "two-columns.csv", "mimeType": "text/csv", "buffer": content.encode()}
    await (await choosing.value).set_files([chosen])
    await hands.field("Reason").fill("Feed of the week")
    await hands.submit()
    await expect(hands.form).to_have_count(0)
    await hands.go(who=REQUESTER, where=DIRECT)
    preview = hands.message("Import of", "two-columns.csv")
    await expect(preview).to_contain_text("Which column is meant?")
    await expect(preview.get_by_role("button", name="Request these")).to_have_count(0)
    await preview.locator("select").select_option(label="column Reply-To (2 of 2 lines)")
    await expect(preview).to_contain_text("read by column Reply-To")
    await expect(preview).to_contain_text("Block 2 senders: b@column-1[.]example, b@column-2[.]example")
    await expect(preview.get_by_role("button", name="Request these")).to_be_visible()
    await hands.click(preview, "Cancel")
    await expect(preview).to_contain_text("cancelled. Nothing was requested.")
    await expect(preview.get_by_role("button")).to_have_count(0)


async def test_home_shows_what_is_ones_own_and_opens_the_forms(hands: Hands) -> None:
    await hands.go(who=REQUESTER, where=HOME)
    home = hands.page.get_by_test_id("home")
    await expect(home).to_contain_text("The posture")
    await home.get_by_role("button", name="Block…", exact=False).first.click()
    await hands.field("Indicators").fill("home.example")
    await hands.field("Reason").fill("Phishing page, seen from Home")
    await hands.submit()
    await expect(home).to_contain_text("home[.]example")
    await hands.click(home, "Details")
    await expect(hands.form).to_contain_text("Phishing page, seen from Home")
    await hands.form.get_by_test_id("modal-close").click()

    await hands.go(who=APPROVER, where=HOME)
    await expect(home).to_contain_text("Waits for you")
    await expect(home).to_contain_text("home[.]example")


async def test_an_approver_leaves_a_line_out_and_the_rest_is_blocked(hands: Hands) -> None:
    await hands.type("/block some1.example some2.example some3.example 30d Phishing wave")
    await expect(hands.message("Only visible to you", "Block 3 senders")).to_be_visible()
    await hands.go(who=APPROVER, where=APPROVALS)
    card = hands.message("some1[.]example", "Phishing wave")
    await hands.click(card, "Approve some…")
    await hands.form.get_by_label("some2[.]example").uncheck()
    await hands.submit()
    await expect(hands.form).to_have_count(0)
    await expect(hands.entry("some1.example")).to_have_attribute("data-action", "block")
    await expect(hands.entry("some3.example")).to_have_attribute("data-action", "block")
    await expect(card).to_contain_text("Blocked some1[.]example, some3[.]example to")
    await expect(hands.entry("some2.example")).to_have_count(0)


async def test_a_message_is_looked_through_and_what_is_ticked_goes_into_a_request(hands: Hands) -> None:
    await hands.type("Look at hxxps://shortcut[.]example/login, sent by bad@shortcut.example")
    message = hands.message("shortcut[.]example/login")
    await message.get_by_test_id("more-actions").locator("summary").click()
    await message.get_by_test_id("message-shortcut").click()
    await hands.form.get_by_label("bad@shortcut[.]example").check()
    await hands.submit()
    await expect(hands.field("Indicators")).to_have_value("bad@shortcut.example")
    await hands.field("Reason").fill("Phishing, told in the channel")
    await hands.submit()
    await expect(hands.form).to_have_count(0)
    await hands.go(who=APPROVER, where=APPROVALS)
    await expect(hands.message("bad@shortcut[.]example")).to_contain_text("Phishing, told in the channel")
