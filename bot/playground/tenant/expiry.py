"""When a block list entry ends: the defaults and limits for each list type and action.

Source: Microsoft Learn, "New-TenantAllowBlockListItems" and "Manage allows and blocks in the Tenant Allow/Block List".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import CmdletRefused
from .parameters import Arguments, ambiguous
from .state import Action, ListSubType, ListType

BLOCK_DEFAULT = timedelta(days=30)
LONGEST = timedelta(days=90)
LONGEST_DIRECT_ALLOW = timedelta(days=30)
REMOVE_AFTER = 45


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """A date, a number of days after last use, or neither: permanent."""

    expires: datetime | None = None
    remove_after: int | None = None


def asked_for(arguments: Arguments) -> bool:
    """Whether the call says anything about the end. It may say so in one way only."""
    said = [
        "ExpirationDate" in arguments,
        arguments.on("NoExpiration"),
        "RemoveAfter" in arguments,
    ]
    if sum(said) > 1:
        raise ambiguous()
    return any(said)


def expiry_of(
    arguments: Arguments, *, list_type: ListType, action: Action, sub_type: ListSubType, now: datetime
) -> Expiry:
    """The expiry that a call results in, its default included. Raises CmdletRefused when the rules don't allow it."""
    if not asked_for(arguments):
        return _default(list_type=list_type, action=action, sub_type=sub_type, now=now)
    expiry = Expiry(expires=arguments.moment("ExpirationDate"), remove_after=arguments.number("RemoveAfter"))
    if expiry.expires is not None and expiry.expires <= now:
        raise CmdletRefused("ExpirationDate must be in the future.")
    check(expiry, list_type=list_type, action=action, sub_type=sub_type, now=now)
    return expiry


def check(expiry: Expiry, *, list_type: ListType, action: Action, sub_type: ListSubType, now: datetime) -> None:
    """Raises CmdletRefused when an entry of this kind can't end like this."""
    if expiry.remove_after is not None:
        if action != "Allow" or list_type == "IP":
            raise CmdletRefused("RemoveAfter can only be used with Allow for the list types Sender, FileHash and Url.")
        if expiry.remove_after != REMOVE_AFTER:
            raise CmdletRefused(f"The only valid value for RemoveAfter is {REMOVE_AFTER}.")
    elif expiry.expires is not None:
        longest = LONGEST_DIRECT_ALLOW if action == "Allow" and list_type != "IP" else LONGEST
        if expiry.expires > now + longest:
            raise CmdletRefused(
                f"ExpirationDate can be at most {longest.days} days from now for {action} entries of {list_type}."
            )
    elif action == "Allow" and list_type != "IP" and not (list_type == "Url" and sub_type == "AdvancedDelivery"):
        raise CmdletRefused(
            "NoExpiration can only be used with Block, with Allow of IP, or with Allow of Url for AdvancedDelivery."
        )


def _default(*, list_type: ListType, action: Action, sub_type: ListSubType, now: datetime) -> Expiry:
    if list_type == "IP" or sub_type == "AdvancedDelivery":
        return Expiry()
    return Expiry(expires=now + BLOCK_DEFAULT) if action == "Block" else Expiry(remove_after=REMOVE_AFTER)
