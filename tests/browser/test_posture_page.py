"""The page for an auditor in Chromium: it opens from a file, axe finds nothing, and nothing in it runs or is loaded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from bot.cli.posture_page import page
from bot.cli.posture_report import PostureReport
from bot.domain.lists.entries import Entry, FilterPolicy
from bot.domain.lists.traits import Action, ListName
from bot.domain.posture.baseline import posture
from bot.domain.posture.finding import Fault, Finding
from bot.domain.posture.scans import PostureScan
from bot.domain.requests.browsing import ListedEntry
from tests.browser.test_accessible import demand_nothing_found
from tests.support.samples import KNOWN, NOW

HOSTILE = "<img src=https://evil.example/x onerror=document.title='taken'><script>document.title='taken'</script>"


def report() -> PostureReport:
    entry = Entry(list=ListName.CONNECTION_FILTER, action=Action.ALLOW, value="203.0.113.0/24", notes=HOSTILE)
    scans = [
        PostureScan(
            number=day,
            at=NOW - timedelta(days=9 - day),
            as_of=NOW,
            counts={},
            findings=12 - day,
            grave=2,
            added=0,
            gone=1,
        )
        for day in range(10)
    ]
    return PostureReport(
        as_of=NOW,
        made_at=NOW,
        baseline=posture([FilterPolicy(identity=HOSTILE, allow=("203.0.113.0/24",))]),
        findings=(
            Finding(
                place="connection_filter",
                value="203.0.113.0/24",
                faults=(Fault.IP_ALLOW, Fault.WIDE),
                row=ListedEntry(entry, KNOWN),
                since={Fault.IP_ALLOW: NOW},
            ),
            Finding(place="mail_flow_rules", value=HOSTILE, within=HOSTILE, detail=HOSTILE, faults=(Fault.BYPASS,)),
            Finding(place="sender", value="fabrikam.example", faults=(Fault.NO_NOTE,)),
        ),
        unseen=(HOSTILE,),
        history=scans,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_read_by_everybody_and_runs_nothing(
    browser_page: Page, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    file = tmp_path / "posture.html"
    file.write_text(page(report()), encoding="utf-8")
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    await browser_page.emulate_media(color_scheme=scheme)
    await browser_page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    await expect(browser_page).to_have_title(f"Posture, {NOW:%Y-%m-%d}")
    await expect(browser_page.get_by_role("heading", level=1)).to_have_text("Posture of the mail filter's overrides")
    await expect(browser_page.get_by_role("img", name="Findings over time")).to_be_visible()
    await expect(browser_page.get_by_role("table", name="The gravest first")).to_contain_text("203.0.113[.]0/24")
    assert await browser_page.locator("main img, main script").count() == 0
    await demand_nothing_found(browser_page)


async def test_nothing_of_it_is_cut_off_in_print_or_on_a_phone(browser_page: Page, tmp_path: Path) -> None:
    file = tmp_path / "posture.html"
    file.write_text(page(report()), encoding="utf-8")
    await browser_page.goto(file.as_uri())
    for width in (700, 1280):
        await browser_page.set_viewport_size({"width": width, "height": 800})
        wide = await browser_page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
    await browser_page.emulate_media(media="print")
    assert (await browser_page.pdf(format="A4")).startswith(b"%PDF")
