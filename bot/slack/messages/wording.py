"""The words for operations, lists, statuses and states: one sentence for one thing, wherever it is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from bot.domain.indicators.defanging import defanged
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName, ended_by_portcullis
from bot.domain.requests.request import Decision, Item, ItemState, Request, RequestWarning, Status
from bot.slack.block_kit.text import escaped, indicator, mention, plain, plural, when

#: A value in a header has this much room: the words and the request's number around it fit in 150 as well.
_SUBJECT = 80

#: So many items are sent with one call or two: to tell how far it is would be late already.
_FEW = 20

#: What a request is; the braces stand for what it is about.
CHANGES: dict[tuple[Operation, Action], str] = {
    (Operation.ADD, Action.BLOCK): "Block {}",
    (Operation.ADD, Action.ALLOW): "Allow {}",
    (Operation.REMOVE, Action.BLOCK): "Unblock {}",
    (Operation.REMOVE, Action.ALLOW): "Unallow {}",
    (Operation.EXTEND, Action.BLOCK): "New end for the block of {}",
    (Operation.EXTEND, Action.ALLOW): "New end for the allow of {}",
    (Operation.ANNOTATE, Action.BLOCK): "New note on the block of {}",
    (Operation.ANNOTATE, Action.ALLOW): "New note on the allow of {}",
    (Operation.SAFE_LIST_OFF, Action.BLOCK): "Safe list off in {}",
    (Operation.SAFE_LIST_OFF, Action.ALLOW): "Safe list off in {}",
    (Operation.SUBMIT, Action.BLOCK): "Submit {} to Microsoft, to be blocked",
    (Operation.SUBMIT, Action.ALLOW): "Submit {} to Microsoft, to be let through",
}

#: What an entry of either action is called.
KINDS: dict[Action, str] = {Action.BLOCK: "blocked", Action.ALLOW: "allowed"}

#: The operations whose requests have an end date.
HAS_END = frozenset({Operation.ADD, Operation.EXTEND, Operation.SUBMIT})

_NOUNS: dict[ListName, tuple[str, str]] = {
    ListName.CONNECTION_FILTER: ("IP", "IPs"),
    ListName.SENDER: ("sender", "senders"),
    ListName.URL: ("URL", "URLs"),
    ListName.FILE: ("file", "files"),
    ListName.IP: ("IPv6 address or network", "IPv6 addresses or networks"),
    ListName.SPOOF: ("spoof pair", "spoof pairs"),
}

_POLICIES = ("policy", "policies")

_TABL_PAGES: dict[ListName, str] = {
    ListName.SENDER: "senders",
    ListName.URL: "URLs",
    ListName.FILE: "files",
    ListName.IP: "IPv6 addresses",
    ListName.SPOOF: "spoofed senders",
}

#: So many items have room for their whole outcome.
_ROOM_FOR = 3

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
    """Whether a request would put or keep something on the IP Allow List: the one change with a card of its own."""
    return (
        request.operation in {Operation.ADD, Operation.EXTEND}
        and request.action is Action.ALLOW
        and request.list is ListName.CONNECTION_FILTER
    )


def ip_allow_words(request: Request) -> str:
    """What that card, and every mention of such a request, begins with."""
    return "IP ALLOW" if request.operation is Operation.ADD else "LONGER IP ALLOW"


def counted(count: int, name: ListName) -> str:
    """`2 senders`."""
    return plural(count, *_NOUNS[name])


def counted_of(request: Request, count: int) -> str:
    """The same for so many items of a request, which may be about policies: `2 policies`."""
    return plural(count, *(_POLICIES if request.operation is Operation.SAFE_LIST_OFF else _NOUNS[request.list]))


def subject(request: Request, items: Sequence[Item] | None = None, *, total: int | None = None) -> str:
    """What a sentence is about, in mrkdwn: a single item by its value, several by their number.

    All of the request, or some of its items; `total` is how many they are when `items` holds only a few of them.
    """
    shown, count = _counted_items(request, items, total)
    return indicator(shown[0].value, limit=_SUBJECT) if count == 1 and shown else counted_of(request, count)


def subject_plain(request: Request) -> str:
    """The same for a header or a dialog, which is plain text."""
    shown, count = _counted_items(request, None, None)
    value = plain(defanged(shown[0].value[: _SUBJECT * 8]), limit=_SUBJECT) if count == 1 and shown else ""
    return value or counted_of(request, count)


def _counted_items(request: Request, items: Sequence[Item] | None, total: int | None) -> tuple[Sequence[Item], int]:
    if items is None:
        return request.items, request.total
    return items, len(items) if total is None else total


def change(request: Request) -> str:
    """What a request is, in a few words and in mrkdwn: ``Block `evil[.]example` ``, `Block 2 senders`."""
    return CHANGES[request.operation, request.action].format(subject(request))


def change_plain(request: Request) -> str:
    """The same for a header, which is plain text."""
    return CHANGES[request.operation, request.action].format(subject_plain(request))


def change_named(request: Request) -> str:
    """What a request is, with the first of its values: ``Block 5 senders: `a[.]example`, … and 2 more``."""
    pattern = f"{ip_allow_words(request)} {{}}" if is_ip_allow(request) else CHANGES[request.operation, request.action]
    if request.total == 1:
        return pattern.format(named(request))
    return f"{pattern.format(counted_of(request, request.total))}: {named(request)}"


def named(request: Request, *, at_most: int = 3) -> str:
    """The first indicators of a request: `` `a[.]example`, `b[.]example` and 5 more ``."""
    values = [indicator(item.value, limit=70) for item in request.items[:at_most]]
    left = request.total - len(values)
    return f"{', '.join(values) or '(nothing)'}{f' and {left:,} more' if left > 0 else ''}"


def list_words(name: ListName, action: Action) -> str:
    """Where an entry stands, as the admin centre calls it."""
    if name is ListName.CONNECTION_FILTER:
        return "IP Allow List (connection filter)" if action is Action.ALLOW else "IP Block List (connection filter)"
    return f"Tenant Allow/Block List, {_TABL_PAGES[name]}"


def place(request: Request) -> str:
    """Where a request changes something."""
    if request.operation is Operation.SAFE_LIST_OFF:
        return "Connection filter, safe list"
    return list_words(request.list, request.action)


def serious_first(warnings: Iterable[RequestWarning]) -> list[RequestWarning]:
    return sorted(warnings, key=lambda warning: not warning.serious)


def warning_line(warning: RequestWarning, *, limit: int = 500) -> str:
    """A warning with its mark, the serious ones unmistakable."""
    mark = ":rotating_light:" if warning.serious else ":warning:"
    return f"{mark} {escaped(warning.text, limit=limit) or escaped(warning.code, limit=80) or 'Warning'}"


def ending(request: Request) -> str:
    """Until when, and, where the tenant keeps no such end, that Portcullis sees to it."""
    ours = ended_by_portcullis(request.list, request.action, expires=request.expires, since=request.created_at)
    return f"{until(request.expires)}{', when Portcullis removes it' if ours and request.expires is not None else ''}"


def end_label(request: Request) -> str:
    return "New end" if request.operation is Operation.EXTEND else "Until"


def reason_label(request: Request) -> str:
    """What the request's reason is: for a new note, the note itself."""
    return "The new note" if request.operation is Operation.ANNOTATE else "Why"


