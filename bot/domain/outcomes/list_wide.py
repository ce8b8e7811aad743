"""Whether a refusal is about the whole list, such as a full one, and not about the value that it was given for.

What the service says of a full list, or of a plan that lacks it, is published nowhere. So nothing is concluded from its
words alone: they only say when it is worth while to ask for another value, far from the first. Refused in the same
words, it shows that the list takes none; taken, it shows the opposite.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: So many values in a row, each refused by itself in the same words before anything was taken, are enough to ask for
#: another one, whatever the words say.
MANY_ALIKE = 8

_LIMIT = re.compile(
    r"\b(?:limit|limits|maximum|capacity|quota|full|exceed(?:s|ed|ing)?|at most|no more than|too many)\b"
)
_OF_A_VALUE = re.compile(r"\b(?:characters?|length|longer|size|bytes)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedAlone:
    """What the service said of one value that was sent by itself."""

    status: int | None
    words: str  #: the service's own; empty where it had none

    def names(self, value: str) -> bool:
        """Whether it speaks of the value; of a spoof pair, of either half."""
        said = self.words.casefold()
        return any(part.strip().casefold() in said for part in value.split(","))

    @property
    def speaks_of_a_limit(self) -> bool:
        """Whether it sounds like a list that takes no more. That of a value's length doesn't."""
        said = self.words.casefold()
        return _LIMIT.search(said) is not None and _OF_A_VALUE.search(said) is None


def may_be_list_wide(refusal: RefusedAlone, value: str, *, alike: int, any_taken: bool) -> bool:
    """Whether a refusal may hold for every value of the list, so that another one is worth a call.

    `alike` is how many values in a row were refused in just these words, each by itself; `any_taken` whether anything
    of the change was taken before.
    """
    if refusal.names(value):
        return False
    return refusal.speaks_of_a_limit or (alike >= MANY_ALIKE and not any_taken)
