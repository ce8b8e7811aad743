"""Who made a change that nobody requested, by the tenant's own audit log.

A record counts where it is of the right cmdlet, within the two readings, and names the very value, or in a place
beside the lists the very rule, policy or connector: nothing is guessed from the time alone. How the bot's own
application appears there is documented nowhere, so that only a person's name counts as somebody: an account that is an
address, in a record that doesn't name the application.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.comparison import comparable
from bot.domain.lists.differences import ORDER, SAFE_LIST_PLACE, Happening
from bot.domain.lists.traits import Cmdlets, ListName
from bot.domain.overrides.operations import SENDER_PARAMETERS, operations_of
from bot.domain.overrides.places import Place
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

#: Between the values of a parameter; an @ counts before a brace only, since addresses have one too.
_SPLIT = re.compile(r"(?:[\s,;\"'{}()\[\]=]|@(?=\{))+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRecord:
    """One record of Exchange's audit log for admins. All of it is untrusted text."""

    id: str
    at: datetime
    operation: str  #: the cmdlet
    user: str  #: whose account it was
    address: str = ""  #: where they came from
    parameters: Mapping[str, str] = field(default_factory=dict)
    object: str = ""  #: what it was done to, by a name or an id; a path may stand in front
    texts: str = ""  #: everything else that it says, to find our own application in


def ask_at(change: UnrequestedChange, times: int) -> datetime | None:
    """When the tenant's log is asked about a change once it was asked so many times; None: no more."""
    return change.seen_at + ASKED_AFTER[times] if times < len(ASKED_AFTER) else None


class AdminLog:
    """What admins did, as some records tell, to be held against changes: thousands against thousands, so a record is
    found by what it names, and looked through once."""

    def __init__(self, records: Iterable[AdminRecord], *, own: Iterable[str] = ()) -> None:
        """`own` are the ids of the bot's own application."""
        ours = {each.casefold() for each in own if each}
        self._by_operation: dict[str, list[AdminRecord]] = defaultdict(list)
        for record in records:
            if _is_person(record, ours):
                self._by_operation[record.operation.lower()].append(record)
        self._naming: dict[tuple[ListName, str], Mapping[object, Sequence[AdminRecord]]] = {}

    def who_did(self, change: UnrequestedChange) -> AdminRecord | None:
        """The last record that tells of a change; None where none does."""
        found = [
            record
            for operation in sorted(each.lower() for each in operations(change))
            for record in self._about(change, operation)
            if change.since - CLOCKS <= record.at <= change.seen_at + CLOCKS and _tells_of(change, record)
        ]
        return max(found, key=lambda record: record.at, default=None)

    def _about(self, change: UnrequestedChange, operation: str) -> Sequence[AdminRecord]:
        """The records of a cmdlet that may tell of a change: of an entry's those that name its value, or a part."""
        name = change.held.list
        if name is None or change.held.place == SAFE_LIST_PLACE:
            return self._by_operation.get(operation, ())
        if (name, operation) not in self._naming:
            naming: dict[object, list[AdminRecord]] = defaultdict(list)
            for record in self._by_operation.get(operation, ()):
                for key in _named_in(name, record):
                    naming[key].append(record)
            self._naming[name, operation] = naming
        return self._naming[name, operation].get(_parts(name, change.held.value)[0], ())


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
    """The cmdlets by which somebody may have made a change, as Microsoft spells them; empty: not known of its place."""
    name = ListName.CONNECTION_FILTER if change.held.place == SAFE_LIST_PLACE else change.held.list
    if name is None:
        is_named = change.held.place in set(Place) and change.held.names
        return operations_of(Place(change.held.place)) if is_named else frozenset()
    noun = name.traits.cmdlets
    if noun is Cmdlets.FILTER_POLICY:
        verbs: tuple[str, ...] = ("Set", "New", "Remove")
    else:
        verbs = {Happening.ADDED: ("New",), Happening.REMOVED: ("Remove",)}.get(change.what, ("Set", "New", "Remove"))
    return frozenset(f"{verb}-{noun.value}" for verb in verbs)


def may_be_named(change: UnrequestedChange) -> bool:
    """Whether the log could say who made a change: what came by way of a submission has nobody's name, and of what
    has no name of its own, such as what can't be read, it isn't asked.
    """
    return bool(operations(change)) and not change.by_way_of


def _is_person(record: AdminRecord, ours: set[str]) -> bool:
    """Whether it was an account of somebody, and not an application, which may be our own."""
    said = f"{record.user} {record.texts}".casefold()
    return "@" in record.user and not any(each in said for each in ours)


def _tells_of(change: UnrequestedChange, record: AdminRecord) -> bool:
    """Whether a record of the right cmdlet and time that names an entry's value, or a part of it, tells of a change."""
    name = change.held.list
    if change.held.place == SAFE_LIST_PLACE:
        return any(parameter.lower() == "enablesafelist" for parameter in record.parameters)
    if name is None:
        return _is_of_object(change, record)
    return name is not ListName.SPOOF or _named_in(name, record).issuperset(_parts(name, change.held.value))


def _is_of_object(change: UnrequestedChange, record: AdminRecord) -> bool:
    """Whether a record tells of the rule, policy or connector that holds what has changed, and may have changed it."""
    held = change.held
    parameters = {name.lower(): text for name, text in record.parameters.items()}
    if change.fields == (ORDER,):
        # Which of two rules moved past the other nobody can tell: whoever set a priority changed their order.
        return "priority" in parameters
    ids = {name.strip().casefold() for name in held.names if name.strip()}
    named = (record.object, parameters.get("identity", ""), parameters.get("name", ""))
    if not ids & {name for text in named for name in _as_named(text)}:
        return False
    operation = record.operation.lower()
    detail = next((each for each in SENDER_PARAMETERS if held.within.endswith(f" ({each})")), "")
    if not detail or operation not in _SETS_SENDERS:
        return True
    # Of a policy's senders only what sets them tells; where one was added, or changed, by name.
    said = parameters.get(SENDER_PARAMETERS[detail].lower())
    if said is None:
        return False
    return change.what is Happening.REMOVED or held.value.casefold() in {each.casefold() for each in _SPLIT.split(said)}


#: What sets a policy's senders, and much else: by its name alone it tells of no sender.
_SETS_SENDERS = frozenset({"set-hostedcontentfilterpolicy", "set-antiphishpolicy"})


def _as_named(text: str) -> frozenset[str]:
    """A name as it stands, and without a path before it: `contoso.example\\Partner` may be `Partner`."""
    plain = text.strip().casefold()
    return frozenset((plain, re.split(r"[\\/]", plain)[-1]))


def _parts(name: ListName, value: str) -> Sequence[object]:
    """By what an entry's value is found in records: as a whole, or each side of a spoof pair."""
    if name is ListName.SPOOF:
        return [part.strip().casefold() for part in value.split(",")]
    return [comparable(name, value)]


def _named_in(name: ListName, record: AdminRecord) -> frozenset[object]:
    """All that a record may name of a list."""
    texts = [text.strip() for text in record.parameters.values()]
    if name is ListName.SPOOF:
        return frozenset(text.casefold() for text in texts)
    words = {word for text in texts for word in (text, *_SPLIT.split(text)) if word}
    return frozenset(comparable(name, word) for word in words)
