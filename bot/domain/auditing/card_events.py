"""Which events of a request can change what its card says.

The number of the last of them in the log is the version of the request: what a card shows, what its buttons carry, and
what a click is held against. Reading, refusing and the like change no card, and have names of their own kind.
"""

from __future__ import annotations

from bot.domain.auditing.events import EventKind

#: What these kinds of event are about is what a card tells: the request, its items, what became of a submission.
_TELL_OF = ("request.", "item.", "submission.")

CHANGE_THE_CARD: frozenset[EventKind] = frozenset(kind for kind in EventKind if kind.startswith(_TELL_OF))
