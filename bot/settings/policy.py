"""The operator's policy: what may be proposed, how many at once, for how long, and how closely it is watched."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator

from bot.domain.requests.reviewing import DENIAL_REASONS
from bot.errors import SettingsError
from bot.settings.part import PREFIX, SettingsPart
from bot.settings.rules_file import RulesFile, read_rules
from bot.settings.types import Duration, FilePath, Names, Reasons, Switch, Weekly


class PolicySettings(SettingsPart):
    #: The Defender for Office 365 plan, which sets how much the lists hold.
    tenant_plan: Literal["none", "plan1", "plan2"] = "none"
    #: What happens to an IP allow proposal. `warn` lets a single approver decide: the mail that it lets in skips spam
    #: filtering and sender authentication. Spoof pairs that let anybody write as somebody, or somebody as your own
    #: people, take as many approvers; `deny` leaves them.
    ip_allow: Literal["two-person", "deny", "warn"] = "two-person"
    ip_allow_max_days: int = Field(default=7, ge=1, le=365)
    #: `on` lets domains, addresses and URLs be allowed by a plain entry; off, an allow is a submission. Risk: Microsoft
    #: learns nothing from such an entry, and it lets in mail that only looks as if it came from that sender.
    direct_allow: Switch = False
    #: `on` files approved submissions through Microsoft Graph; the app needs ThreatSubmission.ReadWrite.All. Risk: what
    #: is submitted, a message with its content included, leaves the tenant for Microsoft's analysts.
    submissions: Switch = False
    #: Whether the step in Slack's Workflow Builder may propose blocks. Each takes two approvers. Risk of `on`: whoever
    #: builds a workflow chooses what others propose by it, and fills the approval channel with it.
    workflow_step: Switch = True
    #: The tenant's own domains, never to be blocked. Left out, they are read from the tenant.
    accepted_domains: Names = ()
    #: The reasons that whoever denies a request chooses from, separated by semicolons; ten at most, 75 characters each.
    denial_reasons: Reasons = DENIAL_REASONS
    #: A TOML file that says who may approve what, how many it takes, and which blocks need nobody. Left out: every
    #: approver decides on everything, and everything takes one approval or what policy says. Risk: whoever can write to
    #: it can take approvals away from blocks; never from allows, removals, wide networks or your own domains.
    rules_file: FilePath | None = None
    request_lapses_after: Duration = Field(default=timedelta(days=7), ge=timedelta(minutes=1))
    #: How much one person may have waiting at once: imports, checks for which the tenant has to be read, and requests
    #: that nobody has decided. Risk of more: a single account, taken over or careless, keeps the others waiting.
    imports_per_person: int = Field(default=10, ge=1, le=1_000)
    checks_per_person: int = Field(default=10, ge=1, le=1_000)
    open_requests_per_person: int = Field(default=200, ge=1, le=100_000)
    #: How many emergency blocks one person may have applied within an hour. Risk of more: what a compromised account
    #: can stop before anybody looks.
    emergency_per_hour: int = Field(default=5, ge=1, le=1_000)
    #: How many days one lasts where nobody says, and at most. Short, as nobody has approved it; long enough for a
    #: weekend to pass before somebody reviews it.
    emergency_days: int = Field(default=3, ge=1, le=30)
    emergency_max_days: int = Field(default=7, ge=1, le=30)
    #: When the alert channel is told of one that nobody has reviewed.
    emergency_alert_after: Duration = Field(default=timedelta(hours=4), ge=timedelta(minutes=1))
    #: How often the tenant's lists are read in the background.
    watch_every: Duration = Field(default=timedelta(minutes=15), ge=timedelta(seconds=1))
    #: How often the posture is looked at, by the last reading of the lists. What changed is kept with its time.
    posture_every: Duration = Field(default=timedelta(hours=1), ge=timedelta(minutes=1))
    #: When the alert channel gets the weekly summary of the posture: a day and an hour, UTC. `off`: never. Risk of
    #: `off`: what gets worse a little at a time alarms nobody.
    posture_summary: Weekly = "mon 8"
    #: Whether the alert channel hears of blocks that somebody changed past Portcullis: `tell` without alarm, `alarm`
    #: like of an allow, or only `log`. Risk of `log`: nobody sees that a block was taken out.
    tell_portal_blocks: Literal["tell", "alarm", "log"] = "tell"
    #: How long after a change it is confirmed that it still stands.
    confirm_after: Duration = Field(default=timedelta(minutes=5), ge=timedelta(seconds=1))

    @field_validator("rules_file", mode="after")
    @classmethod
    def _can_be_read(cls, value: str | None) -> str | None:
        if value is not None:
            read_rules(value)
        return value

    @property
    def rules(self) -> RulesFile:
        """The rules of the file; none where none is set. Raises SettingsError if it has been spoilt since."""
        if self.rules_file is None:
            return RulesFile()
        try:
            return read_rules(self.rules_file)
        except ValueError as error:
            raise SettingsError(tuple(f"{PREFIX}RULES_FILE: {said}." for said in str(error).splitlines())) from None
