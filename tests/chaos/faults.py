"""What befalls the calls that the bots make: all of them come through here on their way to the stand-ins.

A call is kept from them, or taken to them with its answer lost, late or false; or the bot that made it is killed, just
before it takes effect, just after, or once it has its answer. So each has its moment on the real wire, and the
stand-ins know nothing of it.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.playground.tenant import envelope
from tests.chaos.plan import KillAtCall, Moment, Plan

#: Every bot has addresses of its own, such as `/bot2/slack/api/`: so it is known whose call it is.
_OF_BOT = re.compile(r"/bot([0-9]+)(/.*)")
_OUTGOING = ("/slack/api/", "/slack/response/", "/slack/upload", "/tenant/")
#: A greeting that fails costs a bot seconds, each time anew, and shows nothing.
_SPARED = frozenset({"auth.test", "apps.connections.open"})

Kill = Callable[[int | None], bool]


class Fault(StrEnum):
    """What goes wrong with a call."""

    CUT_BEFORE = "connection cut before it took effect"
    CUT_AFTER = "connection cut after it took effect"
    LIMITED = "429 with Retry-After"
    ERROR = "500"
    UNAVAILABLE = "503"
    REFUSED = "an error code of Slack's that passes"
    SLOW_BEFORE = "slow to take effect"
    SLOW_AFTER = "took effect, slow to answer"


_PASSING = ("internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited")


@dataclass(slots=True)
class Tally:
    """What happened in a trial, counted."""

    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)


class Wire:
    """ASGI middleware around the stand-ins. `calm` ends all faults; `kill` kills a bot by its number, if it lives."""

    def __init__(self, app: ASGIApp, *, plan: Plan, tally: Tally, kill: Kill) -> None:
        self._app = app
        self._plan = plan
        self._chance = random.Random(f"wire {plan.seed}")  # noqa: S311 - to be had again
        self._armed = list(plan.kills_at_calls)
        self._tally = tally
        self._kill = kill
        self.is_calm = False
        #: The bot that called for each message last, by the token that the message carries.
        self.called_by: dict[str, int] = {}
        self.on_their_way = 0  #: calls that have not been answered yet, or whose bot is gone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a call to the stand-ins, or not."""
        bot = None
        if (own := _OF_BOT.fullmatch(str(scope.get("path", "")))) is not None:
            bot = int(own[1])
            scope = {**scope, "path": own[2], "raw_path": own[2].encode()}
        if scope["type"] != "http" or not str(scope["path"]).startswith(_OUTGOING):
            await self._app(scope, receive, send)
            return
        body = await _body_of(receive)
        if body is None:
            return
        name = call_name(str(scope["path"]), body)
        self._tally.calls[name] += 1
        if bot is not None and name == "chat.postMessage" and (token := _token_of(body)):
            self.called_by[token] = bot
        self.on_their_way += 1
        try:
            await self._take(_Call(self._app, scope, body, receive, send), name, bot)
        finally:
            self.on_their_way -= 1

    async def _take(self, call: _Call, name: str, bot: int | None) -> None:
        if self.is_calm:
            await call.carry_out()
        elif (armed := self._armed_for(name)) is not None:
            await self._killed(call, name, armed.moment, bot)
        elif name not in _SPARED and self._chance.random() < self._plan.call_faults:
            await self._goes_wrong(call, name)
        else:
            await call.carry_out()

    def _armed_for(self, name: str) -> KillAtCall | None:
        """The kill whose turn has come with this call; those that count on for it are counted down."""
        due = None
        for place, armed in enumerate(self._armed):
            if name.startswith(armed.call):
                self._armed[place] = replace(armed, nth=armed.nth - 1)
                if armed.nth <= 1 and due is None:
                    due = place
        return None if due is None else self._armed.pop(due)

    async def _killed(self, call: _Call, name: str, moment: Moment, bot: int | None) -> None:
        answer: Sequence[Message] = ()
        if moment is not Moment.BEFORE:
            answer = await call.effect()
        if moment is Moment.ANSWERED:
            await call.say(answer)
        if self._kill(bot):
            self._tally.kills[f"{name}, {moment}"] += 1
        if moment is not Moment.ANSWERED:
            await call.cut()

    async def _goes_wrong(self, call: _Call, name: str) -> None:
        chance = self._chance
        kinds = [kind for kind in Fault if kind is not Fault.REFUSED or "." in name]
        fault = chance.choice(kinds)
        self._tally.faults[fault] += 1
        match fault:
            case Fault.CUT_BEFORE:
                await call.cut()
            case Fault.CUT_AFTER:
                await call.effect()
                await call.cut()
            case Fault.SLOW_BEFORE:
                await asyncio.sleep(chance.uniform(0.1, self._plan.slowest))
                await call.carry_out()
            case Fault.SLOW_AFTER:
                answer = await call.effect()
                await asyncio.sleep(chance.uniform(0.1, self._plan.slowest))
                await call.say(answer)
            case Fault.LIMITED | Fault.ERROR | Fault.UNAVAILABLE | Fault.REFUSED:
                await call.answer(_false_answer(fault, name, chance.choice(_PASSING)))


