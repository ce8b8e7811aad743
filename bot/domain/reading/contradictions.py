"""What a remark or a reason says against the very thing that is asked for: then it is asked which of the two counts."""

from __future__ import annotations

from bot.domain.indicators.typed_text import quoted, shown
from bot.domain.lists.traits import Action
from bot.domain.reading.action_words import said_action
from bot.domain.reading.aside import Aside
from bot.domain.reading.line_reading import CommandProblem
from bot.domain.reading.remarks import against_blocking, said_in

_BLOCK_REMEDY = (
    "To block it all the same, begin the reason or remark with “block:”; if you don't mean to, leave the indicator out."
)
_ALLOW_REMEDY = "If it is to be allowed all the same, leave that word out; if not, request a block."


def contradiction_in(remark: str, wanted: Action | None) -> CommandProblem | None:
    """What is to be asked about a remark or a reason, where the lists are to block or to allow (`wanted`); else None.

    `do not block` beside what is to be blocked, `block` beside what is to be allowed. Without a `wanted` action (a
    removal, another note) nothing is. It is asked until the words are others, since both can't be meant.
    """
    if wanted is None or not remark:
        return None
    said = said_in(remark)
    if wanted is Action.ALLOW:
        words = remark if said is Action.BLOCK else None
        what, remedy = "says to block, and it is to be allowed", _ALLOW_REMEDY
    else:
        is_other = said is Action.ALLOW or isinstance(said, Aside)
        words = (against_blocking(remark) or _watched(remark)) if is_other else None
        what, remedy = "reads as a reason not to block", _BLOCK_REMEDY
    if words is None:
        return None
    return CommandProblem(text=words, what=f"{quoted(shown(words))} {what}.", remedy=remedy, about_reason=True)


def _watched(remark: str) -> str:
    """The part of a remark that says only to watch: `audit`."""
    parts = [part.strip() for part in remark.replace(";", ",").replace("|", ",").split(",")]
    return next((part for part in parts if isinstance(said_action(part), Aside)), remark)
