"""Every kind of block and element in a message: drawn, and reported to the bot as Slack would."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect

from bot.playground.server import Playground
from tests.browser.places import GENERAL, REQUESTER, visit
from tests.browser.small_bot import SmallBot

Block = dict[str, Any]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value.title()), "value": value}


OPTIONS = [option("one"), option("two"), option("three")]


async def post(bot: SmallBot, page: Page, *blocks: Block) -> Locator:
    """The message with these blocks, as the page shows it."""
    posted = await bot.post(channel=GENERAL, text="A message of blocks", blocks=blocks)
    message = page.locator(f"[data-testid=message][data-ts='{posted['ts']}']")
    await expect(message).to_be_visible()
    return message


async def reported(bot: SmallBot) -> dict[str, Any]:
    """The one action that the bot was told of."""
    payload = await bot.next_delivery()
    assert payload["type"] == "block_actions"
    assert payload["user"]["id"] == REQUESTER
    (action,) = payload["actions"]
    return dict(action)


async def test_blocks_without_controls(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await visit(browser_page, playground)
    message = await post(
        bot,
        browser_page,
        {"type": "header", "block_id": "head", "text": plain("Request *7*")},
        {"type": "section", "block_id": "words", "text": mrkdwn("*Why*")},
        {"type": "section", "block_id": "facts", "fields": [mrkdwn("*List*\nsenders"), plain("*Until*")]},
        {"type": "divider", "block_id": "line"},
        {"type": "context", "block_id": "small", "elements": [mrkdwn("_by_ <@U0APPROVE1>"), plain("now")]},
    )
    await expect(message.locator("h3[data-block-id=head]")).to_have_text("Request *7*")
    await expect(message.locator("[data-block-id=words] strong")).to_have_text("Why")
    await expect(message.locator("[data-block-id=facts] .field-cell")).to_have_text(
        ["List\nsenders", "*Until*"], use_inner_text=True
    )
    await expect(message.locator("hr[data-block-id=line]")).to_be_visible()
    await expect(message.locator("[data-block-id=small] .mention")).to_have_text("@Approver one")


async def test_a_block_of_an_unknown_kind_says_so(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    drawn = await browser_page.evaluate("""async () => {
      const { renderBlocks } = await import("/static/blocks.js");
      return renderBlocks([{ type: "hologram" }], {}).map((node) => node.textContent).join();
    }""")
    assert drawn == "A block of type “hologram” is not drawn here."


async def test_a_button_reports_its_value(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await visit(browser_page, playground)
    buttons: list[Block] = [
        {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "7", "style": "primary"},
        {"type": "button", "action_id": "deny", "text": plain("Deny"), "value": "7", "style": "danger"},
        {"type": "button", "action_id": "details", "text": plain("Details"), "value": "7"},
    ]
    message = await post(bot, browser_page, {"type": "actions", "block_id": "act", "elements": buttons})
    await expect(message.get_by_role("button", name="Approve")).to_have_class("button primary")
    await expect(message.get_by_role("button", name="Deny")).to_have_class("button danger")
    await message.locator("[data-action-id=approve]").click()
    action = await reported(bot)
    assert (action["action_id"], action["block_id"], action["value"]) == ("approve", "act", "7")


async def test_a_confirm_dialog_holds_the_click_back(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await visit(browser_page, playground)
    confirm = {
        "title": plain("Deny request 7?"),
        "text": mrkdwn("The *requester* is told."),
        "confirm": plain("Deny it"),
        "deny": plain("Not now"),
        "style": "danger",
    }
    button = {"type": "button", "action_id": "deny", "text": plain("Deny"), "value": "7", "confirm": confirm}
    message = await post(bot, browser_page, {"type": "actions", "block_id": "act", "elements": [button]})
    await message.locator("[data-action-id=deny]").click()
    dialog = browser_page.get_by_test_id("confirm")
    await expect(dialog).to_have_attribute("role", "alertdialog")
    await expect(dialog.get_by_role("heading")).to_have_text("Deny request 7?")
    await expect(dialog.locator("strong")).to_have_text("requester")
    await expect(dialog.get_by_test_id("confirm-no")).to_be_focused()
    await browser_page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await message.locator("[data-action-id=deny]").click()
    await dialog.get_by_test_id("confirm-no").click()
    await expect(dialog).to_have_count(0)
    assert bot.deliveries == []
    await message.locator("[data-action-id=deny]").click()
    await dialog.get_by_test_id("confirm-yes").click()
    assert (await reported(bot))["value"] == "7"


CHOICES: dict[str, tuple[Block, str, str, Any]] = {
    "static_select": (
        {"type": "static_select", "placeholder": plain("Pick"), "options": OPTIONS},
        "select:two",
        "selected_option",
        OPTIONS[1],
    ),
    "static_select in groups": (
        {"type": "static_select", "option_groups": [{"label": plain("Some"), "options": OPTIONS}]},
        "select:three",
        "selected_option",
        OPTIONS[2],
    ),
    "users_select": ({"type": "users_select"}, "select:U0AUDITOR1", "selected_user", "U0AUDITOR1"),
    "channels_select": ({"type": "channels_select"}, "select:C0ALERTS", "selected_channel", "C0ALERTS"),
    "datepicker": ({"type": "datepicker"}, "fill:2027-02-03", "selected_date", "2027-02-03"),
    "timepicker": ({"type": "timepicker"}, "fill:13:45", "selected_time", "13:45"),
    "checkboxes": (
        {"type": "checkboxes", "options": OPTIONS, "initial_options": [OPTIONS[0]]},
        "check:two",
        "selected_options",
        OPTIONS[:2],
    ),
    "radio_buttons": ({"type": "radio_buttons", "options": OPTIONS}, "check:three", "selected_option", OPTIONS[2]),
    "multi_static_select": (
        {"type": "multi_static_select", "options": OPTIONS},
        "check:one",
        "selected_options",
        OPTIONS[:1],
    ),
    "overflow": ({"type": "overflow", "options": OPTIONS}, "menu:two", "selected_option", OPTIONS[1]),
}


async def test_a_choice_reports_what_was_chosen(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await visit(browser_page, playground)
    for name, (element, gesture, key, chosen) in CHOICES.items():
        message = await post(
            bot, browser_page, {"type": "actions", "block_id": "act", "elements": [{**element, "action_id": "choose"}]}
        )
        await use(message, gesture)
        action = await reported(bot)
        assert action["type"] == element["type"], name
        assert action[key] == chosen, name


async def use(message: Locator, gesture: str) -> None:
    """Do with the message's control what `gesture` says: `<how>:<value>`."""
    how, _, value = gesture.partition(":")
    control = message.locator("[data-action-id=choose]")
    if how == "select":
        await control.select_option(value)
    elif how == "fill":
        await control.fill(value)
    elif how == "check":
        await message.locator(f"input[value={value}]").check()
    else:
        await control.click()
        await message.locator(f".menu-item[value={value}]").click()


async def test_an_accessory_stands_beside_the_text(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await visit(browser_page, playground)
    accessory = {"type": "button", "action_id": "more", "text": plain("More"), "value": "x"}
    section = {"type": "section", "block_id": "row", "text": mrkdwn("Words"), "accessory": accessory}
    message = await post(bot, browser_page, section)
    await message.locator(".section-accessory [data-action-id=more]").click()
    assert (await reported(bot))["block_id"] == "row"


async def test_a_click_that_nobody_acknowledges_is_said_under_the_composer(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    await visit(browser_page, playground)
    button = {"type": "button", "action_id": "press", "text": plain("Press"), "value": "1"}
    message = await post(bot, browser_page, {"type": "actions", "block_id": "act", "elements": [button]})
    await bot.stop()
    await expect(browser_page.get_by_test_id("bot-state")).to_contain_text("not running")
    await message.locator("[data-action-id=press]").click()
    await expect(browser_page.get_by_test_id("problem")).not_to_be_empty()
