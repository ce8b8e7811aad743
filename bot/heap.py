"""How soon memory that is no longer used goes back to the system.

The C library keeps a heap for each of some threads, up to eight for each processor, and what one has freed no other
uses. Once it has freed a large block, it takes others as large from a heap too, where a small one above keeps them.
A bot has a thread for each connection to its database, and makes texts of megabytes now and then: after ten thousand
lines were applied a tenth of its memory was of this kind. Source: GNU C library, mallopt(3).
"""

from __future__ import annotations

import ctypes
import os

#: mallopt's own numbers of what it sets, see malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MOST_HEAPS = -1, -3, -8

#: Two heaps; a block from 512 KB on goes back by itself, and the end of a heap once 1 MB of it is free. What is read of
#: a socket takes 256 KB at a time, and stays in a heap: asyncio asks for it anew for each delivery.
_SET_TO = ((_MOST_HEAPS, 2), (_MMAP_THRESHOLD, 512 * 1024), (_TRIM_THRESHOLD, 1024 * 1024))


def give_back_soon() -> bool:
    """Have memory given back soon, where the C library can be told so: whether it could. Call it once, where a process
    serves, before it has threads.
    """
    if "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", ()):
        return False  # another C library, which has its own ways
    # musl has that name too, for those who ask, and no mallopt.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(name, value) == 1 for name, value in _SET_TO)
