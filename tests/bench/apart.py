"""Work in a process of its own, so that what it computes isn't counted as anybody else's."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection


@contextmanager
def apart(work: Callable[..., None], *given: object) -> Iterator[Connection]:
    """Have `work` done elsewhere, with its end of the way that comes out and with what is `given`; ended at the end,
    when nobody is at this end any more."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=work, args=(its, *given), daemon=True)
    process.start()
    its.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join(30)
