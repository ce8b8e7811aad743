"""Labels that people copy along with a value: `From:`, `SMTP:`, `ip4:`, `client-ip=`, `SHA256:`, `Absender:`.

They come from mail headers, SPF records, Exchange's proxy addresses, logs and reports. Each label says what may stand
behind it, so that `IPv6: 203.0.113.7` is asked about instead of being read as what it isn't.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.indicators.hosts import is_known_suffix
from bot.domain.indicators.indicator import Kind, Note, NoteCode
from bot.domain.indicators.ipv6 import looks_like_ipv6
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import quoted, shown
from bot.errors import InvalidIndicator

_IPV4 = frozenset({Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK})
_IPV6 = frozenset({Kind.IPV6, Kind.IPV6_NETWORK})
_ADDRESS = frozenset({Kind.ADDRESS})
_SENDER = frozenset({Kind.ADDRESS, Kind.DOMAIN})
_DOMAIN = frozenset({Kind.DOMAIN})
_HOST = frozenset({Kind.DOMAIN, Kind.IPV4, Kind.IPV6})
_URL = frozenset({Kind.URL})
_FILE = frozenset({Kind.FILE})
_ANY = frozenset(Kind) - {Kind.FILTER_POLICY}
#: Behind these stands nothing that a list takes; the texts below say why.
_NONE: frozenset[Kind] = frozenset()

_RECIPIENTS = """
    to cc bcc recipient recipients rcptto rcpt origto an kopie empfänger deliveredto envelopeto xoriginalto xenvelopeto
"""
#: Of an SPF record: whose servers may send as well. They are other people's, of whom nobody complains.
_OF_SPF = "include redirect exists mx a="
_MAILBOXES = "x500 x400 ex eum spo sid"

#: The labels by what may stand behind them, in lower case, without spaces, hyphens and underscores. One that ends in
#: `=` is a label with that mark only.
_LABELS: Mapping[frozenset[Kind], str] = {
    _ADDRESS: """
        smtp sip sips mailto email emailaddress emailadresse mail mailaddress mailadresse senderaddress fromaddress
        senderfromaddress sendermailfromaddress absenderadresse antwortadresse address= adresse=
        user= username= userid= login= account= mailbox= upn= benutzer= konto= smtp.auth auth= authuser= saslusername
    """,
    _SENDER: """
        from sender replyto returnpath envelopefrom envelopesender mailfrom smtpmailfrom smtp.mailfrom smtp.mfrom
        smtp.from header.from header.sender header.i headerfrom xsender xoriginalsender xoriginalfrom xenvelopefrom
        xmailfrom errorsto resentfrom resentsender p1sender p2sender author spoofeduser von absender antwortan
        de remitente expéditeur mittente afzender
    """,
    _IPV4 | _IPV6: """
        ip ips ipaddress ipaddr ipadresse cip clientip clientaddress senderip sendingip sourceip srcip sourceaddress
        src= remoteip remoteaddr smtp.remoteip originatingip xoriginatingip xsenderip xclientip xforwardedfor
        connectingip connectedfrom fromip policy.iprev iprev absenderip quellip cidr senderipaddress sourceipaddress
        clientipaddress remoteipaddress originatingipaddress connectingipaddress
        network netz netzwerk subnet subnetz range iprange
    """,
    _IPV4: "ip4 ipv4 ipv4address ipv4adresse senderipv4",
    _IPV6: "ip6 ipv6 ipv6address ipv6adresse senderipv6",
    _DOMAIN: """
        domain domainname domäne senderdomain fromdomain senderfromdomain sendermailfromdomain maildomain
        absenderdomain absenderdomäne header.d d= dkimdomain dkim.d spfdomain zone
    """,
    _HOST: """
        host hostname servername fqdn helo ehlo heloname helohost smtp.helo rdns ptr reversedns clientname mailserver
    """,
    _URL: "url uri urls link href weblink webseite website phishinglink phishingurl defangedurl zielurl",
    _FILE: """
        sha256 sha256hash sha256sum filesha256 attachmentsha256 filehash dateihash hash hashwert prüfsumme checksum
    """,
    _ANY: "ioc indicator indikator observable value wert entry eintrag",
    _NONE: f"{_RECIPIENTS} {_MAILBOXES} {_OF_SPF}",
}
_KINDS: Mapping[str, frozenset[Kind]] = {name: kinds for kinds, names in _LABELS.items() for name in names.split()}

_LABEL = re.compile(r"[+?~-]?([^\W\d_][\w .'-]{0,39}?)[\"']?\s{0,2}([:=])\s*")
_LEFT_OUT = str.maketrans("", "", " -_'")
#: A word and a colon with something else behind it than a port or the slashes of a link.
_UNKNOWN = re.compile(r"([^\W\d_][\w-]{0,39}):(?!//|[0-9]+(?:[/?#]|\Z))\s*(?=\S)")
#: A word and `=` before an address. Mailing lists write a recipient's whole address so: `bob=a.example@evil.example`.
_UNKNOWN_EQUALS = re.compile(r"([^\W\d_][\w.-]{0,39})=([^=@\s\"/?<>]+)@[^@<>]+")
#: The same before anything else: no host has `=` in it, and what stands before `<` is no display name.
_UNKNOWN_MARK = re.compile(r"([^\W\d_][\w.-]{0,39})=\s*(?=<|[^=@]+\Z)")
#: In front of `=`, these begin the address to which a message that can't be delivered goes back.
_RETURN_WORDS = frozenset(["bounce", "bounces", "prvs", "msprvs1", "srs0", "srs1", "btv1", "verp", "return", "returns"])

#: What stands there, for people. Behind a label, a range or network is as good as an address.
_WORDS: Mapping[Kind, str] = {
    Kind.IPV4: "an IPv4 address",
    Kind.IPV4_RANGE: "a range of IPv4 addresses",
    Kind.IPV4_NETWORK: "an IPv4 network",
    Kind.IPV6: "an IPv6 address",
    Kind.IPV6_NETWORK: "an IPv6 network",
    Kind.DOMAIN: "a domain",
    Kind.ADDRESS: "a mail address",
    Kind.URL: "a URL",
    Kind.FILE: "a file's SHA-256",
    Kind.SPOOF_PAIR: "a spoof pair",
    Kind.FILTER_POLICY: "a connection filter policy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A label in front of a value, and what is left without it."""

    label: str  #: as it was typed, with its mark: `From:`
    name: str  #: as it is looked up: `returnpath`
    kinds: frozenset[Kind]  #: what may stand behind it
    rest: str

    @property
    def note(self) -> Note:
        """That the label was left out."""
        return Note(
            code=NoteCode.LABEL_STRIPPED, text=f"{quoted(self.label)} was left out: it says what stands behind it."
        )

    def demand(self, kind: Kind, value: str, *, typed: str) -> None:
        """Raises InvalidIndicator where a value of this kind is not what the label announces."""
        if kind not in self.kinds:
            raise stands_before(self.label, kind, value, typed=typed)


