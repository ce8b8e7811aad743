"""Which events of a request can change what its card says.

The number of the last of them in the log is the version of the request: what a card shows, what its buttons carry, and
what a click is held against. Reading, refusing and the like change no card, and have names of their own kind.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep

#: What these kinds of event are about is what a card tells: the request, its items, what became of a submission.
_TELL_OF = ("request.", "item.", "submission.")

CHANGE_THE_CARD: frozenset[EventKind] = frozenset(kind for kind in EventKind if kind.startswith(_TELL_OF))

#: Of these the story tells, which is of the card itself too: that Slack takes none, and takes it after all; and whom it
#: calls.
TELL_OF_THE_CARD: frozenset[EventKind] = CHANGE_THE_CARD | {
    EventKind.CARD_REFUSED,
    EventKind.CARD_POSTED,
    EventKind.APPROVERS_CALLED,
    EventKind.APPROVERS_CALLED_LATE,
}


def codes_refused(story: Sequence[StoryStep]) -> tuple[str, ...]:
    """With which of Slack's codes a request's card was refused since it was last posted, as far as that was told.

    Empty: it isn't refused. `story` is the request's own, oldest first.
    """
    codes: list[str] = []
    for step in story:
        if step.kind == EventKind.CARD_POSTED:
            codes.clear()
        elif step.kind == EventKind.CARD_REFUSED:
            codes += step.targets
    return tuple(codes)
