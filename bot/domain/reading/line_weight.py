"""How much of one line is read: more values than people write on a line would hold up everybody else.

A value that stands for itself weighs little. One with something around it or in front of it, or that is none, takes
several times as long to read.
"""

from __future__ import annotations

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.line_reading import CommandProblem

#: What a value weighs that stands for itself; the same where it is a URL or has letters beyond ASCII.
PLAIN, LONG = 1, 2
#: What a link of Slack's weighs, and what any other value does.
LINKED, ODD = 3, 4

#: 250 values that stand for themselves, 125 URLs, or 62 others.
_LEAST = 250
#: Longer lines may hold more: values have more characters than this, with what stands between two of them.
_SHORTEST = 12


def most_weight(line: str) -> int:
    """How much what is read of a line may weigh."""
    return max(_LEAST, len(line) // _SHORTEST)


def unread_problem(rest: str) -> CommandProblem:
    """What to say of the rest of a line that isn't read."""
    return CommandProblem(
        text=rest,
        what=f"There are too many values on one line: it isn't read from {quoted(rest)} on.",
        remedy="Put each value on a line of its own.",
        is_unread=True,
    )