def stands_before(label: str, kind: Kind, value: str, *, typed: str, may_be_url: bool = False) -> InvalidIndicator:
    """What to say of a label or a word in front of a value that is of another kind.

    `may_be_url`: it announces a URL, and the value is one behind the label `url:`.
    """
    remedy = f"Type {shown(value)} alone if that is meant"
    if may_be_url:
        remedy += f", or url: {shown(value)} for the list of URLs"
    return InvalidIndicator(f"{quoted(typed)}: {shown(label)} stands before {_WORDS[kind]}.", f"{remedy}.")


def is_label(token: str) -> bool:
    """Whether a token is a label and nothing else, `From:` or `ip4:`, so that the next token belongs to it."""
    found = take_label(f"{token}x") if token.endswith((":", "=")) else None
    return found is not None and found.rest == "x"


def take_label(text: str) -> Labelled | None:
    """The label that the text begins with, or None. Raises InvalidIndicator for one that announces nothing listable."""
    match = _LABEL.match(text)
    if match is None or looks_like_ipv6(text):
        return None
    name = match[1].translate(_LEFT_OUT).lower()
    mark = match[2]
    known = f"{name}{mark}" if f"{name}{mark}" in _KINDS else name
    kinds = _KINDS.get(known)
    rest = text[match.end() :]
    if kinds is None or not rest or (rest.startswith("//") and kinds is not _ADDRESS):
        return None
    return Labelled(label=f"{match[1].strip()}{mark}", name=name, kinds=kinds, rest=rest)


def refuse_unlistable(label: Labelled, *, typed: str) -> None:
    """Raises InvalidIndicator where a label announces what no list takes: a recipient, a mailbox's inner name."""
    if label.kinds:
        return
    if label.name in _MAILBOXES.split():
        raise InvalidIndicator(
            f"{quoted(typed)}: {shown(label.label)} stands before a mailbox's name inside Exchange.",
            "Type the address that stands behind SMTP:, without SMTP:.",
        )
    if label.name in _OF_SPF.split():
        raise InvalidIndicator(
            f"{quoted(typed)} is a part of an SPF record: it names somebody whose servers may send as well.",
            f"Type {shown(label.rest)} alone if just that is meant.",
        )
    raise InvalidIndicator(
        f"{quoted(typed)}: {shown(label.label)} names who got the message, not who sent it.",
        f"Type what stands behind From: or Return-Path:, or {shown(label.rest)} alone if that is meant.",
    )


def refuse_unknown_label(text: str, *, typed: str) -> None:
    """Raises InvalidIndicator for a word in front, with a colon or `=`, that is no label known here.

    In a link a word and a colon would be a user, and behind it a password: only a scheme says that it is one. In front
    of an address a word and `=` may be a part of it.
    """
    if (equals := _UNKNOWN_EQUALS.fullmatch(text)) and not _is_return_path(equals[1], equals[2]):
        _, _, address = text.partition("=")
        whole = f"{equals[1]}%3D{address}"
        raise InvalidIndicator(
            f"{quoted(typed)}: is {quoted(f'{equals[1]}=')} a part of the address?",
            f"Type {shown(whole)} if it is, or {shown(address)} if it isn't.",
        )
    match = _UNKNOWN.match(text) or _UNKNOWN_MARK.match(text)
    if match is not None:
        alone = f"Type {shown(unwrap(text[match.end() :]))} alone if that is meant"
        is_user = match[0].rstrip().endswith(":")
        raise InvalidIndicator(
            f"{quoted(typed)} begins with {quoted(match[0].strip())}, which isn't known here.",
            f"{alone}; a link that has a user in it is typed with https:// in front." if is_user else f"{alone}.",
        )


def _is_return_path(word: str, behind: str) -> bool:
    """Whether a word and what stands between `=` and `@` are such as mail systems make of a recipient's address."""
    _, dot, ending = behind.rpartition(".")
    return word.lower() in _RETURN_WORDS or (bool(dot) and is_known_suffix(ending.lower()))
