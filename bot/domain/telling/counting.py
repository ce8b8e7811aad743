"""So many of something, in words: `1 sender`, `1,000 policies`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.indicators.ip_span import read_span
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName


def plural(count: int, noun: str, nouns: str = "") -> str:
    """`1 entry`, `1,000 entries`. `nouns` is needed only where it is more than `noun` with an s."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def with_the_last(at_most: int, there: int, *, of: int) -> int:
    """How many are named of so many, of which so many are `there` to be named: one more where just that one is left."""
    return at_most + 1 if at_most > 1 and of == there == at_most + 1 else at_most


def length(lasts: timedelta) -> str:
    """How long something lasts, in whole days, as lengths are given: `1 day`, `30 days`."""
    return plural(max(1, round(lasts / timedelta(days=1))), "day")


def counted(count: int, *, operation: Operation, list_name: ListName) -> str:
    """So many of what a request of this operation on this list is about: `2 senders`, `2 policies`."""
    if operation is Operation.SAFE_LIST_OFF:
        return plural(count, "policy", "policies")
    words = list_name.traits.words
    return plural(count, words.noun, words.nouns)


def addresses(values: Sequence[str]) -> str:
    """How many addresses IPs and networks are together: `7,680 addresses`, `2^64 addresses`.

    Empty where each is one address, or where these are no IPs. Other large sums are `more than 2^64 addresses`.
    """
    spans = [span for span in map(read_span, values) if span is not None]
    count = sum(span.size for span in spans)
    if count == len(spans):
        return ""
    if count <= _COUNTED_OUT:
        return f"{count:,} addresses"
    bits = count.bit_length() - 1
    return f"2^{bits} addresses" if count == 1 << bits else f"more than 2^{bits} addresses"


#: A whole IPv4 network is counted out; of IPv6 nobody reads the digits.
_COUNTED_OUT = 1 << 24
