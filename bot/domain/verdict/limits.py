"""What a verdict does *not* mean: said beside every verdict, so that nobody reads more into it.

Sources: Microsoft, "Configure connection filtering", "Create safe sender lists", "Manage allows and blocks in the
Tenant Allow/Block List" and its pages for each list.
"""

from __future__ import annotations

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName, list_for

ALWAYS_SCANNED = "Malware and high-confidence phishing are scanned for regardless of what these lists say."

DIRECT_ALLOW = (
    "An allow entry that was made directly overrides bulk, spam and ordinary phishing only; one that came from a "
    "submission can override more."
)

FILTERED_ALL_THE_SAME = (
    "Mail from an allowed IP is filtered all the same in two cases. One: the IP is also in an on-premises inbound "
    "connector of a tenant in the same datacenter forest (IPV:CAL is stamped in the header nevertheless). Two: your "
    "tenant and the first server that took the mail are in different forests (IPV:CAL is not stamped). And by "
    "Microsoft's “secure by default” an IP allow is one thing among others that decide, not the last word."
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
        said.append("An IPv6 allow overrides the IP filters only: spam filtering and sender checks still apply.")
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
