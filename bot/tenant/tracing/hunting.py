"""Advanced hunting: the query for one indicator, and its one row of counts as figures.

Sources: Microsoft Graph, "security: runHuntingQuery" and "huntingQueryResults resource type"; Microsoft Defender XDR,
the tables EmailEvents, EmailUrlInfo and EmailAttachmentInfo of the advanced hunting schema.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from bot.domain.figures.figures import DAYS, LONGEST_SUBJECT, MOST_SUBJECTS, MailFigures, MailSource
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.ip_span import read_span
from bot.tenant.tracing.kql import literal

PATH = "security/runHuntingQuery"

#: More networks than this never make up a range of the lists, which has 256 addresses at most.
_MOST_NETWORKS = 16

_IPS = frozenset({Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK, Kind.IPV6, Kind.IPV6_NETWORK})

#: Each message once, by how it fared best: 0 delivered, 1 junk, 2 quarantined, 3 stopped, 4 nothing known.
_COUNTS = """\
let Each = Mail | extend Fate = case(
    DeliveryLocation =~ "Quarantine", 2,
    DeliveryAction =~ "Junked", 1,
    DeliveryAction =~ "Blocked", 3,
    DeliveryAction in~ ("Delivered", "Replaced"), 0,
    4),
    Failed = iff(tostring(parse_json(AuthenticationDetails).DMARC) =~ "fail", 1, 0)
    | summarize Fate = min(Fate), Failed = max(Failed) by NetworkMessageId;
print Messages = toscalar(Each | count),
    People = toscalar(Mail | distinct RecipientEmailAddress | count),
    Delivered = toscalar(Each | where Fate == 0 | count),
    Junk = toscalar(Each | where Fate == 1 | count),
    Quarantined = toscalar(Each | where Fate == 2 | count),
    Stopped = toscalar(Each | where Fate == 3 | count),
    FailedDmarc = toscalar(Each | where Failed == 1 | count)"""

#: What has to stand in an answer; of the fates each message has one at most.
_FATES = ("Delivered", "Junk", "Quarantined", "Stopped")
_EACH = ("Messages", "People", *_FATES)


def body_of(query: str) -> dict[str, object]:
    """The body of a call that runs a query over the last ten days."""
    return {"Query": query, "Timespan": f"P{DAYS}D"}


def counts_query(indicator: Indicator) -> str:
    """The query whose one row has the counts of an indicator. ValueError for what mail can't be searched for."""
    query = f"let Mail = {mail_of(indicator)};\n{_COUNTS}"
    to = _recipient(indicator)
    if to is None:
        return query
    sent = f'EmailEvents | where EmailDirection =~ "Outbound" | where {to} | distinct NetworkMessageId | count'
    return f"{query},\n    WrittenTo = toscalar({sent})"


def subjects_query(indicator: Indicator) -> str:
    """The query for the newest few subjects of an indicator's mail."""
    newest = "summarize Newest = max(Timestamp) by Subject"
    return f"{mail_of(indicator)} | {newest} | top {MOST_SUBJECTS} by Newest desc | project Subject"


def mail_of(indicator: Indicator) -> str:
    """The rows of EmailEvents that came in from a sender or an IP, or with a URL or a file in them."""
    inbound = 'EmailEvents | where EmailDirection =~ "Inbound"'
    if indicator.kind is Kind.URL:
        return f"{inbound} | where NetworkMessageId in ({_with_url(indicator.value)})"
    if indicator.kind is Kind.FILE:
        files = f"EmailAttachmentInfo | where SHA256 =~ {literal(indicator.value)} | distinct NetworkMessageId"
        return f"{inbound} | where NetworkMessageId in ({files})"
    if indicator.kind in _IPS:
        return f"{inbound} | where {_from_ip(indicator.value)}"
    return f"{inbound} | where {_sender(indicator)}"


def _sender(indicator: Indicator) -> str:
    if indicator.kind is Kind.ADDRESS:
        address = literal(_plain_address(indicator.value))
        return f"SenderFromAddress =~ {address} or SenderMailFromAddress =~ {address}"
    if indicator.kind is not Kind.DOMAIN:
        raise ValueError(f"mail can't be searched for a {indicator.kind.value}")
    if indicator.value.startswith("*."):
        under = literal(indicator.value.removeprefix("*"))
        return f"SenderFromDomain endswith {under} or SenderMailFromDomain endswith {under}"
    domain = literal(indicator.value)
    return f"SenderFromDomain =~ {domain} or SenderMailFromDomain =~ {domain}"


