"""The main job by itself, over the same wire, a step at a time, for a person to read along."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from bot.playground import samples
from bot.playground.page_client import Json, NotSeen, PageClient, as_json, run

REQUESTER, APPROVER, SECOND, VISITOR = "U0REQUEST1", "U0APPROVE1", "U0APPROVE2", "U0VISITOR1"
GENERAL, APPROVALS, ALERTS, DIRECT = "C0GENERAL", "C0APPROVALS", "C0ALERTS", "D"

NAMES = {REQUESTER: "Requester", APPROVER: "Approver one", SECOND: "Approver two", VISITOR: "Visitor"}
IP = "203.0.113.7"

#: What the tour imports: one of them twice, and a line that is nothing.
_FILE = (
    "indicator,source\n" + "".join(f"phish-{number}[.]example,feed\n" for number in [*range(1, 7), 1]) + "(none),feed\n"
)


class TourFailed(Exception):
    """A step did not hold."""


class Tour:
    """Runs the steps against a playground and its bot, and prints each. Raises TourFailed at the first that fails."""

    def __init__(self, url: str, *, environment: Mapping[str, str]) -> None:
        self._url = url
        self._environment = environment
        self._steps = 0

    async def run(self) -> None:
        """From the first command to a verified log."""
        print("\n  Portcullis: the main job, step by step. Everybody below is a stand-in; the bot is the real one.\n")
        async with PageClient(self._url) as page:
            for chapter in (
                self._block,
                self._check,
                self._change,
                self._import,
                self._submission,
                self._ip_allow,
                self._end_of_allow,
                self._log,
                self._rules,
            ):
                try:
                    await chapter(page)
                except (NotSeen, KeyError, IndexError, TypeError) as error:
                    raise TourFailed(f"{chapter.__name__.strip('_')}: {error}") from error
        print(f"\n  ✓ All {self._steps} steps held.\n", flush=True)

    async def _block(self, page: PageClient) -> None:
        self._chapter("A block: requested, approved, applied, read back")
        await self._types(page, REQUESTER, "/block evil[.]example 30d Phishing wave since Monday")
        card = await page.message(APPROVER, APPROVALS, "evil[.]example", "Phishing wave")
        self._step("the card stands in the approval channel", card["text"])
        await page.type(VISITOR, "/block fabrikam.example 30d I would like this")
        refusal = await page.message(VISITOR, GENERAL, "may not propose")
        self._step("somebody who is not entitled is refused", refusal["text"])
        await page.click(APPROVER, APPROVALS, card, "Approve")
        self._step("Approver one clicks Approve")
        await page.until("the entry in the tenant", lambda: self._sender(page, "evil.example"))
        self._step("the tenant holds the entry", _entry(await self._sender(page, "evil.example") or {}))
        done = await page.message(APPROVER, APPROVALS, "evil[.]example", "Applied")
        self._step("the card says how it went, in place", done["text"])
        told = await page.message(REQUESTER, DIRECT, "evil[.]example", "Applied")
        self._step("the requester's own line says so too", told["text"])
        confirmed = await page.message(APPROVER, APPROVALS, "evil[.]example", "Applied and confirmed")
        self._step("some time later it is read again", confirmed["text"])

    async def _check(self, page: PageClient) -> None:
        self._chapter("A check: is it allowed?")
        await self._types(page, REQUESTER, "/check evil.example")
        verdict = await page.message(REQUESTER, GENERAL, "Blocked:", "evil[.]example")
        self._step("only the person who asked sees the answer", verdict["text"])
        await self._types(page, REQUESTER, "/check 198.51.100.7")
        verdict = await page.message(REQUESTER, GENERAL, "Not listed:", "198.51.100[.]7")
        self._step("and for an address that no list names", verdict["text"])

    async def _change(self, page: PageClient) -> None:
        self._chapter("What is listed gets a new expiry date, and a new note")
        await self._types(page, REQUESTER, "/extend block evil.example 60d The phishing goes on")
        await self._approve(page, "New expiry date", "evil[.]example")
        self._step("approved, the tenant holds the later end", _entry(await self._sender(page, "evil.example") or {}))
        await self._types(page, REQUESTER, "/note block evil.example Invoice fraud, case 4711")
        await self._approve(page, "New note", "evil[.]example")
        self._step("and the new note", _entry(await self._sender(page, "evil.example") or {}))

    async def _submission(self, page: PageClient) -> None:
        self._chapter("A submission: Microsoft is told what it blocked wrongly, and lets it through")
        await self._types(page, REQUESTER, f"/allow {samples.DOMAIN} 7d Invoices of a supplier")
        form = await page.view(REQUESTER)
        self._step("a form asks for the message that was blocked", form["blocks"][0]["text"]["text"])
        file = await page.choose(REQUESTER, samples.MESSAGE_FILE.name, samples.MESSAGE_FILE.read_bytes())
        answer = await page.submit(REQUESTER, form, {"file": [file], "recipient": samples.RECIPIENT})
        if answer.get("errors") or answer.get("problem"):
            raise NotSeen(f"the form was refused: {answer}")
        filed = await self._approve(page, "Submit", "fabrikam[.]example", done="Filed with Microsoft")
        self._step("approved, it is filed with Microsoft, and followed from then on", filed["text"])
        allowed = await page.until("the allow entry", lambda: self._sender(page, samples.DOMAIN))
        self._step("Microsoft makes the allow entry", _entry(allowed))

    async def _import(self, page: PageClient) -> None:
        self._chapter("An import: a file of many lines, one request, one approval")
        await self._types(page, REQUESTER, "/import")
        form = await page.view(REQUESTER)
        file = await page.choose(REQUESTER, "phishing.csv", _FILE.encode())
        answer = await page.submit(REQUESTER, form, {"file": [file], "reason": "Feed of the week"})
        if answer.get("errors") or answer.get("problem"):
            raise NotSeen(f"the form was refused: {answer}")
        shown = await page.message(REQUESTER, DIRECT, "Import of", "would be requested")
        self._step("each line is judged by itself; nothing is requested yet", shown["text"])
        await page.click(REQUESTER, DIRECT, shown, "Request these")
        told = await page.message(REQUESTER, DIRECT, "Import of", "lines requested")
        self._step("the requester clicks Request these", told["text"])
        card = await page.message(APPROVER, APPROVALS, "Feed of the week", "Waits")
        await page.click(APPROVER, APPROVALS, card, "Approve")
        await page.until("the last line in the tenant", lambda: self._sender(page, "phish-6.example"))
        self._step("one approval brings them all to the tenant", "phish-1.example … phish-6.example")

        async def result() -> Json | None:
            messages = await page.messages(APPROVER, APPROVALS)
            return next((message for message in messages if message.get("files")), None)

        under = await page.until("the file under the card", result)
        lines = (await page.open_file(APPROVER, under)).decode("utf-8-sig").splitlines()
        self._step("the file under the card has a line for each: what was applied", lines[1])
        self._step("and what was not, and why", lines[-1])

    async def _ip_allow(self, page: PageClient) -> None:
        self._chapter("An IP allow: warned about, approved by two")
        await self._types(page, REQUESTER, f"/allow {IP} 7d Scanner at the head office")
        form = await page.view(REQUESTER)
        warning = next(block["text"]["text"] for block in form["blocks"] if block["type"] == "section")
        self._step("before anything is proposed, the requester reads", warning.splitlines()[0])
        answer = await page.submit(REQUESTER, form, {"acknowledged": []})
        if not answer.get("errors"):
            raise NotSeen("the form went through without the tick")
        self._step("without the tick the form stays", next(iter(answer["errors"].values())))
        answer = await page.submit(REQUESTER, form, {"acknowledged": ["acknowledged"]})
        if answer.get("errors") or answer.get("problem"):
            raise NotSeen(f"the form was refused: {answer}")
        alert = await page.message(APPROVER, ALERTS, "IP ALLOW", "203.0.113[.]7")
        self._step("the alert channel is told at once", alert["text"])
        card = await page.message(APPROVER, APPROVALS, "IP ALLOW", "0 of 2")
        await page.click(APPROVER, APPROVALS, card, "Approve")
        everything = await page.view(APPROVER)
        question = next(block["text"]["text"] for block in everything["blocks"] if block["type"] == "section")
        self._step("Approver one clicks Approve, and everything that goes out opens to be read", question)
        await page.submit(APPROVER, everything, {})
        once = await page.message(APPROVER, APPROVALS, "IP ALLOW", "1 of 2")
        self._step("one approval is not enough", once["text"])
        if await self._allowed(page):
            raise NotSeen("the tenant allows the address after one approval")
        await page.click(APPROVER, APPROVALS, once, "Approve")
        again = await page.message(APPROVER, APPROVALS, "You approved #")
        self._step("nor the same approver's second click", again["text"])
        await page.approve(SECOND, APPROVALS, once)
        await page.until("the entry in the tenant", lambda: self._allowed(page))
        self._step("the second approver's approval brings it to the tenant", f"IP Allow List: {IP}")
        await page.message(APPROVER, APPROVALS, "IP ALLOW", "203.0.113[.]7", "Applied")
        await self._types(page, REQUESTER, f"/check {IP}")
        verdict = await page.message(REQUESTER, GENERAL, "Allowed:", "203.0.113[.]7", "IP Allow List")
        self._step("a check names the entry", verdict["text"])

    async def _end_of_allow(self, page: PageClient) -> None:
        self._chapter("And removed again")
        await self._types(page, REQUESTER, f"/unallow {IP} The scanner is retired")
        card = await page.message(APPROVER, APPROVALS, "scanner is retired")
        await page.click(SECOND, APPROVALS, card, "Approve")

        async def gone() -> bool | None:
            return not await self._allowed(page) or None

        await page.until("the entry to be gone from the tenant", gone)
        self._step("the IP Allow List is empty again")
        await page.message(APPROVER, APPROVALS, "scanner is retired", "Applied")

    async def _log(self, page: PageClient) -> None:
        del page
        self._chapter("Everything is in the log")
        code, printed = await run(
            [sys.executable, "-m", "bot.cli", "audit", "list", "--limit", "100", "--json"], self._environment
        )
        events: list[dict[str, Any]] = as_json(printed)
        if code != 0 or not events:
            raise NotSeen(f"portcullis audit list: {printed[:300]}")
        for event in reversed(events):
            print(f"      {event['seq']:>3}  {event['kind']:<22} {event['actor']:<11} {event['target']}")
        code, printed = await run([sys.executable, "-m", "bot.cli", "audit", "verify"], self._environment)
        if code != 0:
            raise NotSeen(f"portcullis audit verify: {printed[:300]}")
        self._step("portcullis audit verify", printed.strip())

    async def _rules(self, page: PageClient) -> None:
        broken = await page.violations()
        if broken:
            raise NotSeen(f"the bot broke Slack's rules: {broken[:3]}")
        self._step("the bot broke none of Slack's rules")

    async def _approve(self, page: PageClient, *words: str, done: str = "Applied") -> Json:
        """Approve what waits with these words on its card; the card, once it is done."""
        card = await page.message(APPROVER, APPROVALS, *words, "Waits")
        await page.click(APPROVER, APPROVALS, card, "Approve")
        return await page.message(APPROVER, APPROVALS, *words, done)

    async def _types(self, page: PageClient, who: str, text: str) -> None:
        answer = await page.type(who, text)
        if answer.get("problem"):
            raise NotSeen(f"{text}: {answer['problem']}")
        self._step(f"{NAMES[who]} types {text}", f"acknowledged after {answer['ack_ms']} ms")

    async def _sender(self, page: PageClient, value: str) -> Json | None:
        items: list[Json] = (await page.lists())["items"]["Sender"]
        return next((item for item in items if item["Value"] == value), None)

    async def _allowed(self, page: PageClient) -> bool | None:
        policies: list[Json] = (await page.lists())["policies"]
        return any(IP in (policy["IPAllowList"] or []) for policy in policies) or None

    def _chapter(self, title: str) -> None:
        print(f"\n  {title}\n", flush=True)

    def _step(self, title: str, details: str = "") -> None:
        self._steps += 1
        print(f"   {self._steps:>2}. {title}", flush=True)
        if details:
            print(f"       {_short(details)}", flush=True)


def _entry(item: Json) -> str:
    return f"{item.get('Value')}: {item.get('Action')} until {item.get('ExpirationDate')} ({item.get('Notes')})"


def _short(text: str, limit: int = 180) -> str:
    """One line, as Slack would show it."""
    text = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"<@(\w+)>", lambda match: NAMES.get(match[1], match[1]), text)
    line = " ".join(re.sub(r":[a-z_]+:|[`*]", "", text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
