"""Is it allowed? Precedence over all lists, with the explanation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.indicators import Indicator
from bot.domain.lists import Entry, ListName


class Judgement(StrEnum):
    """What the tenant's lists say of an indicator."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What Portcullis itself knows of an entry: who asked for it and until when (the connection filter keeps neither)."""

    list: ListName
    action: str
    value: str
    requester: str  #: Slack user id
    request_id: int
    reason: str
    since: datetime
    expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry that matters for the verdict. `effect` says how: exact, covers, part, expired, related."""

    entry: Entry
    effect: str
    wins: bool = False
    known: KnownEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer, with everything that led to it. `unseen` names what could not be read: say so beside the answer."""

    indicator: Indicator
    judgement: Judgement
    because: str
    matches: tuple[Match, ...] = ()
    limits: tuple[str, ...] = ()  #: what the verdict does not mean
    unseen: tuple[str, ...] = ()
    as_of: datetime
