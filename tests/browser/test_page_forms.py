"""Modals: every kind of field, errors at the field, what stays typed, stacking, and the keyboard."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect

from bot.playground.server import Playground
from tests.browser.places import visit
from tests.browser.small_bot import SmallBot


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value.title()), "value": value}


def field(block_id: str, element: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id.title()),
        "element": {"action_id": "value", **element},
        **more,
    }


def form(*blocks: dict[str, Any], title: str = "Request a block") -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "propose",
        "title": plain(title),
        "submit": plain("Send"),
        "close": plain("Leave"),
        "blocks": list(blocks),
    }


OPTIONS = [option("one"), option("two")]
EVERY_FIELD = form(
    {"type": "section", "block_id": "intro", "text": {"type": "mrkdwn", "text": "*Read this*"}},
    field(
        "indicators",
        {"type": "plain_text_input", "multiline": True, "initial_value": "evil.example", "max_length": 200},
        hint=plain("One a line"),
    ),
    field("reason", {"type": "plain_text_input", "placeholder": plain("Why?")}),
    field("expires", {"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[1]}),
    field("date", {"type": "datepicker", "initial_date": "2027-02-03"}, optional=True),
    field("ticks", {"type": "checkboxes", "options": OPTIONS}, optional=True),
    field("choice", {"type": "radio_buttons", "options": OPTIONS, "initial_option": OPTIONS[0]}),
)


async def open_form(page: Page, playground: Playground, bot: SmallBot, view: dict[str, Any]) -> Locator:
    """Type a command whose answer is this form; gives the form as the page shows it."""

    async def answer(payload: dict[str, Any]) -> None:
        await bot.web.views_open(trigger_id=payload["trigger_id"], view=view)

    bot.on_command = answer
    await visit(page, playground)
    composer = page.get_by_test_id("composer")
    await composer.fill("/block evil.example")
    await composer.press("Enter")
    modal = page.get_by_test_id("modal")
    await expect(modal).to_be_visible()
    return modal


LONG = {"type": "section", "block_id": "long", "text": {"type": "mrkdwn", "text": "Read all of this.\n" * 80}}


async def test_a_form_that_is_to_be_read_first_opens_at_its_beginning(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    """Its first control stands below the fold: the focus stays above it, and the keys scroll the text."""
    modal = await open_form(browser_page, playground, bot, form(LONG, field("reason", {"type": "plain_text_input"})))
    body = modal.get_by_test_id("modal-body")
    await expect(body).to_be_focused()
    assert await body.evaluate("body => body.scrollTop") == 0
    await browser_page.keyboard.press("Tab")
    await expect(modal.get_by_label("Reason")).to_be_focused()
    assert await body.evaluate("body => body.scrollTop") > 0


async def test_a_form_to_be_filled_in_opens_with_the_focus_in_its_first_field(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    modal = await open_form(browser_page, playground, bot, form(field("reason", {"type": "plain_text_input"}), LONG))
    await expect(modal.get_by_label("Reason")).to_be_focused()
    assert await modal.get_by_test_id("modal-body").evaluate("body => body.scrollTop") == 0


def submissions(bot: SmallBot) -> list[dict[str, Any]]:
    return [payload for payload in bot.deliveries if payload.get("type") == "view_submission"]


async def test_every_field_is_drawn_as_declared(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    modal = await open_form(browser_page, playground, bot, EVERY_FIELD)
    await expect(modal).to_have_attribute("aria-modal", "true")
    await expect(modal.get_by_role("heading", name="Request a block")).to_be_visible()
    await expect(modal.locator("[data-block-id=intro] strong")).to_have_text("Read this")
    indicators = modal.get_by_label("Indicators", exact=True)
    await expect(indicators).to_have_value("evil.example")
    await expect(indicators).to_have_attribute("maxlength", "200")
    await expect(indicators).to_have_accessible_description("One a line")
    assert await indicators.evaluate("(node) => node.tagName") == "TEXTAREA"
    await expect(modal.get_by_label("Reason")).to_have_attribute("placeholder", "Why?")
    await expect(modal.get_by_label("Expires")).to_have_value("two")
    await expect(modal.get_by_label("Date (optional)")).to_have_value("2027-02-03")
    await expect(modal.locator("[data-testid=field][data-block-id=ticks] input")).to_have_count(2)
    await expect(modal.locator("[data-block-id=choice] input:checked")).to_have_attribute("value", "one")
    await expect(modal.get_by_test_id("modal-submit")).to_have_text("Send")
    await expect(modal.get_by_test_id("modal-close")).to_have_text("Leave")


async def test_what_was_filled_in_reaches_the_bot(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    modal = await open_form(browser_page, playground, bot, EVERY_FIELD)
    await modal.get_by_label("Indicators", exact=True).fill("evil.example\nbad.example")
    await modal.get_by_label("Reason").fill("Phishing wave")
    await modal.get_by_label("Expires").select_option("one")
    await modal.get_by_label("Date (optional)").fill("2027-03-04")
    await modal.locator("[data-block-id=ticks] input[value=two]").check()
    await modal.locator("[data-block-id=choice] input[value=two]").check()
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    (submission,) = submissions(bot)
    values = {block_id: actions["value"] for block_id, actions in submission["view"]["state"]["values"].items()}
    assert values["indicators"]["value"] == "evil.example\nbad.example"
    assert values["reason"]["value"] == "Phishing wave"
    assert values["expires"]["selected_option"]["value"] == "one"
    assert values["date"]["selected_date"] == "2027-03-04"
    assert [chosen["value"] for chosen in values["ticks"]["selected_options"]] == ["two"]
    assert values["choice"]["selected_option"]["value"] == "two"


async def test_errors_stand_at_their_fields_and_what_was_typed_stays(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    async def refuse(_: dict[str, Any]) -> dict[str, Any]:
        return {"response_action": "errors", "errors": {"reason": "Say <b>why</b>.", "ticks": "Tick one."}}

    bot.on_interaction = refuse
    modal = await open_form(browser_page, playground, bot, EVERY_FIELD)
    await modal.get_by_label("Reason").fill("x")
    await modal.get_by_test_id("modal-submit").click()
    reason = modal.locator("[data-testid=field][data-block-id=reason]")
    await expect(reason.get_by_test_id("field-error")).to_have_text("Say <b>why</b>.")
    await expect(modal.locator("[data-block-id=ticks] [data-testid=field-error]")).to_have_text("Tick one.")
    await expect(modal.get_by_test_id("field-error")).to_have_count(2)
    await expect(modal.get_by_label("Reason")).to_have_value("x")
    await expect(modal.get_by_label("Reason")).to_be_focused()
    await expect(modal.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    await expect(modal.get_by_label("Reason")).to_have_accessible_description("Say <b>why</b>.")
    bot.on_interaction = None
    await modal.get_by_label("Reason").fill("Phishing wave")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    assert len(submissions(bot)) == 2


async def test_a_missing_answer_is_asked_for_before_the_bot_hears_of_it(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    modal = await open_form(browser_page, playground, bot, EVERY_FIELD)
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.locator("[data-block-id=reason] [data-testid=field-error]")).to_be_visible()
    await expect(modal.get_by_test_id("field-error")).to_have_count(1)
    assert submissions(bot) == []


async def test_a_form_that_changes_underneath_keeps_what_was_typed(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    first = form(
        field("reason", {"type": "plain_text_input"}),
        field("kind", {"type": "static_select", "options": OPTIONS}, dispatch_action=True),
    )

    async def grow(payload: dict[str, Any]) -> None:
        note = {"type": "section", "block_id": "note", "text": plain("A note has come")}
        await bot.web.views_update(view_id=payload["view"]["id"], view=form(note, *first["blocks"]))

    bot.on_interaction = grow
    modal = await open_form(browser_page, playground, bot, first)
    await modal.get_by_label("Reason").fill("Half a sent")
    await modal.get_by_label("Kind").select_option("two")
    await expect(modal.locator("[data-block-id=note]")).to_be_visible()
    await expect(modal.get_by_label("Reason")).to_have_value("Half a sent")
    await expect(modal.get_by_label("Kind")).to_have_value("two")
    action = bot.deliveries[-1]
    assert action["view"]["state"]["values"]["reason"]["value"]["value"] == "Half a sent"


async def test_a_form_on_top_of_a_form_gives_way_to_it_again(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    button = {"type": "button", "action_id": "more", "text": plain("More")}
    lower = form(
        field("reason", {"type": "plain_text_input"}), {"type": "actions", "block_id": "act", "elements": [button]}
    )

    async def push(payload: dict[str, Any]) -> None:
        upper = {"type": "modal", "title": plain("Details"), "blocks": [{"type": "divider"}]}
        await bot.web.views_push(trigger_id=payload["trigger_id"], view=upper)

    bot.on_interaction = push
    modal = await open_form(browser_page, playground, bot, lower)
    await modal.get_by_label("Reason").fill("Kept")
    await modal.locator("[data-action-id=more]").click()
    await expect(modal.get_by_role("heading", name="Details")).to_be_visible()
    await expect(modal.get_by_test_id("stack-depth")).to_contain_text("2")
    await expect(modal.get_by_test_id("modal-submit")).to_have_count(0)
    await modal.get_by_test_id("modal-close").click()
    await expect(modal.get_by_role("heading", name="Request a block")).to_be_visible()
    await expect(modal.get_by_label("Reason")).to_have_value("Kept")


async def test_the_keyboard_stays_in_the_form_and_escape_leaves_it(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    modal = await open_form(browser_page, playground, bot, EVERY_FIELD)
    await expect(modal.get_by_label("Indicators", exact=True)).to_be_focused()
    for key in ("Shift+Tab", "Shift+Tab", "Shift+Tab", "Tab", "Tab", "Tab", "Tab"):
        await browser_page.keyboard.press(key)
        assert await modal.evaluate("(node) => node.contains(document.activeElement)")
    for _ in range(20):
        await browser_page.keyboard.press("Tab")
        assert await modal.evaluate("(node) => node.contains(document.activeElement)")
    await browser_page.keyboard.press("Escape")
    await expect(modal).to_have_count(0)
    await expect(browser_page.get_by_test_id("composer")).to_be_focused()


async def test_enter_in_a_line_of_text_sends_the_form(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    modal = await open_form(browser_page, playground, bot, form(field("reason", {"type": "plain_text_input"})))
    await modal.get_by_label("Reason").fill("Phishing wave")
    await modal.get_by_label("Reason").press("Enter")
    await expect(modal).to_have_count(0)
    assert len(submissions(bot)) == 1


async def test_a_form_belongs_to_one_person(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    modal = await open_form(browser_page, playground, bot, EVERY_FIELD)
    other = await browser_page.context.new_page()
    await visit(other, playground, "as=U0APPROVE1&channel=C0GENERAL")
    await expect(other.get_by_test_id("modal")).to_have_count(0)
    await expect(modal).to_be_visible()
