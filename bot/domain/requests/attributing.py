"""Who made a change that nobody requested, by the tenant's own audit log.

A record counts where it is of the right cmdlet, within the two readings, and names the very value: nothing is guessed
from the time alone. How the bot's own application appears there is documented nowhere, so that only a person's name
counts as somebody: an account that is an address, in a record that doesn't name the application.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.comparison import comparable
from bot.domain.lists.differences import SAFE_LIST_PLACE, Happening
from bot.domain.lists.traits import Cmdlets, ListName
from bot.domain.requests.unrequested import UnrequestedChange

#: The two clocks may differ by so much.
CLOCKS = timedelta(minutes=5)

#: Records come late, by two days at most: when it is asked, counted from when the change was seen. After the last of
#: them nobody asks any more.
ASKED_AFTER: tuple[timedelta, ...] = (
    timedelta(),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(hours=50),
)

_SPLIT = re.compile(r"[\s,;\"'{}()\[\]=@]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRecord:
    """One record of Exchange's audit log for admins. All of it is untrusted text."""

    id: str
    at: datetime
    operation: str  #: the cmdlet
    user: str  #: whose account it was
    address: str = ""  #: where they came from
    parameters: Mapping[str, str] = field(default_factory=dict)
    texts: str = ""  #: everything else that it says, to find our own application in


def ask_at(change: UnrequestedChange, times: int) -> datetime | None:
    """When the tenant's log is asked about a change once it was asked so many times; None: no more."""
    return change.seen_at + ASKED_AFTER[times] if times < len(ASKED_AFTER) else None


def who_did(
    change: UnrequestedChange, records: Iterable[AdminRecord], *, own: Iterable[str] = ()
) -> AdminRecord | None:
    """The last record that tells of a change; None where none does. `own` are the ids of the bot's own application."""
    ours = {each.casefold() for each in own if each}
    found = [record for record in records if _is_person(record, ours) and _tells_of(change, record)]
    return max(found, key=lambda record: record.at, default=None)


def attributed_event(change: UnrequestedChange, record: AdminRecord, *, at: datetime) -> NewEvent:
    """What is logged once it is known who made a change."""
    return NewEvent(
        kind=EventKind.PORTAL_ATTRIBUTED,
        actor=PORTCULLIS,
        target=change.held.value,
        payload={
            "change": change.number,
            "user": record.user,
            "address": record.address,
            "done_at": record.at,
            "operation": record.operation,
            "record": record.id,
            "outcome": f"by {record.user}",
        },
        at=at,
    )


def unattributed_event(change: UnrequestedChange, *, at: datetime) -> NewEvent:
    """What is logged once nobody asks any more who made a change."""
    return NewEvent(
        kind=EventKind.PORTAL_UNATTRIBUTED,
        actor=PORTCULLIS,
        target=change.held.value,
        payload={"change": change.number, "outcome": "the tenant's audit log doesn't say who"},
        at=at,
    )


def operations(change: UnrequestedChange) -> frozenset[str]:
    """The cmdlets by which somebody may have made a change, in small letters; empty: not known of its place."""
    name = ListName.CONNECTION_FILTER if change.held.place == SAFE_LIST_PLACE else change.held.list
    if name is None:
        return frozenset()
    noun = name.traits.cmdlets
    if noun is Cmdlets.FILTER_POLICY:
        verbs: tuple[str, ...] = ("Set", "New", "Remove")
    else:
        verbs = {Happening.ADDED: ("New",), Happening.REMOVED: ("Remove",)}.get(change.what, ("Set", "New", "Remove"))
    return frozenset(f"{verb}-{noun.value}".lower() for verb in verbs)


def may_be_named(change: UnrequestedChange) -> bool:
    """Whether the log could say who made a change: what came by way of a submission has nobody's name, and of some
    places it isn't asked.
    """
    return bool(operations(change)) and not change.by_way_of


def _is_person(record: AdminRecord, ours: set[str]) -> bool:
    """Whether it was an account of somebody, and not an application, which may be our own."""
    said = f"{record.user} {record.texts}".casefold()
    return "@" in record.user and not any(each in said for each in ours)


def _tells_of(change: UnrequestedChange, record: AdminRecord) -> bool:
    if record.operation.lower() not in operations(change):
        return False
    if not change.since - CLOCKS <= record.at <= change.seen_at + CLOCKS:
        return False
    if change.held.place == SAFE_LIST_PLACE:
        return any(name.lower() == "enablesafelist" for name in record.parameters)
    return _names(change, record)


def _names(change: UnrequestedChange, record: AdminRecord) -> bool:
    name, value = change.held.list, change.held.value
    if name is None:
        return False
    if name is ListName.SPOOF:
        said = {text.strip().casefold() for text in record.parameters.values()}
        return all(part.strip().casefold() in said for part in value.split(","))
    key = comparable(name, value)
    return any(
        comparable(name, word) == key
        for text in record.parameters.values()
        for word in (text.strip(), *_SPLIT.split(text))
        if word
    )
