"""The workspace that the stand-in plays: who is in it, where they talk, which commands exist, which secrets it made."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from bot.playground.slack.steps import USER_CONTEXT, Parameter, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom the page can act as. `role` is a label for the page; Slack itself knows no roles of ours."""

    id: str
    name: str
    handle: str = ""  #: without the `@`; left out, it is the id in small letters
    role: str = ""
    time_zone: str = "Etc/UTC"
    deleted: bool = False
    guest: bool = False

    @property
    def username(self) -> str:
        """What Slack calls the handle in its payloads: `name`, `username`, `user_name`."""
        return self.handle or self.id.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A public channel. Every person is in it, unless `members` names them."""

    id: str
    name: str
    members: tuple[str, ...] | None = None
    has_bot: bool = True
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """A user group: `S…` id, handle without the `@`, and the people in it."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """A command as the app's manifest declares it. `command` has its slash."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A shortcut as the app's manifest declares it: of the workspace (`global`), or of each message."""

    name: str
    type: Literal["global", "message"]
    callback_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotUser:
    """The app, as the workspace knows it."""

    id: str = "U0PORTCULL"
    bot_id: str = "B0PORTCULL"
    app_id: str = "A0PORTCULL"
    name: str = "portcullis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the app's configuration page would show. Made at random; never shown by repr."""

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    verification_token: str = field(repr=False)

    @classmethod
    def random(cls) -> Self:
        """New ones, with the prefixes that tell the kinds of token apart."""
        return cls(
            bot_token=f"xoxb-{secrets.token_hex(24)}",
            app_token=f"xapp-{secrets.token_hex(24)}",
            signing_secret=secrets.token_hex(16),
            verification_token=secrets.token_hex(12),
        )


#: What the app's manifest asks for, and was given.
_SCOPES = frozenset(
    {
        *("chat:write", "commands", "files:read", "files:write", "usergroups:read"),
        *("channels:history", "groups:history", "im:history", "im:write"),
        *("users:read", "dnd:read"),
    }
)


def _people() -> tuple[Person, ...]:
    return (
        Person(id="U0REQUEST1", name="Requester", handle="requester", role="Requester"),
        Person(id="U0APPROVE1", name="Approver one", handle="approver-one", role="Approver"),
        Person(id="U0APPROVE2", name="Approver two", handle="approver-two", role="Approver"),
        Person(id="U0AUDITOR1", name="Auditor", handle="auditor", role="Auditor"),
        Person(id="U0VISITOR1", name="Visitor", handle="visitor", role="Visitor"),
    )


def _channels() -> tuple[Channel, ...]:
    return (
        Channel(id="C0GENERAL", name="general"),
        Channel(id="C0APPROVALS", name="mail-approvals"),
        Channel(id="C0ALERTS", name="mail-alerts"),
    )


def _user_groups() -> tuple[UserGroup, ...]:
    return (
        UserGroup(
            id="S0APPROVERS",
            handle="mail-approvers",
            name="Mail approvers",
            members=("U0APPROVE1", "U0APPROVE2"),
        ),
    )


def _commands() -> tuple[SlashCommand, ...]:
    change = "<indicator> … [1d|30d|never] <reason>"
    return (
        SlashCommand(command="/portcullis", description="What waits, and every other command", usage_hint="[command]"),
        SlashCommand(command="/block", description="Request that mail be blocked", usage_hint=change),
        SlashCommand(
            command="/unblock", description="Request that a block be removed", usage_hint="<indicator> <reason>"
        ),
        SlashCommand(command="/allow", description="Request that mail be allowed", usage_hint=change),
        SlashCommand(
            command="/unallow", description="Request that an allow be removed", usage_hint="<indicator> <reason>"
        ),
        SlashCommand(
            command="/extend",
            description="Request a new expiry date for entries",
            usage_hint="[block|allow] <indicator> … <7d|30d|never> <reason>",
        ),
        SlashCommand(
            command="/note",
            description="Request a new note on entries",
            usage_hint="[block|allow] <indicator> … <the note>",
        ),
        SlashCommand(command="/safelist", description="Is the safe list on?", usage_hint="[off] <reason>"),
        SlashCommand(command="/posture", description="What lets mail through and needs looking after"),
        SlashCommand(command="/import", description="Request many changes from a file or a long list"),
        SlashCommand(command="/check", description="Is it allowed or blocked, and why?", usage_hint="<indicator>"),
        SlashCommand(command="/lists", description="Look through the lists", usage_hint="[words]"),
        SlashCommand(
            command="/requests", description="The requests that are open, and yours", usage_hint="[open|mine|<id>]"
        ),
        SlashCommand(
            command="/audit",
            description="Search the audit log",
            usage_hint="[indicator|person|request]",
            should_escape=True,
        ),
    )


