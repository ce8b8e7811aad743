"""When Python looks for what only refers to itself, so that it holds no process for long.

While it looks, nothing else runs. By its own measure it looks through everything whenever a quarter more is there: of a
full tenant's lists that is half a second or more, several times for each reading. What is here by counting references
alone dies without that. Source: Python, "gc — Garbage Collector interface".
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: So many objects that are new are looked through at once, then those of so many times, then all of so many of these:
#: some milliseconds, a few more, and seldom.
_NEW, _TIMES, _ALL = 5_000, 4, 125


@contextmanager
def unlooked_for() -> Iterator[None]:
    """Look for nothing meanwhile, and leave what was made out of every later look: while modules are loaded everything
    that is made stays, and to look through it again and again takes a sixth of a start, once as much as a tenth.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def look_seldom() -> None:
    """Leave what a process starts with out of every later look, and look through all of the rest seldom.

    Call it once, when everything is built.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW, _TIMES, _ALL)