def _recipient(indicator: Indicator) -> str | None:
    """What is true of mail that was sent to it; None where nobody can write to it."""
    if indicator.kind is Kind.ADDRESS:
        return f"RecipientEmailAddress =~ {literal(_plain_address(indicator.value))}"
    if indicator.kind is Kind.DOMAIN:
        ends = indicator.value.removeprefix("*") if indicator.value.startswith("*.") else f"@{indicator.value}"
        return f"RecipientEmailAddress endswith {literal(ends)}"
    return None


def _plain_address(value: str) -> str:
    """An address as mail has it: the lists have odd characters of it percent-encoded."""
    local, _, domain = value.rpartition("@")
    return f"{unquote(local)}@{domain}"


def _from_ip(value: str) -> str:
    span = read_span(value)
    if span is None:
        raise ValueError("mail can't be searched for what is no IP")
    kind = ipaddress.IPv4Address if span.version == 4 else ipaddress.IPv6Address
    networks = list(ipaddress.summarize_address_range(kind(span.first), kind(span.last)))[:_MOST_NETWORKS]
    column = f"SenderIPv{span.version}"
    test = "ipv4_is_in_range" if span.version == 4 else "ipv6_is_in_range"
    return " or ".join(f"{test}({column}, {literal(str(network))})" for network in networks)


def _with_url(value: str) -> str:
    """The ids of the messages with a link that an entry of the URL list is about, as a block is."""
    host, _, path = value.strip("~").partition("/")
    below = host.startswith("*.")
    host = host.removeprefix("*.")
    itself, under = f"UrlDomain =~ {literal(host)}", f"UrlDomain endswith {literal('.' + host)}"
    if below:
        conditions = [f"({under})"]
    elif "~" in value or not path:
        conditions = [f"({itself} or {under})"]
    else:
        conditions = [f"({itself})"]
    begins = f"{host}/{path.rstrip('*')}"
    if path.endswith("*") and path.strip("*"):
        conditions.append(f"Url contains {literal(begins)}")
    elif path.strip("*"):
        # At the path or below it: what only begins with the same letters is another page.
        ends = [f"Url contains {literal(begins + end)}" for end in "/?#"]
        conditions.append(f"({' or '.join([f'Url endswith {literal(begins)}', *ends])})")
    return f"EmailUrlInfo | where {' and '.join(conditions)} | distinct NetworkMessageId"


def figures_of(answer: Mapping[str, object], *, subjects: Sequence[str] = ()) -> MailFigures | None:
    """The figures in an answer to `counts_query`; None where they can't be read."""
    rows = _rows(answer)
    if rows is None or len(rows) != 1:
        return None
    counts = {name: _count(rows[0].get(name)) for name in _EACH}
    told = {name: count for name, count in counts.items() if count is not None}
    # A count that is missing is none: it isn't 0.
    if len(told) < len(_EACH) or sum(told[name] for name in _FATES) > told["Messages"]:
        return None
    return MailFigures(
        source=MailSource.HUNTING,
        messages=told["Messages"],
        people=told["People"],
        delivered=told["Delivered"],
        junk=told["Junk"],
        quarantined=told["Quarantined"],
        stopped=told["Stopped"],
        written_to=_count(rows[0].get("WrittenTo")),
        failed_dmarc=_count(rows[0].get("FailedDmarc")),
        subjects=tuple(subjects),
    )


def subjects_of(answer: Mapping[str, object]) -> tuple[str, ...]:
    """The subjects in an answer to `subjects_query`; what is none is left out."""
    given = [row.get("Subject") for row in _rows(answer) or ()]
    texts = [" ".join(text.split())[:LONGEST_SUBJECT] for text in given if isinstance(text, str)]
    return tuple(text for text in texts if text)[:MOST_SUBJECTS]


def _rows(answer: Mapping[str, object]) -> list[Mapping[str, object]] | None:
    rows = answer.get("results")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return None
    return rows


def _count(value: object) -> int | None:
    """A count: a whole number, which the service may write as a text. None for anything else, and below 0."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15 else None
