"""The two halves of a spoof pair behind the word `spoof`, with a comma between them or without."""

from __future__ import annotations

from bot.domain.indicators.spoof_pairs import split_pair
from bot.domain.reading.command_tokens import Reads, tokens


def pair_behind(line: str, start: int, *, reads: Reads) -> tuple[str, int]:
    """`user, infrastructure` as it stands in a line from `start` on, and where it ends; whether it is one is not asked.

    `spoof user infrastructure` is as good: with the word in front there is no doubt what the two are.
    """
    first, *others = split_pair(line[start:])
    if others:
        user, after = first, start + len(first) + 1
    else:
        head = next(tokens(line, start, reads=reads), None)
        user, after = (head.text, head.end) if head else ("", len(line))
    infrastructure = next(tokens(line, after, reads=reads), None)
    pair = f"{user.strip()}, {infrastructure.text if infrastructure else ''}".strip(" ,")
    return pair, infrastructure.end if infrastructure else len(line)
