"""Reading JSON that an administrator exported, from a file or standard input, in the encodings PowerShell writes."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from bot.errors import InvalidInput, UnreadableJson
from bot.outside_json import read_outside_json

#: All lists of a full tenant are a tenth of it.
_LARGEST = 256 * 1024 * 1024

#: What each byte order mark stands for. Windows PowerShell redirects to UTF-16, and puts a mark before UTF-8 too.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_json(name: str) -> object:
    """What the file holds; `-` is standard input. Raises InvalidInput, saying what is wrong with which file."""
    shown = "standard input" if name == "-" else name
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{shown} can't be read: {error.strerror or error}.", "Check the name of the file."
        ) from error
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return read_outside_json(data.decode(encoding), most_bytes=_LARGEST)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{shown} is no text in UTF-8 or UTF-16.", "Export it again as JSON.") from error
    except UnreadableJson as error:
        raise InvalidInput(
            f"{shown} is no JSON that can be read: {error.why}.", "Export it with ConvertTo-Json -Depth 10."
        ) from error
