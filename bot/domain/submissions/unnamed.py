"""Allows that came of a submission and that its request did not name: nobody asked for them, and nobody approved them.

Microsoft allows what stopped the message. An address of a domain that was asked for is named with it; everything else
is told to the alert channel, logged under its own value, and can be taken out by an ordinary request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.indicators.defanging import defanged
from bot.domain.lists.comparison import comparable, same_value
from bot.domain.lists.entries import Entry
from bot.domain.lists.sender_pattern import read_sender
from bot.domain.lists.traits import ListName, title
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Request, RequestWarning

#: The warning that a request has from then on. Stable.
UNNAMED_ALLOW = "unnamed_allow"


def is_named(request: Request, name: ListName, value: str) -> bool:
    """Whether a request names an entry of a list: just so, or with the domain of which it is an address."""
    return name is request.list and any(_names(name, item.value, value) for item in request.items)


def newly_unnamed(request: Request, entries: Iterable[Entry], own: Sequence[KnownEntry]) -> tuple[Entry, ...]:
    """Those of the entries that came of a request's submissions which it did not name, and which are news.

    `own` is what was on record for the request until now.
    """
    known = {(record.list, comparable(record.list, record.value)) for record in own}
    found: dict[tuple[ListName, object], Entry] = {}
    for entry in entries:
        key = (entry.list, comparable(entry.list, entry.value))
        if key not in known and not is_named(request, entry.list, entry.value):
            found.setdefault(key, entry)
    return tuple(found.values())


def unnamed_event(request: Request, entry: Entry, *, at: datetime) -> NewEvent:
    """What is logged of such an entry, under its own value: who asked for the submission, and for what."""
    return NewEvent(
        kind=EventKind.SUBMISSION_UNNAMED,
        actor=PORTCULLIS,
        target=entry.value,
        request_id=request.id,
        payload={
            "action": entry.action,
            "list": entry.list,
            "value": entry.value,
            "expires": entry.expires,
            "requester": request.requester,
            "named": [item.value for item in request.items],
            "outcome": f"allowed by the submission of #{request.proposal_id}, which does not name it",
        },
        at=at,
    )


def with_unnamed(request: Request, entries: Sequence[Entry]) -> tuple[RequestWarning, ...]:
    """The request's warnings, with one for each of these entries in front: its card is no success any more."""
    told = tuple(
        RequestWarning(
            code=UNNAMED_ALLOW,
            text=(
                f"Microsoft made an allow that this request does not name: {defanged(entry.value)} "
                f"({title(entry.list, entry.action)}). The alert channel was told, and can propose its removal."
            ),
            serious=True,
        )
        for entry in entries
    )
    return (*told, *request.warnings)


def _names(name: ListName, asked: str, value: str) -> bool:
    if same_value(name, asked, value):
        return True
    if name is not ListName.SENDER:
        return False
    pattern, entry = read_sender(asked), read_sender(value)
    return pattern is not None and entry is not None and pattern.includes(entry)
