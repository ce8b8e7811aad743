"""Values of any type that a view takes: drawn by hypothesis, or all as bad as they get."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.domain.telling.sentence import Day, Moment, Quoted, Sentence, Strong, Value, Who
from tests.support.samples import NOW, any_text, any_time

#: So many of anything that a view takes several of, where all is as bad as it gets.
MANY = 12

_SEQUENCES = frozenset({abc.Sequence, abc.Collection, abc.Iterable, list, tuple, frozenset, set})

#: What is made of a type, or of a field of one, in its own way.
Special = Mapping[object, Callable[["Values"], object]]


class Values:
    """Where values come from. `special` says which types, or arguments by their names, are made in another way."""

    def __init__(self, special: Special) -> None:
        self._special = special

    def text(self) -> str:
        raise NotImplementedError

    def count(self) -> int:
        """How many of something there are."""
        raise NotImplementedError

    def chosen(self, options: abc.Sequence[Any]) -> Any:  # noqa: ANN401 - one of them
        raise NotImplementedError

    def of(self, hint: Any, *, name: str = "") -> Any:  # noqa: ANN401, PLR0911 - a value of any type
        """A value of a type, for an argument of that name. Raises KeyError for a type that nobody has told of."""
        if (make := self._special.get(name) or self._special.get(hint)) is not None:
            return make(self)
        if hint == Sentence:
            return self._sentence()
        origin, inner = typing.get_origin(hint) or hint, typing.get_args(hint)
        if origin in {typing.Union, types.UnionType}:
            return self.of(self.chosen(inner))
        if origin in _SEQUENCES:
            return self._several(origin, inner)
        if origin in {abc.Mapping, dict}:
            return {self.of(inner[0]): self.of(inner[1]) for _ in range(self.count())}
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return self.chosen(list(hint))
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            hints = typing.get_type_hints(hint)
            given = [each.name for each in dataclasses.fields(hint) if each.init]
            return hint(**{each: self.of(hints[each], name=f"{hint.__name__}.{each}") for each in given})
        return self._plain(hint)

    def _several(self, origin: object, inner: tuple[Any, ...]) -> Any:  # noqa: ANN401
        if origin is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
            return tuple(self.of(each) for each in inner)
        made = [self.of(inner[0]) for _ in range(self.count())]
        return frozenset(made) if origin in {frozenset, set} else tuple(made)

    def _sentence(self) -> Sentence:
        """Words of this program, and slots that hold anything."""
        slots = [part for _ in range(min(self.count(), 5)) for part in (", ", Value(self.text()))]
        quoted = (Who(self.text()), " “", Quoted(self.text()), "” ")
        return (Strong("Words"), *slots, " by ", *quoted, Moment(self.of(datetime)), " ", Day(self.of(datetime)))

    def _plain(self, hint: object) -> object:
        made: Mapping[object, Callable[[], object]] = {
            str: self.text,
            object: self.text,
            int: lambda: self.chosen([10**12, 1, 0, 2]),
            bool: lambda: self.chosen([True, False]),
            date: lambda: self.of(datetime).date(),
            datetime: lambda: NOW,
            timedelta: lambda: timedelta(days=self.chosen([3, 40_000, 0])),
            type(None): lambda: None,
        }
        return made[hint]()


class Worst(Values):
    """Every value as bad as it gets: one text wherever a text may be anything, and many of everything."""

    def __init__(self, text: str, special: Special) -> None:
        super().__init__(special)
        self._text = text

    def text(self) -> str:
        return self._text

    def count(self) -> int:
        return MANY

    def chosen(self, options: abc.Sequence[Any]) -> Any:  # noqa: ANN401
        return options[0]


class Drawn(Values):
    """Values that hypothesis draws."""

    def __init__(self, data: st.DataObject, special: Special) -> None:
        super().__init__(special)
        self._data = data

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:  # noqa: ANN401
        return self._data.draw(strategy)

    def text(self) -> str:
        return str(self.draw(any_text))

    def count(self) -> int:
        return int(self.draw(st.sampled_from([1, 0, 2, 12])))

    def chosen(self, options: abc.Sequence[Any]) -> Any:  # noqa: ANN401
        return self.draw(st.sampled_from(list(options)))

    def _plain(self, hint: object) -> object:
        return self.draw(any_time) if hint is datetime else super()._plain(hint)
