"""Reading the audit log in Slack: pages, the story of a request, and a file to take along."""

from __future__ import annotations

import pytest

from bot.playground.page_client import Json, PageClient, buttons, shown
from tests.support.installation import APPROVALS, APPROVER, AUDITOR, DIRECT, GENERAL, REQUESTER


def shown_name(value: str) -> str:
    head, _, tail = value.rpartition(".")
    return f"{head}[.]{tail}"


@pytest.mark.parametrize("here", ["http-sqlite"], indirect=True)
async def test_an_auditor_turns_pages_opens_a_story_and_takes_a_file(page: PageClient, name: str) -> None:
    await page.type(REQUESTER, f"/block {name} 30d Phishing wave")
    card = await page.message(APPROVER, APPROVALS, shown_name(name), "Phishing wave")
    for _ in range(11):  # each reading is an event itself: more than a page
        await page.type(AUDITOR, f"/audit proposed {name}")
    await page.type(AUDITOR, "/audit readings by me")
    first = await page.message(AUDITOR, GENERAL, "Audit log", "readings", after=card["ts"])
    await page.click(AUDITOR, GENERAL, first, "Older")
    older = await page.message(AUDITOR, GENERAL, "Audit log", "readings", "1 event, the newest first", after=card["ts"])
    assert older["ts"] == first["ts"], "the page is turned in place"
    await page.click(AUDITOR, GENERAL, older, "Newer")
    newer = await page.message(AUDITOR, GENERAL, "readings", "10 events", after=card["ts"])
    assert newer["ts"] == first["ts"]

    await page.type(AUDITOR, f"/audit {name}")
    found = await page.message(AUDITOR, GENERAL, "Audit log", shown_name(name), "proposed", after=first["ts"])
    [story] = [button.text for button in buttons(found) if button.text == "Details"]
    await page.click(AUDITOR, GENERAL, found, story)
    view = await page.view(AUDITOR)
    assert "proposed" in shown({"blocks": view["blocks"]})
    await page.post("/api/close", {"as": AUDITOR, "view_id": view["id"]})

    await page.click(AUDITOR, GENERAL, found, "Export")
    told = await page.message(AUDITOR, DIRECT, "Audit log", "1 event as CSV")

    async def look() -> Json | None:
        messages = await page.messages(AUDITOR, DIRECT)
        return next((each for each in messages if each.get("files") and each["ts"] > told["ts"]), None)

    content = await page.open_file(AUDITOR, await page.until("the file", look))
    assert f"request.proposed,{REQUESTER}" in content.decode("utf-8-sig")
