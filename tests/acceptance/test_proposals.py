"""What one command asks for of several lists: one card and one tap, or a form in which lines are left out."""

from __future__ import annotations

import pytest

from bot.playground.page_client import Json, PageClient, buttons, shown
from tests.acceptance.steps import defanged, entry, listed
from tests.support.installation import APPROVALS, APPROVER, DIRECT, REQUESTER

pytestmark = pytest.mark.parametrize("here", ["http-sqlite"], indirect=True)

FILE = "a7" * 32


async def propose(page: PageClient, values: str, first: str) -> Json:
    answer = await page.type(REQUESTER, f"/block {values} 30d Phishing wave")
    assert answer["problem"] is None
    return await page.message(APPROVER, APPROVALS, "Block 4 indicators", defanged(first))


async def test_four_kinds_of_values_are_one_card_and_one_tap(page: PageClient, name: str, address: str) -> None:
    card = await propose(page, f"{name} https://{name}/login {address} {FILE}", name)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    applied = await page.message(APPROVER, APPROVALS, defanged(name), "Applied")
    assert applied["ts"] == card["ts"]
    assert all(f"*{label}:* 1 blocked" in shown(applied) for label in ("Senders", "URLs", "IPs", "Files"))
    assert await listed(page, name) == 1
    held = await page.lists()
    assert [item["Value"] for item in held["items"]["Url"] if name in item["Value"]]
    assert [item["Value"] for item in held["items"]["FileHash"] if item["Value"].lower() == FILE]
    assert any(address in (policy["IPBlockList"] or []) for policy in held["policies"])
    cards = [message for message in await page.messages(APPROVER, APPROVALS) if defanged(name) in shown(message)]
    assert [message["ts"] for message in cards if not message["thread_ts"]] == [card["ts"]]
    copies = [message for message in await page.messages(REQUESTER, DIRECT) if defanged(name) in shown(message)]
    assert len(copies) == 1


async def test_an_approver_leaves_a_line_out(page: PageClient, name: str, address: str) -> None:
    card = await propose(page, f"{name} good.{name} https://{name}/login {address}", name)
    assert [button.text for button in buttons(card)] == ["Approve", "Approve some…", "Deny…", "Details"]
    await page.click(APPROVER, APPROVALS, card, "Approve some…")
    form = await page.view(APPROVER)
    [field] = [block for block in form["blocks"] if block.get("element", {}).get("type") == "checkboxes"]
    options = field["element"]["options"]
    left = [option["value"] for option in options if "good" not in option["text"]["text"]]
    assert len(options) - len(left) == 1
    answer = await page.submit(APPROVER, form, {field["block_id"]: left})
    assert answer["errors"] is None
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied", "left out")
    await page.message(REQUESTER, DIRECT, "Left out", f"good[.]{defanged(name)}")
    assert (await entry(page, name))["Action"] == "Block"
    assert await listed(page, f"good.{name}") == 0


async def test_several_that_wait_are_approved_in_one_form(page: PageClient, name: str) -> None:
    values = {name: f"`{defanged(name)}`", f"worse.{name}": f"`worse[.]{defanged(name)}`"}
    for value, seen in values.items():
        await page.type(REQUESTER, f"/block {value} 30d Phishing wave")
        await page.message(APPROVER, APPROVALS, seen, "0 of 1 approval")
    await page.type(APPROVER, "/requests", channel=APPROVALS)
    answer = await page.message(APPROVER, APPROVALS, "Open requests", defanged(name))
    assert f"/archives/{APPROVALS}/p" in shown(answer), "the numbers lead to the cards"
    await page.click(APPROVER, APPROVALS, answer, "Approve several…")
    form = await page.view(APPROVER)
    boxes = {
        block["block_id"]: [option["value"] for option in block["element"]["options"]]
        for block in form["blocks"]
        if block.get("element", {}).get("type") == "checkboxes"
    }
    assert len(boxes) >= 2
    sent = await page.submit(APPROVER, form, boxes)
    assert sent["errors"] is None
    for seen in values.values():
        await page.message(APPROVER, APPROVALS, f"*Blocked* {seen}")
    assert await page.violations() == []


async def test_what_nothing_is_wrong_with_is_requested_by_one_click(page: PageClient, name: str) -> None:
    await page.type(REQUESTER, f"/block {name} co.uk 30d Phishing wave", channel=APPROVALS)
    answer = await page.message(REQUESTER, APPROVALS, "Not requested", defanged(name))
    await page.click(REQUESTER, APPROVALS, answer, "Request the other one")
    await page.message(APPROVER, APPROVALS, defanged(name), "0 of 1 approval")
