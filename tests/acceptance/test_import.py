"""Imports on the real wire: a file through the form or the command line, one approval, every line in the result."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.playground.page_client import Json, PageClient, shown
from tests.acceptance.steps import approved, idle, installation
from tests.support.installation import APPROVALS, APPROVER, DIRECT, REQUESTER, Installation

_NUMBERS = count(1)
FOLDER = Path(__file__).parents[1] / "exports"
Rows = list[dict[str, str]]


@pytest.fixture(scope="module", params=["socket-sqlite", "http-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(request.param, request=request, folder=tmp_path_factory.mktemp("import")) as here:
        yield here


@pytest.fixture
def feed() -> str:
    """What the names of a test begin with, which are no other's."""
    return f"feed{next(_NUMBERS)}"


async def file_after(page: PageClient, who: str, channel: str, ts: str) -> Rows:
    """The lines of the first file that came after a message."""

    async def look() -> dict[str, Any] | None:
        messages = await page.messages(who, channel)
        return next((message for message in messages if message.get("files") and message["ts"] > ts), None)

    message = await page.until(f"a file in {channel}", look)
    return list(csv.DictReader(io.StringIO((await page.open_file(who, message)).decode("utf-8-sig"))))


async def newest(page: PageClient, who: str, channel: str) -> str:
    return max((message["ts"] for message in await page.messages(who, channel)), default="")


async def sent(page: PageClient, content: bytes, *, name: str = "feed.csv") -> None:
    """Send a file through the form, as somebody who blocks what is in it."""
    await page.type(REQUESTER, "/import")
    form = await page.view(REQUESTER)
    file = await page.choose(REQUESTER, name, content)
    answer = await page.submit(REQUESTER, form, {"file": [file], "reason": "Feed of the week"})
    assert answer["ok"], answer


async def requested(page: PageClient, *words: str, after: str = "") -> Json:
    """Wait for the preview with these words, and have what it shows requested; the same message, once it is."""
    shown_first = await page.message(REQUESTER, DIRECT, "would be requested", *words, after=after)
    await page.click(REQUESTER, DIRECT, shown_first, "Request these")
    return await page.message(REQUESTER, DIRECT, "lines requested", *words, after=after)


async def result(page: PageClient, card: Json) -> Rows:
    """Approve an import's card; the result under it."""
    await page.click(APPROVER, APPROVALS, card, "Approve")
    return await file_after(page, APPROVER, APPROVALS, card["ts"])


async def senders(page: PageClient) -> dict[str, str]:
    return {item["Value"]: item["Action"] for item in (await page.lists())["items"]["Sender"]}


async def test_each_line_of_a_file_is_judged_by_itself(page: PageClient, here: Installation, feed: str) -> None:
    for value in (f"{feed}-listed.example", f"{feed}-whole.example"):
        await approved(page, f"/block {value} 7d Phishing wave", value.replace(".", "[.]"))
    await idle(page, here)
    new = [f"{feed}-{number}.example" for number in range(1, 31)]
    bad = ["(none);?", f"{feed}-1.example;again", f"{feed}-listed.example;feed", f"info@{feed}-whole.example;feed"]
    lines = ["ioc;source", *(f"{name.replace('.', '[.]')};feed" for name in new), *bad]
    before = await newest(page, REQUESTER, DIRECT)

    await page.type(REQUESTER, "/import")
    form = await page.view(REQUESTER)
    refused = await page.submit(REQUESTER, form, {"reason": "Feed of the week"})
    assert "file" in refused["errors"]
    await page.post("/api/close", {"as": REQUESTER, "view_id": form["id"]})
    await sent(page, "\n".join(lines).encode("utf-16"))

    preview = await page.message(REQUESTER, DIRECT, "30 of 34 lines would be requested", after=before)
    assert "read by *column ioc*" in shown(preview)
    assert all(f"{feed}-1[.]example" not in shown(card) for card in await page.messages(APPROVER, APPROVALS))
    told = await requested(page, f"{feed}-1[.]example", after=before)
    assert "30 of 34 lines requested, 4 set aside" in shown(told)
    answered = await file_after(page, REQUESTER, DIRECT, before)
    assert [row["outcome"] for row in answered[-4:]] == ["set aside"] * 4
    for words in ("given twice", "on the list already", "covered by an entry", "can't be read"):
        assert re.search(rf"1 line \(line \d+\): {words}", shown(told))
    card = await page.message(APPROVER, APPROVALS, "Block 30 senders", f"{feed}-1[.]example", "Waits")
    rows = await result(page, card)
    assert [row["state"] for row in rows] == ["applied"] * 30 + ["set aside"] * 4
    assert [int(row["line"]) for row in rows] == list(range(2, 36))
    assert set(new) <= (await senders(page)).keys()
    assert f"info@{feed}-whole.example" not in await senders(page)


async def test_a_chunk_that_is_refused_costs_the_others_nothing(
    page: PageClient, here: Installation, feed: str
) -> None:
    names = [f"{feed}-{number}.example" for number in range(1, 26)]
    await sent(page, "\n".join([*names, names[0]]).encode())
    await requested(page, f"{feed}-1[.]example")
    card = await page.message(APPROVER, APPROVALS, "Block 25 senders", f"{feed}-1[.]example", "Waits")
    await idle(page, here)
    # Meanwhile others were at work: one name is blocked already, and one is allowed, which refuses its chunk.
    await page.post(
        "/api/tenant/edit",
        {"cmdlet": "New-TenantAllowBlockListItems", "parameters": blocked_by_hand(f"{feed}-3.example")},
    )
    await page.post("/api/tenant/submission", {"list_type": "Sender", "value": f"{feed}-7.example"})

    states = {row["indicator"]: row["state"] for row in (await result(page, card))[:25]}
    assert states.pop(f"{feed}-3.example") == "already so"
    assert states.pop(f"{feed}-7.example") == "refused"
    assert set(states.values()) == {"applied"}
    assert len(states) == 23
    held = await senders(page)
    assert {name: held[name] for name in names} == {
        name: "Allow" if name == f"{feed}-7.example" else "Block" for name in names
    }
    await page.message(APPROVER, APPROVALS, "Block 25 senders", f"{feed}-1[.]example", "Partly applied")


