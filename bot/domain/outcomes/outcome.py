"""What has become of each value of a change, as far as is known: one outcome for each, in a map that grows on its way.

forbidden | barred | as asked                                nothing is sent for it
missing → taken | unanswered → done | unseen                 sent, and read back
missing → refused → refused | done | unseen                  refused, and read back all the same
missing → left                                               not sent, because nobody answered
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.lists.entries import Entry
from bot.domain.lists.list_snapshot import ListSnapshot


class Step(StrEnum):
    """How far it has come with one value."""

    FORBIDDEN = "forbidden"  #: not sent: policy no longer permits it, or its end date has passed
    BARRED = "barred"  #: not sent: what the list holds stands against it
    AS_ASKED = "as_asked"  #: the list was as asked when it was read, before anything was sent
    MISSING = "missing"  #: the list was not: it is to be sent
    TAKEN = "taken"  #: the service took it, or it was so by the time that the call came
    UNANSWERED = "unanswered"  #: sent, and the answer was lost: it may have been made
    REFUSED = "refused"  #: the service, or what the list held by the time that the call came, refused it
    LEFT = "left"  #: not sent, because the calls before it had no answer
    DONE = "done"  #: sent, and the list, read back, is as asked
    UNSEEN = "unseen"  #: sent, and the list, read back, is not as asked: neither done nor refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is known of one value."""

    step: Step
    words: str = ""  #: the service's own, or why it can't be; empty where there is nothing to say
    entry: Entry | None = None  #: the live entry, as the list was last read; none of what is to be taken out


class Outcomes(Mapping[str, Outcome]):
    """The outcome of each value of a change, in the order of the values. It never changes: `|` makes a later one."""

    __slots__ = ("_outcomes", "read_at", "reading")

    def __init__(
        self,
        outcomes: Mapping[str, Outcome] | None = None,
        *,
        read_at: datetime | None = None,
        reading: ListSnapshot | None = None,
    ) -> None:
        self._outcomes = dict(outcomes or {})
        self.read_at: Final = read_at  #: when the list was read, before anything was sent; None: it was not
        self.reading: Final = reading  #: the list, as it was last read; None: it was not

    @classmethod
    def of(cls, values: Iterable[str], step: Step, words: str = "") -> Outcomes:
        """The same outcome for each of some values."""
        return cls(dict.fromkeys(values, Outcome(step=step, words=words)))

    @classmethod
    def worded(cls, words: Mapping[str, str], step: Step) -> Outcomes:
        """Outcomes by value, each with words of its own."""
        return cls({value: Outcome(step=step, words=said) for value, said in words.items()})

    def __getitem__(self, value: str) -> Outcome:
        return self._outcomes[value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)

    def __or__(self, later: Mapping[str, Outcome]) -> Outcomes:
        """What was known, and what is known since: of a value in both, the later outcome."""
        read_at, reading = self.read_at, self.reading
        if isinstance(later, Outcomes):
            read_at, reading = read_at or later.read_at, later.reading or reading
        return Outcomes({**self._outcomes, **later}, read_at=read_at, reading=reading)

    def __repr__(self) -> str:
        return f"Outcomes({self._outcomes!r})"

    def at(self, *steps: Step) -> tuple[str, ...]:
        """The values that have come to one of these steps."""
        return tuple(value for value, outcome in self._outcomes.items() if outcome.step in steps)

    def words_at(self, *steps: Step) -> dict[str, str]:
        """The values that have come to one of these steps, each with its words."""
        return {value: self._outcomes[value].words for value in self.at(*steps)}
