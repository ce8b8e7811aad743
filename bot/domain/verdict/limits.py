"""What a verdict does *not* mean: said beside every verdict, so that nobody reads more into it.

Sources: Microsoft, "Configure connection filtering", "Create safe sender lists", "Manage allows and blocks in the
Tenant Allow/Block List" and its pages for each list.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName, list_for

ALWAYS_SCANNED = "Malware and high-confidence phishing are scanned for regardless of what these lists say."

DIRECT_ALLOW = (
    "An allow entry that was made directly overrides bulk, spam and ordinary phishing only; one that came from a "
    "submission can override more."
)

FILTERED_ALL_THE_SAME = (
    "Mail from an allowed IP is filtered all the same where the IP is also in an on-premises inbound connector of a "
    "tenant in the same datacenter forest (the header has IPV:CAL nevertheless), or where your tenant and the first "
    "server that took the mail are in different forests (it has none). Nor is the allow the last word: by Microsoft's "
    "“secure by default” it is one thing among others that decide."
)

NOT_DELIVERED_FOR_SURE = (
    "Not listed means that these lists say nothing about it. Its mail goes through all other filtering, and may be "
    "delivered or stopped there."
)

STOPS_OUTBOUND = "A sender block also stops mail from your people to it: the whole message bounces with 550 5.7.703."

INTERNAL_MAIL = (
    "Whether these entries also act on mail within the organization is not clear: Microsoft's pages disagree. Count on "
    "neither."
)

TIME_OF_CLICK = "Entries of URLs and files also count later: when somebody clicks or opens, in Teams and in Office."

REFUSED_AT_THE_EDGE = (
    "Mail from a blocked IP is refused at the edge: message trace shows nothing, and nothing is quarantined."
)


IP_FILTERS_ONLY = "An IPv6 allow overrides the IP filters only: spam filtering and sender checks still apply."

#: So many of them stand below an answer in Slack. The others are in the documentation.
MOST_TELLING = 3

#: What to say first. What isn't named here, such as that a safe list is on or what wasn't looked at, depends on the
#: tenant, and comes between the two.
_OF_THIS_VERDICT = (
    NOT_DELIVERED_FOR_SURE,
    FILTERED_ALL_THE_SAME,
    DIRECT_ALLOW,
    IP_FILTERS_ONLY,
    STOPS_OUTBOUND,
    REFUSED_AT_THE_EDGE,
)
_OF_ANY = (ALWAYS_SCANNED, INTERNAL_MAIL, TIME_OF_CLICK)


def most_telling(said: Iterable[str], *, at_most: int = MOST_TELLING) -> tuple[str, ...]:
    """The sentences that matter most: of just this verdict, then of the tenant, then those that are always so."""
    order = {text: place for place, text in enumerate((*_OF_THIS_VERDICT, "", *_OF_ANY))}
    return tuple(sorted(said, key=lambda text: order.get(text, len(_OF_THIS_VERDICT)))[:at_most])


def limits_of(kind: Kind, lists: Snapshot, *, allowed: bool, blocked: bool) -> tuple[str, ...]:
    """The sentences that go with a verdict on an indicator of this kind; with neither flag, with `not listed`."""
    name = list_for(kind)
    said: list[str] = []
    if not (allowed or blocked):
        said.append(NOT_DELIVERED_FOR_SURE)
    if not blocked:
        said.append(ALWAYS_SCANNED)
    if name is ListName.CONNECTION_FILTER:
        if allowed:
            said.append(FILTERED_ALL_THE_SAME)
        said.extend(_safe_list(lists))
    else:
        if allowed and name.traits.takes_submissions:
            said.append(DIRECT_ALLOW)
        said.append(INTERNAL_MAIL)
    if name in {ListName.URL, ListName.FILE}:
        said.append(TIME_OF_CLICK)
    if blocked and name is ListName.SENDER:
        said.append(STOPS_OUTBOUND)
    if blocked and name.traits.holds_ips:
        said.append(REFUSED_AT_THE_EDGE)
    if allowed and name is ListName.IP:
        said.append(IP_FILTERS_ONLY)
    return tuple(said)


def _safe_list(lists: Snapshot) -> tuple[str, ...]:
    on = sorted(policy.identity for policy in lists.policies if policy.safe_list)
    if not on:
        return ()
    sentence = (
        f"The safe list is on in policy {', '.join(on)}: mail from servers on Microsoft's own list of good senders "
        "skips spam filtering there, whatever the IP lists say of it."
    )
    return (sentence,)
