"""An IPv4 range with spaces in it, which stands in two or three tokens: `203.0.113.5 - 203.0.113.9`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.domain.indicators.typed_text import DASHES
from bot.domain.reading.command_tokens import Token, is_lone_dash


def may_be_range(first: Token, second: Token) -> bool:
    """Whether a dash stands between two tokens, so that it is worth asking `range_from`."""
    return is_lone_dash(second) or first.text[-1] in DASHES or second.text[0] in DASHES


def range_from(first: Token, following: Sequence[Token], text: str, *, is_ipv4: Callable[[str], bool]) -> Token | None:
    """The token that a spaced range makes of `first` and one or two of those `following`, or None.

    With any dash, and with a space on either side or both. The short form with spaces (`203.0.113.5 - 20`) is taken for
    a range only when nothing but a dash and the number follow: a reason may well start with a number.
    """
    if not following or text[first.end : following[0].start].strip():
        return None
    second = following[0]
    if is_lone_dash(second):
        if len(following) < 2 or text[second.end : following[1].start].strip() or not is_ipv4(first.text):
            return None
        third = following[1]
        short = len(following) == 2 and len(third.text) <= 3 and third.text.isascii() and third.text.isdigit()
        return _joined(first.text, third.text, first.start, third.end) if short or is_ipv4(third.text) else None
    bare = first.text.rstrip(DASHES)
    if bare and len(bare) < len(first.text) and is_ipv4(bare) and is_ipv4(second.text):
        return _joined(bare, second.text, first.start, second.end)
    bare = second.text.lstrip(DASHES)
    if bare and len(bare) < len(second.text) and is_ipv4(first.text) and is_ipv4(bare):
        return _joined(first.text, bare, first.start, second.end)
    return None


def _joined(first: str, last: str, start: int, end: int) -> Token:
    text = f"{first}-{last}"
    return Token(text, start, end, text)
