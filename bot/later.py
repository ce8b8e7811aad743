"""What takes its time to make and that no start waits for: made when it is first asked for, or once the bot is ready.

Large regular expressions and libraries that few commands need take a process tens of milliseconds before it can say
that it is ready. So they are made in a thread right after that, and nobody's first command waits for them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

_Made = TypeVar("_Made")

_ALL: list[Callable[[], object]] = []


def later(make: Callable[[], _Made]) -> Callable[[], _Made]:
    """What `make` makes, made once: by whoever asks first, or by `make_all`.

    To be called where a module is loaded. `make` raises nothing: all it takes is in the code, and a test makes all.
    """
    made = cache(make)
    _ALL.append(made)
    return made


def make_all() -> None:
    """Make what nobody has asked for yet. It computes for some tens of milliseconds: call it in a thread."""
    for made in tuple(_ALL):
        made()
