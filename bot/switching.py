"""How soon a thread that computes gives way to the event loop.

Python has one thread at a time at work, and lets whoever else wants to wait 5 ms for its turn. The event loop gives its
turn away whenever it looks for what has come; so beside a thread that judges ten thousand lines each step of a command
took 5 ms and more, and whoever waited to be acknowledged did so for seconds. Source: Python, "sys.setswitchinterval".
"""

from __future__ import annotations

import sys

#: In seconds. A thread that computes loses nothing by it that could be measured.
_WAITS = 0.0005


def give_way_soon() -> None:
    """Let the event loop have its turn after half a millisecond. Call it once, where a process serves."""
    sys.setswitchinterval(_WAITS)
