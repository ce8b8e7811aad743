"""The mail that a tenant has had, as it is staged: what message traces and hunting tell of."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["delivered", "filteredAsSpam", "quarantined", "failed", "pending", "gettingStatus", "expanded"]
Direction = Literal["Inbound", "Outbound", "Intra-org"]


class StagedMail(BaseModel):
    """One message. `envelope` is its envelope's sender, where that is another; `hours` is how long ago it came."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sender: str
    envelope: str = ""
    recipients: tuple[str, ...] = ("user@contoso.example",)
    ip: str = "203.0.113.25"
    subject: str = "Your invoice"
    status: Status = "delivered"
    urls: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  #: SHA-256, in hexadecimal digits
    dmarc: Literal["pass", "fail", "none"] = "pass"
    direction: Direction = "Inbound"
    hours: float = Field(default=5, ge=0, le=90 * 24)


class MailRights(BaseModel):
    """What the app may read of mail: message traces, for which Microsoft's own application has to be known, too; and
    by hunting."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trace: bool = True
    trace_app: bool = True
    hunting: bool = True


class Message(BaseModel):
    """A staged message, with what Microsoft gives it."""

    model_config = ConfigDict(frozen=True)

    mail: StagedMail
    id: str
    message_id: str
    at: datetime


class Mail:
    """All mail of a tenant, the newest first.

    `takes_domains` is whether a trace takes `*@` before a domain, of which Microsoft's pages say nothing; `lies` has it
    answer with mail that nobody asked for.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.clear()

    def clear(self) -> None:
        self.messages.clear()
        self.rights = MailRights()
        self.takes_domains = True
        self.lies = False

    def take(self, mail: StagedMail, *, now: datetime, times: int = 1) -> None:
        """A message came, or so many like it."""
        for _ in range(times):
            number = str(uuid.uuid4())
            at = now - timedelta(hours=mail.hours)
            self.messages.append(
                Message(mail=mail, id=number, message_id=f"<{number}@{mail.sender.rpartition('@')[2]}>", at=at)
            )
        self.messages.sort(key=lambda message: message.at, reverse=True)

    def listing(self) -> list[dict[str, object]]:
        """Mail that is alike but for its time and its number, with how many there are of it, for the page."""
        counts = Counter(
            (message.mail.sender, message.mail.recipients, message.mail.status) for message in self.messages
        )
        return [
            {"sender": sender, "recipients": list(recipients), "status": status, "count": count}
            for (sender, recipients, status), count in counts.items()
        ]

    def seed(self, *, now: datetime) -> None:
        """Some mail that shows what figures are."""
        for mail, times in _SEED:
            self.take(mail, now=now, times=times)


_SEED = (
    (StagedMail(sender="billing@evil.example", recipients=("alex@contoso.example", "sam@contoso.example")), 9),
    (
        StagedMail(
            sender="billing@evil.example", status="quarantined", dmarc="fail", urls=("http://evil.example/pay",)
        ),
        4,
    ),
    (StagedMail(sender="alex@contoso.example", recipients=("billing@evil.example",), direction="Outbound"), 2),
    (StagedMail(sender="news@fabrikam.example", ip="198.51.100.7", subject="This week", hours=30), 40),
    (StagedMail(sender="scan@printer.example", ip="203.0.113.7", dmarc="fail", subject="Scanned document"), 12),
    (StagedMail(sender="scan@printer.example", ip="203.0.113.7", dmarc="fail", status="filteredAsSpam"), 3),
)