def progress(request: Request) -> str:
    """How far a request has come while it is being applied: `1,240 of 10,000 sent`; empty for a few items."""
    if request.status is not Status.APPLYING or request.total <= _FEW:
        return ""
    return f"{min(request.sent, request.total):,} of {request.total:,} sent"


def set_aside_words(request: Request) -> str:
    """That lines of what was imported became no item; empty when none did."""
    if not request.set_aside:
        return ""
    verb = "was" if request.set_aside == 1 else "were"
    return (
        f"{plural(request.set_aside, 'line')} of what was given {verb} set aside: "
        "a file under the card says why for each, from when this is settled."
    )


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
            far = f": {far}" if (far := progress(request)) else ""
            sentence = f"*Being applied*{far}, approved by {approvers(request)}. The tenant has not confirmed it yet."
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
    unknown = request.counts.get(ItemState.INTENDED, 0)
    if unknown:
        return f"it is not known what became of {counted_of(request, unknown)}: look at the list."
    return f"none of {counted_of(request, request.total)} applied."


def _outcome_sentence(request: Request) -> str:
    total = request.total
    holding, gone = _in(request, HOLDS), _in(request, GONE)
    approved = f"Approved by {approvers(request)}."
    if request.status is Status.FAILED:
        return f"*Failed*: {_failed(request)} {approved}"
    if request.status is Status.PARTLY_APPLIED:
        gone_too = f"; {gone:,} gone again" if gone else ""
        return f"*Partly applied*: {holding + gone:,} of {total:,}{gone_too}. {approved}"
    if gone:
        how = "*Applied, and gone again*: no longer as asked"
        return f"{how if gone == total else f'*Applied; {gone:,} of {total:,} gone again*'}. {approved}"
    return f"{_applied(request)} {approved}"


def _applied(request: Request) -> str:
    if request.operation is Operation.SUBMIT:
        return "*Filed with Microsoft*, which decides what comes of it."
    if request.total and request.counts.get(ItemState.CONFIRMED, 0) == request.total:
        return "*Applied and confirmed*: read back from the tenant, and again some time later."
    return "*Applied*: read back from the tenant."


def _in(request: Request, states: Collection[ItemState]) -> int:
    return sum(count for state, count in request.counts.items() if state in states)


def status_mark(request: Request) -> str:
    """The mark beside the status. Not green any more once something is gone again."""
    if request.status is Status.APPLIED and _in(request, GONE):
        return ":wastebasket:"
    return STATUS_MARKS[request.status]


def item_line(item: Item, *, settled: bool, limit: int = 300, is_submission: bool = False) -> str:
    """An item and how it went with it, with the service's words. Before anything was sent: the item alone."""
    value = indicator(item.value)
    if item.state is ItemState.PROPOSED and not settled:
        return f"• {value}"
    mark = _STATE_MARKS[item.state] if settled else "•"
    outcome = f": {escaped(item.outcome, limit=limit)}" if item.outcome.strip() else ""
    # Whether a submission comes to anything is Microsoft's to say.
    word = "filed" if is_submission and item.state is ItemState.APPLIED else STATE_WORDS[item.state]
    return f"{mark} {value} {word}{outcome}"


def item_lines(request: Request, items: Sequence[Item], *, settled: bool) -> list[str]:
    """A line for each item. Few of them have room for all that the service said."""
    limit = 400 if len(items) <= _ROOM_FOR else 120
    is_submission = request.operation is Operation.SUBMIT
    return [item_line(item, settled=settled, limit=limit, is_submission=is_submission) for item in items]
