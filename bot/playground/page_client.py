"""Acting as people on the playground's page, from a program: type, click, fill in forms, and wait for what comes of it.

It uses the same JSON API as the page itself, so whoever drives the bot with it sees what people see.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import httpx

from bot.playground.plain_http import NO_AUTHORITIES

Json = dict[str, Any]
T = TypeVar("T")

#: How long anything may take to show, in seconds, on a machine that is busy with other things.
PATIENCE = 30.0


class NotSeen(AssertionError):
    """What was waited for did not come in time. The text says what was there instead."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button on a message, as it has to be named to be clicked."""

    text: str
    block_id: str
    action_id: str


class PageClient:
    """Drives one playground. Every method that looks for something waits until it is there."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self._http = httpx.AsyncClient(verify=NO_AUTHORITIES, base_url=url, timeout=patience + 10, trust_env=False)
        self._patience = patience

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, **parameters: str) -> Any:  # noqa: ANN401 — JSON
        """What the page would read."""
        answer = await self._http.get(path, params=parameters)
        answer.raise_for_status()
        return answer.json()

    async def post(self, path: str, body: Mapping[str, Any]) -> Json:
        """What the page would send. Raises NotSeen with the page's problem when it is refused."""
        answer = await self._http.post(path, json=body)
        if answer.status_code == 400:
            raise NotSeen(f"{path}: {answer.json().get('problem')}")
        answer.raise_for_status()
        told: Json = answer.json()
        return told

    async def type(self, who: str, text: str, *, channel: str = "C0GENERAL") -> Json:
        """Type a slash command as somebody; how Slack took it (`ok`, `ack_ms`, `problem`)."""
        return await self.post("/api/command", {"as": who, "channel": channel, "text": text})

    async def messages(self, who: str, channel: str) -> list[Json]:
        """The messages that somebody sees in a channel (`D`: their direct messages), with replies, oldest first."""
        conversation = await self.get("/api/conversation", **{"as": who, "channel": channel})
        found: list[Json] = []
        for message in conversation["messages"]:
            found.append(message)
            found += message.get("replies") or []
        return found

    async def until(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        """Look again and again until there is something. Raises NotSeen when patience ends."""
        ends = time.monotonic() + self._patience
        while True:
            version = (await self.get("/api/state"))["version"]
            found = await look()
            if found:
                return found
            left = ends - time.monotonic()
            if left <= 0:
                raise NotSeen(f"waited {self._patience:.0f} s for {what}")
            # Woken by the next change; the tenant's lists and the clock have no say in it, hence the short wait.
            await self.get("/api/wait", version=str(version), timeout=str(min(0.5, left)))

    async def message(self, who: str, channel: str, *words: str, after: str = "") -> Json:
        """The newest message with all these words in its text or blocks, once it is there."""

        async def look() -> Json | None:
            for message in reversed(await self.messages(who, channel)):
                if message["ts"] > after and all(word in shown(message) for word in words):
                    return message
            return None

        try:
            return await self.until(f"a message with {' and '.join(map(repr, words))} in {channel}", look)
        except NotSeen as error:
            last = [shown(message)[:300] for message in (await self.messages(who, channel))[-3:]]
            raise NotSeen(f"{error}; the last messages there: {last}") from None

    async def click(self, who: str, channel: str, message: Json, button: str) -> Json:
        """Click a button of a message."""
        found = next((shown for shown in buttons(message) if shown.text == button), None)
        if found is None:
            raise NotSeen(f"no button {button!r}, only {[shown.text for shown in buttons(message)]}")
        return await self.post(
            "/api/click",
            {
                "as": who,
                "channel": channel,
                "ts": message["ts"],
                "block_id": found.block_id,
                "action_id": found.action_id,
            },
        )

    async def approve(self, who: str, channel: str, message: Json) -> Json:
        """Click Approve on a card and, where a form opens that shows all of the request, send it; the last answer."""
        clicked = await self.click(who, channel, message, "Approve")
        view: Json | None = (await self.get("/api/view", **{"as": who}))["view"]
        return clicked if view is None else await self.submit(who, view, {})

    async def deny(self, who: str, channel: str, message: Json, why: str = "Not malicious") -> Json:
        """Click Deny on a card and, where the form opens that asks why, choose or write it and send it; the last
        answer."""
        clicked = await self.click(who, channel, message, "Deny…")
        view: Json | None = (await self.get("/api/view", **{"as": who}))["view"]
        if view is None or not view.get("submit"):
            return clicked
        offered = next((block["element"].get("options") for block in view["blocks"] if block["type"] == "input"), None)
        ready = next((option["value"] for option in offered or () if option["text"]["text"] == why), None)
        return await self.submit(who, view, {"comment": why} if ready is None else {"ready": ready})

    async def click_in_view(self, who: str, view: Json, button: str) -> Json:
        """Click a button in a view that stands open for somebody."""
        found = next((shown for shown in buttons(view) if shown.text == button), None)
        if found is None:
            raise NotSeen(f"no button {button!r}, only {[shown.text for shown in buttons(view)]}")
        where = {"view_id": view["id"], "block_id": found.block_id, "action_id": found.action_id}
        return await self.post("/api/click", {"as": who, **where})

    async def select(self, who: str, channel: str, message: Json, option: str) -> Json:
        """Choose an option of a message's only select, by a part of its text."""
        [(block, element)] = [
            (block, element)
            for block in message.get("blocks") or []
            for element in block.get("elements") or []
            if element.get("type") == "static_select"
        ]
        found = next((shown["value"] for shown in element["options"] if option in shown["text"]["text"]), None)
        if found is None:
            raise NotSeen(f"no option {option!r}, only {[shown['text']['text'] for shown in element['options']]}")
        return await self.post(
            "/api/click",
            {
                "as": who,
                "channel": channel,
                "ts": message["ts"],
                "block_id": block["block_id"],
                "action_id": element["action_id"],
                "value": found,
            },
        )

    async def view(self, who: str) -> Json:
        """The form that stands open for somebody, once one does."""

        async def look() -> Json | None:
            view: Json | None = (await self.get("/api/view", **{"as": who}))["view"]
            return view

        return await self.until(f"a form for {who}", look)

    async def no_view(self, who: str) -> None:
        """Wait until no form stands open for somebody."""

        async def look() -> bool | None:
            return (await self.get("/api/view", **{"as": who}))["view"] is None or None

        await self.until(f"{who}'s form to close", look)

    async def submit(self, who: str, view: Json, values: Mapping[str, Any]) -> Json:
        """Send a form as it stands, with some fields filled in: block id → text, option, date, list of options or of
        files' ids."""
        filled: dict[str, dict[str, Any]] = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                value = values.get(block["block_id"], _initial(element))
                filled[block["block_id"]] = {element["action_id"]: value}
        return await self.post("/api/submit", {"as": who, "view_id": view["id"], "values": filled})

    async def choose(self, who: str, name: str, content: bytes) -> str:
        """Take a file into a form: the id that `submit` takes as the value of its field."""
        taken = await self.post("/api/files", {"as": who, "name": name, "content": b64encode(content).decode()})
        return str(taken["id"])

    async def open_file(self, who: str, message: Json) -> bytes:
        """What the one file of a message holds."""
        [file] = message["files"]
        answer = await self._http.get(f"/api/files/{file['id']}", params={"as": who})
        answer.raise_for_status()
        return answer.content

    async def lists(self) -> Json:
        """The tenant's lists, as its cmdlets return them."""
        found: Json = await self.get("/api/tenant/lists")
        return found

    async def violations(self) -> list[Json]:
        """What broke one of Slack's rules."""
        found: list[Json] = (await self.get("/api/violations"))["violations"]
        return found


def shown(message: Json) -> str:
    """All the text of a message."""
    return " ".join([str(message.get("text") or ""), *_texts(message.get("blocks") or [])])


def buttons(message: Json) -> list[Button]:
    """The buttons of a message, those beside a section among them."""
    return [
        Button(element["text"]["text"], block["block_id"], element["action_id"])
        for block in message.get("blocks") or []
        for element in [*(block.get("elements") or []), block.get("accessory") or {}]
        if element.get("type") == "button"
    ]


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 — JSON
    if isinstance(value, Mapping):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _texts(inner)


def _initial(element: Json) -> Any:  # noqa: ANN401 — JSON
    if "initial_options" in element:
        return [option["value"] for option in element["initial_options"]]
    if "initial_option" in element:
        return element["initial_option"]["value"]
    return element.get("initial_value") or element.get("initial_date")


async def run(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command line and return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode("utf-8", errors="replace")


def as_json(text: str) -> Any:  # noqa: ANN401 — JSON
    """What a command printed with `--json`. Raises NotSeen when it is none."""
    try:
        return json.loads(text)
    except ValueError:
        raise NotSeen(f"no JSON: {text[:300]}") from None
