"""Whether what somebody hands in for a submission is what Microsoft takes.

Sources: Microsoft Graph (beta), "emailUrlThreatSubmission" and "emailContentThreatSubmission"; Microsoft, "Use the
Submissions page".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from bot.domain.lists.traits import ListName

_MESSAGE_URL = re.compile(r"https://graph\.microsoft\.(?:com|us)/(?:v1\.0|beta)/users/[^/?#\s]+/messages/[^/?#\s]+")
_ADDRESS = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,250}\.[^@\s<>\".]{2,}")
#: What a message that was delivered has beside its sender.
_OF_DELIVERED = frozenset({"received", "message-id", "date"})
#: Headers come first in a file, and take no more bytes than this.
_HEADERS_WITHIN = 262_144


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
    digest = hashlib.sha256(content).hexdigest()
    if name is ListName.FILE and digest in {value.lower() for value in values}:
        return None
    if not is_message(content):
        if name is ListName.FILE:
            return Lack(
                what=f"The file is another one than you named, and no message: its SHA-256 is {digest}.",
                remedy="Hand in the file that was blocked, or the message that it came with, as .eml.",
            )
        return Lack(
            what="The file is no message.",
            remedy="Save the message as .eml (Outlook's .msg is another format), and hand that in.",
        )
    if not recipient:
        return Lack(
            what="A message needs its recipient: Microsoft checks that mailbox's settings.",
            remedy="Say who was to get it.",
        )
    return None


def is_message(content: bytes) -> bool:
    """Whether a file is a message as mail servers hand it on (.eml): it begins with its headers.

    Never raises. The body is not read: parts within parts, a thousand deep, are more than a parser can follow.
    """
    headers = {name.lower() for name in BytesHeaderParser().parsebytes(content[:_HEADERS_WITHIN])}
    return "from" in headers and not headers.isdisjoint(_OF_DELIVERED)
