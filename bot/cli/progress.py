"""What a terminal shows while something long goes on: on standard error, and only where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, TypeAlias

import typer

from bot.cli.terminal import console_for

#: Told how much is done, and how much there is in all.
Done: TypeAlias = Callable[[int, int], None]


@contextmanager
def progress(label: str) -> Iterator[Done]:
    """A bar, which appears once it is told how much there is. What ends early leaves it as it was."""
    bar: Any = None
    with ExitStack() as stack:

        def done(so_far: int, in_all: int) -> None:
            nonlocal bar
            if not sys.stderr.isatty():
                return
            if bar is None:
                bar = stack.enter_context(typer.progressbar(length=max(in_all, 1), label=label, file=sys.stderr))
            bar.update(so_far - bar.pos)

        yield done


def working(what: str) -> AbstractContextManager[object]:
    """A line that moves, where nobody can tell how much there is."""
    return console_for(sys.stderr).status(what) if sys.stderr.isatty() else nullcontext()
