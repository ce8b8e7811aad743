"""What has changed in a place between two readings of it: added, removed, changed, or ended by itself.

Every place that can hold overrides gives what it holds in one small shape, `Held`, so that whatever is added to the
places is compared and told in the same way. Values are compared as the service compares them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from bot.domain.lists import rule_order
from bot.domain.lists.comparison import comparable
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import Condition, ConditionKind, Does, Override, PlaceReading
from bot.domain.overrides.places import Place
from bot.domain.overrides.words import NO_OTHER_POLICY, begins_words, condition_words

#: The place of the switches that let Microsoft's safe list through: it holds the policies in which one is on.
SAFE_LIST_PLACE = "safe_list"
#: What a place holds that can't be read is one override, which may let mail through.
UNREAD = "what can't be read"

#: What has changed in a rule that acts earlier or later among the others than it did.
ORDER = "order"

#: The service may round an end.
_SAME_END = timedelta(minutes=1)
#: Microsoft: an allow without a date is removed 45 days after its last use. The last use is known by the day.
_UNUSED_FOR = timedelta(days=45)
_DAY = timedelta(days=1)

_LISTS = {name.value: name for name in ListName}
_Key: TypeAlias = tuple[str, str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One override as a place holds it. All of it is untrusted text.

    `place` is a `ListName`, `SAFE_LIST_PLACE` or the name of another kind of place; `more` is whatever else can change
    in it, in words, by what people call it.
    """

    place: str
    value: str  #: what it is about, or is called
    within: str = ""  #: what holds it, where a place has several of the kind: a connection filter policy
    action: str = ""  #: an `Action` in a list, or what takes its place elsewhere
    expires: datetime | None = None
    bounded_by_use: bool = False  #: removed 45 days after its last use
    note: str = ""
    origin: str = ""  #: the service's `ListSubType`: Tenant, AdvancedDelivery, Submission
    submission: str = ""  #: the submission that it came of
    used: date | None = None  #: when it was used last, else when it was made; no change of it counts
    more: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()  #: by which the tenant's own log may name what holds it; no change of them counts
    position: int | None = None  #: of a rule, in the order in which they act; only its place among others counts

    @property
    def list(self) -> ListName | None:
        """The list that it is an entry of; None: it is in another place."""
        return _LISTS.get(self.place)

    @property
    def key(self) -> _Key:
        """What makes it the same override in two readings, however its value is spelled."""
        name = self.list
        if name is None:
            return self.within, "", self.value.casefold()
        # Where a value exists once, allowed or blocked, the action is what may change in it.
        return self.within, "" if name.traits.one_entry_a_value else self.action, comparable(name, self.value)


class Happening(StrEnum):
    """What has happened to an override."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    ENDED = "ended"  #: it is gone because its date has come, or because it was unused for 45 days


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One override that is otherwise than it was. `before` or `after` is None where it wasn't there."""

    what: Happening
    before: Held | None = None
    after: Held | None = None
    fields: tuple[str, ...] = ()  #: what has changed: `action`, `end`, `note`, `order`, and the names in `more`

    @property
    def held(self) -> Held:
        """The override as it is, or as it last was."""
        held = self.after if self.after is not None else self.before
        assert held is not None  # noqa: S101 - it has one of the two
        return held


def places(lists: Snapshot, names: Collection[ListName] | None = None) -> dict[str, tuple[Held, ...]]:
    """What a reading says of each place, by its name. One that gave no answer, or half of one, is left out: it says
    nothing. What an answer holds that can't be read stands for itself: it must not hide what others change there.

    `names` are the lists that were read; None: all, and the places beside them.
    """
    readable = [name for name in ListName if (names is None or name in names) and name not in lists.unreadable]
    held: dict[str, list[Held]] = {name.value: [] for name in readable}
    for entry in lists.entries:
        if entry.list in held:
            held[entry.list].append(_of_entry(entry))
    if ListName.CONNECTION_FILTER in readable:
        held[SAFE_LIST_PLACE] = [_of_switch(policy) for policy in lists.policies if policy.safe_list]
    for reading in lists.places if names is None else ():
        if reading.is_answered:
            held[reading.place.value] = [each for override in reading.overrides for each in _of_override(override)]
            held[reading.place.value] += _of_unread(reading)
    return {place: tuple(each) for place, each in held.items()}


def differences(before: Iterable[Held], after: Iterable[Held], *, now: datetime) -> tuple[Difference, ...]:
    """How one place differs from how it was, in the order of its overrides: first those that are there.

    `now` is when it was read the second time.
    """
    old = _by_key(before)
    new = _by_key(after)
    moved = _moved(old, new)
    found: list[Difference] = []
    for key, held in new.items():
        was = old.get(key)
        if was is None:
            found.append(Difference(what=Happening.ADDED, after=held))
        elif fields := (*_changed(was, held), *([ORDER] if key in moved else [])):
            found.append(Difference(what=Happening.CHANGED, before=was, after=held, fields=fields))
    for key, was in old.items():
        if key not in new:
            what = Happening.ENDED if has_ended_by_itself(was, now) else Happening.REMOVED
            found.append(Difference(what=what, before=was))
    return tuple(found)


