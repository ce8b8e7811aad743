"""One list as it was read at one time, so indexed that thousands of values are looked up at once.

What a change has come to is read here and nowhere else: an answer of the service is never proof, its list is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.lists.change import Change, Operation, reaches_tenant
from bot.domain.lists.comparison import comparable
from bot.domain.lists.ends import is_bounded_by_use
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, has_ended, policy_entries
from bot.domain.lists.traits import Action, ListName

#: The `subtype` of the entries that stand for safe lists which are on.
SAFE_LIST = "SafeList"

#: The service may round an end.
_SAME_END = timedelta(minutes=1)

_Index = Mapping[tuple[Action, object], tuple[Entry, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSnapshot:
    """The entries of one list that say whether a change is made, as `Tenant.read_for` read them for that change.

    A reading for an addition to the connection filter holds the entries of the default policy alone, because that is
    where it goes; one for switching safe lists off holds an entry for each policy whose safe list is on, and no others.
    `policies` (connection filter) and `accepted_domains` (spoof pairs) are what sending the change takes beside them.

    Making one indexes the entries, which takes a moment for thousands: do it in a thread.
    """

    list: ListName
    as_of: datetime
    policies: tuple[FilterPolicy, ...] = ()
    entries: tuple[Entry, ...] = ()
    accepted_domains: frozenset[str] = frozenset()
    #: Tells this reading from any other; what is made of one for different changes has the same.
    token: object = field(default_factory=object, repr=False, compare=False)
    _index: _Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[tuple[Action, object], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            index[entry.action, comparable(self.list, entry.value)].append(entry)
        # The dataclass is frozen for everybody else; this is derived from the fields that they see.
        object.__setattr__(self, "_index", {key: tuple(entries) for key, entries in index.items()})

    def held(self, value: str, action: Action) -> tuple[Entry, ...]:
        """Every entry that holds this value with this action, however it is spelled: several, if several policies do.

        Those whose end has passed are among them. Coverage (an address in a listed network) is not asked here: see
        bot.domain.verdict.
        """
        return self._index.get((action, comparable(self.list, value)), ())

    def holds(self, value: str, action: Action, *, now: datetime | None = None) -> Entry | None:
        """The entry that holds this value with this action, or None. With `now`, those that have ended don't count."""
        held = self.held(value, action)
        return next((entry for entry in held if now is None or not has_ended(entry, now)), None)

    def state(self, change: Change, *, now: datetime) -> Mapping[str, bool]:
        """For each value of the change: whether the list is as the change wants it.

        Added: it is there and has not ended. Removed, or a safe list switched off: it is not there. Another end, other
        notes: it is there with them; where the tenant keeps no such thing, it is there. Thousands of values take a
        moment: do it in a thread.
        """
        return {value: self._is_so(value, change, now) for value in change.values}

    def _is_so(self, value: str, change: Change, now: datetime) -> bool:
        held = self.held(value, change.action)
        match change.operation:
            case Operation.REMOVE | Operation.SAFE_LIST_OFF:
                return not held
            case Operation.EXTEND if reaches_tenant(change):
                return any(_ends_as_asked(entry, change) for entry in held)
            case Operation.ANNOTATE if reaches_tenant(change):
                asked = [_words(notes) for notes in (change.notes, change.earlier_notes) if notes]
                return any(_words(entry.notes) in asked for entry in held)
            case Operation.ADD | Operation.EXTEND | Operation.ANNOTATE:
                return any(not has_ended(entry, now) for entry in held)
            case Operation.SUBMIT:
                raise ValueError("no list says whether a submission was filed")


def _ends_as_asked(entry: Entry, change: Change) -> bool:
    if change.expires is None:
        return entry.expires is None and entry.bounded_by_use == is_bounded_by_use(change.list, change.action)
    return entry.expires is not None and abs(entry.expires - change.expires) <= _SAME_END


def _words(notes: str) -> list[str]:
    """Notes without what a service may do to blanks and line ends."""
    return notes.split()


def list_alone(reading: ListSnapshot) -> Snapshot:
    """What a reading says of its list, as a snapshot that has nothing else.

    Of the connection filter that is what every policy holds, even where the reading has less of it.
    """
    in_policies = reading.list.traits.in_policies
    return Snapshot(
        as_of=reading.as_of,
        policies=reading.policies,
        entries=policy_entries(reading.policies) if in_policies else reading.entries,
    )


def with_list(lists: Snapshot, reading: ListSnapshot) -> Snapshot:
    """A snapshot with one list as it was read since. It is as old as the rest of it."""
    alone = list_alone(reading)
    return replace(
        lists,
        policies=alone.policies if reading.list.traits.in_policies else lists.policies,
        entries=(*(entry for entry in lists.entries if entry.list is not reading.list), *alone.entries),
        unreadable={name: why for name, why in lists.unreadable.items() if name is not reading.list},
    )


def safe_lists_on(policies: tuple[FilterPolicy, ...]) -> tuple[Entry, ...]:
    """An entry for each connection filter policy whose safe list is on: switching it off is like taking that out."""
    return tuple(
        Entry(
            list=ListName.CONNECTION_FILTER,
            action=Action.ALLOW,
            value=policy.identity,
            policy=policy.identity,
            subtype=SAFE_LIST,
        )
        for policy in policies
        if policy.safe_list
    )
