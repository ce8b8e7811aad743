"""The preview of an import: what somebody was shown before anything is requested, and what may come of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.importing.judging import ListLines
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName

#: So many previews of one person are open at a time: a new one takes the oldest one's place.
MOST_OPEN = 20


class PreviewState(StrEnum):
    """Where a preview stands. Only an open one can still be changed, requested or cancelled."""

    OPEN = "open"
    ASKED = "asked"  #: the person wants it requested, and a job is at it
    REQUESTED = "requested"
    CANCELLED = "cancelled"  #: by the person, or because it could not be read
    DROPPED = "dropped"  #: a newer one took its place
    EXPIRED = "expired"  #: nobody asked for it in time

    @property
    def is_over(self) -> bool:
        """Whether nothing can come of it any more: what was given is no longer kept."""
        return self not in {PreviewState.OPEN, PreviewState.ASKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """One line that would be requested, as it was shown: the list, the value, and the end that its row gives."""

    list: ListName
    value: str
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the message showed: which lines would be requested, and which ways to read it there are.

    `columns` are the keys of the reading's choices, in their order.
    """

    lines: frozenset[ShownLine] = frozenset()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """The preview of an import. `version` counts what was shown of it, and each change of how it is to be read.

    What was given is kept beside it until it is over: `bot.store.previews`.
    """

    id: int
    owner: str  #: the Slack user id of who gave it: nobody else can do anything with it
    state: PreviewState
    version: int
    delivery: str  #: names the import: its requests are made once, under this name
    operation: Operation
    action: Action
    end: str  #: as it was written, or empty
    reason: str
    name: str  #: of the file, any text; empty for a text
    sha256: str  #: of what was given, in hexadecimal
    column: str = ""  #: the way to read it that the person chose; empty: the one that is plain
    takes_ends: bool = False
    channel: str = ""  #: where the message stands; empty before it was posted
    ts: str = ""
    created_at: datetime


def shown_lines(parts: Iterable[ListLines]) -> frozenset[ShownLine]:
    """The lines of what may go ahead, as they are shown."""
    return frozenset(
        ShownLine(list=part.proposal.list, value=indicator.value, end=part.end)
        for part in parts
        for indicator in part.proposal.indicators
    )
