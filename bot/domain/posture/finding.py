"""What the posture finds fault with: the faults, how grave each is, since when it has been so, and what remedies it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum

from bot.domain.auditing.events import iso
from bot.domain.overrides.override import Override
from bot.domain.requests.browsing import ListedEntry

#: Older than so many days, an entry is to be looked at again.
OLD_DAYS = 90


class Gravity(IntEnum):
    """How bad a fault is; the gravest comes first."""

    GRAVE = 0  #: mail is let through that nothing else looks at, or strangers may pretend to be others
    SERIOUS = 1  #: wider, or longer, than it need be
    MINOR = 2  #: nobody can tell whether it is still wanted

    @property
    def words(self) -> str:
        """The gravity in a word."""
        return self.name.lower()


class Remedy(StrEnum):
    """What makes a fault go away."""

    REMOVE = "remove"  #: a request to take the entry out
    SWITCH_OFF = "switch_off"  #: a request to switch the safe list off
    END = "end"  #: a request to give the entry an end
    NOTE = "note"  #: a request to give the entry a note, which somebody has to write
    PORTAL = "portal"  #: nothing that Portcullis could do


class Fault(StrEnum):
    """One thing that is wrong, the gravest first. The values stand in the database and in JSON: they stay."""

    SAFE_LIST = "safe_list_on"
    IP_ALLOW = "ip_allow"
    ANYBODY = "anybody"  #: a spoof pair with `*`, or one of the tenant's own as the sender
    BYPASS = "bypass"  #: a mail flow rule or a connector
    POLICY_ALLOW = "policy_allow"  #: allowed senders or domains of an anti-spam policy
    WIDE = "wide"  #: a network, or a pattern
    SPARED = "spared"  #: mail is spared one check of several, or is let through for a purpose
    UNUSED = "unused"
    NO_END = "no_end"
    UNCHANGED = "unchanged"
    NO_NOTE = "no_note"

    @property
    def traits(self) -> FaultTraits:
        """What there is to know of it."""
        return _TRAITS[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultTraits:
    """What is known of a fault."""

    gravity: Gravity
    remedy: Remedy
    words: str  #: in a list of faults: `no expiry date`
    means: str  #: why it is a fault, in a sentence or two


_TRAITS: Mapping[Fault, FaultTraits] = {
    Fault.SAFE_LIST: FaultTraits(
        gravity=Gravity.GRAVE,
        remedy=Remedy.SWITCH_OFF,
        words="the safe list is on",
        means="Mail from servers on Microsoft's own list of good senders skips spam filtering. The baseline says that "
        "safe lists should not be enabled.",
    ),
    Fault.IP_ALLOW: FaultTraits(
        gravity=Gravity.GRAVE,
        remedy=Remedy.REMOVE,
        words="an IP allow",
        means="Mail from there skips spam filtering, SPF, DKIM and DMARC. The baseline says that IP allow lists should "
        "not be created.",
    ),
    Fault.ANYBODY: FaultTraits(
        gravity=Gravity.GRAVE,
        remedy=Remedy.REMOVE,
        words="strangers may pretend to be others",
        means="With a * or one of your own domains in a spoof pair, whoever gets at the infrastructure can write as "
        "others, or as your own people.",
    ),
    Fault.BYPASS: FaultTraits(
        gravity=Gravity.GRAVE,
        remedy=Remedy.PORTAL,
        words="filtering is bypassed",
        means="Mail that meets the rule's conditions, or comes by the connector, isn't filtered for spam, "
        "whoever sends it.",
    ),
    Fault.POLICY_ALLOW: FaultTraits(
        gravity=Gravity.GRAVE,
        remedy=Remedy.PORTAL,
        words="senders allowed by an anti-spam policy",
        means="Whoever writes one of these senders in front of a message is let through: Microsoft names it the last "
        "of all ways to allow mail.",
    ),
    Fault.WIDE: FaultTraits(
        gravity=Gravity.SERIOUS,
        remedy=Remedy.REMOVE,
        words="wide",
        means="A network or a pattern lets in more than whoever was meant.",
    ),
    Fault.SPARED: FaultTraits(
        gravity=Gravity.SERIOUS,
        remedy=Remedy.PORTAL,
        words="a check is skipped",
        means="Mail is spared one check of several, or is let through for a purpose such as phishing simulations. Each "
        "needs somebody who knows why.",
    ),
    Fault.UNUSED: FaultTraits(
        gravity=Gravity.SERIOUS,
        remedy=Remedy.REMOVE,
        words=f"unused for {OLD_DAYS} days",
        means="Nothing has needed the entry for so long: it only waits for somebody who abuses it.",
    ),
    Fault.NO_END: FaultTraits(
        gravity=Gravity.SERIOUS,
        remedy=Remedy.END,
        words="no expiry date",
        means="An allow without an expiry date stays when nobody needs it any more.",
    ),
    Fault.UNCHANGED: FaultTraits(
        gravity=Gravity.MINOR,
        remedy=Remedy.REMOVE,
        words=f"unchanged for {OLD_DAYS} days",
        means="Nobody has looked after the entry for so long.",
    ),
    Fault.NO_NOTE: FaultTraits(
        gravity=Gravity.MINOR,
        remedy=Remedy.NOTE,
        words="no note",
        means="Nobody can tell what the entry is for, or whom to ask.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One entry, switch or other override with its faults. Its texts come from the tenant: any text.

    `place` is a `ListName`, a `Place`, or `SAFE_LIST_PLACE` of `bot.domain.lists.differences`. Of a finding that was
    read from a record, `row` and `override` are None.
    """

    place: str
    value: str  #: the entry's value, the policy's or the rule's name
    faults: tuple[Fault, ...]  #: the gravest first; at least one
    detail: str = ""  #: what people must know beside the value, as plain text
    within: str = ""  #: which part of what has that name: `allowed domains`
    row: ListedEntry | None = None
    override: Override | None = None
    since: Mapping[Fault, datetime] = field(default_factory=dict)  #: when each was first seen, where a scan has seen it

    @property
    def name(self) -> str:
        """A short name, the same for as long as the place has it: for buttons and the database."""
        named = f"{self.place}\n{self.value.casefold()}\n{self.within}"
        return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def worst(self) -> Fault:
        return self.faults[0]

    @property
    def gravity(self) -> Gravity:
        return self.worst.traits.gravity

    @property
    def remedy(self) -> Remedy:
        """What the worst of its faults takes."""
        return self.worst.traits.remedy

    @property
    def first_seen(self) -> datetime | None:
        """Since when the worst of its faults has been seen; None where no scan has seen it yet."""
        return self.since.get(self.worst)


