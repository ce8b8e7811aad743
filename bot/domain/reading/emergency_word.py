"""The word `emergency` in what somebody types behind `/block`: in front, or between the indicators and the reason.

In front it can mean nothing else. Behind the indicators it can be a part of the reason, so that there it counts only
where `because` follows; and where it may be meant so, whoever typed it is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.domain.indicators.typed_text import DASHES
from bot.domain.reading.command_text import read_command
from bot.domain.reading.typed_marks import QUOTES

_MARKS = rf"*_{re.escape(QUOTES)}"
_FIRST = re.compile(
    rf"\A[\s{re.escape(DASHES)}{_MARKS}]*emergency[{_MARKS}]*(?=[\s:,!]|\Z)[\s:,!{re.escape(DASHES)}]*", re.IGNORECASE
)
_BEHIND = re.compile(rf"(?<=\s)[{re.escape(DASHES)}{_MARKS}]*emergency[{_MARKS}]*[,:]?\s+(?=because\s)", re.IGNORECASE)
_BECAUSE = re.compile(r"\A\s*because(?: of)?[\s:,]+", re.IGNORECASE)
_BEGINS = re.compile(rf"\A[{_MARKS}]*emergency(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyText:
    """What was typed, without the word: and whether it is there."""

    is_emergency: bool
    text: str


def read_emergency(text: str, *, today: date) -> EmergencyText:
    """Whether a block is typed as an emergency. Never raises. `today` is as for `read_command`."""
    if match := _FIRST.match(text):
        return EmergencyText(is_emergency=True, text=text[match.end() :])
    if match := _BEHIND.search(text):
        before = read_command(text[: match.start()], today=today)
        if before.indicators and not before.problems and not before.reason:
            return EmergencyText(is_emergency=True, text=f"{text[: match.start()]}{text[match.end() :]}")
    return EmergencyText(is_emergency=False, text=text)


def may_be_meant(reason: str) -> bool:
    """Whether a reason begins with the word, so that an emergency may be meant."""
    return _BEGINS.match(reason.strip()) is not None


def without_because(reason: str) -> str:
    """The reason itself, of `because of a phishing wave`."""
    return _BECAUSE.sub("", reason)
