"""Several IPv4 addresses of which only the first one stands there in full: `203.0.113.7,8,9`, `203.0.113.1 & .2`."""

from __future__ import annotations

import re

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.command_tokens import Token
from bot.domain.reading.lengths import length_at
from bot.errors import InvalidIndicator

_DOT = r"(?:\.|\[\.\])"
_NUMBER = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?![\w@]|\.[\w])"
_JOINING = r"(?:\s{0,2}[,;|+&/]|\s(?:and|und|et|y|e|or|oder|ou|o|&amp;)(?=\s))\s{0,2}"
_JOINING_NUMBERS = _JOINING.replace("+&/]", "+&]")
_FIRST = rf"([0-9]{{1,3}}{_DOT}[0-9]{{1,3}}{_DOT}[0-9]{{1,3}}){_DOT}([0-9]{{1,3}})"
_LIST = re.compile(rf"{_FIRST}((?:{_JOINING}{_DOT}{_NUMBER}|[,;|+&]{_NUMBER})+)")
#: The same with spaces, where nothing follows: `203.0.113.7, 8 mails` is something else.
_SPACED = re.compile(rf"{_FIRST}((?:{_JOINING_NUMBERS}{_NUMBER})+)\s*\Z")
_NUMBERS = re.compile(r"[0-9]+")
_SHOWN = 6


def short_list_at(line: str, start: int) -> Token | None:
    """The list that starts at a place of a line, as a token that has to be asked about; None where none starts.

    A number that a unit follows is none of an address: `203.0.113.7,30 days`.
    """
    match = _SPACED.match(line, start) or _LIST.match(line, start)
    if match is None:
        return None
    last = match.start(3) + match[3].rfind(_NUMBERS.findall(match[3])[-1])
    if length_at(line, last) is not None:
        return None
    network = match[1].replace("[.]", ".")
    numbers = [match[2], *_NUMBERS.findall(match[3])]
    whole = ", ".join(f"{network}.{number}" for number in numbers[:_SHOWN])
    more = " …" if len(numbers) > _SHOWN else ""
    doubt = InvalidIndicator(
        f"{quoted(match[0])} can be {len(numbers)} addresses, or one address and a remark.",
        f"Type them in full: {whole}{more}; or put words in front of a remark.",
    )
    return Token(match[0].rstrip(), match.start(), match.end(), match[0], doubt=doubt)
