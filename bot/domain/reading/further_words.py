"""The first words behind an indicator that say it is meant for another list, or that more or less of it is meant.

`evil.example as URL`, `203.0.113.7 and the /24`, `203.0.113.0/24 but not .7`. Taken for the reason, they would be lost:
what is requested is something else than what was written.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.line_reading import CommandProblem

_ENDS = r"(?=\s*(?:\Z|[,;:.!|)]|[0-9]|for\s|until\s|because\s))"
_AS = r"(?:as\s(?:an?\s|the\s)?|als\s|comme\s|como\s)"
_URL = r"(?:urls?|links?|websites?|web\s?sites?)"
_SENDER = r"(?:senders?|sender\sdomains?|absender)"
_BOTH = r"\s?(?:and|und|et|y|&(?:amp;)?|\+|/)\s?"
_ALSO = r"(?:\s(?:only|too|as\swell|nur|auch))?"
_MEANT_AS_URL = re.compile(
    rf"\(?(?:(?:{_AS}){_URL}|{_URL}\sonly|(?:{_SENDER}|mail|domain){_BOTH}{_URL}|{_URL}{_BOTH}(?:{_SENDER}|mail|domain)){_ALSO}\)?{_ENDS}|"
    rf"\({_URL}{_ALSO}\)",
    re.IGNORECASE,
)
_MEANT_AS_SENDER = re.compile(
    rf"\(?(?:{_AS}{_SENDER}|{_SENDER}\sonly|{_URL}{_BOTH}{_SENDER}|{_SENDER}{_BOTH}{_URL}){_ALSO}\)?{_ENDS}|\({_SENDER}{_ALSO}\)",
    re.IGNORECASE,
)
_NETWORK = re.compile(
    r"\(?(?:and|und|plus|incl\.?|including|with|\+|&(?:amp;)?)\s(?:its\s|the\s|whole\s|entire\s|das\s|ganze\s)*"
    rf"(?:/[0-9]{{1,2}}(?![\w.@-])|(?:(?:sub)?net(?:work|z)?(?:\saround\sit)?|class\sc|neighbou?rs){_ENDS})",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\(?(?:but\s)?(?:not|without|except(?:\sfor)?|excluding|minus|ohne|außer|ausser|nicht|sauf|salvo)\s\.[0-9]{1,3}(?![\w.])",
    re.IGNORECASE,
)
_IPV4 = frozenset({Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK})


def meant_otherwise(
    reason: str, found: Collection[tuple[Kind, str]], *, place: str = "reason"
) -> CommandProblem | None:
    """What is to be asked about the beginning of a reason or remark, by what stands in front of it; else None.

    `place` is the word for it.
    """
    kinds = {kind for kind, _ in found}
    if Kind.DOMAIN in kinds and Kind.URL not in kinds and (match := _MEANT_AS_URL.match(reason)):
        return _asked(
            match[0],
            place,
            "is a link meant?",
            "For links to it write https:// in front, such as https://evil.example.",
        )
    if Kind.URL in kinds and not kinds & {Kind.DOMAIN, Kind.ADDRESS} and (match := _MEANT_AS_SENDER.match(reason)):
        return _asked(
            match[0], place, "is a sender meant?", "For its mail write the domain alone, such as evil.example."
        )
    if not kinds & _IPV4:
        return None
    if match := _NETWORK.match(reason):
        return _asked(match[0], place, "is a network meant?", "Write it in full, such as 203.0.113.0/24.")
    if match := _LESS.match(reason):
        return _asked(
            match[0], place, "an entry has no exceptions.", "Write only what is to be listed, each part in full."
        )
    return None


def _asked(words: str, place: str, what: str, remedy: str) -> CommandProblem:
    text = words.strip()
    return CommandProblem(
        text=text, what=f"{quoted(text)} stands in the {place}: {what}", remedy=remedy, about_reason=True, may_stay=True
    )
