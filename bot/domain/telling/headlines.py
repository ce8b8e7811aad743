"""What a request is, in a few words: what is changed, and what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, list_for
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.telling.counting import addresses, counted, plural, with_the_last
from bot.domain.telling.sentence import Part, Sentence, Value, sentence

#: What a request is; the braces stand for what it is about.
_CHANGES: dict[tuple[Operation, Action], str] = {
    (Operation.ADD, Action.BLOCK): "Block {}",
    (Operation.ADD, Action.ALLOW): "Allow {}",
    (Operation.REMOVE, Action.BLOCK): "Unblock {}",
    (Operation.REMOVE, Action.ALLOW): "Unallow {}",
    (Operation.EXTEND, Action.BLOCK): "New expiry date for the block of {}",
    (Operation.EXTEND, Action.ALLOW): "New expiry date for the allow of {}",
    (Operation.ANNOTATE, Action.BLOCK): "New note on the block of {}",
    (Operation.ANNOTATE, Action.ALLOW): "New note on the allow of {}",
    (Operation.SAFE_LIST_OFF, Action.BLOCK): "Safe list off in {}",
    (Operation.SAFE_LIST_OFF, Action.ALLOW): "Safe list off in {}",
    (Operation.SUBMIT, Action.BLOCK): "Submit {} to Microsoft, to be blocked",
    (Operation.SUBMIT, Action.ALLOW): "Submit {} to Microsoft, to be let through",
}


def alarm(request: Request) -> str:
    """What every mention of a request that lets strangers in begins with; empty for every other request."""
    if not request.is_grave:
        return ""
    # A new end may be an earlier one, of an entry that had none say. What is asked for either way is that it stays.
    what = "IP ALLOW" if request.is_ip_allow else "SPOOF ALLOW"
    return what if request.operation is Operation.ADD else f"KEEP {what}"


def counted_of(request: Request, count: int) -> str:
    """So many items of a request: `2 senders`, `2 policies`; of several lists' told as one, `2 indicators`."""
    if len({list_for(item.kind) for item in request.items}) > 1:
        return plural(count, "indicator")
    return counted(count, operation=request.operation, list_name=request.list)


def subject(request: Request) -> Sentence:
    """What a request is about: a single item by its value, several by their number."""
    return sentence(subject_of(request, request.items, total=request.total), _extent(request))


def subject_of(request: Request, items: Sequence[Item], *, total: int) -> Sentence:
    """The same for some of its items: `total` is how many they are, `items` those that are at hand."""
    return (Value(items[0].value),) if total == 1 and items else (counted_of(request, total),)


def headline(request: Request) -> Sentence:
    """What a request is: `Block ‹evil.example›`, `Block 2 senders`."""
    return about(_CHANGES[request.operation, request.action], subject(request))


def named_headline(request: Request) -> Sentence:
    """The same with the first of its values: `Block 5 senders: ‹a.example›, ‹b.example›, ‹c.example› and 2 more`."""
    if request.total == 1:
        return about(pattern(request), named(request))
    counts = (counted_of(request, request.total), _extent(request))
    return sentence(about(pattern(request), counts), ": ", named(request))


def _extent(request: Request) -> str:
    """Of several IPs, how many addresses they are, where that is more: ` (7,680 addresses)`."""
    told = addresses([item.value for item in request.items])
    if request.total == 1 or not told:
        return ""
    return f" ({told})" if len(request.items) == request.total else f" ({told} or more)"


def short_headline(request: Request) -> Sentence:
    """The same for a line in a list, without what was left out: `Block ‹evil.example› and 3 more`."""
    return about(pattern(request), named(without_left_out(request), at_most=1))


def without_left_out(request: Request) -> Request:
    """The request as if it had never asked for what an approver left out; where that is all of it, as it is."""
    if not request.asked:
        return request
    asked = Counter(request.counts)
    del asked[ItemState.LEFT_OUT]
    items = tuple(item for item in request.items if item.state is not ItemState.LEFT_OUT)
    return replace(request, items=items, tally=asked)


def named(request: Request, *, at_most: int = 3) -> Sentence:
    """The first indicators of a request: `‹a.example›, ‹b.example› and 5 more`. Never "and 1 more" behind several."""
    at_most = with_the_last(at_most, len(request.items), of=request.total)
    values: list[Part] = []
    for item in request.items[:at_most]:
        values += [", ", Value(item.value)]
    left = request.total - min(len(request.items), at_most)
    return sentence(*(values[1:] or ["(nothing)"]), f" and {left:,} more" if left > 0 else "")


def pattern(request: Request) -> str:
    """What a request is, with braces for what it is about: `Block {}`, `IP ALLOW {}`."""
    begins = alarm(request)
    return f"{begins} {{}}" if begins else _CHANGES[request.operation, request.action]


def about(pattern: str, subject: Sentence) -> Sentence:
    """A pattern with what it is about in place of its braces."""
    before, after = pattern.split("{}")
    return sentence(before, subject, after)
