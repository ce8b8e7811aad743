"""When entries come back to whoever asked for them, to be kept or to end."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from bot.settings.part import SettingsPart
from bot.settings.types import Duration, Period, Switch


class RenewalSettings(SettingsPart):
    #: An allow that has stayed for so long is asked about: its owner keeps it, with a reason and the usual approvals,
    #: or lets it end. `off`: nobody is asked. Risk of `off`: an allow without an end is never looked at again.
    renew_after: Period = "90d"
    #: `on` asks about blocks without an end, too.
    renew_blocks: Switch = False
    #: How long the owner has to answer. They are reminded once, when half of it is over.
    renew_answer_within: Duration = Field(default=timedelta(days=14), ge=timedelta(minutes=1))
    #: Without an answer the approvers are told; `remove` also proposes to take the entry out. Risk of `remove`: mail
    #: that somebody still needs is stopped, once an approver agrees.
    renew_unanswered: Literal["tell", "remove"] = "tell"
