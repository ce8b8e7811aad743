"""What somebody's App Home tells: what waits, what ends soon, the posture, how full the lists are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Plan, label
from bot.domain.posture.baseline import PostureResult, posture
from bot.domain.posture.scans import PostureScan
from bot.domain.requests.browsing import ListedEntry
from bot.domain.telling.entry_lines import EntryLineFacts, RoomFacts, entry_line, room
from bot.domain.telling.overview_facts import OverviewFacts
from bot.domain.telling.posture_facts import counts_line
from bot.domain.telling.renewal_facts import DueLine


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFacts:
    """All of it. Without a snapshot of the lists, `as_of` is None and only the overview has anything."""

    overview: OverviewFacts
    due: tuple[DueLine, ...]  #: what is due for renewal and waits for the reader's answer: the first of it
    all_due: int  #: all of it
    ends_soon: tuple[EntryLineFacts, ...]  #: the first of them
    ending: int  #: all of them
    posture: tuple[PostureResult, ...]
    glance: str  #: what the last scan of the posture came to; empty before the first
    room: tuple[RoomFacts, ...]  #: the fullest lists first
    unread: tuple[str, ...]  #: the lists that could not be read
    as_of: datetime | None


def home_facts(
    overview: OverviewFacts,
    ends_soon: Sequence[ListedEntry],
    lists: Snapshot | None,
    *,
    plan: Plan,
    at_most: int,
    due: Sequence[DueLine] = (),
    all_due: int = 0,
    scan: PostureScan | None = None,
) -> HomeFacts:
    """What there is to tell; of what ends soon `at_most` so many. `due` are the first of `all_due` that are due for
    renewal."""
    return HomeFacts(
        overview=overview,
        due=tuple(due),
        all_due=all_due,
        ends_soon=tuple(map(entry_line, ends_soon[:at_most])),
        ending=len(ends_soon),
        glance="" if scan is None else f"{counts_line(scan.findings, scan.grave)}.",
        posture=posture(lists.policies, lists.places) if lists is not None and lists.policies else (),
        room=() if lists is None else room(lists.entries, plan),
        unread=() if lists is None else tuple(label(name) for name in lists.unreadable),
        as_of=None if lists is None else lists.as_of,
    )
