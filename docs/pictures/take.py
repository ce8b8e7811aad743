"""Take the pictures of the README: run with `make pictures`, in a checkout with Chromium installed.

It starts the demo, plays a short scene by typing and clicking in Chromium, and saves what is on the screen beside this
file. Nothing in the pictures is drawn by hand.
"""

# ruff: noqa: INP001 — a script beside its pictures, no package
from __future__ import annotations

import asyncio
import re
import struct
import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, ViewportSize, async_playwright, expect

HERE = Path(__file__).parent
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
LARGEST = 400_000  # bytes: a README has to load quickly

WINDOW: ViewportSize = {"width": 1360, "height": 1060}
#: For what is longer than that, so that nothing of it has to be scrolled to.
TALL: ViewportSize = {"width": 1360, "height": 1600}

REQUESTER, FIRST, SECOND = "U0REQUEST1", "U0APPROVE1", "U0APPROVE2"
GENERAL, APPROVALS, DIRECT = "C0GENERAL", "C0APPROVALS", "D"

#: What a feed looks like: one line is listed already, one allows, one is no indicator.
FEED = """IndicatorType,IndicatorValue,Action,ExpirationTime,Title
Url,https://login.fabrikam.example/reset,Block,2030-06-30T00:00:00Z,Fake sign-in page
DomainName,invoices.example,Block,2030-06-30T00:00:00Z,Invoice fraud
DomainName,evil.example,Block,,Seen before
DomainName,northwind.example,Allow,,A supplier
IpAddress,198.51.100.24,Block,,Password spray
FileMd5,0123456789abcdef0123456789abcdef,Block,,A dropper
"""


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """A running demo on a free port; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", "demo", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None  # noqa: S101 — a pipe was asked for
        async with asyncio.timeout(90):
            async for line in process.stdout:
                if found := re.search(rb"http://127\.0\.0\.1:\d+", line):
                    yield found[0].decode()
                    return
        raise RuntimeError("the demo ended before it was ready")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


class Scene:
    """Somebody's hands on the page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def go(self, who: str, channel: str) -> None:
        """Act as somebody, in a channel."""
        await self.page.goto(f"{self._url}/?as={who}&channel={channel}&intro=off")
        await expect(self.page.locator("html")).to_have_attribute("data-ready", "true")

    async def type(self, text: str) -> None:
        """Type a command and send it."""
        composer = self.page.get_by_test_id("composer")
        await composer.fill(text)
        await composer.press("Enter")

    def card(self, *words: str) -> Locator:
        """The message in which all these words stand."""
        found = self.page.get_by_test_id("message")
        for word in words:
            found = found.filter(has_text=word)
        return found.last

    async def approve(self, *words: str) -> None:
        """Click Approve on a card, and in the form that opens for what lets strangers in."""
        await self.card(*words).get_by_role("button", name="Approve").click()
        if "IP ALLOW" in words:
            form = self.page.get_by_test_id("modal")
            await form.get_by_test_id("modal-submit").click()
            await expect(form).to_have_count(0)

    async def scroll_up(self) -> None:
        """Show the first messages of the channel."""
        await self.page.locator("#stream").evaluate("(stream) => { stream.scrollTop = 0; }")

    async def unroll(self, form: Locator) -> None:
        """Make room for a form, so that nothing of it has to be scrolled to."""
        await self.page.set_viewport_size(TALL)
        await form.evaluate("(dialog) => { dialog.style.maxHeight = 'none'; }")

    async def save(self, name: str, what: Locator | None = None) -> None:
        """Take a picture of the page, or of a part of it."""
        await self.page.mouse.move(0, 0)
        await self.page.evaluate("document.activeElement?.blur()")
        data = smaller(await (what or self.page).screenshot(animations="disabled", caret="hide"))
        if len(data) > LARGEST:
            raise RuntimeError(f"{name} has {len(data)} bytes; {LARGEST} is the most")
        (HERE / name).write_bytes(data)
        sys.stdout.write(f"{name}: {len(data) // 1000} kB\n")


async def play(scene: Scene) -> None:
    """The scene, from a block to an IP allow that one approver has agreed to."""
    await scene.go(REQUESTER, GENERAL)
    await scene.type("/block evil[.]example 30d Invoice fraud, seen by three people this morning")
    await expect(scene.card("Only visible to you")).to_contain_text("#1")
    await scene.type("/block hxxps://fabrikam[.]example/login 90d Asks for passwords")
    await expect(scene.card("Only visible to you")).to_contain_text("#2")
    await scene.go(FIRST, APPROVALS)
    await scene.approve("evil[.]example")
    await expect(scene.card("evil[.]example").get_by_test_id("reply").last).to_contain_text("Applied")
    await scene.scroll_up()
    await scene.save("page.png")
    await scene.card("evil[.]example").get_by_role("button", name="Details").click()
    form = scene.page.get_by_test_id("modal")
    await expect(form).to_contain_text("PowerShell")
    await scene.save("details.png", form)
    await form.get_by_test_id("modal-close").click()

    await scene.go(REQUESTER, GENERAL)
    await scene.type("/import")
    async with scene.page.expect_file_chooser() as choosing:
        await form.locator("input[type=file]").click()
    await (await choosing.value).set_files(
        [{"name": "indicators.csv", "mimeType": "text/csv", "buffer": FEED.encode()}]
    )
    await form.get_by_label("Reason").fill("Indicators of the week")
    await form.get_by_test_id("modal-submit").click()
    await expect(form).to_have_count(0)
    await scene.go(REQUESTER, DIRECT)
    preview = scene.card("indicators.csv")
    await expect(preview.get_by_role("button", name="Request these")).to_be_visible()
    await scene.page.set_viewport_size(TALL)
    await scene.save("import-preview.png", preview)
    await scene.page.set_viewport_size(WINDOW)

    await scene.go(REQUESTER, GENERAL)
    await scene.type("/allow 203.0.113.7 7d Mail from the scanner at the head office is quarantined")
    await expect(form).to_contain_text("switches filtering off")
    await scene.unroll(form)
    await scene.save("ip-allow-form.png", form)
    await scene.page.set_viewport_size(WINDOW)
    await form.get_by_role("checkbox").check()
    await form.get_by_test_id("modal-submit").click()
    await expect(form).to_have_count(0)

    await scene.go(FIRST, APPROVALS)
    await scene.approve("IP ALLOW")
    await expect(scene.card("IP ALLOW")).to_contain_text("1 of 2")
    await expect(scene.card("IP ALLOW").get_by_test_id("reply")).to_have_count(1)
    await scene.save("ip-allow-card.png", scene.card("IP ALLOW"))


def smaller(png: bytes) -> bytes:
    """The same picture, packed as tightly as zlib can, with nothing in it but the picture."""
    kept, pixels, at = [png[:8]], b"", 8
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        data = png[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IDAT":
            pixels += data
            continue
        if kind == b"IEND":
            kept.append(_chunk(b"IDAT", zlib.compress(zlib.decompress(pixels), 9)))
        if kind in {b"IHDR", b"PLTE", b"tRNS", b"IEND"}:
            kept.append(_chunk(kind, data))
    return b"".join(kept)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


async def main() -> None:
    """Play the scene in a window of its own."""
    expect.set_options(timeout=30_000)
    async with demo() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(
            viewport=WINDOW,
            device_scale_factor=1.5,
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        await play(Scene(await context.new_page(), url))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
