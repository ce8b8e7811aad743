"""Conditions of overrides in plain text. Their values come from the tenant: any text; addresses in it are defanged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.indicators.defanging import defanged
from bot.domain.overrides.override import Condition, ConditionKind

_LEADS = {
    ConditionKind.DOMAIN: "the sender's domain is",
    ConditionKind.ADDRESS: "the sender is",
    ConditionKind.WORDS: "the sender's address has",
    ConditionKind.PATTERN: "the sender's address matches",
    ConditionKind.IP: "it comes from",
}
_LONGEST_VALUE = 80

#: When the policy that is everybody's is somebody's: it follows from what other policies there are.
NO_OTHER_POLICY = "no other anti-spam policy is that of the recipient"

#: What a mail flow rule does that leaves the rest to the filter.
MARKED_AS_SPAM = "it is marked as spam"


def condition_words(condition: Condition, *, most: int = 3) -> str:
    """`it comes from 203.0.113[.]0/24 or 198.51.100[.]7`, with the first few values."""
    values = condition.values
    if condition.kind is ConditionKind.PATTERN:
        values = tuple(f"“{value}”" for value in values)
    return f"{_LEADS[condition.kind]} {either(values, most=most)}"


def either(values: Sequence[str], *, most: int = 3) -> str:
    """`a, b or c`, defanged; of many the first few, and how many more."""
    shown = [shortened(defanged(value)) for value in values[:most]]
    if more := len(values) - len(shown):
        return f"{', '.join(shown)} or {more} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def begins_words(begins: datetime) -> str:
    """What has to be so for an override to act that begins later."""
    return f"it is later than {begins:%Y-%m-%d %H:%M} UTC"


def is_said_in_full(values: Sequence[str], *, most: int = 3) -> bool:
    """Whether `either` leaves nothing of these values out."""
    return len(values) <= most and all(shortened(value) == value for value in values)


def shortened(text: str) -> str:
    """A text on one line, and not too long to read."""
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST_VALUE else f"{plain[:_LONGEST_VALUE]}…"
