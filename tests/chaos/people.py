"""What people do in a trial, several of them at once, each by what is on their screens at that moment.

Every act goes the way that a hand on Slack's client goes. What was acknowledged is kept, for whoever looks afterwards
whether it is so.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.interactions import Impossible, Result
from bot.slack.block_kit.ids import ActionId
from tests.chaos.place import APPROVERS, OTHERS, REQUESTERS, Place
from tests.support.installation import APPROVALS, DIRECT, GENERAL

Blocks = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that somebody did. `problem` is what went wrong with it on the way; `carried` what a button carried."""

    what: str
    who: str
    about: str
    since: str  #: when, as Slack numbers its messages
    problem: str | None
    delivery: str | None
    carried: str = ""
    said: str = ""  #: the text of the acknowledgement

    @property
    def was_acknowledged(self) -> bool:
        return self.problem is None


@dataclass(slots=True)
class People:
    """Everybody in a trial. `lives` is one pair of hands."""

    place: Place
    chance: random.Random
    acts: list[Act] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    acknowledged: int = 0  #: how many acts were acknowledged, and not by saying that something went wrong
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def lives(self, until: Callable[[], bool]) -> None:
        """Act again and again."""
        acts: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (8, self.block),
            (2, self.block_several),
            (2, self.allow),
            (3, self.check),
            (2, self.unblock),
            (2, self.extend),
            (1, self.note),
            (1, self.import_some),
            (2, self.send_import),
            (24, self.approve),
            (3, self.deny),
            (2, self.withdraw),
            (2, self.click_old),
            (2, self.redeliver),
            (1, self.trespass),
        ]
        weights = [weight for weight, _ in acts]
        while not until():
            [(_, act)] = self.chance.choices(acts, weights)
            with suppress(Impossible):  # it was gone from the screen by then
                await act()
            # Who sees an error looks up before they try again.
            went_wrong = bool(self.acts) and not self.acts[-1].was_acknowledged
            await asyncio.sleep(self.chance.uniform(0.5, 1.0) if went_wrong else self.chance.uniform(0.05, 0.5))

    async def block(self) -> None:
        """Ask for one block."""
        number = next(self._numbers)
        kinds = (f"evil{number}.example", f"203.0.113.{number % 250 + 1}", f"user{number}@phish.example")
        value = self.chance.choice((kinds[0], *kinds))
        self.values.append(value)
        await self._type("block", self._somebody(), value, f"/block {value} {self._end()} Phishing wave {number}")

    async def block_several(self) -> None:
        """Ask for blocks of two lists with one command."""
        number = next(self._numbers)
        values = [f"many{number}.example", f"also{number}.example", f"198.51.100.{number % 250 + 1}"]
        self.values += values
        await self._type("block", self._somebody(), values[0], f"/block {' '.join(values)} 30d Campaign {number}")

    async def allow(self) -> None:
        """Ask for an IP allow, past its warning."""
        who, number = self._somebody(), next(self._numbers)
        value = f"192.0.2.{number % 250 + 1}"
        await self._type("allow", who, value, f"/allow {value} 7d Scanner {number}")
        await self._send_form("allow", who, value, {"acknowledged": ["acknowledged"]})

    async def check(self) -> None:
        """Ask about a value."""
        value = self._known()
        now = self.chance.choice(("", "now "))
        await self._type("check", self._somebody(), value, f"/check {now}{value}")

    async def unblock(self) -> None:
        """Ask for a block to be removed."""
        value = self._known()
        await self._type("unblock", self._somebody(), value, f"/unblock {value} No longer needed")

    async def extend(self) -> None:
        """Ask for another end."""
        value = self._known()
        await self._type("extend", self._somebody(), value, f"/extend block {value} 60d It goes on")

    async def note(self) -> None:
        """Ask for another note."""
        value = self._known()
        await self._type("note", self._somebody(), value, f"/note block {value} Case {next(self._numbers)}")

    async def import_some(self) -> None:
        """Send an import's form."""
        who, number = self._somebody(), next(self._numbers)
        values = [f"feed{number}-{line}.example" for line in range(4)]
        self.values += values
        await self._type("import", who, values[0], "/import")
        filled = {"indicators": "\n".join(values), "reason": f"Feed {number}"}
        await self._send_form("import", who, values[0], filled)

    async def send_import(self) -> None:
        """Have a preview requested."""
        who = self._somebody()
        await self._click_some("request import", who, DIRECT, ActionId.IMPORT_REQUEST)

    async def approve(self) -> None:
        """Approve something; now and then twice, or with somebody else at the same time."""
        who = self.chance.choice(APPROVERS)
        twice = self.chance.random()
        others = [who] if twice < 0.15 else self.chance.sample(APPROVERS, 1) if twice < 0.3 else []
        clicked = self._some(who, APPROVALS, ActionId.APPROVE)
        if clicked is not None:
            await asyncio.gather(*(self._approve(each, *clicked) for each in [who, *others]))

    async def deny(self) -> None:
        who = self.chance.choice(APPROVERS)
        clicked = self._some(who, APPROVALS, ActionId.DENY)
        if clicked is not None:
            await self._click("deny", who, APPROVALS, *clicked)
            await self._send_form("deny", who, "", {"comment": "Not needed"}, carried=str(clicked[1].get("value")))

    async def withdraw(self) -> None:
        await self._click_some("withdraw", self._somebody(), DIRECT, ActionId.WITHDRAW)

    async def click_old(self) -> None:
        """Click a button that has gone since, as it still stands on somebody's screen."""
        who = self.chance.choice(APPROVERS)
        old = [
            (message, blocks)
            for message in self._conversation(who, APPROVALS).messages
            for blocks in message.earlier
            if buttons(blocks, ActionId.APPROVE)
        ]
        if old:
            message, blocks = self.chance.choice(old)
            action = self.chance.choice((ActionId.APPROVE, ActionId.DENY))
            await self._click("click old", who, APPROVALS, message, *buttons(blocks, action)[0])

    async def redeliver(self) -> None:
        """Slack delivers something once more."""
        known = [act for act in self.acts if act.delivery is not None]
        if known:
            act = self.chance.choice(known)
            assert act.delivery is not None
            self.place.reach_a_bot()
            await self.place.playground.slack.interactions.redeliver(act.delivery)

    async def trespass(self) -> None:
        """Somebody without a role clicks and types."""
        who = self.chance.choice(OTHERS)
        await self._type("trespass", who, "stranger.example", "/block stranger.example 30d Because")
        await self._click_some("trespass", who, APPROVALS, ActionId.APPROVE)

    async def _approve(self, who: str, message: Message, button: dict[str, Any], block_id: str) -> None:
        await self._click("approve", who, APPROVALS, message, button, block_id)
        await self._send_form("approve", who, "", {}, carried=str(button.get("value")))

    async def _type(self, what: str, who: str, about: str, text: str) -> None:
        since = self.place.playground.slack.state.conversations.next_ts()
        self.place.reach_a_bot()
        result = await self.place.playground.slack.interactions.command(user_id=who, channel_id=GENERAL, typed=text)
        self._keep(what, who, about, since, result)

    async def _click_some(self, what: str, who: str, channel: str, action: ActionId) -> None:
        clicked = self._some(who, channel, action)
        if clicked is not None:
            await self._click(what, who, channel, *clicked)

    async def _click(
        self, what: str, who: str, channel: str, message: Message, button: dict[str, Any], block_id: str
    ) -> None:
        slack = self.place.playground.slack
        since = slack.state.conversations.next_ts()
        self.place.reach_a_bot()
        result = await slack.interactions.click_in_message(
            user_id=who, channel_id=channel, ts=message.ts, block_id=block_id, action_id=button["action_id"]
        )
        self._keep(what, who, message.ts, since, result, carried=str(button.get("value")))

    async def _send_form(self, what: str, who: str, about: str, given: dict[str, Any], carried: str = "") -> None:
        """Fill in and send the form that stands open, if one does."""
        slack = self.place.playground.slack
        view = slack.state.views.top(who)
        if view is None:
            return
        if not view.content.get("submit"):
            await slack.interactions.close(user_id=who, view_id=view.id)
            return
        filled: dict[str, dict[str, object]] = {}
        for block in view.blocks:
            if block["type"] == "input" and block["block_id"] in given:
                filled[block["block_id"]] = {block["element"]["action_id"]: given[block["block_id"]]}
        since = slack.state.conversations.next_ts()
        self.place.reach_a_bot()
        result = await slack.interactions.submit(user_id=who, view_id=view.id, values=filled)
        self._keep(f"{what} form", who, about, since, result, carried=carried)
        view = slack.state.views.top(who)
        if view is not None:
            await slack.interactions.close(user_id=who, view_id=view.id)

    def _keep(self, what: str, who: str, about: str, since: str, result: Result, carried: str = "") -> None:
        outcomes = self.place.outcomes.get(result.delivery_id or "", [])
        ack = outcomes[-1].ack if outcomes else None
        body = ack.body if ack is not None and isinstance(ack.body, dict) else {}
        act = Act(
            what=what,
            who=who,
            about=about,
            since=since,
            problem=result.problem or (str(result.errors) if result.errors else None),
            delivery=result.delivery_id,
            carried=carried,
            said=_said(body),
        )
        self.acts.append(act)
        blocks = body.get("blocks") or [{}]
        is_error = str(blocks[0].get("block_id", "")).startswith("error-")
        self.acknowledged += act.was_acknowledged and not is_error

    def _some(self, who: str, channel: str, action: ActionId) -> tuple[Message, dict[str, Any], str] | None:
        """Any message on somebody's screen with that button; rather a newer one."""
        found = [
            (message, *button)
            for message in self._conversation(who, channel).visible_to(who)
            for button in buttons(message.blocks, action)
        ]
        return self.chance.choice(found[-6:]) if found else None

    def _conversation(self, who: str, channel: str) -> Conversation:
        interactions = self.place.playground.slack.interactions
        return interactions.conversation(interactions.person(who), channel)

    def _somebody(self) -> str:
        return self.chance.choice((*REQUESTERS, *REQUESTERS, *APPROVERS))

    def _end(self) -> str:
        return self.chance.choice(("7d", "30d", "never"))

    def _known(self) -> str:
        return self.chance.choice(self.values[-12:]) if self.values else "unknown.example"


def _said(body: Mapping[str, Any]) -> str:
    """The words of an acknowledgement: a message's, or those that stand in a form's place."""
    if body.get("text"):
        return str(body["text"])
    return json.dumps(body["view"].get("blocks")) if body.get("response_action") == "update" else ""


def buttons(blocks: Blocks, action: str) -> list[tuple[dict[str, Any], str]]:
    """The buttons of a kind in some blocks, each with the id of its block."""
    return [
        (element, str(block.get("block_id")))
        for block in blocks
        for element in [*(block.get("elements") or []), block.get("accessory") or {}]
        if element.get("type") == "button" and element.get("action_id") == action
    ]
