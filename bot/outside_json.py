"""The one reader for JSON that comes from outside: from the tenant, Entra, Graph, Slack, imports and people's files.

Whoever sends it chooses its size, how deep it is nested and how many values it holds, so each of them has a bound, and
what is beyond one costs nothing. The parser is pydantic's (jiter), which gives up at 200 levels; the standard library's
goes on to the interpreter's own limit, and takes a thousand times as long for that. `make lint` and a test hold that
nobody else parses such text.
"""

from __future__ import annotations

import re

from pydantic_core import from_json

from bot.errors import UnreadableJson

#: The values of the largest document that anybody needs to hand in: 60,000 entries with all their fields.
MOST_VALUES = 2_000_000

#: Halves of a character, as .NET writes them where a text was cut off in the middle of one.
_HALVES = re.compile(rb"((?<!\\)(?:\\\\)*)((?:\\u[dD][89a-fA-F][0-9a-fA-F]{2})+)")
_PAIR_OR_HALF = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....")
_UTF8_MARK = b"\xef\xbb\xbf"


def read_outside_json(data: bytes | str, *, most_bytes: int, most_values: int = MOST_VALUES) -> object:
    """What a JSON document says: dicts, lists, texts, numbers, booleans and None. Bytes are UTF-8.

    A half of a character becomes U+FFFD. `most_values` is held against the commas and brackets, those in texts among
    them. Raises UnreadableJson for what is no JSON, larger, nested deeper than 200 levels, or holds more.
    """
    if len(data) > most_bytes:
        raise UnreadableJson(f"it is larger than {most_bytes:,} bytes")
    if _values_in(data) > most_values:
        raise UnreadableJson(f"it holds more than {most_values:,} values")
    try:
        written = data.encode() if isinstance(data, str) else data.removeprefix(_UTF8_MARK)
        try:
            return from_json(written)
        except ValueError as error:
            if "hex escape" not in str(error):
                raise
            return from_json(_HALVES.sub(_with_whole_characters, written))
    except UnicodeError:
        raise UnreadableJson("it is no text in UTF-8") from None
    except ValueError as error:
        raise UnreadableJson(str(error)) from None


def _values_in(data: bytes | str) -> int:
    """At least as many values as there are, found at the speed of memory."""
    if isinstance(data, str):
        return sum(data.count(mark) for mark in "[{,")
    return sum(data.count(mark) for mark in (b"[", b"{", b","))


def _with_whole_characters(found: re.Match[bytes]) -> bytes:
    """U+FFFD in place of each half, where escapes of halves stand one after the other."""
    return found[1] + _PAIR_OR_HALF.sub(lambda escape: escape[0] if len(escape[0]) > 6 else rb"\ufffd", found[2])
