"""Changes that nobody requested, as facts: what the alert about one reading says, and what can be done about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.differences import ORDER, SAFE_LIST_PLACE, Happening, Held
from bot.domain.lists.traits import Action, ListName, label
from bot.domain.overrides.places import Place
from bot.domain.requests.attributing import may_be_named
from bot.domain.requests.request import TURNED_DOWN, Request, Status
from bot.domain.requests.unrequested import ChangeState, UnrequestedChange
from bot.domain.telling.request_facts import request_facts
from bot.domain.telling.sentence import Moment, Part, Quoted, Sentence, Strong, Value, sentence

#: An alert shows so many changes by themselves; of more it has the counts, and a file.
MOST_SHOWN = 10

#: URLs have at most 250 characters; the two halves of a spoof pair, twice as many.
_LONGEST_VALUE = 600

#: What an allow bypasses, in one line.
_BYPASSES: Mapping[str, str] = {
    ListName.CONNECTION_FILTER.value: "Mail from there skips spam filtering, SPF, DKIM and DMARC.",
    ListName.SENDER.value: "Spam and ordinary phishing from there get through.",
    ListName.URL.value: "Spam and ordinary phishing with it get through.",
    ListName.FILE.value: "Mail with this file gets through.",
    ListName.IP.value: "Mail from there is no longer refused for its address.",
    ListName.SPOOF.value: "Whoever sends from there can write as this sender.",
    Place.MAIL_FLOW_RULES.value: "Mail that meets it skips filtering, or a part of it.",
    Place.CONNECTORS.value: "Mail by way of it passes as known.",
    Place.ANTI_SPAM.value: "Spam and ordinary phishing from there get through.",
    Place.ADVANCED_DELIVERY.value: "Mail that meets it isn't filtered at all.",
    Place.ANTI_PHISHING.value: "It is spared the checks for impersonation.",
    SAFE_LIST_PLACE: "Mail from servers on Microsoft's own list of good senders skips spam filtering.",
}

#: Microsoft, "Mail flow rules (transport rules) in Exchange Online": they act by priority, and one can stop the others.
_ORDER_COUNTS = "Rules act one after another: in another order they can let through what was stopped before."

_FIELDS: Mapping[str, str] = {"action": "what it does", "end": "end", "note": "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacts:
    """One change, told."""

    number: int  #: of its event
    sentence: Sentence
    bypasses: str = ""  #: what it lets through; empty where it lets nothing through
    is_loud: bool = False
    now: Sentence = ()  #: what has become of it
    may_adopt: bool = False
    may_remove: bool = False
    is_switch: bool = False  #: a safe list, which is switched off and not removed


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrequestedFacts:
    """What one reading found that nobody requested."""

    reading: int
    sentence: Sentence  #: empty where it is one change, which says it itself
    when: Sentence  #: and that nobody requested it
    changes: tuple[ChangeFacts, ...]  #: those that let most through first; of more than ten none
    total: int
    counts: tuple[str, ...] = ()  #: of more than ten: how many of each sort
    is_loud: bool = False


def unrequested_facts(
    changes: Sequence[UnrequestedChange],
    requests: Mapping[int, Request],
    proposals: Mapping[int, int],
    *,
    loud_blocks: bool = False,
) -> UnrequestedFacts:
    """What an alert says of the changes of one reading. `requests` are those that ask to keep some, or to take some
    out, by their numbers; `proposals` has the numbers by which people know those that made entries. With `loud_blocks`
    a change of blocks alarms like one of allows.
    """
    ordered = sorted(changes, key=lambda change: (-_weight(change), change.number))
    told = tuple(_change(each, requests, proposals, loud_blocks=loud_blocks) for each in ordered)
    first = ordered[0]
    many = len(ordered) > MOST_SHOWN
    several = f"{len(ordered):,} changes without a request"
    return UnrequestedFacts(
        reading=first.reading,
        sentence=() if len(ordered) == 1 else (Strong(several), "."),
        when=sentence("No request asked for this. It was done ", *_between(first.since, first.seen_at), "."),
        changes=() if many else told,
        total=len(ordered),
        counts=_counts(ordered) if many else (),
        is_loud=any(each.is_loud for each in told),
    )


def _between(since: datetime, seen_at: datetime) -> Sentence:
    """When a change was made, by the two readings around it. People see minutes: the same one twice says nothing."""
    if since.replace(second=0, microsecond=0) == seen_at.replace(second=0, microsecond=0):
        return (Moment(seen_at),)
    return ("between ", Moment(since), " and ", Moment(seen_at))


def headline(change: UnrequestedChange) -> str:
    """What was done, in a few words: also the sort by which changes are counted."""
    if change.held.place == SAFE_LIST_PLACE:
        return f"safe list switched {'off' if change.after is None else 'on'}"
    if change.by_way_of:
        return f"{_noun(change.held)} {_DID[change.what]} by way of {change.by_way_of}"
    return f"{_noun(change.held)} {_DID[change.what]}"


def place_label(held: Held) -> str:
    """What people call the place of an override."""
    if held.place == SAFE_LIST_PLACE:
        return "connection filter policy"
    name = held.list
    if name is None:
        return Place(held.place).words.plural if held.place in set(Place) else held.place.replace("_", " ")
    return label(name, Action(held.action)) if held.action in set(Action) else label(name)


def in_cell(held: Held | None) -> str:
    """An override in plain text, for a cell of a file; empty where there was none."""
    if held is None:
        return ""
    if held.expires is not None:
        end = f"ends {held.expires:%Y-%m-%d %H:%M} UTC"
    else:
        end = "ends 45 days after its last use" if held.bounded_by_use else "never ends"
    words = [held.action, end, *([f"note: {held.note.strip()}"] if held.note.strip() else [])]
    return "; ".join([*words, *(f"{name}: {text}" for name, text in sorted(held.more.items()))])


_DID: Mapping[Happening, str] = {
    Happening.ADDED: "added",
    Happening.REMOVED: "removed",
    Happening.CHANGED: "changed",
    Happening.ENDED: "ended",
}


def _noun(held: Held) -> str:
    name = held.list
    if name is None:
        return _noun_elsewhere(held)
    what = {Action.ALLOW.value: "allow", Action.BLOCK.value: "block"}.get(held.action, "entry")
    return f"IP {what}" if name.traits.holds_ips else what


def _noun_elsewhere(held: Held) -> str:
    if held.place == Place.ANTI_SPAM:
        return "allowed sender" if held.action == Action.ALLOW.value else "blocked sender"
    if held.place == Place.ANTI_PHISHING:
        return "trusted sender"
    return Place(held.place).words.singular if held.place in set(Place) else held.place.replace("_", " ")


def _weight(change: UnrequestedChange) -> int:
    """How grave a change is: what lets IPs through above all. An allow by way of a submission is an allow like any
    other: somebody asked Microsoft for it."""
    if change.is_ip_allow:
        return 3
    if ORDER in change.fields:
        return 2  # what a rule stopped before may get through by another now, whichever of them was moved
    if change.lets_through and (change.what is not Happening.CHANGED or set(change.fields) - {"note"}):
        return 2
    return 1


def _change(
    change: UnrequestedChange, requests: Mapping[int, Request], proposals: Mapping[int, int], *, loud_blocks: bool
) -> ChangeFacts:
    held, weight = change.held, _weight(change)
    asked = None if change.request_id is None else requests.get(change.request_id)
    # What was turned down, or failed, leaves the entry as it is: somebody may decide anew.
    is_settled = asked is not None and asked.status not in {*TURNED_DOWN, Status.FAILED}
    may_act = change.after is not None and change.state is not ChangeState.GONE and not is_settled
    is_switch = held.place == SAFE_LIST_PLACE
    may_request = is_switch or held.list is not None
    return ChangeFacts(
        number=change.number,
        sentence=_said(change, proposals),
        bypasses=_bypasses(change) if weight >= 2 else "",
        is_loud=weight >= 2 or (loud_blocks and weight == 1),
        now=_now(change, asked),
        may_adopt=may_act and _can_be_named(held),
        may_remove=may_act and may_request,
        is_switch=is_switch,
    )


def _bypasses(change: UnrequestedChange) -> str:
    lets_through = _BYPASSES.get(change.held.place, "") if change.lets_through else ""
    return " ".join(filter(None, (lets_through, _ORDER_COUNTS if ORDER in change.fields else "")))


def _said(change: UnrequestedChange, proposals: Mapping[int, int]) -> Sentence:
    held = change.held
    words = headline(change)
    parts: list[Part] = [Strong(words[0].upper() + words[1:]), ": ", Value(held.value), f" · {place_label(held)}"]
    if held.list is None and held.place != SAFE_LIST_PLACE:
        parts += [", ", Quoted(held.within)]
    elif held.within and held.place != SAFE_LIST_PLACE and held.within.casefold() != "default":
        parts += [" in the policy ", Quoted(held.within)]
    if change.what is Happening.CHANGED and change.before is not None and change.after is not None:
        for name in change.fields:
            parts += [
                f"; {_FIELDS.get(name, name)}: ",
                *_field(change.before, name),
                " → ",
                *_field(change.after, name),
            ]
    elif change.what is Happening.ADDED and held.list is not None:
        parts += [", ", *_end(held)]
        if held.note.strip():
            parts += [". Note: ", Quoted(held.note.strip())]
    parts.append(".")
    if change.actor:
        parts += [" By ", Quoted(change.actor)]
        parts += [" from ", Quoted(change.actor_address)] if change.actor_address else []
        parts += [", ", Moment(change.actor_at), "."] if change.actor_at is not None else ["."]
    elif change.is_unnamed and may_be_named(change):
        parts.append(" The tenant's audit log doesn't say who it was.")
    numbers = sorted({proposals.get(number, number) for number in change.made_by})
    if numbers:
        parts.append(f" It was made by {', '.join(f'#{number}' for number in numbers)}.")
    return tuple(parts)


def _can_be_named(held: Held) -> bool:
    """Whether it is an entry whose value a form can hold: not what no list of Microsoft's would."""
    if held.list is None or held.action not in set(Action) or len(held.value) > _LONGEST_VALUE:
        return False
    return bool(held.value.strip()) and held.value.isprintable()


