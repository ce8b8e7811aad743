"""Message trace: what it is asked of one indicator, and what its rows, one for each recipient, come to.

Source: Microsoft Graph, "List messageTraces" and "exchangeMessageTrace resource type". Nothing of an answer is trusted:
a row that is none, or that isn't about what was asked, is set aside.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.figures.figures import LONGEST_SUBJECT, MOST_SUBJECTS, SPAN, MailFigures, MailSource
from bot.domain.indicators.indicator import Indicator, Kind

PATH = "admin/exchange/tracing/messageTraces"

#: The most rows that a page has, and the most pages that are read of one indicator.
PAGE = 5_000
MOST_PAGES = 3

#: The end of what is asked for may not lie in the future, by the service's clock.
_CLOCKS = timedelta(minutes=2)

#: How a message fared for a recipient, the best for its sender first; what isn't named has no outcome yet.
_DELIVERED, _JUNK, _QUARANTINED, _STOPPED, _OPEN = range(5)
_STATUSES: Mapping[str, int] = {
    "delivered": _DELIVERED,
    "expanded": _DELIVERED,
    "filteredasspam": _JUNK,
    "quarantined": _QUARANTINED,
    "failed": _STOPPED,
}


class TraceRow(BaseModel):
    """One message for one recipient, as far as figures need it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str = Field(min_length=1, max_length=200)
    sender: str | None = Field(default=None, alias="senderAddress", max_length=2_000)
    recipient: str = Field(alias="recipientAddress", min_length=1, max_length=2_000)
    from_ip: str | None = Field(default=None, alias="fromIP", max_length=200)
    status: str | None = Field(default=None, max_length=100)
    subject: str | None = Field(default=None, max_length=10_000)
    received: str = Field(default="", alias="receivedDateTime", max_length=100)


def query_of(where: str, *, now: datetime) -> dict[str, str]:
    """The query for the last ten days' rows of which a filter is true."""
    end = now.astimezone(UTC) - _CLOCKS
    since, until = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (end - SPAN, end))
    return {
        "$filter": f"receivedDateTime ge {since} and receivedDateTime le {until} and {where}",
        "$top": str(PAGE),
    }


def mail_from(indicator: Indicator) -> str:
    """The filter for what came from an address, a domain or one IP. ValueError for any other kind."""
    if indicator.kind in {Kind.IPV4, Kind.IPV6}:
        return f"fromIP eq {_literal(indicator.value)}"
    return f"senderAddress eq {_literal(_address(indicator))}"


def mail_to(indicator: Indicator) -> str | None:
    """The filter for what was sent to an address or a domain; None for an IP, to which nobody writes."""
    if indicator.kind not in {Kind.ADDRESS, Kind.DOMAIN}:
        return None
    return f"recipientAddress eq {_literal(_address(indicator))}"


def _address(indicator: Indicator) -> str:
    if indicator.kind is Kind.ADDRESS:
        # The lists have odd characters of an address percent-encoded; mail has them as they are.
        local, _, domain = indicator.value.rpartition("@")
        return f"{unquote(local)}@{domain}"
    if indicator.kind is Kind.DOMAIN and "*" not in indicator.value:
        return f"*@{indicator.value}"
    raise ValueError(f"message trace can't be asked for a {indicator.kind.value}")


def _literal(value: str) -> str:
    """A value as an OData string: a quote in it is doubled, and nothing else ends it."""
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows that are about what was asked, and how many of the answer's are not, or are none."""

    rows: tuple[TraceRow, ...]
    set_aside: int


def rows_from(objects: Iterable[Mapping[str, object]], indicator: Indicator) -> Rows:
    """The rows of mail that came from an indicator."""
    if indicator.kind in {Kind.IPV4, Kind.IPV6}:
        return _read(objects, lambda row: _is_ip(row.from_ip, indicator.value))
    return _read(objects, lambda row: _is_of(row.sender, indicator))


def rows_to(objects: Iterable[Mapping[str, object]], indicator: Indicator) -> Rows:
    """The rows of mail that was sent to an indicator."""
    return _read(objects, lambda row: _is_of(row.recipient, indicator))


def _read(objects: Iterable[Mapping[str, object]], is_meant: Callable[[TraceRow], bool]) -> Rows:
    rows: list[TraceRow] = []
    set_aside = 0
    for each in objects:
        try:
            row = TraceRow.model_validate(each)
        except ValidationError:
            set_aside += 1
            continue
        if is_meant(row):
            rows.append(row)
        else:
            set_aside += 1
    return Rows(rows=tuple(rows), set_aside=set_aside)


def _is_of(address: str | None, indicator: Indicator) -> bool:
    asked = _address(indicator).lower()
    given = (address or "").strip().lower()
    return given.endswith(asked.removeprefix("*")) if asked.startswith("*@") else given == asked


def _is_ip(text: str | None, value: str) -> bool:
    try:
        return ipaddress.ip_address((text or "").strip()) == ipaddress.ip_address(value)
    except ValueError:
        return False


def figures_of(
    read: Rows, *, is_whole: bool, subjects: bool, written_to: int | None, written_is_whole: bool = True
) -> MailFigures:
    """What rows come to. `written_to` is what was found out beside them, and whether that is all."""
    tally = _Tally()
    for row in read.rows:
        tally.take(row)
    fates = list(tally.fates.values())
    return MailFigures(
        source=MailSource.TRACE,
        messages=len(fates),
        people=len(tally.people),
        delivered=fates.count(_DELIVERED),
        junk=fates.count(_JUNK),
        quarantined=fates.count(_QUARANTINED),
        stopped=fates.count(_STOPPED),
        written_to=written_to,
        is_whole=is_whole,
        written_is_whole=written_is_whole,
        subjects=tally.newest_subjects() if subjects else (),
    )


def count_messages(read: Rows) -> int:
    """How many messages rows are of."""
    return len({_message(row) for row in read.rows})


@dataclass(slots=True)
class _Tally:
    """Messages by how they fared best, and who got them."""

    fates: dict[str, int] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)
    subjects: dict[str, str] = field(default_factory=dict)

    def take(self, row: TraceRow) -> None:
        message = _message(row)
        fate = _STATUSES.get((row.status or "").lower(), _OPEN)
        self.fates[message] = min(fate, self.fates.get(message, _OPEN))
        self.people.add(row.recipient.strip().lower())
        if row.subject:
            subject = " ".join(row.subject.split())[:LONGEST_SUBJECT]
            self.subjects[subject] = max(row.received, self.subjects.get(subject, ""))

    def newest_subjects(self) -> tuple[str, ...]:
        newest = sorted(self.subjects, key=lambda subject: self.subjects[subject], reverse=True)
        return tuple(subject for subject in newest if subject)[:MOST_SUBJECTS]


def _message(row: TraceRow) -> str:
    """What tells one message from another: the trace's own id, under which Graph tells of each recipient. Whoever sends
    mail writes the Message-ID, and can write the same into all of it.
    """
    return row.id
