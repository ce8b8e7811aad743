"""What somebody looks for among the entries of the lists."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.lists.traits import Action, ListName


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Everything that is set must hold; nothing set is every entry."""

    words: tuple[str, ...] = ()  #: each stands in the value or the note, whatever its case; refanged
    lists: frozenset[ListName] = frozenset()  #: in one of these; empty: in any
    action: Action | None = None
    ends_within: int | None = None  #: days from now
    without_end: bool = False
    without_note: bool = False
    asked_here: bool | None = None  #: whether Portcullis has on record who asked for it
