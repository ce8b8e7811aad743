"""The page as a chat: who I act as, where I am, typing, and what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from bot.playground.server import Playground
from tests.browser.places import APPROVALS, APPROVER, GENERAL, REQUESTER, visit
from tests.browser.small_bot import SmallBot


async def test_people_are_offered_with_their_roles(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    people = browser_page.get_by_test_id("person")
    await expect(people).to_have_count(len(playground.workspace.people))
    for index, person in enumerate(playground.workspace.people):
        await expect(people.nth(index)).to_contain_text(person.name)
        await expect(people.nth(index)).to_contain_text(person.role)
    await expect(browser_page.locator(f"[data-user-id={REQUESTER}]").first).to_have_attribute("aria-pressed", "true")


async def test_one_click_acts_as_somebody_else_and_the_address_keeps_it(
    browser_page: Page, playground: Playground
) -> None:
    await visit(browser_page, playground)
    await browser_page.locator(f"[data-testid=person][data-user-id={APPROVER}]").click()
    await browser_page.locator(f"[data-testid=channel][data-channel-id={APPROVALS}]").click()
    await expect(browser_page.get_by_test_id("channel-name")).to_have_text("#mail-approvals")
    assert f"as={APPROVER}&channel={APPROVALS}" in browser_page.url
    await browser_page.reload()
    await expect(browser_page.get_by_test_id("channel-name")).to_have_text("#mail-approvals")
    chosen = browser_page.locator("[data-testid=person][aria-pressed=true]")
    await expect(chosen).to_have_attribute("data-user-id", APPROVER)


async def test_the_hash_sets_the_place_too(browser_page: Page, playground: Playground) -> None:
    await browser_page.goto(f"{playground.url}/#as={APPROVER}&channel=D")
    await expect(browser_page.get_by_test_id("channel-name")).to_have_text(playground.workspace.bot.name)
    chosen = browser_page.locator("[data-testid=person][aria-pressed=true]")
    await expect(chosen).to_have_attribute("data-user-id", APPROVER)


async def test_the_bot_is_shown_as_not_running_until_it_connects(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    state = browser_page.get_by_test_id("bot-state")
    await expect(state).to_contain_text("not running")
    bot = SmallBot(url=playground.url, credentials=playground.workspace.credentials)
    await bot.start()
    try:
        await expect(state).to_contain_text("connected")
    finally:
        await bot.stop()
    await expect(state).to_contain_text("not running")


async def test_that_the_server_does_not_answer_is_said_until_it_is_back_and_nothing_typed_is_lost(
    browser_page: Page, playground: Playground, patience: None
) -> None:
    await visit(browser_page, playground)
    await playground.stop()
    state, problem = browser_page.get_by_test_id("bot-state"), browser_page.get_by_test_id("problem")
    await expect(state).to_contain_text("unreachable")
    composer = browser_page.get_by_test_id("composer")
    await composer.fill("/check evil.example")
    await browser_page.get_by_test_id("send").click()
    await expect(problem).to_contain_text("doesn't answer")
    await expect(composer).to_have_value("/check evil.example")
    async with Playground(port=playground.port, mode="socket"):
        await expect(state).to_contain_text("not running")
        await expect(problem).to_be_hidden()
        await expect(composer).to_have_value("/check evil.example")


async def test_a_message_elsewhere_marks_its_channel_unread_until_it_is_seen(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    await visit(browser_page, playground)
    await bot.post(channel=APPROVALS, text="Something to decide")
    entry = browser_page.locator(f"[data-testid=channel][data-channel-id={APPROVALS}]")
    await expect(entry.get_by_test_id("unread")).to_have_text("1")
    await entry.click()
    await expect(browser_page.get_by_test_id("message")).to_contain_text("Something to decide")
    await browser_page.locator(f"[data-testid=channel][data-channel-id={GENERAL}]").click()
    await expect(browser_page.get_by_test_id("nothing")).to_be_visible()
    await expect(entry.get_by_test_id("unread")).to_have_count(0)


async def test_a_slash_lists_the_commands_with_their_usage(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    composer = browser_page.get_by_test_id("composer")
    await composer.press_sequentially("/")
    suggestions = browser_page.get_by_test_id("suggestion")
    await expect(suggestions).to_have_count(len(playground.workspace.commands))
    await expect(suggestions.first).to_contain_text(playground.workspace.commands[0].usage_hint)
    await composer.press_sequentially("un")
    await expect(suggestions).to_have_count(2)
    await composer.press("ArrowDown")
    await composer.press("Enter")
    await expect(composer).to_have_value("/unallow ")
    await composer.press("Escape")
    await expect(suggestions).to_have_count(0)


async def test_enter_sends_a_command_and_the_arrow_recalls_it(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    await visit(browser_page, playground)

    async def answer(_: dict[str, Any]) -> dict[str, Any]:
        return {"response_type": "ephemeral", "text": "Noted, `evil[.]example`"}

    bot.on_command = answer
    composer = browser_page.get_by_test_id("composer")
    await composer.press_sequentially("/block evil.example 30d Phishing wave")
    await composer.press("Enter")
    message = browser_page.get_by_test_id("message")
    await expect(message.get_by_test_id("only-you")).to_have_text("Only visible to you")
    await expect(message.locator("code")).to_have_text("evil[.]example")
    await expect(browser_page.get_by_test_id("ack")).to_contain_text("Acknowledged in")
    assert bot.deliveries[0]["command"] == "/block"
    assert bot.deliveries[0]["text"] == "evil.example 30d Phishing wave"
    assert bot.deliveries[0]["user_id"] == REQUESTER
    await expect(composer).to_have_value("")
    await composer.press("ArrowUp")
    await expect(composer).to_have_value("/block evil.example 30d Phishing wave")
    await composer.press("ArrowDown")
    await expect(composer).to_have_value("")


async def test_nobody_else_sees_an_ephemeral_answer(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await visit(browser_page, playground)
    await bot.web.chat_postEphemeral(channel=GENERAL, user=REQUESTER, text="For you alone")
    await bot.post(channel=GENERAL, text="For everybody")
    await expect(browser_page.get_by_test_id("message")).to_have_count(2)
    await browser_page.locator(f"[data-testid=person][data-user-id={APPROVER}]").click()
    await expect(browser_page.get_by_test_id("message")).to_have_count(1)
    await expect(browser_page.get_by_test_id("message")).to_contain_text("For everybody")


async def test_a_command_without_a_bot_shows_the_problem_under_the_composer(
    browser_page: Page, playground: Playground
) -> None:
    await visit(browser_page, playground)
    composer = browser_page.get_by_test_id("composer")
    await composer.fill("/check 198.51.100.7")
    await composer.press("Enter")
    problem = browser_page.get_by_test_id("problem")
    await expect(problem).to_contain_text("/check")
    await expect(problem).to_have_attribute("role", "alert")
    await expect(composer).to_have_value("/check 198.51.100.7")


async def test_words_without_a_slash_are_a_message(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    await browser_page.get_by_test_id("composer").fill("Good morning")
    await browser_page.get_by_test_id("send").click()
    message = browser_page.get_by_test_id("message")
    await expect(message).to_contain_text("Good morning")
    await expect(message).to_have_attribute("data-user", REQUESTER)


async def test_a_thread_stands_under_its_message_and_folds(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    await visit(browser_page, playground)
    posted = await bot.post(channel=GENERAL, text="Request 1")
    for text in ("Approved", "Applied"):
        await bot.post(channel=GENERAL, text=text, thread_ts=posted["ts"])
    message = browser_page.locator(f"[data-testid=message][data-ts='{posted['ts']}']")
    toggle = message.get_by_test_id("thread")
    await expect(toggle).to_contain_text("2 replies")
    await expect(message.get_by_test_id("reply").nth(1)).to_contain_text("Applied")
    await toggle.click()
    await expect(toggle).to_have_attribute("aria-expanded", "false")
    await expect(message.get_by_test_id("reply").first).to_be_hidden()


async def test_an_update_is_shown_in_place_and_keeps_the_focus(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    def blocks(text: str) -> list[dict[str, Any]]:
        button = {"type": "button", "text": {"type": "plain_text", "text": "Details"}, "action_id": "details"}
        section = {"type": "section", "block_id": f"say {text}", "text": {"type": "mrkdwn", "text": text}}
        return [section, {"type": "actions", "block_id": "act", "elements": [button]}]

    await visit(browser_page, playground)
    posted = await bot.post(channel=GENERAL, text="Waits", blocks=blocks("Waits"))
    message = browser_page.locator(f"[data-testid=message][data-ts='{posted['ts']}']")
    await message.locator("[data-action-id=details]").focus()
    await bot.web.chat_update(channel=GENERAL, ts=str(posted["ts"]), text="Applied", blocks=blocks("Applied"))
    await expect(message).to_contain_text("Applied")
    await expect(message.get_by_test_id("edited")).to_be_visible()
    await expect(message.locator("[data-action-id=details]")).to_be_focused()


async def test_a_thing_to_try_fills_the_composer(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    composer = browser_page.get_by_test_id("composer")
    for trial, text in {
        "try-block": "/block evil.example 30d Phishing wave",
        "try-check": "/check evil.example",
        "try-allow": "/allow 203.0.113.7 7d Scanner at the head office",
        "try-import": "/import",
        "try-submit": "/allow fabrikam.example 7d Invoices of a supplier",
        "try-extend": "/extend evil.example 90d The fraud goes on",
        "try-emergency": "/block emergency 198.51.100.7 because of a phishing wave",
        "try-posture": "/posture",
        "try-audit": "/audit",
    }.items():
        await browser_page.get_by_test_id(trial).click()
        await expect(composer).to_have_value(text)
        await expect(composer).to_be_focused()


async def test_the_message_to_try_a_submission_with_can_be_saved(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    async with browser_page.expect_download() as downloading:
        await browser_page.get_by_test_id("try-file").click()
    download = await downloading.value
    assert download.suggested_filename == "blocked-message.eml"
    assert b"\r\nFrom: " in Path(await download.path()).read_bytes()  # noqa: ASYNC240 - one small file


async def test_trying_to_approve_goes_to_the_approvals_as_an_approver(
    browser_page: Page, playground: Playground
) -> None:
    await visit(browser_page, playground)
    await browser_page.get_by_test_id("try-approve").click()
    await expect(browser_page.get_by_test_id("channel-name")).to_have_text("#mail-approvals")
    await expect(browser_page.locator("[data-testid=person][aria-pressed=true]")).to_contain_text("Approver")


async def test_trying_to_edit_past_the_bot_opens_the_portal_s_form_beside_the_alerts(
    browser_page: Page, playground: Playground
) -> None:
    await visit(browser_page, playground)
    await browser_page.get_by_test_id("tab-rules").click()
    await browser_page.get_by_test_id("try-portal").click()
    await expect(browser_page.get_by_test_id("channel-name")).to_have_text("#mail-alerts")
    await expect(browser_page.get_by_label("Value")).to_be_focused()
    await expect(browser_page.get_by_label("Value")).to_have_value("203.0.113.9")
    await expect(browser_page.get_by_label("What it does")).to_have_value("Allow")


async def test_the_introduction_is_read_from_its_beginning(browser_page: Page, playground: Playground) -> None:
    await browser_page.set_viewport_size({"width": 900, "height": 420})
    await visit(browser_page, playground)
    stream = browser_page.locator("#stream")
    assert await stream.evaluate("stream => stream.scrollHeight > stream.clientHeight"), "it doesn't fit"
    assert await stream.evaluate("stream => stream.scrollTop") == 0


async def test_the_introduction_stays_away_once_hidden(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    await browser_page.get_by_test_id("hide-intro").click()
    await expect(browser_page.get_by_test_id("intro")).to_be_hidden()
    await browser_page.reload()
    await expect(browser_page.locator("html")).to_have_attribute("data-ready", "true")
    await expect(browser_page.get_by_test_id("intro")).to_be_hidden()
    await browser_page.get_by_test_id("show-intro").click()
    await expect(browser_page.get_by_test_id("intro")).to_be_visible()


async def test_in_a_narrow_window_the_right_column_slides_in(browser_page: Page, playground: Playground) -> None:
    await browser_page.set_viewport_size({"width": 800, "height": 700})
    await visit(browser_page, playground)
    panel = browser_page.get_by_test_id("panel-tenant")
    await expect(panel).to_be_hidden()
    await browser_page.get_by_test_id("toggle-panel").click()
    await expect(panel).to_be_visible()
    await expect(browser_page.get_by_test_id("tab-tenant")).to_be_focused()
    await browser_page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    overflow = await browser_page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow == 0


async def test_the_page_asks_no_other_host(browser_page: Page, playground: Playground) -> None:
    asked: set[str] = set()
    browser_page.on("request", lambda request: asked.add(request.url))
    await visit(browser_page, playground)
    assert asked
    assert not [url for url in asked if not url.startswith(f"{playground.url}/")]


async def test_what_comes_of_a_command_is_scrolled_to(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    for number in range(30):
        await bot.post(channel=GENERAL, text=f"Message {number}")
    await visit(browser_page, playground)
    await expect(browser_page.get_by_text("Message 29")).to_be_in_viewport()
    await browser_page.locator("#stream").evaluate("(stream) => { stream.scrollTop = 0; }")
    await bot.post(channel=GENERAL, text="Message from elsewhere")
    await expect(browser_page.get_by_test_id("message")).to_have_count(31)
    await expect(browser_page.get_by_text("Message from elsewhere")).not_to_be_in_viewport()
    await browser_page.get_by_test_id("composer").fill("Mine")
    await browser_page.get_by_test_id("composer").press("Enter")
    await expect(browser_page.get_by_text("Mine", exact=True)).to_be_in_viewport()
