"""Computing that may take a while goes to a thread, so that the others have the event loop; what is short stays here.

The way to a thread and back takes longer than what is computed for short lists, and beside a busy event loop it waits
for the interpreter's lock, twice. In a transaction others wait for it as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

#: What looks at so many entries takes a millisecond or two.
FEW_ENTRIES = 200


async def aside(entries: int, work: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """What comes of some work over so many entries, or whatever takes about as long; in a thread, unless it is short.

    Raises what the work raises.
    """
    if entries <= FEW_ENTRIES:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