def _moved(old: Mapping[_Key, Held], new: Mapping[_Key, Held]) -> frozenset[_Key]:
    """The keys of the rules that act in another order than they did, one key for each rule."""
    keys = {new[key].value.casefold(): key for key in reversed(list(new)) if key in old}
    before = {name: position for name, key in keys.items() if (position := old[key].position) is not None}
    after = {name: position for name, key in keys.items() if (position := new[key].position) is not None}
    return frozenset(keys[name] for name in rule_order.moved(before, after))


def is_same(was: Held, held: Held) -> bool:
    """Whether an override is as it was, to the service, wherever it stands among others."""
    return not _changed(was, held)


def same_end(one: datetime | None, other: datetime | None) -> bool:
    """Whether two ends are the same to the service, which may round them."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _SAME_END


def has_ended_by_itself(held: Held, now: datetime) -> bool:
    """Whether the service removes an entry by itself by then: its date has come, or it was unused for 45 days."""
    if held.expires is not None:
        return held.expires <= now + _SAME_END
    if not held.bounded_by_use or held.used is None:
        return False
    return held.used + _UNUSED_FOR <= (now + _DAY).date()


def _by_key(held: Iterable[Held]) -> dict[_Key, Held]:
    found: dict[_Key, Held] = {}
    for each in held:
        found.setdefault(each.key, each)
    return found


def _changed(was: Held, held: Held) -> tuple[str, ...]:
    if was == held:
        return ()
    fields = [
        ("action", was.action != held.action),
        ("end", not same_end(was.expires, held.expires) or was.bounded_by_use != held.bounded_by_use),
        ("note", was.note.split() != held.note.split()),  # a service may do as it likes to blanks
        *((name, was.more.get(name) != held.more.get(name)) for name in sorted({*was.more, *held.more})),
    ]
    return tuple(name for name, differs in fields if differs)


def _of_entry(entry: Entry) -> Held:
    used = entry.last_used or entry.created
    return Held(
        place=entry.list.value,
        value=entry.value,
        within=entry.policy,
        action=entry.action.value,
        expires=entry.expires,
        bounded_by_use=entry.bounded_by_use,
        note=entry.notes,
        origin=entry.subtype,
        submission=entry.submission_id,
        used=None if used is None else used.date(),
    )


def _of_override(override: Override) -> Iterator[Held]:
    """An override of another place: where it is nothing but a list of senders, each of them by itself."""
    action = (Action.ALLOW if override.does is Does.LETS_THROUGH else Action.BLOCK).value
    within = f"{override.name} ({override.detail})" if override.detail else override.name
    # What follows from the time, or from what other policies there are, is no change of this one.
    follows = {NO_OTHER_POLICY, *([] if override.begins is None else [begins_words(override.begins)])}
    # A pattern stands with what nobody can judge: its change is told as one of that.
    judged = [condition for condition in override.conditions if condition.kind is not ConditionKind.PATTERN]
    patterns = [condition_words(each) for each in override.conditions if each.kind is ConditionKind.PATTERN]
    more = {
        "what it does": override.how,
        "exceptions": "; ".join((*map(_words, override.exceptions), *override.unless)),
        "when": "; ".join((*patterns, *(words for words in override.when if words not in follows))),
    }
    if override.begins is not None:
        more["begins"] = f"{override.begins:%Y-%m-%d %H:%M} UTC"
    if override.unshown:
        more["what is not shown here"] = f"fingerprint {override.unshown}"
    names = tuple(filter(None, (override.name, override.guid)))
    if len(override.conditions) == 1 and override.place in _OF_SENDERS:
        for value in override.conditions[0].values:
            yield Held(place=override.place.value, value=value, within=within, action=action, more=more, names=names)
        return
    yield Held(
        place=override.place.value,
        value=within,
        within=override.how,  # a rule may do several things
        action=action,
        expires=override.ends,
        more={"conditions": "; ".join(map(_words, judged)), **more},
        names=names,
        position=override.position,
    )


def _of_unread(reading: PlaceReading) -> Iterator[Held]:
    if reading.unread:
        more = {"how many": str(reading.unread)}
        within = "it may let mail through"
        yield Held(place=reading.place.value, value=UNREAD, within=within, action=Action.ALLOW.value, more=more)


#: Policies that hold lists of senders.
_OF_SENDERS = frozenset({Place.ANTI_SPAM, Place.ANTI_PHISHING})
#: So many values of a condition are told; by the fingerprint of all a change of the others is seen.
_MOST_VALUES = 20


def _words(condition: Condition) -> str:
    if condition.kind is ConditionKind.PATTERN:
        return condition_words(condition)  # what it leaves out has a fingerprint of its own
    words = condition_words(condition, most=_MOST_VALUES)
    if len(condition.values) <= _MOST_VALUES:
        return words
    digest = hashlib.sha256("\n".join(sorted(condition.values)).encode(errors="replace")).hexdigest()
    return f"{words} (fingerprint {digest[:8]})"


def _of_switch(policy: FilterPolicy) -> Held:
    return Held(place=SAFE_LIST_PLACE, value=policy.identity, within=policy.identity, action=Action.ALLOW.value)
