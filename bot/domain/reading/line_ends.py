"""Where a line of a text ends: the same in commands, forms, files and at the command line.

Every end that some program shows as one counts, so that nothing hides behind the end of a comment.
"""

from __future__ import annotations

import re

_LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")


def lines_of(text: str) -> list[str]:
    """The lines of a text, blank ones included."""
    return _LINE_END.split(text)
