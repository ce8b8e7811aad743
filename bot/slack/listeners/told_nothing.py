"""Deliveries whose people were told that nothing was recorded, while the database took nothing: so it stays.

Whoever is told that does it again. What they did first must not come true when Slack delivers it once more: this
process remembers it at once, and the database as soon as it answers, for every other process. A process that ends in
between forgets it.
"""

from __future__ import annotations

from collections import OrderedDict

#: So many are remembered, the newest: Slack repeats for some minutes.
_MOST = 10_000


class ToldNothing:
    """What one process has told people past the database, by the name of each sending."""

    def __init__(self, *, most: int = _MOST) -> None:
        self._most = most
        self._is_answered: OrderedDict[str, bool] = OrderedDict()

    def begin(self, sending: str) -> None:
        """Somebody is being told: until that fails, nothing comes of what they sent."""
        self._is_answered[sending] = False
        while len(self._is_answered) > self._most:
            self._is_answered.popitem(last=False)

    def answered(self, sending: str) -> None:
        """They were told."""
        if sending in self._is_answered:
            self._is_answered[sending] = True

    def failed(self, sending: str) -> None:
        """They could not be told: what Slack delivers again may be done."""
        self._is_answered.pop(sending, None)

    def is_answered(self, sending: str) -> bool | None:
        """Whether somebody was told, or is being told; None: nothing of the kind is known."""
        return self._is_answered.get(sending)
