"""Files on the page: chosen in a form, kept while it changes, sent with it, and opened from a message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from bot.playground.server import Playground
from tests.browser.places import APPROVALS, REQUESTER, visit
from tests.browser.small_bot import SmallBot
from tests.browser.test_page_forms import field, form, open_form, submissions

FILE_FORM = form(
    field("file", {"type": "file_input", "filetypes": ["csv"], "max_files": 1}),
    field("reason", {"type": "plain_text_input"}),
    title="Import",
)


def csv_file(name: str = "evil.csv", content: bytes = b"evil.example\n") -> Any:  # noqa: ANN401 - playwright's FilePayload
    return {"name": name, "mimeType": "text/csv", "buffer": content}


async def test_a_chosen_file_is_sent_with_the_form(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    modal = await open_form(browser_page, playground, bot, FILE_FORM)
    await modal.locator("input[type=file]").set_input_files([csv_file()])
    await expect(modal.get_by_test_id("chosen-files")).to_have_text("evil.csv")
    # The reason is missing: the form is drawn anew, and the file stays chosen.
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.locator("[aria-invalid=true]")).to_have_count(1)
    await expect(modal.get_by_test_id("chosen-files")).to_have_text("evil.csv")
    await modal.locator("input[type=text]").fill("Phishing wave")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    [payload] = submissions(bot)
    [file] = payload["view"]["state"]["values"]["file"]["value"]["files"]
    assert (file["name"], file["size"], file["user"]) == ("evil.csv", 13, REQUESTER)


async def test_a_file_of_another_type_is_an_error_at_its_field(
    browser_page: Page, playground: Playground, bot: SmallBot
) -> None:
    modal = await open_form(browser_page, playground, bot, FILE_FORM)
    await expect(modal.locator("input[type=file]")).to_have_attribute("accept", ".csv")
    await modal.locator("input[type=file]").set_input_files([csv_file("evil.exe")])
    await expect(modal.get_by_test_id("chosen-files")).to_have_text("evil.exe")
    await modal.locator("input[type=text]").fill("Phishing wave")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("of these types only: csv")
    assert submissions(bot) == []


async def test_a_file_in_a_message_can_be_opened(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await bot.web.files_upload_v2(channel=APPROVALS, content="line,state\n", filename="result.csv", title="The result")
    await visit(browser_page, playground, f"as={REQUESTER}&channel={APPROVALS}")
    async with browser_page.expect_download() as downloading:
        await browser_page.get_by_role("button", name="The result").click()
    path = await (await downloading.value).path()
    assert Path(path).read_bytes() == b"line,state\n"  # noqa: ASYNC240 - one small file
