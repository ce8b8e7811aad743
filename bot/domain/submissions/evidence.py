"""Whether what somebody hands in for a submission is what Microsoft takes.

Sources: Microsoft Graph (beta), "emailUrlThreatSubmission" and "emailContentThreatSubmission"; Microsoft, "Use the
Submissions page".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.domain.lists.traits import ListName
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.proposal import Proposal
from bot.domain.submissions.message import headers_of, is_nested_too_deep, read_message
from bot.domain.submissions.submission import digest

_MESSAGE_URL = re.compile(r"https://graph\.microsoft\.(?:com|us)/(?:v1\.0|beta)/users/[^/?#\s]+/messages/[^/?#\s]+")
_ADDRESS = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,250}\.[^@\s<>\".]{2,}")
#: What a message that was delivered has beside its sender.
_OF_DELIVERED = frozenset({"received", "message-id", "date"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is wrong with what was handed in, and what to do about it."""

    what: str
    remedy: str


def recipient_lack(recipient: str) -> Lack | None:
    """What is wrong with the address of who was to get the message."""
    if _ADDRESS.fullmatch(recipient):
        return None
    return Lack(what="That is no address.", remedy="Give the recipient's full address: name@domain.")


def message_url_lack(url: str) -> Lack | None:
    """What is wrong with a message's address in Microsoft Graph."""
    if _MESSAGE_URL.fullmatch(url):
        return None
    return Lack(
        what="That is no address of a message in Microsoft Graph.",
        remedy=(
            "It looks like https://graph.microsoft.com/v1.0/users/<user>/messages/<id>; without one, save the message "
            "as a file."
        ),
    )


def file_lack(name: ListName, values: Collection[str], content: bytes, *, recipient: str) -> Lack | None:
    """What is wrong with a file that is to show why these values should be let through."""
    sha256 = digest(content)
    if name is ListName.FILE and sha256 in {value.lower() for value in values}:
        return None
    if not is_message(content):
        if name is ListName.FILE:
            return Lack(
                what=f"The file is another one than you named, and no message: its SHA-256 is {sha256}.",
                remedy="Hand in the file that was blocked, or the message that it came with, as .eml.",
            )
        return Lack(
            what="The file is no message.",
            remedy="Save the message as .eml (Outlook's .msg is another format), and hand that in.",
        )
    if is_nested_too_deep(content):
        return Lack(
            what="The message holds hundreds of parts within parts, so that nobody can see what it says.",
            remedy="Hand in the message as it was delivered, or submit it by hand in the Defender portal.",
        )
    if not recipient:
        return Lack(
            what="A message needs its recipient: Microsoft checks that mailbox's settings.",
            remedy="Say who was to get it.",
        )
    return None


def with_file_seen(proposal: Proposal, content: bytes) -> Proposal:
    """A proposal that hands this file in, with what the file is and, of a message, what it says of itself."""
    values = [indicator.value for indicator in proposal.indicators]
    sha256 = digest(content)
    is_file = proposal.list is ListName.FILE and sha256 in {value.lower() for value in values}
    seen = replace(
        proposal.evidence or Evidence(),
        sha256=sha256,
        size=len(content),
        message=None if is_file or not is_message(content) else read_message(content, wanted=values),
    )
    return replace(proposal, evidence=seen)


def is_message(content: bytes) -> bool:
    """Whether a file is a message as mail servers hand it on (.eml): it begins with its headers.

    Never raises.
    """
    headers = {name.lower() for name in headers_of(content)}
    return "from" in headers and not headers.isdisjoint(_OF_DELIVERED)
