"""Somebody in front of the page, with the real bot behind it."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.support.installation import GENERAL, REQUESTER


class Hands:
    """Somebody in front of the page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def open(self) -> None:
        await self.page.goto(f"{self._url}/?as={REQUESTER}&channel={GENERAL}&intro=off")
        await expect(self.page.locator("html")).to_have_attribute("data-ready", "true")

    async def go(self, *, who: str, where: str) -> None:
        """Choose somebody on the left, then a channel: the list of channels is drawn anew for whoever is chosen."""
        person = self.page.locator(f"[data-testid=person][data-user-id={who}]")
        await person.click()
        await expect(person).to_have_attribute("aria-pressed", "true")
        channel = self.page.locator(f"[data-testid=channel][data-channel-id={where}]")
        chosen = self.page.locator(f"[data-testid=channel][data-channel-id={where}][aria-current=page]")
        while not await chosen.count():
            # A message that comes in draws the button anew, with its count: a click in that instant is lost.
            await channel.click()
            await self.page.wait_for_function("() => new Promise(requestAnimationFrame)")

    async def type(self, text: str) -> None:
        composer = self.page.get_by_test_id("composer")
        await composer.fill(text)
        await composer.press("Enter")
        await expect(composer).to_have_value("")

    def message(self, *words: str) -> Locator:
        """The newest message in the channel in which all these words stand."""
        found = self.page.get_by_test_id("message")
        for word in words:
            found = found.filter(has_text=word)
        return found.last

    def button(self, message: Locator, text: str) -> Locator:
        """A button by the text on it: to a screen reader it also says which request it belongs to."""
        named = message.get_by_role("button", name=re.compile(rf"^{text.removesuffix('…')}(?!\w)"))
        return named.filter(has_text=re.compile(f"^{text}$"))

    async def click(self, message: Locator, text: str) -> None:
        await self.button(message, text).first.click()

    @property
    def form(self) -> Locator:
        return self.page.get_by_test_id("modal")

    def field(self, label: str) -> Locator:
        return self.form.get_by_label(label)

    def problem(self, block_id: str) -> Locator:
        """What is wrong, where it is wrong."""
        return self.form.locator(f"[data-testid=field][data-block-id={block_id}]").get_by_test_id("field-error")

    async def submit(self) -> None:
        await self.form.get_by_test_id("modal-submit").click()

    def entry(self, value: str) -> Locator:
        """An entry in the tenant's lists, as the right column shows them."""
        return self.page.locator(f"[data-testid=entry][data-value='{value}']")