def _shortcuts() -> tuple[Shortcut, ...]:
    return (
        Shortcut(name="Block…", type="global", callback_id="shortcut_block"),
        Shortcut(name="Check…", type="global", callback_id="shortcut_check"),
        Shortcut(name="Block or check…", type="message", callback_id="shortcut_message"),
    )


def _steps() -> tuple[Step, ...]:
    return (
        Step(
            callback_id="propose_block",
            title="Propose a block",
            inputs=(
                Parameter(
                    name="indicators",
                    title="What to block",
                    description="IP addresses, domains, mail addresses, URLs, file hashes or spoof pairs, "
                    "one or several a line",
                    is_required=True,
                ),
                Parameter(
                    name="reason", title="Why", description="What the approvers and the log are told", is_required=True
                ),
                Parameter(
                    name="lasts",
                    title="How long",
                    description="Such as 1d, 7d, 30d, 90d, never or 2030-12-31. Left out, it is 30 days",
                ),
                Parameter(
                    name="requester",
                    type=USER_CONTEXT,
                    title="Who asks",
                    description="Who started the workflow. They have to be entitled to propose",
                    is_required=True,
                ),
            ),
            outputs=(
                Parameter(name="proposal", title="Number of the request", description="Such as #42", is_required=True),
                Parameter(name="card", title="Link to the card", description="Where it is decided"),
                Parameter(
                    name="set_aside",
                    title="What was set aside",
                    description="What was not requested of it, with the reasons",
                ),
            ),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One Slack workspace with the app installed.

    The defaults make the demo: a requester, two approvers in a user group, an auditor and a visitor, with the
    channels for approvals and alerts. Tests pass their own people.
    """

    team_id: str = "T0PLAYGROUND"
    team_name: str = "Playground"
    team_domain: str = "playground"
    people: tuple[Person, ...] = field(default_factory=_people)
    channels: tuple[Channel, ...] = field(default_factory=_channels)
    user_groups: tuple[UserGroup, ...] = field(default_factory=_user_groups)
    commands: tuple[SlashCommand, ...] = field(default_factory=_commands)
    shortcuts: tuple[Shortcut, ...] = field(default_factory=_shortcuts)
    steps: tuple[Step, ...] = field(default_factory=_steps)
    bot: BotUser = field(default_factory=BotUser)
    credentials: Credentials = field(default_factory=Credentials.random)
    approval_channel: str = "C0APPROVALS"
    alert_channel: str = "C0ALERTS"
    requesters: tuple[str, ...] = ("U0REQUEST1", "U0APPROVE1", "U0APPROVE2")
    approvers: tuple[str, ...] = ("S0APPROVERS",)
    emergency: tuple[str, ...] = ("U0REQUEST1",)  #: who may block at once
    auditors: tuple[str, ...] = ("U0AUDITOR1",)
    #: The Enterprise organization that the workspace is in and for which the app is installed; empty: the app is the
    #: workspace's own. An organization's token reaches the workspaces that the app was added to, by id and name.
    enterprise_id: str = ""
    granted: tuple[tuple[str, str], ...] = ()
    #: Which events the app is told of.
    events: frozenset[str] = frozenset(
        {"subteam_members_changed", "subteam_updated", "app_home_opened", "function_executed"}
    )
    #: Which scopes the bot token has. The stand-in holds the methods for files, and those that read what was
    #: said, to them.
    scopes: frozenset[str] = _SCOPES

    def person(self, user_id: str) -> Person | None:
        """The person with this id, or None."""
        return next((person for person in self.people if person.id == user_id), None)

    def step(self, callback_id: str) -> Step | None:
        """The step for Workflow Builder with this id, or None."""
        return next((known for known in self.steps if known.callback_id == callback_id), None)

    def command(self, command: str) -> SlashCommand | None:
        """The slash command of this name (with its slash), or None."""
        return next((known for known in self.commands if known.command == command), None)

    def with_extra_people(self, people: tuple[Person, ...], *, approvers: bool = False) -> Workspace:
        """A copy with more people in it; `approvers` puts them into the first user group as well."""
        groups = self.user_groups
        if approvers and groups:
            more = tuple(person.id for person in people)
            groups = (replace(groups[0], members=(*groups[0].members, *more)), *groups[1:])
        return replace(self, people=(*self.people, *people), user_groups=groups)
