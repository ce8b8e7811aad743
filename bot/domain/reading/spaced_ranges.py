"""An IP range or network with spaces in it, which stands in several tokens.

Ranges: `203.0.113.5 - 203.0.113.9`, `203.0.113.5 to 203.0.113.9`. Networks: `203.0.113.0 /24`,
`203.0.113.0 255.255.255.0`, `203.0.113.0 mask 255.255.255.0`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.domain.indicators.typed_text import DASHES, quoted, shown
from bot.domain.reading.command_tokens import Token, is_lone_dash
from bot.errors import InvalidIndicator

#: What people write between the ends of a range.
_UP_TO = frozenset({"to", "through", "thru", "until", "till", "bis", "..", "...", "…", "~"})
#: What stands between the ends of a range, or from a sender to a recipient.
_ARROWS = frozenset({"->", "-->", "=>", "→", "⇒", "-&gt;", "=&gt;"})
#: What they write before a netmask.
_MASK_WORDS = frozenset({"mask", "netmask", "netmask:", "mask:", "netzmaske", "subnetzmaske"})
_WORDS = _UP_TO | _ARROWS | _MASK_WORDS
_JOINING = frozenset({*DASHES, "/", "\\"})
#: Marks of a range at the end of its first address: `203.0.113.5- 203.0.113.9`, `203.0.113.5.. 203.0.113.9`.
_OPEN = re.compile(rf"(?:[{re.escape(DASHES)}]+|\.{{2,3}}|…)\Z")
_PREFIX = re.compile(r"[/\\][0-9]{1,3}")
_LENGTH = re.compile(r"[0-9]{1,3}")
#: A netmask, or the inverse of one as routers take it: no address that mail comes from begins so.
_NETMASK = re.compile(r"(?:255|0\.0)(?:\.[0-9]{1,3}){2,3}")
#: What may stand between an address and its netmask.
_GAP = " \t,;|"


def may_be_range(first: Token, second: Token) -> bool:
    """Whether what stands between two tokens, or in the second, makes it worth asking `range_from`."""
    if first.text[-1] in _JOINING or _OPEN.search(first.text):
        return True
    text = _bare(second) if second.text[0] in "([" else second.text
    if first.text.endswith(".0") and _LENGTH.fullmatch(text):
        return True
    return text[:1] in _JOINING or text.lower() in _WORDS or ("." in text and _NETMASK.match(text) is not None)


def range_from(first: Token, following: Sequence[Token], text: str, *, is_ip: Callable[[str], bool]) -> Token | None:
    """The token that a spaced range or network makes of `first` and one or two of those `following`, or None.

    With any dash, and with a space on either side or both. The short form with spaces (`203.0.113.5 - 20`) is taken for
    a range only when nothing but a dash and the number follow: a reason may well start with a number.
    """
    if not following:
        return None
    second = following[0]
    gap = text[first.end : second.start]
    third = following[1] if len(following) > 1 and not text[second.end : following[1].start].strip() else None
    if not gap.strip() and (found := _range(first, second, third, is_last=len(following) == 2, is_ip=is_ip)):
        return found
    if gap.strip(_GAP):
        return None
    if len(following) == 1 and (doubtful := _length_or_remark(first, second, is_ip=is_ip)):
        return doubtful
    return _network(first, second, third, is_ip=is_ip)


def _range(
    first: Token, second: Token, third: Token | None, *, is_last: bool, is_ip: Callable[[str], bool]
) -> Token | None:
    is_between = is_lone_dash(second) or second.text in _ARROWS or second.text.lower() in _UP_TO
    if is_between:
        return _range_between(first, second, third, is_last=is_last, is_ip=is_ip) if third is not None else None
    bare = _OPEN.sub("", first.text)
    if bare and len(bare) < len(first.text) and is_ip(bare) and is_ip(second.text):
        return _joined(bare, "-", second.text, first.start, second.end)
    bare = second.text.lstrip(DASHES)
    if bare and len(bare) < len(second.text) and is_ip(first.text) and is_ip(bare):
        return _joined(first.text, "-", bare, first.start, second.end)
    return None


def _range_between(
    first: Token, mark: Token, third: Token, *, is_last: bool, is_ip: Callable[[str], bool]
) -> Token | None:
    """The range from a first to a third token, with a dash, a word or an arrow between."""
    if not is_ip(first.text):
        return None
    last = third.text.removeprefix(".")
    joined = _joined(first.text, "-", last, first.start, third.end)
    if mark.text in _ARROWS:
        return replace(joined, doubt=_range_or_two(first, third)) if is_ip(third.text) else None
    is_short = is_last and _LENGTH.fullmatch(last) is not None
    return joined if is_short or is_ip(third.text) else None


def _network(first: Token, second: Token, third: Token | None, *, is_ip: Callable[[str], bool]) -> Token | None:
    address, mask = first.text.removesuffix("/"), _bare(second)
    if address != first.text:
        is_mask = _LENGTH.fullmatch(mask) or _NETMASK.fullmatch(mask)
    else:
        is_mask = _PREFIX.fullmatch(mask) or _NETMASK.fullmatch(mask)
    end = second.end
    if not is_mask and third is not None and mask.lower() in _MASK_WORDS | {"/"}:
        is_length = mask == "/" and _LENGTH.fullmatch(_bare(third))
        mask, end = _bare(third), third.end
        is_mask = is_length or _NETMASK.fullmatch(mask)
    if not is_mask or not is_ip(address):
        return None
    return _joined(address, "/", mask.lstrip("/\\"), first.start, end)


def _length_or_remark(first: Token, second: Token, *, is_ip: Callable[[str], bool]) -> Token | None:
    """A number alone behind an address that ends in .0: a prefix length to most people, and a remark to none."""
    is_length = _LENGTH.fullmatch(second.text) is not None and 8 <= int(second.text) <= 32
    if not is_length or not first.text.endswith(".0") or not is_ip(first.text):
        return None
    joined = _joined(first.text, "/", second.text, first.start, second.end)
    return replace(
        joined,
        doubt=InvalidIndicator(
            f"{quoted(f'{first.text} {second.text}')} can be a network, or an address and a remark.",
            f"Type {shown(joined.text)} for the network, or {shown(first.text)} alone for the address.",
        ),
    )


def _range_or_two(first: Token, last: Token) -> InvalidIndicator:
    return InvalidIndicator(
        f"{quoted(f'{first.text} -> {last.text}')} can be a range, or the way of a message from one to the other.",
        f"Type {shown(f'{first.text}-{last.text}')} for the range, or only the address that is meant.",
    )


def _bare(token: Token) -> str:
    """A token's text without its defanging and the brackets around it."""
    return token.text.replace("[.]", ".").strip("()[]")


def _joined(first: str, mark: str, last: str, start: int, end: int) -> Token:
    text = f"{first}{mark}{last}"
    return Token(text, start, end, text)
