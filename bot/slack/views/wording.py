"""The words for operations, lists, statuses and states: one sentence for one thing, wherever it is shown.

Sources for what an entry does: Microsoft's pages on the connection filter and on the Tenant Allow/Block List.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.defanging import defanged
from bot.domain.lists import Action, ListName
from bot.domain.requests import Decision, Item, ItemState, Operation, Request, RequestWarning, Status
from bot.slack.text import escaped, indicator, mention, plain, plural, when

#: A value in a header has this much room: the words and the request's number around it fit in 150 as well.
_SUBJECT = 80

VERBS: dict[tuple[Operation, Action], str] = {
    (Operation.ADD, Action.BLOCK): "Block",
    (Operation.REMOVE, Action.BLOCK): "Unblock",
    (Operation.ADD, Action.ALLOW): "Allow",
    (Operation.REMOVE, Action.ALLOW): "Unallow",
}

_NOUNS: dict[ListName, tuple[str, str]] = {
    ListName.CONNECTION_FILTER: ("IP", "IPs"),
    ListName.SENDER: ("sender", "senders"),
    ListName.URL: ("URL", "URLs"),
    ListName.FILE: ("file", "files"),
    ListName.IP: ("IPv6 address or network", "IPv6 addresses or networks"),
    ListName.SPOOF: ("spoof pair", "spoof pairs"),
}

_TABL_PAGES: dict[ListName, str] = {
    ListName.SENDER: "senders",
    ListName.URL: "URLs",
    ListName.FILE: "files",
    ListName.IP: "IPv6 addresses",
    ListName.SPOOF: "spoofed senders",
}

_ADDS: dict[tuple[Action, ListName], str] = {
    (Action.BLOCK, ListName.CONNECTION_FILTER): (
        "Adds to the IP Block List. Mail from there is refused at the edge, and message trace shows nothing of it."
    ),
    (Action.BLOCK, ListName.SENDER): (
        "Adds a block. Mail from there is quarantined as high-confidence phishing; mail to there bounces (550 5.7.703)."
    ),
    (Action.BLOCK, ListName.URL): "Adds a block. Mail with it is quarantined as high-confidence phishing.",
    (Action.BLOCK, ListName.FILE): "Adds a block. Mail with the file is quarantined as malware.",
    (Action.BLOCK, ListName.IP): "Adds a block. Mail from there is refused at the edge.",
    (Action.BLOCK, ListName.SPOOF): "Adds a block for exactly this pair of spoofed user and sending infrastructure.",
    (Action.ALLOW, ListName.CONNECTION_FILTER): (
        "Adds to the IP Allow List. Mail from there skips spam filtering, SPF, DKIM and DMARC. "
        "Malware and high-confidence phishing are still scanned."
    ),
    (Action.ALLOW, ListName.SENDER): (
        "Adds an allow. It overrides bulk, spam, high-confidence spam and ordinary phishing verdicts, nothing else."
    ),
    (Action.ALLOW, ListName.URL): (
        "Adds an allow. It overrides bulk, spam, high-confidence spam and ordinary phishing verdicts, nothing else."
    ),
    (Action.ALLOW, ListName.FILE): "Adds an allow for the file.",
    (Action.ALLOW, ListName.IP): "Adds an allow. It overrides the IP filters only; the mail itself is still filtered.",
    (Action.ALLOW, ListName.SPOOF): "Adds an allow for exactly this pair of spoofed user and sending infrastructure.",
}

STATE_WORDS: dict[ItemState, str] = {
    ItemState.PROPOSED: "nothing sent yet",
    ItemState.INTENDED: "sent, not confirmed by the tenant yet",
    ItemState.APPLIED: "applied",
    ItemState.ALREADY_SO: "was so already",
    ItemState.REFUSED: "refused",
    ItemState.CONFIRMED: "confirmed",
    ItemState.EXPIRED: "ended",
    ItemState.REMOVED: "gone again",
}

_STATE_MARKS: dict[ItemState, str] = {
    ItemState.PROPOSED: ":heavy_minus_sign:",
    ItemState.INTENDED: ":grey_question:",
    ItemState.APPLIED: ":white_check_mark:",
    ItemState.ALREADY_SO: ":white_check_mark:",
    ItemState.REFUSED: ":x:",
    ItemState.CONFIRMED: ":white_check_mark:",
    ItemState.EXPIRED: ":hourglass:",
    ItemState.REMOVED: ":wastebasket:",
}

#: States in which the tenant, read back, is as the request wants it.
HOLDS = frozenset({ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.CONFIRMED})
#: States in which it was, and is no more.
GONE = frozenset({ItemState.EXPIRED, ItemState.REMOVED})
#: Statuses in which the tenant has answered, or nothing was ever sent.
SETTLED = frozenset(Status) - {Status.PENDING, Status.APPROVED, Status.APPLYING}

STATUS_WORDS: dict[Status, str] = {
    Status.PENDING: "waits for approval",
    Status.APPROVED: "approved, queued",
    Status.APPLYING: "being applied",
    Status.APPLIED: "applied",
    Status.PARTLY_APPLIED: "partly applied",
    Status.FAILED: "failed",
    Status.DENIED: "denied",
    Status.WITHDRAWN: "withdrawn",
    Status.LAPSED: "lapsed",
}

#: Green only once the tenant has said so.
STATUS_MARKS: dict[Status, str] = {
    Status.PENDING: ":hourglass_flowing_sand:",
    Status.APPROVED: ":large_blue_circle:",
    Status.APPLYING: ":arrows_counterclockwise:",
    Status.APPLIED: ":white_check_mark:",
    Status.PARTLY_APPLIED: ":warning:",
    Status.FAILED: ":x:",
    Status.DENIED: ":no_entry_sign:",
    Status.WITHDRAWN: ":leftwards_arrow_with_hook:",
    Status.LAPSED: ":zzz:",
}


def is_ip_allow(request: Request) -> bool:
    """Whether a request would put something on the IP Allow List: the one change with a card of its own."""
    return (request.operation, request.action, request.list) == (
        Operation.ADD,
        Action.ALLOW,
        ListName.CONNECTION_FILTER,
    )


def counted(count: int, name: ListName) -> str:
    """`2 senders`."""
    return plural(count, *_NOUNS[name])


def subject(items: Sequence[Item], name: ListName) -> str:
    """What a sentence is about, in mrkdwn: a single item by its value, several by their number."""
    return indicator(items[0].value, limit=_SUBJECT) if len(items) == 1 else counted(len(items), name)


def subject_plain(items: Sequence[Item], name: ListName) -> str:
    """The same for a header or a dialog, which is plain text."""
    value = plain(defanged(items[0].value[: _SUBJECT * 8]), limit=_SUBJECT) if len(items) == 1 else ""
    return value or counted(len(items), name)


def change(request: Request) -> str:
    """What a request is, in a few words and in mrkdwn: ``Block `evil[.]example` ``, `Block 2 senders`."""
    return f"{VERBS[request.operation, request.action]} {subject(request.items, request.list)}"


def change_plain(request: Request) -> str:
    """The same for a header, which is plain text."""
    return f"{VERBS[request.operation, request.action]} {subject_plain(request.items, request.list)}"


def change_named(request: Request) -> str:
    """What a request is, with the first of its values: ``Block 5 senders: `a[.]example`, … and 2 more``."""
    what = "IP ALLOW" if is_ip_allow(request) else VERBS[request.operation, request.action]
    count = f" {counted(len(request.items), request.list)}:" if len(request.items) != 1 else ""
    return f"{what}{count} {named(request)}"


def named(request: Request, *, at_most: int = 3) -> str:
    """The first indicators of a request: `` `a[.]example`, `b[.]example` and 5 more ``."""
    values = [indicator(item.value, limit=70) for item in request.items[:at_most]]
    left = len(request.items) - len(values)
    return f"{', '.join(values) or '(nothing)'}{f' and {left:,} more' if left else ''}"


def list_words(name: ListName, action: Action) -> str:
    """Where an entry stands, as the admin centre calls it."""
    if name is ListName.CONNECTION_FILTER:
        return "IP Allow List (connection filter)" if action is Action.ALLOW else "IP Block List (connection filter)"
    return f"Tenant Allow/Block List, {_TABL_PAGES[name]}"


def effect(request: Request) -> str:
    """What approving a request will do to mail."""
    if request.operation is Operation.ADD:
        return _ADDS[request.action, request.list]
    was = "blocks" if request.action is Action.BLOCK else "allows"
    return (
        f"Takes off the list what is there now. From then on this list no longer {was} it; other entries still count."
    )


def serious_first(warnings: Iterable[RequestWarning]) -> list[RequestWarning]:
    return sorted(warnings, key=lambda warning: not warning.serious)


def warning_line(warning: RequestWarning, *, limit: int = 500) -> str:
    """A warning with its mark, the serious ones unmistakable."""
    mark = ":rotating_light:" if warning.serious else ":warning:"
    return f"{mark} {escaped(warning.text, limit=limit) or escaped(warning.code, limit=80) or 'Warning'}"


def until(expires: datetime | None) -> str:
    """`never ends`, or the end date in the reader's time zone."""
    return "never ends" if expires is None else when(expires)


