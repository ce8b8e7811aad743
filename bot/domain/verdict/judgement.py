"""What a verdict comes down to: a judgement, and the entries that matter for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.lists.coverage import Effect
from bot.domain.lists.entries import Entry
from bot.domain.requests.known_entry import KnownEntry


class Judgement(StrEnum):
    """What the tenant's lists say of an indicator."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    NOT_LISTED = "not_listed"
    UNKNOWN = "unknown"  #: nothing was found, in a list that could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry that matters for the verdict, and how."""

    entry: Entry
    effect: Effect
    wins: bool = False
    known: KnownEntry | None = None
