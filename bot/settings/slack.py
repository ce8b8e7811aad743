"""Slack: the app, who may do what, and who is called."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Literal

from pydantic import Field

from bot.settings.part import PREFIX, SettingsPart, unless_set
from bot.settings.types import (
    Address,
    AppToken,
    BotToken,
    Channel,
    Days,
    Duration,
    Hours,
    Name,
    People,
    Said,
    Secret,
    Somebody,
    Waits,
)


class SlackSettings(SettingsPart):
    #: `socket` needs no public address; `http` scales over replicas behind a load balancer.
    #: Risk of socket: two installations on one Slack app each get a random half of what people do.
    slack_mode: Literal["socket", "http"] = "socket"
    #: Risk: whoever has it can write as the bot. It can't approve anything by itself.
    slack_bot_token: BotToken
    slack_app_token: AppToken | None = None
    #: Risk: whoever has it can forge any click by anybody, approvals included.
    slack_signing_secret: Secret | None = None
    slack_api_url: Address = "https://slack.com/api"
    #: The workspace that may use the bot. Left out, it is the one that the bot token belongs to.
    slack_team_id: Name | None = None
    #: Where cards stand. Everybody in it reads who wants what blocked; only APPROVERS can decide.
    approval_channel: Channel
    #: Who is told of IP allow proposals and of what needs the operator. Left out: the approval channel.
    alert_channel: Channel | None = None
    #: Whom people ask who may not do something: a member's id, or any text. Left out: "whoever runs Portcullis".
    contact: Said | None = None
    #: Who may propose changes and check indicators, beside the approvers.
    requesters: People = ()
    #: Who may decide. Risk: a compromised Slack account on this list can approve what others propose.
    approvers: Somebody
    #: Who may query the audit log and check indicators, beside the approvers.
    auditors: People = ()

    #: Who may block at once, with nobody's approval, what is reviewed afterwards; beside that they may propose. Left
    #: out: nobody. Risk: a compromised Slack account on this list can keep mail out for some days, see
    #: EMERGENCY_PER_HOUR and EMERGENCY_MAX_DAYS.
    emergency: People = ()

    @property
    def user_groups(self) -> frozenset[str]:
        """The user groups that give a role."""
        entitled = (*self.requesters, *self.approvers, *self.auditors, *self.emergency)
        return frozenset(each for each in entitled if each.startswith("S"))

    @classmethod
    def missing_together(cls) -> list[str]:
        mode = os.environ.get(f"{PREFIX}SLACK_MODE", "").strip() or "socket"
        if mode == "http":
            return unless_set("SLACK_SIGNING_SECRET", "HTTP mode needs it to tell Slack's requests from forged ones")
        if mode == "socket":
            return unless_set("SLACK_APP_TOKEN", "Socket Mode needs an app-level token with connections:write")
        return []  # the mode itself is wrong, and has its line


class CallingSettings(SettingsPart):
    #: Who is mentioned on each card that waits for a decision, so that Slack notifies them. Left out: nobody.
    call_approvers: People = ()
    #: Who is mentioned below a card that nobody has decided, before its request lapses. Left out: nobody.
    escalate_to: People = ()
    #: How long before. Left out: 24 hours, or a quarter of the time that a request has, where that is less.
    escalate_before: Duration | None = Field(default=None, ge=timedelta(minutes=1))

    #: When approvers are reminded of what waits for them: after so long, then after so long again, and so on; the last
    #: wait goes on. It is working time, a day a working day. `never`: nobody is reminded.
    remind_after: Waits = "1h, 4h, 1d, 2d"
    #: When people work, each in the time zone that Slack has of them. Nobody is reminded outside of it.
    working_hours: Hours = "8-18"
    working_days: Days = "mon-fri"

    @property
    def user_groups(self) -> frozenset[str]:
        """The user groups that are called."""
        return frozenset(each for each in (*self.call_approvers, *self.escalate_to) if each.startswith("S"))
