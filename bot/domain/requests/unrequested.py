"""A change that nobody requested: a difference between two readings that no request of Portcullis explains.

It is known by the number of the event that tells of it, which says all that is needed to act on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.auditing.events import PORTCULLIS, Event, EventKind, NewEvent, iso
from bot.domain.lists.differences import SAFE_LIST_PLACE, Difference, Happening, Held
from bot.domain.lists.traits import Action, ListName


class ChangeState(StrEnum):
    """What became of it, by the name that its row has: none is ever renamed."""

    TOLD = "told"
    ADOPTED = "adopted"  #: a request asks to keep it
    REMOVAL_PROPOSED = "removal_proposed"  #: a request asks to take it out
    GONE = "gone"  #: the place doesn't hold it any more

    @property
    def is_open(self) -> bool:
        """Whether the place may still hold it."""
        return self is not ChangeState.GONE


class TellBlocks(StrEnum):
    """Whether the alert channel hears of blocks that somebody changed past Portcullis."""

    TELL = "tell"  #: without alarm
    ALARM = "alarm"  #: like of an allow
    LOG = "log"  #: not at all: only the log has it


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrequestedChange:
    """One such change, as it stands in the store."""

    number: int  #: of the event that tells of it
    reading: int  #: the number of the first of the changes that the same reading found: one alert tells of them
    what: Happening
    before: Held | None
    after: Held | None
    fields: tuple[str, ...]
    seen_at: datetime  #: when the reading began that found it
    since: datetime  #: when the reading before began
    made_by: tuple[int, ...]  #: the requests of Portcullis that kept the entry until then
    state: ChangeState = ChangeState.TOLD
    request_id: int | None = None  #: that asks to keep it, or to take it out
    actor: str = ""  #: who did it, by the tenant's own log
    actor_at: datetime | None = None
    actor_address: str = ""
    is_unnamed: bool = False  #: the tenant's own log was asked in vain, and is asked no more

    @property
    def held(self) -> Held:
        """The override as it is, or as it last was."""
        return Difference(what=self.what, before=self.before, after=self.after).held

    @property
    def is_ip_allow(self) -> bool:
        """Whether it lets an IP skip the filters, which is the gravest of all."""
        return self.lets_through and (self.held.place == SAFE_LIST_PLACE or _holds_ips(self.held.list))

    @property
    def lets_through(self) -> bool:
        """Whether more mail is let through than before, by whatever is there now."""
        return self.after is not None and self.after.action == Action.ALLOW.value

    @property
    def by_way_of(self) -> str:
        """How the entry came about, where nobody put it on the list by hand; empty where somebody did, or may have."""
        if self.what is not Happening.ADDED:
            return ""
        return {"submission": "a submission", "advanceddelivery": "advanced delivery"}.get(
            self.held.origin.casefold(), ""
        )


#: How a change is told in the log.
_KINDS: Mapping[Happening, EventKind] = {
    Happening.ADDED: EventKind.PORTAL_ADDED,
    Happening.REMOVED: EventKind.PORTAL_REMOVED,
    Happening.CHANGED: EventKind.PORTAL_CHANGED,
    Happening.ENDED: EventKind.PORTAL_ENDED,
}


def change_event(
    found: Difference, *, made_by: Sequence[int], since: datetime, seen_at: datetime, at: datetime
) -> NewEvent:
    """What is logged of a difference that nobody requested, with all that it says."""
    held = found.held
    kind = EventKind.PORTAL_SWITCHED if held.place == SAFE_LIST_PLACE else _KINDS[found.what]
    return NewEvent(
        kind=kind,
        actor=PORTCULLIS,
        target=held.value,
        payload={
            "what": found.what,
            "place": held.place,
            "list": held.list,
            "action": held.action,
            "value": held.value,
            "before": None if found.before is None else as_record(found.before),
            "after": None if found.after is None else as_record(found.after),
            "fields": list(found.fields),
            "made_by": list(made_by),
            "since": since,
            "seen_at": seen_at,
        },
        at=at,
    )


def change_of(event: Event, *, reading: int) -> UnrequestedChange:
    """What an event tells of. Raises ValueError, KeyError or TypeError for one that tells of no such change."""
    payload = event.payload
    before, after = payload["before"], payload["after"]
    fields, made_by = payload["fields"], payload["made_by"]
    if not isinstance(fields, Sequence) or not isinstance(made_by, Sequence):
        raise TypeError("The event doesn't tell of a change.")
    return UnrequestedChange(
        number=event.seq,
        reading=reading,
        what=Happening(str(payload["what"])),
        before=of_record(before) if isinstance(before, Mapping) else None,
        after=of_record(after) if isinstance(after, Mapping) else None,
        fields=tuple(str(name) for name in fields),
        made_by=tuple(int(str(number)) for number in made_by),
        since=datetime.fromisoformat(str(payload["since"])),
        seen_at=datetime.fromisoformat(str(payload["seen_at"])),
    )


def as_record(held: Held) -> dict[str, object]:
    """An override as JSON: what it has beyond the defaults."""
    record: dict[str, object] = {"place": held.place, "value": held.value}
    for name in ("within", "action", "note", "origin", "submission"):
        if text := getattr(held, name):
            record[name] = text
    if held.expires is not None:
        record["expires"] = iso(held.expires)
    if held.bounded_by_use:
        record["bounded_by_use"] = True
    if held.used is not None:
        record["used"] = held.used.isoformat()
    if held.more:
        record["more"] = dict(held.more)
    if held.names:
        record["names"] = list(held.names)
    if held.position is not None:
        record["position"] = held.position
    return record


def of_record(record: Mapping[str, object]) -> Held:
    """The override that JSON tells of: what `as_record` made. Raises KeyError or ValueError for anything else."""
    expires, used, more = record.get("expires"), record.get("used"), record.get("more")
    names, position = record.get("names"), record.get("position")
    return Held(
        place=str(record["place"]),
        value=str(record["value"]),
        within=str(record.get("within", "")),
        action=str(record.get("action", "")),
        expires=None if expires is None else datetime.fromisoformat(str(expires)),
        bounded_by_use=record.get("bounded_by_use") is True,
        note=str(record.get("note", "")),
        origin=str(record.get("origin", "")),
        submission=str(record.get("submission", "")),
        used=None if used is None else date.fromisoformat(str(used)),
        more={str(name): str(words) for name, words in more.items()} if isinstance(more, Mapping) else {},
        names=tuple(str(name) for name in names) if isinstance(names, list) else (),
        position=int(str(position)) if position is not None else None,
    )


def _holds_ips(name: ListName | None) -> bool:
    return name is not None and name.traits.holds_ips
