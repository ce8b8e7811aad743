"""Cells of a CSV file that no spreadsheet program takes for a formula.

A cell that begins like one (owasp.org/www-community/attacks/CSV_Injection) gets an apostrophe in front, which such
programs don't show.
"""

from __future__ import annotations

import re

#: What nobody sees, and some programs drop.
_BLANK = r"[\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
#: Where a formula begins: a cell, or, for programs that part cells at semicolons or tabs, a piece of one, which may
#: stand in quotes there.
_FORMULA = re.compile(rf"^(?={_BLANK}*[=+\-@\t＝＋－＠])|(?<=[;\t])(?=(?:{_BLANK}|\")*[=+\-@＝＋－＠])")


def cell(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula, on one line."""
    line = " ".join(text.split("\n")).replace("\r", " ").replace("\x00", "")
    return _FORMULA.sub("'", line)
