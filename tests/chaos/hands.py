"""The hands of the people in a trial: they type, click, and send forms, as a hand on Slack's client does.

What was acknowledged is kept, for whoever looks afterwards whether it is so.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.interactions import Result
from bot.playground.slack.open_views import OpenView
from bot.slack.block_kit.ids import ActionId, CallbackId, Carried
from tests.chaos.place import APPROVERS, REQUESTERS, Place
from tests.chaos.waiting import comes_true
from tests.support.installation import GENERAL

Blocks = list[dict[str, Any]]

#: What people do on their way to something else. It isn't counted: a trial is of so many acts that may change things.
_ONLY_LOOKS = frozenset({"look", "details", "open several"})

#: The form that people fill in on their way to each of these. Several pairs of hands may be the same person's: what
#: stands on their screen may be the form that another pair has opened.
_FORMS = {
    "allow": CallbackId.IP_ALLOW,
    "import": CallbackId.IMPORT,
    "approve": CallbackId.APPROVAL,
    "approve several": CallbackId.TOGETHER,
    "deny": CallbackId.DENIAL,
    "take out": CallbackId.EMERGENCY_REVIEW,
}

#: How long people wait for a form, in seconds.
_FORM_WITHIN = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that somebody did. `problem` is what went wrong with it on the way; `carried` what a button carried."""

    what: str
    who: str
    about: str
    since: str  #: when, as Slack numbers its messages
    problem: str | None
    delivery: str | None
    carried: str = ""  #: of a form in which several are decided, what stands for each, with a space between
    said: str = ""  #: the text of the acknowledgement

    @property
    def was_acknowledged(self) -> bool:
        return self.problem is None


@dataclass(slots=True)
class Hands:
    """Everybody's hands, and what they have done."""

    place: Place
    chance: random.Random
    acts: list[Act] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    acknowledged: int = 0  #: how many acts were acknowledged, and not by saying that something went wrong

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

    async def _click_at_home(self, what: str, who: str, action: ActionId) -> None:
        """Open somebody's Home, and click a button of a kind on it, as it was shown before or is by now."""
        slack = self.place.playground.slack
        self.place.reach_a_bot()
        await slack.interactions.open_home(user_id=who)
        home = slack.state.views.home(who)
        found = [] if home is None else buttons(home.blocks, action)
        if home is not None and found:
            await self._click_in_view(what, who, home.id, *self.chance.choice(found))

    async def _click_in_view(self, what: str, who: str, view_id: str, button: dict[str, Any], block_id: str) -> None:
        slack = self.place.playground.slack
        since = slack.state.conversations.next_ts()
        self.place.reach_a_bot()
        result = await slack.interactions.click_in_view(
            user_id=who, view_id=view_id, block_id=block_id, action_id=button["action_id"]
        )
        self._keep(what, who, view_id, since, result, carried=str(button.get("value")))

    async def _form_opens(self, what: str, who: str, carried: str = "") -> None:
        """Wait for a form that was asked for: it comes once the click was acknowledged, or never."""
        views = self.place.playground.slack.state.views
        await comes_true(lambda: is_form(views.top(who), what, carried), within=_FORM_WITHIN)

    async def _send_form(self, what: str, who: str, about: str, given: dict[str, Any], carried: str = "") -> None:
        """Fill in and send the form that was asked for, if it stands open."""
        slack = self.place.playground.slack
        view = slack.state.views.top(who)
        if view is None or (view.content.get("submit") and not is_form(view, what, carried)):
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
        await self._close(who)

    async def _close(self, who: str) -> None:
        """Close the form that stands open, if one does."""
        slack = self.place.playground.slack
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
        self.acknowledged += act.was_acknowledged and not is_error and what not in _ONLY_LOOKS

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


def is_form(view: OpenView | None, what: str, carried: str) -> bool:
    """Whether a view is the form that was asked for, about the request that the button carried which asked for it."""
    if view is None or view.content.get("callback_id") != _FORMS.get(what):
        return False
    clicked = Carried.read(carried)
    if clicked is None or what == "approve several":
        return True
    shown = Carried.read(json.loads(view.content["private_metadata"])["request"])
    return shown is not None and shown.request_id == clicked.request_id


def buttons(blocks: Blocks, action: str) -> list[tuple[dict[str, Any], str]]:
    """The buttons of a kind in some blocks, each with the id of its block."""
    return [
        (element, str(block.get("block_id")))
        for block in blocks
        for element in [*(block.get("elements") or []), block.get("accessory") or {}]
        if element.get("type") == "button" and element.get("action_id") == action
    ]
