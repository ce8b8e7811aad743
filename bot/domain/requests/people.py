"""Who may do what. Roles are read at the moment of the act, never remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.errors import NotPermitted, PortcullisError


class Role(StrEnum):
    """What somebody is entitled to."""

    REQUESTER = "requester"  #: propose changes, check, see requests
    APPROVER = "approver"  #: all of that, decide on others' requests, query the log
    AUDITOR = "auditor"  #: check, see requests, query the log
    EMERGENCY = "emergency"  #: propose, check, see requests, and block at once what is reviewed afterwards


class Right(StrEnum):
    """One thing that a role entitles to."""

    PROPOSE = "propose"
    REVIEW = "review"
    CHECK = "check"
    SEE_REQUESTS = "see_requests"
    QUERY_AUDIT = "query_audit"
    BLOCK_AT_ONCE = "block_at_once"


_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.REQUESTER: frozenset({Right.PROPOSE, Right.CHECK, Right.SEE_REQUESTS}),
    Role.APPROVER: frozenset(Right) - {Right.BLOCK_AT_ONCE},  # who decides for others doesn't decide alone
    Role.AUDITOR: frozenset({Right.CHECK, Right.SEE_REQUESTS, Right.QUERY_AUDIT}),
    Role.EMERGENCY: frozenset({Right.PROPOSE, Right.CHECK, Right.SEE_REQUESTS, Right.BLOCK_AT_ONCE}),
}

_REFUSALS: dict[Right, tuple[str, str]] = {
    Right.PROPOSE: ("You may not propose changes here.", "Ask whoever runs Portcullis to let you."),
    Right.REVIEW: (
        "Only approvers decide on requests.",
        "Leave it to one of them, or ask whoever runs Portcullis to make you one.",
    ),
    Right.CHECK: (
        "You may not check the tenant's lists.",
        "Ask whoever runs Portcullis to let you.",
    ),
    Right.SEE_REQUESTS: (
        "You may not see requests.",
        "Ask whoever runs Portcullis to let you.",
    ),
    Right.BLOCK_AT_ONCE: (
        "You may not block anything as an emergency.",
        "Request an ordinary block, without the word emergency, or ask whoever runs Portcullis to let you.",
    ),
    Right.QUERY_AUDIT: ("You may not query the audit log.", "Ask whoever runs Portcullis to let you."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in Slack, with the roles that they have right now.

    `doubt` is set when some of their roles could not be read: they have those that are certain, and whatever else they
    try fails for that reason, not as if they had no right to it.
    """

    user_id: str
    roles: frozenset[Role] = frozenset()
    doubt: PortcullisError | None = field(default=None, compare=False, repr=False)
    #: Of the user groups that rules name, those that they are in, as far as it is known here.
    groups: frozenset[str] = field(default=frozenset(), compare=False)
    #: Of these groups, those that couldn't be read, each with why.
    unread: Mapping[str, PortcullisError] = field(default_factory=dict, compare=False, repr=False)

    @property
    def rights(self) -> frozenset[Right]:
        """All that the person's roles entitle to."""
        return frozenset[Right]().union(*(_RIGHTS[role] for role in self.roles))

    def has(self, right: Right) -> bool:
        return right in self.rights

    def among(self, names: Iterable[str]) -> str | None:
        """By which of these names they are meant: their own id, or a group that they are in; None: by none."""
        return next((name for name in names if name == self.user_id or name in self.groups), None)

    def unread_of(self, names: Iterable[str]) -> PortcullisError | None:
        """Why it isn't known whether they are in one of these groups; None where that is known of all."""
        return next((self.unread[name] for name in names if name in self.unread), None)

    def require(self, right: Right) -> None:
        """Raises NotPermitted when none of the person's roles entitles to this, or their `doubt` if there is one."""
        if not self.has(right):
            raise self.doubt or NotPermitted(*_REFUSALS[right])