def blocked_by_hand(value: str) -> Json:
    return {"ListType": "Sender", "Block": True, "Entries": [value], "NoExpiration": True}


async def test_who_gave_it_chooses_the_column(page: PageClient, here: Installation, feed: str) -> None:
    rows = ["Sender,Reply-To", *(f"a@{feed}-sender.example,b@{feed}-{number}.example" for number in range(1, 4))]
    await sent(page, "\n".join(rows).encode())
    asked = await page.message(REQUESTER, DIRECT, "Which column is meant?", f"{feed}-1[.]example")
    await page.select(REQUESTER, DIRECT, asked, "Reply-To")
    await page.message(REQUESTER, DIRECT, "read by *column Reply-To*", f"b@{feed}-1[.]example")
    told = await requested(page, f"b@{feed}-1[.]example")
    assert "3 of 3 lines requested, 0 set aside" in shown(told)
    card = await page.message(APPROVER, APPROVALS, "Block 3 senders", f"b@{feed}-1[.]example", "Waits")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, "Block 3 senders", f"b@{feed}-1[.]example", "Applied")
    assert {f"b@{feed}-{number}.example" for number in range(1, 4)} <= (await senders(page)).keys()
    assert f"a@{feed}-sender.example" not in await senders(page)


#: Some of the exports and feeds, the column that is chosen where it is asked, and what the tenant blocks then.
EXPORTS = {
    # Before the others: a domain that is blocked covers its addresses.
    "hunting_results.csv": ("SenderFromAddress", {"Sender": {"ceo@evil.example", "cfo@evil.example"}}),
    "stix_bundle.json": ("", {"Sender": {"evil.example", "evil@bad.example"}, "Url": {"evil.example/a"}}),
    "soc_list.xlsx": ("", {"Sender": {"evil.example", "bad.example"}}),
    "tabl_spoofs.csv": ("", {}),
}


@pytest.mark.parametrize("name", EXPORTS)
async def test_an_export_is_read_by_its_layout(page: PageClient, here: Installation, name: str) -> None:
    column, blocked = EXPORTS[name]
    before = await newest(page, REQUESTER, DIRECT)
    # What is to be in force one day only isn't today, and here it is no day of the test's choosing.
    content = (FOLDER / name).read_bytes().replace(b'"valid_from": "2029-', b'"valid_from": "2019-')
    await sent(page, content, name=name)
    preview = await page.message(REQUESTER, DIRECT, name, after=before)
    if column:
        assert "Which column is meant?" in shown(preview)
        await page.select(REQUESTER, DIRECT, preview, column)
        preview = await page.message(REQUESTER, DIRECT, name, f"read by *column {column}*", after=before)
    await page.click(REQUESTER, DIRECT, preview, "Request these")
    await page.message(REQUESTER, DIRECT, name, "requested, ", "It needs 1 approval", after=before)
    await idle(page, here)
    for card in await page.messages(APPROVER, APPROVALS):
        if "Waits for approval" in shown(card):
            await page.click(APPROVER, APPROVALS, card, "Approve")
    await idle(page, here)
    lists = await page.lists()
    for kind, values in blocked.items():
        assert values <= {item["Value"] for item in lists["items"][kind] if item["Action"] == "Block"}
    if name == "tabl_spoofs.csv":
        pairs = {(pair["SpoofedUser"], pair["SendingInfrastructure"], pair["Action"]) for pair in lists["spoof"]}
        assert pairs == {("contoso.com", "203.0.113.0/24", "Block"), ("ceo@contoso.com", "evil.example", "Block")}


async def test_what_is_cancelled_is_not_requested(page: PageClient, here: Installation, feed: str) -> None:
    await sent(page, f"{feed}.example".encode())
    preview = await page.message(REQUESTER, DIRECT, "would be requested", f"{feed}[.]example")
    await page.click(REQUESTER, DIRECT, preview, "Cancel")
    await page.until("the message to say so", lambda: cancelled(page, preview["ts"]))
    await idle(page, here)
    assert f"{feed}[.]example" not in str([shown(card) for card in await page.messages(APPROVER, APPROVALS)])


async def cancelled(page: PageClient, ts: str) -> bool | None:
    messages = await page.messages(REQUESTER, DIRECT)
    return any(message["ts"] == ts and "cancelled" in shown(message) for message in messages) or None


async def test_the_command_line_proposes_a_file(page: PageClient, here: Installation, feed: str) -> None:
    names = [f"{feed}-{number}.example" for number in range(1, 4)]
    path = here.folder / f"{feed}.txt"
    path.write_text("\n".join([*names, "what is this"]))
    arguments = ["block", "--file", str(path), "--as", REQUESTER, "--reason", "Feed of the week", "--yes"]

    ran = await asyncio.to_thread(here.command, "propose", *arguments)
    assert ran.returncode == 1, f"1 says that a line was set aside: {ran.stderr}"
    assert "3 of 4 lines requested, 1 set aside." in ran.stdout
    card = await page.message(APPROVER, APPROVALS, "Block 3 senders", f"{feed}-1[.]example", "Waits")
    assert f"<@{REQUESTER}>" in str(card["blocks"])
    assert [row["state"] for row in await result(page, card)] == ["applied"] * 3 + ["set aside"]
    assert set(names) <= (await senders(page)).keys()
