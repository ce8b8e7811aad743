"""What a sentence for people is made of: words, and slots for what each place shows in its own way.

A slot holds the thing itself: an indicator as it is on the list, a person's id, an aware time. Whoever shows the
sentence defangs, names, converts and escapes; the words between the slots are this program's own, in plain text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.domain.telling.counting import plural


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that must catch the eye: what has happened, in a word or two."""

    words: str


@dataclass(frozen=True, slots=True)
class Value:
    """An indicator, or another value of a list, as it is. It may be hostile: nobody may make a link of it."""

    value: str


@dataclass(frozen=True, slots=True)
class Who:
    """A person, by the id that they have where they act; or a group of people, likewise."""

    user: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, aware. Shown in the reader's time zone where that can be done, else in UTC."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A time of which people need the day only, aware. Shown in the reader's time zone where that can be done."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Quoted:
    """What somebody else wrote, a person or a service, as it came: any text, hostile ones among them, of any length."""

    text: str


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Something to be typed just so: a command of this program."""

    words: str


Part: TypeAlias = str | Strong | Value | Who | Moment | Day | Quoted | CommandLine
Sentence: TypeAlias = tuple[Part, ...]


def sentence(*parts: Part | Sentence) -> Sentence:
    """One sentence of parts and of whole sentences, without the empty ones."""
    made: list[Part] = []
    for part in parts:
        if isinstance(part, tuple):
            made.extend(part)
        elif part != "":
            made.append(part)
    return tuple(made)


def until(end: datetime | None) -> Sentence:
    """`never ends`, or the end itself."""
    return ("never ends",) if end is None else (Moment(end),)


def people(users: Iterable[str], *, at_most: int = 5) -> Sentence:
    """`A`, `A and B`, `A, B and 3 others`; `nobody` when there are none."""
    names: list[Part] = [Who(user) for user in users]
    if not names:
        return ("nobody",)
    if len(names) > at_most:
        names = [*names[: at_most - 1], plural(len(names) - at_most + 1, "other")]
    made: list[Part] = [names[0]]
    for place, name in enumerate(names[1:], start=2):
        made += [" and " if place == len(names) else ", ", name]
    return tuple(made)
