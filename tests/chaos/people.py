"""What people do in a trial, several of them at once, each by what is on their screens at that moment.

Every act goes the way that a hand on Slack's client goes: see `tests.chaos.hands`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.playground.slack.conversations import Message
from bot.playground.slack.interactions import Impossible
from bot.slack.block_kit.ids import ActionId, CallbackId
from tests.chaos.hands import Hands, buttons
from tests.chaos.place import APPROVERS, AT_ONCE, OTHERS
from tests.support.installation import APPROVALS, DIRECT, GENERAL


@dataclass(slots=True)
class People(Hands):
    """Everybody in a trial. `lives` is one pair of hands."""

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
            (5, self.block_in_emergency),
            (16, self.keep_or_take_out),
            (3, self.block_with_one_wrong),
            (8, self.request_others),
            (3, self.approve_several),
            (3, self.withdraw_elsewhere),
            (2, self.try_again),
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
            carried = str(clicked[1].get("value"))
            await self._click("deny", who, APPROVALS, *clicked)
            await self._form_opens("deny", who, carried)
            await self._send_form("deny", who, "", {"comment": "Not needed"}, carried=carried)

    async def withdraw(self) -> None:
        await self._click_some("withdraw", self._somebody(), DIRECT, ActionId.WITHDRAW)

    async def block_in_emergency(self) -> None:
        """Block at once: something new, or what somebody has asked for already."""
        who = self.chance.choice(AT_ONCE) if self.chance.random() < 0.8 else self._somebody()
        number = next(self._numbers)
        value = self.chance.choice((f"urgent{number}.example", f"urgent{number}.example", self._known()))
        self.values.append(value)
        await self._type("block at once", who, value, f"/block emergency {value} because of phishing wave {number}")

    async def keep_or_take_out(self) -> None:
        """Review an emergency block on its card, now and then with somebody else at the same time."""
        who = self.chance.choice(APPROVERS)
        clicked = self._some(who, APPROVALS, ActionId.KEEP)
        if clicked is not None:
            others = self.chance.sample(APPROVERS, 1) if self.chance.random() < 0.3 else []
            await self._review_in_emergency(clicked[0], sorted({who, *others}))

    async def block_with_one_wrong(self) -> None:
        """Ask for blocks, one of which is refused; the answer offers the others."""
        number = next(self._numbers)
        values = [f"right{number}.example", f"fine{number}.example"]
        self.values += values
        text = f"/block {' '.join(values)} co.uk 30d Campaign {number}"
        await self._type("block", self._somebody(), values[0], text)

    async def request_others(self) -> None:
        """Request what nothing was wrong with; now and then twice."""
        who = self._somebody()
        clicked = self._some(who, GENERAL, ActionId.REQUEST_OTHERS)
        if clicked is not None:
            times = 2 if self.chance.random() < 0.3 else 1
            await asyncio.gather(*(self._click("request others", who, GENERAL, *clicked) for _ in range(times)))

    async def approve_several(self) -> None:
        """Approve most of what waits in one form."""
        who = self.chance.choice(APPROVERS)
        await self._type("look", who, "", "/portcullis")
        await self._click_some("open several", who, GENERAL, ActionId.DECIDE_SEVERAL)
        await self._form_opens("approve several", who)
        view = self.place.playground.slack.state.views.top(who)
        if view is None or view.content.get("callback_id") != CallbackId.TOGETHER:
            return
        given: dict[str, Any] = {}
        ticked: list[str] = []
        for block in view.blocks:
            if block["type"] == "input" and self.chance.random() < 0.8:
                value = block["element"]["options"][0]["value"]
                given[block["block_id"]] = [value]
                ticked.append(value)
        await self._send_form("approve several", who, "", given, carried=" ".join(ticked))

    async def withdraw_elsewhere(self) -> None:
        """Take something back on Home, or below the answer to the command."""
        who = self._somebody()
        if self.chance.random() < 0.5:
            await self._click_at_home("withdraw", who, ActionId.WITHDRAW_HERE)
        else:
            await self._click_some("withdraw", who, GENERAL, ActionId.WITHDRAW_HERE)

    async def try_again(self) -> None:
        """Have what failed applied once more: on its card, or in the details."""
        who = self.chance.choice(APPROVERS)
        if self.chance.random() < 0.5:
            await self._click_some("try again", who, APPROVALS, ActionId.TRY_AGAIN)
            return
        await self._click_some("details", who, APPROVALS, ActionId.DETAILS)
        await self._form_opens("details", who)
        view = self.place.playground.slack.state.views.top(who)
        if view is None:
            return
        for button, block_id in buttons(view.blocks, ActionId.TRY_AGAIN)[:1]:
            await self._click_in_view("try again", who, view.id, button, block_id)
        await self._close(who)

    async def see_to_the_rest(self) -> bool:
        """Try again what failed, and review most of what was blocked at once; whether there was anything to do."""
        who = APPROVERS[0]
        shown = self._conversation(who, APPROVALS).visible_to(who)
        failed = [(each, *button) for each in shown for button in buttons(each.blocks, ActionId.TRY_AGAIN)]
        for message, button, block_id in failed:
            await self._click("try again", who, APPROVALS, message, button, block_id)
        reviewable = [each for each in shown if buttons(each.blocks, ActionId.KEEP)]
        for message in reviewable:
            if self.chance.random() < 0.8:
                await self._review_in_emergency(message, self.chance.sample(APPROVERS, 2))
        return bool(failed or reviewable)

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
        await self._type("trespass", who, "stranger.example", "/block emergency stranger.example because I say so")
        for action in (ActionId.APPROVE, ActionId.KEEP):
            await self._click_some("trespass", who, APPROVALS, action)

    async def _review_in_emergency(self, message: Message, reviewers: Sequence[str]) -> None:
        """Keep an emergency block, or take it out, as somebody, or as several at the same time."""
        action = self.chance.choice((ActionId.KEEP, ActionId.TAKE_OUT, ActionId.TAKE_OUT))
        for button, block_id in buttons(message.blocks, action)[:1]:
            review = self._keep_it if action is ActionId.KEEP else self._take_out
            await asyncio.gather(*(review(each, message, button, block_id) for each in reviewers))

    async def _keep_it(self, who: str, message: Message, button: dict[str, Any], block_id: str) -> None:
        await self._click("keep", who, APPROVALS, message, button, block_id)

    async def _take_out(self, who: str, message: Message, button: dict[str, Any], block_id: str) -> None:
        await self._click("take out", who, APPROVALS, message, button, block_id)
        given = {"decision": self.chance.choice(("deny", "deny", "approve")), "reason": "It is our own"}
        carried = str(button.get("value"))
        await self._form_opens("take out", who, carried)
        await self._send_form("take out", who, "", given, carried=carried)

    async def _approve(self, who: str, message: Message, button: dict[str, Any], block_id: str) -> None:
        await self._click("approve", who, APPROVALS, message, button, block_id)
        await self._send_form("approve", who, "", {}, carried=str(button.get("value")))