def in_order(finding: Finding) -> tuple[tuple[int, int], int, str, str, str]:
    """By what findings are sorted: the gravest first, then those with most faults."""
    return _RANKS[finding.faults[0]], -len(finding.faults), finding.value.casefold(), finding.place, finding.within


#: Looked up for each of thousands of findings.
_RANKS: Mapping[Fault, tuple[int, int]] = {
    fault: (_TRAITS[fault].gravity, position) for position, fault in enumerate(Fault)
}


def as_record(finding: Finding) -> dict[str, object]:
    """A finding as JSON, as a scan's record and the audit log keep it."""
    return {
        "place": finding.place,
        "value": finding.value[:_LONGEST],
        "within": finding.within[:_LONGEST],
        "detail": finding.detail[:_LONGEST],
        "faults": [fault.value for fault in finding.faults],
        "since": {fault.value: iso(at) for fault, at in finding.since.items()},
    }


def of_record(record: Mapping[str, object]) -> Finding:
    """What `as_record` made. Faults that this version doesn't know are left out; raises KeyError or ValueError where
    none is left."""
    named, since = record["faults"], record.get("since")
    known = tuple(Fault(str(name)) for name in named if name in set(Fault)) if isinstance(named, list | tuple) else ()
    if not known:
        raise ValueError("The record tells of no fault.")
    finding = Finding(
        place=str(record["place"]),
        value=str(record["value"]),
        within=str(record.get("within", "")),
        detail=str(record.get("detail", "")),
        faults=known,
    )
    if not isinstance(since, Mapping):
        return finding
    times = {fault: datetime.fromisoformat(str(since[fault.value])) for fault in known if fault.value in since}
    return replace(finding, since=times)


#: A record is told in a message: a longer text isn't shown there.
_LONGEST = 300
