"""An import on the real wire: a file through the form, one approval, every line in the tenant and in the result."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from bot.playground.page_client import PageClient
from tests.support.installation import APPROVALS, APPROVER, DIRECT, REQUESTER, Installation


async def _file(page: PageClient, who: str, channel: str) -> list[dict[str, str]]:
    async def look() -> dict[str, Any] | None:
        return next((message for message in await page.messages(who, channel) if message.get("files")), None)

    message = await page.until(f"a file in {channel}", look)
    return list(csv.DictReader(io.StringIO((await page.open_file(who, message)).decode("utf-8-sig"))))


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_file_is_imported(tmp_path: Path, mode: str) -> None:
    lines = [f"evil-{number}[.]example;feed" for number in range(1, 46)]
    content = "\n".join(["ioc;source", *lines, "evil-1.example;again", "(none);?"]).encode("utf-16")
    with Installation(folder=tmp_path, mode=mode) as here:
        async with here.page() as page:
            await page.type(REQUESTER, "/import")
            form = await page.view(REQUESTER)
            refused = await page.submit(REQUESTER, form, {"reason": "Feed of the week"})
            assert "file" in refused["errors"]
            file = await page.choose(REQUESTER, "feed.csv", content)
            answer = await page.submit(REQUESTER, form, {"file": [file], "reason": "Feed of the week"})
            assert answer["ok"], answer
            await page.message(REQUESTER, DIRECT, "Import of", "45 of 47 lines requested, 2 set aside")
            told = await _file(page, REQUESTER, DIRECT)
            assert [row["outcome"] for row in told[-2:]] == ["set aside", "set aside"]
            card = await page.message(APPROVER, APPROVALS, "Block 45 senders", "Waits")
            await page.click(APPROVER, APPROVALS, card, "Approve")
            done = await _file(page, APPROVER, APPROVALS)
            assert [row["state"] for row in done[:45]] == ["applied"] * 45
            assert [row["line"] for row in done[-2:]] == ["47", "48"]
            held = {item["Value"] for item in (await page.lists())["items"]["Sender"]}
            assert {f"evil-{number}.example" for number in range(1, 46)} <= held
            assert await page.violations() == []
