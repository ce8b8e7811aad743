"""What Slack has delivered, as its handler gets it: a typed command, a click, a chosen shortcut, a form that was sent.

Everything in it is hostile, but for who it is: that and their roles are found out before a handler is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, TypeAlias

from slack_bolt.async_app import AsyncBoltContext

from bot.domain.requests.binding import ShownCard
from bot.domain.requests.people import Person
from bot.errors import InvalidInput, PortcullisError, StoreError
from bot.slack.block_kit.ids import Carried
from bot.slack.home import Homes
from bot.workflow.requesting.today import WhoIs
from bot.workflow.shared.context import Context

#: What a listener answers to a submission: nothing (the form closes), or Slack's `response_action`.
Answer: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """What a form comes to that takes longer than Slack waits: it is kept, and done later from its beginning.

    `otherwise` says what its person is told where it can't be kept, by what keeps it from that.
    """

    otherwise: Callable[[StoreError], PortcullisError]


class Typed:
    """One slash command as it came in."""

    def __init__(
        self, *, context: Context, person: Person, who_decides: WhoIs, body: Mapping[str, Any], delivery: str
    ) -> None:
        self.context = context
        self.person = person
        #: Who somebody is by what is read after the command came, for what is done at once.
        self.who_decides = who_decides
        self.delivery = delivery
        self.text = str(body.get("text") or "")
        self.response_url = str(body.get("response_url") or "")

    def saying(self, text: str) -> Typed:
        """The same command with this text behind it."""
        other = copy(self)
        other.text = text
        return other


class Click:
    """One click as it came in."""

    def __init__(
        self, *, context: Context, bolt: AsyncBoltContext, body: Mapping[str, Any], person: Person, who_is: WhoIs
    ) -> None:
        self.context = context
        self.person = person
        self.who_is = who_is
        self.client = bolt.client
        self.homes: Homes | None = bolt.get("homes")  #: None: nobody waits any more, and it is done by a job
        self.delivery: str = bolt["delivery"]
        self.trigger_id = str(body.get("trigger_id") or "")
        #: It had to wait: nothing can be opened for it any more.
        self.is_late = bool(bolt.get("is_late"))
        #: What the button or the chosen option carried: hostile, like everything from outside.
        self.value = _carried(body["actions"][0])
        container = body.get("container")
        place: Mapping[str, Any] = container if isinstance(container, Mapping) else {}
        self.channel = str(place.get("channel_id") or "")
        self.message = str(place.get("message_ts") or "")
        self.response_url = str(body.get("response_url") or "")
        #: The same where they clicked below an answer that they alone see: what comes of it is told there too.
        self.asked_at = self.response_url if place.get("is_ephemeral") is True else ""
        #: The modal that was clicked in, if it was in one.
        shown_in = body.get("view")
        is_modal = isinstance(shown_in, Mapping) and shown_in.get("type") == "modal"
        self.view = str(place.get("view_id") or "") if is_modal else ""

    @property
    def request_id(self) -> int:
        """The request that the button is about. Raises InvalidInput where it carries none."""
        return self._carried.request_id

    @property
    def shown(self) -> ShownCard:
        """What the person had before them, as the delivery says. Raises InvalidInput likewise."""
        return ShownCard(channel=self.channel, ts=self.message, version=self._carried.version, form=self.view)

    @property
    def _carried(self) -> Carried:
        carried = Carried.read(self.value)
        if carried is None:
            raise InvalidInput("This button carries no request's number.", "Use the buttons on a card of Portcullis.")
        return carried


class ChosenShortcut:
    """One shortcut as it was chosen. `message` is the message in whose menu it stood: hostile, as all from outside."""

    def __init__(self, *, context: Context, person: Person, body: Mapping[str, Any], delivery: str) -> None:
        self.context = context
        self.person = person
        self.delivery = delivery
        self.message: object = body.get("message")


class SentForm:
    """One form as it was sent."""

    def __init__(
        self,
        *,
        context: Context,
        person: Person,
        who_is: WhoIs,
        who_decides: WhoIs,
        view: object,
        delivery: str,
        sending: str,
    ) -> None:
        self.context = context
        self.person = person
        self.who_is = who_is
        #: Likewise by what is read after the form was sent, for what is done at once.
        self.who_decides = who_decides
        self.delivery = delivery
        #: Another one each time that the form is sent, also with the same in it.
        self.sending = sending
        #: Hostile, like everything from outside: for the form's own `parse`.
        self.view = view


def _carried(action: Mapping[str, Any]) -> str:
    option = action.get("selected_option")
    return str((option.get("value") if isinstance(option, Mapping) else action.get("value")) or "")