def people(users: Iterable[str], *, at_most: int = 5) -> str:
    """`A`, `A and B`, `A, B and 3 others`."""
    mentions = [mention(user) for user in users]
    if len(mentions) > at_most:
        mentions = [*mentions[: at_most - 1], plural(len(mentions) - at_most + 1, "other")]
    return " and ".join(filter(None, [", ".join(mentions[:-1]), mentions[-1]])) if mentions else "nobody"


def approvers(request: Request) -> str:
    return people(review.reviewer for review in request.approvals)


def deniers(request: Request) -> str:
    return people(review.reviewer for review in request.reviews if review.decision is Decision.DENY)


def approvals_so_far(request: Request) -> str:
    """`0 of 2 approvals`."""
    return f"{len(request.approvals):,} of {plural(request.approvals_needed, 'approval')}"


def status_sentence(request: Request) -> str:
    """Where a request stands and who brought it there, in mrkdwn and without marks."""
    nothing = "Nothing was changed."
    match request.status:
        case Status.PENDING:
            sentence = f"*Waits for approval*: {approvals_so_far(request)}. Lapses {when(request.lapses_at)}."
        case Status.APPROVED:
            sentence = f"*Approved* by {approvers(request)}. Queued: nothing has been changed yet."
        case Status.APPLYING:
            sentence = f"*Being applied*, approved by {approvers(request)}. The tenant has not confirmed it yet."
        case Status.DENIED:
            sentence = f"*Denied* by {deniers(request)}. {nothing}"
        case Status.WITHDRAWN:
            sentence = f"*Withdrawn* by {mention(request.requester)}. {nothing}"
        case Status.LAPSED:
            sentence = f"*Lapsed*: nobody decided in time. {nothing}"
        case Status.APPLIED | Status.PARTLY_APPLIED | Status.FAILED:
            sentence = _outcome_sentence(request)
    return sentence


