"""All that the posture finds fault with in one reading of the tenant: entries, safe lists, other overrides.

Sources: CISA SCuBA and the CIS Microsoft 365 benchmark (see `baseline`); Microsoft, "Create safe sender lists", which
ranks the ways to allow mail. That an allow has an end and a note, and is looked at again within 90 days, is what
reviewers ask for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from bot.domain.indicators.ip_span import read_span
from bot.domain.lists.coverage import read_pair
from bot.domain.lists.differences import SAFE_LIST_PLACE
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.list_query import ListQuery
from bot.domain.lists.traits import Action, ListName, label
from bot.domain.overrides.override import Does, Override, Sight, all_places
from bot.domain.overrides.places import Place
from bot.domain.overrides.sentences import gap_of
from bot.domain.overrides.words import condition_words
from bot.domain.policies.names import is_own
from bot.domain.posture.finding import OLD_DAYS, Fault, Finding, in_order
from bot.domain.requests.browsing import ListedEntry, browse
from bot.domain.requests.known_entry import KnownEntry

#: Entries that come of advanced delivery or of a submission aren't kept by people: nobody is to change them.
_KEPT_BY_MICROSOFT = frozenset({"advanceddelivery", "submission"})
_OLD = timedelta(days=OLD_DAYS)
#: What is told of an override's conditions.
_LONGEST_DETAIL = 300


#: What is said to be unseen where the operator has no other place than the lists read.
NOT_LOOKED_AT = (
    "Mail flow rules, connectors, anti-spam and anti-phishing policies and advanced delivery: they are not looked at. "
    "PORTCULLIS_OVERRIDES=on has them read."
)


def find(
    lists: Snapshot, known: Collection[KnownEntry], *, now: datetime, own_domains: frozenset[str]
) -> tuple[Finding, ...]:
    """Every finding, the gravest first. What could not be read has none: `unseen` says what that is.

    `known` is what is on record of the entries: where the tenant keeps no ends and no notes, Portcullis does. Thousands
    of entries take a moment: do it in a thread.
    """
    allows = [entry for entry in lists.entries if entry.action is Action.ALLOW]
    on_record = [entry for entry in known if entry.action is Action.ALLOW]
    rows = browse(allows, on_record, ListQuery(), now=now)
    found = [
        Finding(
            place=row.entry.list.value,
            value=row.entry.value,
            faults=faults,
            row=row,
            # Where there is one policy, everybody knows it.
            detail=f"policy {row.entry.policy}" if row.entry.policy and len(lists.policies) > 1 else "",
        )
        for row in rows
        if (faults := _of_entry(row, now, own_domains))
    ]
    found += [
        Finding(place=SAFE_LIST_PLACE, value=policy.identity, faults=(Fault.SAFE_LIST,))
        for policy in lists.policies
        if policy.safe_list
    ]
    found += _of_overrides(override for reading in lists.places for override in reading.overrides)
    return tuple(sorted(found, key=in_order))


def unseen(lists: Snapshot) -> tuple[str, ...]:
    """What could not be seen, a sentence each: such a place may hold what nobody knows of."""
    said = [f"{_upper(label(name))}: it could not be read. {why}".strip() for name, why in lists.unreadable.items()]
    readings = all_places(lists.places)
    if all(reading.sight is Sight.OFF for reading in readings):
        said.append(NOT_LOOKED_AT)
    else:
        said += [gap for reading in readings if (gap := gap_of(reading))]
    return tuple(said)


def seen_places(lists: Snapshot) -> frozenset[str]:
    """The places that were read: a finding in another one is neither there nor gone."""
    names = {name.value for name in ListName if name not in lists.unreadable}
    if ListName.CONNECTION_FILTER.value in names:
        names.add(SAFE_LIST_PLACE)
    return frozenset(names | {reading.place.value for reading in lists.places if reading.is_answered})


def _of_entry(row: ListedEntry, now: datetime, own_domains: frozenset[str]) -> tuple[Fault, ...]:
    entry = row.entry
    faults = set[Fault]()
    if entry.list is ListName.CONNECTION_FILTER:
        faults.add(Fault.IP_ALLOW)
    if entry.list is ListName.SPOOF and _lets_anybody(entry.value, own_domains):
        faults.add(Fault.ANYBODY)
    if _is_wide(entry):
        faults.add(Fault.WIDE)
    if row.end is None and not entry.bounded_by_use:
        faults.add(Fault.NO_END)
    if not row.note.strip() and not (row.known is not None and row.known.reason.strip()):
        faults.add(Fault.NO_NOTE)
    if (used := entry.last_used or entry.created) is not None and now - used > _OLD:
        faults.add(Fault.UNUSED)
    # Where the tenant keeps no such dates, it was made or changed by the request on record; and one that was renewed as
    # it is was looked after, though nothing of it has changed.
    dates = (entry.modified or entry.created, None if row.known is None else row.known.since)
    changed = max((each for each in dates if each is not None), default=None)
    if changed is not None and now - changed > _OLD and entry.subtype.casefold() not in _KEPT_BY_MICROSOFT:
        faults.add(Fault.UNCHANGED)
    return _in_order(frozenset(faults))


@lru_cache(maxsize=1024)
def _in_order(faults: frozenset[Fault]) -> tuple[Fault, ...]:
    return tuple(fault for fault in Fault if fault in faults)


def _lets_anybody(value: str, own_domains: frozenset[str]) -> bool:
    pair = read_pair(value)
    if pair is None:
        return False
    return "*" in {pair.user, pair.infrastructure} or is_own(pair.user.rpartition("@")[2].lower(), own_domains)


def _is_wide(entry: Entry) -> bool:
    value = entry.value.strip()
    match entry.list:
        case ListName.CONNECTION_FILTER | ListName.IP:
            span = read_span(value)
            return span is not None and span.size > 1
        case ListName.SENDER:
            return "*" in value
        case ListName.URL:
            return value.startswith(("*", "~")) or value.endswith(("*", "~"))
        case ListName.FILE | ListName.SPOOF:
            return False


def _of_overrides(overrides: Iterable[Override]) -> Iterator[Finding]:
    named = Counter[tuple[str, str]]()
    for override in overrides:
        if override.does is not Does.LETS_THROUGH or (fault := _fault_of(override)) is None:
            continue
        within = f"{override.detail}: {override.how}" if override.detail else override.how
        named[override.name, within] += 1
        if (number := named[override.name, within]) > 1:  # two rules may have one name
            within = f"{within} ({number})"
        yield Finding(
            place=override.place.value,
            value=override.name,
            within=within,
            faults=(fault,) if not _is_any_domain(override) else (fault, Fault.WIDE),
            detail=_conditions(override)[:_LONGEST_DETAIL],
            override=override,
        )


def _fault_of(override: Override) -> Fault | None:
    match override.place:
        case Place.MAIL_FLOW_RULES:
            return Fault.SPARED if override.is_partial else Fault.BYPASS
        case Place.CONNECTORS:
            # Enhanced filtering passes a relay over and judges who is behind it, as Microsoft recommends.
            return None if override.is_partial else Fault.BYPASS
        case Place.ANTI_SPAM:
            return Fault.POLICY_ALLOW
        case Place.ANTI_PHISHING | Place.ADVANCED_DELIVERY:
            return Fault.SPARED


def _is_any_domain(override: Override) -> bool:
    return any("*" in condition.values for condition in override.conditions)


def _conditions(override: Override) -> str:
    """When it acts, in words."""
    when = ", and ".join([*map(condition_words, override.conditions), *override.when])
    unless = ", or ".join([*map(condition_words, override.exceptions), *override.unless])
    return f"{f'when {when}' if when else 'for all mail'}{f', unless {unless}' if unless else ''}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
