"""Names in the environment that no setting has: usually a slip of the pen. Which setting was meant?"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from bot.settings.part import PREFIX

#: How alike two names have to be, of 1, that one is taken for a slip in writing the other. The prefix, which they have
#: in common, doesn't count.
_ALIKE = 0.7
#: Of the prefix itself: other programs' names begin with other words.
_PREFIX_ALIKE = 0.85


def unknown_in_environment(known: Collection[str]) -> list[str]:
    """Variables that begin with the prefix, or with a slip in writing it, and that are none of the `known` ones."""
    return sorted(name for name in os.environ if _has_prefix(name) and name not in known)


def meant_by(name: str, known: Collection[str]) -> str | None:
    """Which of the `known` names was meant by one that is none of them; None where none is close."""
    rest = {each.removeprefix(PREFIX): each for each in known}
    written = name.upper().partition("_")[2] if _has_prefix(name) else name.upper()
    near = get_close_matches(written[:80], rest, n=1, cutoff=_ALIKE)
    return rest[near[0]] if near else None


def slips_for(missing: str, known: Collection[str]) -> Iterator[str]:
    """The variables by which a setting may have been meant that is missing: with a slip, or without the prefix."""
    wanted = {missing, f"{missing}_FILE"}
    for name in unknown_in_environment(known):
        if meant_by(name, known) in wanted:
            yield name
    for name in sorted(wanted):
        if os.environ.get(bare := name.removeprefix(PREFIX)):
            yield bare


def _has_prefix(name: str) -> bool:
    word, _, rest = name.upper().partition("_")
    return bool(rest) and bool(get_close_matches(word, [PREFIX.rstrip("_")], cutoff=_PREFIX_ALIKE))
