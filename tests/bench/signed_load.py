"""Signed slash commands over HTTP, as fast as so many connections take them."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from tests.support.installation import GENERAL, REQUESTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of it. Seconds, in the order of size."""

    took: tuple[float, ...]
    lasted: float
    refused: int  #: how many answers were something else than an acknowledgement

    @property
    def per_second(self) -> float:
        return len(self.took) / self.lasted

    def at(self, share: float) -> float:
        """How many seconds this share of them took at most."""
        return self.took[min(len(self.took) - 1, int(share * len(self.took)))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Somebody at a keyboard, of the workspace that the bot serves."""

    url: str
    secret: str
    team: str
    response_url: str
    user: str = REQUESTER

    async def send(self, http: aiohttp.ClientSession, command: str, text: str) -> tuple[float, bool]:
        """Type a command. How long until it was acknowledged, in seconds, and whether it was."""
        fields = {
            "team_id": self.team,
            "channel_id": GENERAL,
            "user_id": self.user,
            "command": command,
            "text": text,
            "response_url": self.response_url,
            "trigger_id": secrets.token_hex(8),
        }
        body = urlencode(fields)
        timestamp = str(int(time.time()))
        signature = SignatureVerifier(self.secret).generate_signature(timestamp=timestamp, body=body)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature or "",
        }
        began = time.perf_counter()
        async with http.post(self.url, data=body, headers=headers) as answer:
            await answer.read()
            return time.perf_counter() - began, answer.status == 200


async def load(sender: Sender, command: str, text: Callable[[int], str], *, connections: int, seconds: float) -> Load:
    """Type for so many seconds over so many connections, each with the next command as soon as the last is answered."""
    took: list[float] = []
    refused = 0
    typed = iter(range(10_000_000))
    ends = time.perf_counter() + seconds

    async def one(http: aiohttp.ClientSession) -> None:
        nonlocal refused
        while time.perf_counter() < ends:
            spent, is_taken = await sender.send(http, command, text(next(typed)))
            took.append(spent)
            refused += not is_taken

    began = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as http:
        await asyncio.gather(*(one(http) for _ in range(connections)))
    return Load(took=tuple(sorted(took)), lasted=time.perf_counter() - began, refused=refused)


async def at_once(people: Sequence[Sender], command: str, text: Callable[[int], str]) -> Load:
    """These people type one command each, at the same moment."""
    began = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=len(people))) as http:
        answers = await asyncio.gather(
            *(person.send(http, command, text(number)) for number, person in enumerate(people))
        )
    return Load(
        took=tuple(sorted(spent for spent, _ in answers)),
        lasted=time.perf_counter() - began,
        refused=sum(not taken for _, taken in answers),
    )