def _failed(request: Request) -> str:
    unknown = sum(item.state is ItemState.INTENDED for item in request.items)
    if unknown:
        return f"it is not known what became of {counted(unknown, request.list)}: look at the list."
    return f"none of {counted(len(request.items), request.list)} applied."


def _outcome_sentence(request: Request) -> str:
    states = [item.state for item in request.items]
    holding = sum(state in HOLDS for state in states)
    gone = sum(state in GONE for state in states)
    approved = f"Approved by {approvers(request)}."
    if request.status is Status.FAILED:
        return f"*Failed*: {_failed(request)} {approved}"
    if request.status is Status.PARTLY_APPLIED:
        gone_too = f"; {gone:,} gone again" if gone else ""
        return f"*Partly applied*: {holding + gone:,} of {len(states):,}{gone_too}. {approved}"
    if gone and gone == len(states):
        return f"*Applied, and gone again*: no longer as asked. {approved}"
    if gone:
        return f"*Applied; {gone:,} of {len(states):,} gone again*. {approved}"
    if states and all(state is ItemState.CONFIRMED for state in states):
        return f"*Applied and confirmed*: read back from the tenant, and again some time later. {approved}"
    return f"*Applied*: read back from the tenant. {approved}"


def status_mark(request: Request) -> str:
    """The mark beside the status. Not green any more once something is gone again."""
    if request.status is Status.APPLIED and any(item.state in GONE for item in request.items):
        return ":wastebasket:"
    return STATUS_MARKS[request.status]


def item_line(item: Item, *, settled: bool, limit: int = 300) -> str:
    """An item and how it went with it, with the service's words. Before anything was sent: the item alone."""
    value = indicator(item.value)
    if item.state is ItemState.PROPOSED and not settled:
        return f"• {value}"
    mark = _STATE_MARKS[item.state] if settled else "•"
    outcome = f": {escaped(item.outcome, limit=limit)}" if item.outcome.strip() else ""
    return f"{mark} {value} {STATE_WORDS[item.state]}{outcome}"