def _field(held: Held, name: str) -> Sentence:
    if name == "end":
        return _end(held)
    if name == ORDER:
        return ("unknown",) if held.position is None else (_ordinal(held.position + 1),)
    text = held.action if name == "action" else held.note if name == "note" else held.more.get(name, "")
    return (Quoted(text.strip()),) if text.strip() else ("none",)


def _ordinal(number: int) -> str:
    last = "" if number % 100 in {11, 12, 13} else str(number % 10)
    return f"{number:,}{ {'1': 'st', '2': 'nd', '3': 'rd'}.get(last, 'th') }"


def _end(held: Held) -> Sentence:
    if held.expires is not None:
        return ("ends ", Moment(held.expires))
    if held.bounded_by_use:
        return ("ends 45 days after its last use",)
    return ("never ends",)


def _now(change: UnrequestedChange, asked: Request | None) -> Sentence:
    if change.after is not None and change.state is ChangeState.GONE:
        return ("It is gone again.",)
    if asked is None:
        return ()
    what = "keep" if change.state is ChangeState.ADOPTED else "remove"
    if change.held.place == SAFE_LIST_PLACE:
        said = f"#{asked.proposal_id} asks to switch it off. "
    else:
        said = f"#{asked.proposal_id} asks to {what} it. "
    return sentence(said, request_facts(asked).status_sentence)


def _counts(changes: Sequence[UnrequestedChange]) -> tuple[str, ...]:
    """How many changes of each sort, the gravest first."""
    counted = Counter(headline(change) for change in changes)
    return tuple(f"{count:,} × {words}" for words, count in counted.items())