class _Call:
    """One call on its way."""

    def __init__(self, app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        self._app = app
        self._scope = scope
        self._body = body
        self._receive = receive
        self._send = send

    async def carry_out(self) -> None:
        """Take it to the stand-in, which answers."""
        await self._app(self._scope, self._again(), self._send)

    async def effect(self) -> Sequence[Message]:
        """Take it to the stand-in, and keep the answer."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(self._scope, self._again(), keep)
        return kept

    async def say(self, answer: Sequence[Message]) -> None:
        """Give an answer that was kept."""
        for message in answer:
            await self._send(message)

    async def answer(self, response: Response) -> None:
        """Give an answer that isn't the stand-in's."""
        await response(self._scope, self._receive, self._send)

    async def cut(self) -> None:
        """Cut the connection."""
        transport = getattr(getattr(self._receive, "__self__", None), "transport", None)
        assert transport is not None, "uvicorn hands on methods of what holds the connection"
        transport.abort()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _again(self) -> Receive:
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                return await self._receive()
            given = True
            return {"type": "http.request", "body": self._body, "more_body": False}

        return receive


async def _body_of(receive: Receive) -> bytes | None:
    """All of a call's body; None where its bot was gone before it had sent it."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _token_of(body: bytes) -> str:
    """What a message to be posted carries."""
    given = parse_qs(body.decode(errors="replace")).get("metadata", [""])[0]
    try:
        return str(json.loads(given)["event_payload"]["key"])
    except (ValueError, KeyError, TypeError):
        return ""


def call_name(path: str, body: bytes) -> str:
    """What a call is: a Web API method, a cmdlet, `response`, `upload`, `token` or `graph`."""
    if path.startswith("/slack/api/"):
        return path.removeprefix("/slack/api/")
    if path.startswith("/tenant/exchange"):
        try:
            return str(json.loads(body)["CmdletInput"]["CmdletName"])
        except (ValueError, KeyError, TypeError):
            return "cmdlet"
    for part, name in (("/slack/response/", "response"), ("/slack/upload", "upload"), ("/tenant/authority", "token")):
        if path.startswith(part):
            return name
    return "graph"


def _false_answer(fault: Fault, name: str, code: str) -> Response:
    if fault is Fault.REFUSED and code != "ratelimited":
        return JSONResponse({"ok": False, "error": code})
    if fault in {Fault.LIMITED, Fault.REFUSED}:
        if "." in name:
            return JSONResponse({"ok": False, "error": "ratelimited"}, status_code=429, headers={"Retry-After": "1"})
        return envelope.faulty("429", retry_after=1)
    if "-" in name:
        return envelope.faulty("500" if fault is Fault.ERROR else "503", retry_after=None)
    return PlainTextResponse("Server Error", status_code=500 if fault is Fault.ERROR else 503)
