"""The exports and feeds whose layout is known: how each is told from its header, and which of its columns mean what.

One row for each. The names are those of `normal_name`. What a layout doesn't name has no meaning in it: an
`Expires` of a quarantined message is no end of an entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.traits import Action


class Takes(StrEnum):
    """Which of a layout's columns of indicators are read."""

    IT = "it"  #: there is one
    EACH = "each"  #: there are several, and each one counts
    PAIR = "pair"  #: the two make a spoof pair
    ASK = "ask"  #: there are several, and only a person can tell which one is meant
    NONE = "none"  #: no list takes what it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One export or feed. The columns are named by `normal_name`."""

    what: str  #: for people: `an export of Defender's indicators`
    has: frozenset[str]  #: the columns by which it is known, all of them
    values: tuple[str, ...]
    takes: Takes = Takes.IT
    kind: Kind | None = None  #: as which a bare host is read
    type: str = ""
    action: str = ""
    status: tuple[str, ...] = ()
    ends: str = ""
    remarks: tuple[str, ...] = ()
    says: tuple[Action, ...] = ()  #: what stands in each of `values` is allowed or blocked
    several: bool = False  #: a cell can hold several, with any separators
    of_one_list: bool = False  #: all rows are of one list, and nothing says of which


def _layout(
    what: str,
    has: str,
    values: str,
    *,
    takes: Takes = Takes.IT,
    kind: Kind | None = None,
    type_: str = "",
    action: str = "",
    status: str = "",
    ends: str = "",
    remarks: str = "",
    says: tuple[Action, ...] = (),
    several: bool = False,
    of_one_list: bool = False,
) -> Layout:
    return Layout(
        what=what,
        has=frozenset(has.split()),
        values=tuple(values.split()),
        takes=takes,
        kind=kind,
        type=type_,
        action=action,
        status=tuple(status.split()),
        ends=ends,
        remarks=tuple(remarks.split()),
        says=says,
        several=several,
        of_one_list=of_one_list,
    )


#: The first that fits is taken: what needs more columns goes before.
LAYOUTS = (
    # Portcullis itself
    _layout("a result of Portcullis", "indicator list state words", "indicator", type_="list"),
    _layout("a result of Portcullis", "indicator list outcome astyped", "indicator", type_="list"),
    # Exchange Online and the Defender portal
    _layout(
        "an export of the tenant's spoofed senders",
        "spoofeduser sendinginfrastructure",
        "spoofeduser sendinginfrastructure",
        takes=Takes.PAIR,
        action="action",
    ),
    _layout(
        "an export of connection filter policies",
        "ipallowlist ipblocklist",
        "ipallowlist ipblocklist",
        takes=Takes.EACH,
        says=(Action.ALLOW, Action.BLOCK),
        several=True,
    ),
    _layout(
        "an export of the Tenant Allow/Block List",
        "value action listtype expirationdate",
        "value",
        type_="listtype",
        action="action",
        ends="expirationdate",
        remarks="notes",
    ),
    _layout(
        "an export of the Tenant Allow/Block List",
        "value action expirationdate",
        "value",
        action="action",
        ends="expirationdate",
        remarks="notes",
        of_one_list=True,
    ),
    _layout(
        "an export of the Tenant Allow/Block List",
        "value action modifiedby removeon",
        "value",
        action="action",
        ends="removeon",
        remarks="notes",
        of_one_list=True,
    ),
    _layout(
        "an export of Defender's indicators",
        "indicatortype indicatorvalue action",
        "indicatorvalue",
        type_="indicatortype",
        action="action",
        ends="expirationtime",
        remarks="title description",
    ),
    _layout(
        "an export of Sentinel's indicators",
        "observabletype observablevalue",
        "observablevalue",
        type_="observabletype",
        status="revoked",
        ends="validuntil",
        remarks="name description",
    ),
    _layout(
        "a result of advanced hunting in mail",
        "senderfromaddress recipientemailaddress",
        "senderfromaddress sendermailfromaddress senderfromdomain sendermailfromdomain senderipv4 senderipv6",
        takes=Takes.ASK,
        remarks="subject",
    ),
    _layout(
        "a message trace",
        "senderaddress recipientstatus originalclientip",
        "senderaddress originalclientip",
        takes=Takes.ASK,
        remarks="messagesubject",
    ),
    _layout(
        "a message trace",
        "senderaddress recipientaddress fromip",
        "senderaddress fromip",
        takes=Takes.ASK,
        remarks="subject",
    ),
    _layout(
        "an export of quarantined messages",
        "senderaddress recipientaddress releasestatus",
        "senderaddress",
        status="releasestatus released",
        remarks="subject",
    ),
    _layout(
        "an export of quarantined messages",
        "sender recipient quarantinereason",
        "sender",
        status="releasestatus released",
        remarks="subject",
    ),
    _layout(
        "an export of Explorer's messages",
        "senderaddress senderip deliveryaction",
        "senderaddress senderdomain senderip sendermailfromaddress",
        takes=Takes.ASK,
        remarks="subject",
    ),
    # threat intelligence
    _layout(
        "a MISP event",
        "type value toids category",
        "value",
        type_="type",
        status="toids deleted",
        remarks="eventinfo comment",
    ),
    _layout(
        "an export of ThreatFox",
        "iocvalue ioctype threattype",
        "iocvalue",
        type_="ioctype",
        remarks="malwareprintable threattype",
    ),
    _layout(
        "an export of URLhaus",
        "url urlstatus dateadded",
        "url",
        kind=Kind.URL,
        status="urlstatus",
        remarks="threat tags",
    ),
    _layout(
        "an export of Feodo Tracker",
        "dstip dstport malware",
        "dstip",
        status="c2status",
        remarks="malware",
    ),
    _layout(
        "an export of Feodo Tracker",
        "ipaddress port status malware",
        "ipaddress",
        status="status",
        remarks="malware",
    ),
    _layout(
        "an export of MalwareBazaar",
        "sha256hash md5hash sha1hash",
        "sha256hash",
        remarks="signature filename",
    ),
    _layout(
        "an export of PhishTank",
        "phishid url verified online",
        "url",
        kind=Kind.URL,
        status="verified online",
        remarks="target",
    ),
    _layout(
        "an OTX pulse",
        "indicatortype indicator description",
        "indicator",
        type_="indicatortype",
        status="isactive",
        ends="expiration",
        remarks="pulse title description",
    ),
    _layout(
        "a list of AbuseIPDB",
        "abuseconfidencescore ip",
        "ip",
    ),
    _layout(
        "a list of AbuseIPDB",
        "abuseconfidencescore ipaddress",
        "ipaddress",
    ),
    _layout(
        "a list of Spamhaus",
        "cidr sblid",
        "cidr",
        remarks="sblid",
    ),
    _layout(
        "a list of whole providers' networks (AS numbers)",
        "asn asname",
        "asn",
        takes=Takes.NONE,
    ),
    _layout(
        "a STIX bundle",
        "stixtype stixvalue",
        "stixvalue",
        type_="stixtype",
        ends="validuntil",
        remarks="name description",
    ),
)


def layout_of(names: Iterable[str]) -> Layout | None:
    """The layout that a header's names (of `normal_name`) have, or None where none is known."""
    there = frozenset(names)
    return next((layout for layout in LAYOUTS if layout.has <= there), None)
