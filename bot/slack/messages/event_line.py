"""One event of the audit log, or many of one kind, as a line for people."""

from __future__ import annotations

from bot.domain.telling.event_facts import EventFacts
from bot.slack.block_kit.text import card_link, escaped, when
from bot.slack.messages.sentences import seen

#: A value in a line has so much room.
_VALUE = 120


def event_line(facts: EventFacts, *, spoken: bool = False) -> str:
    """Numbers, time, who, what, what about, which request, and what was said with it.

    The request leads to its card, where that is known. `spoken` for screen readers: without the link and the marks.
    """
    mark = "" if spoken else "*"
    parts = [facts.numbers, when(facts.at), f"{seen((facts.who,))} {mark}{escaped(facts.did, limit=60)}{mark}"]
    if facts.about:
        parts.append(seen(facts.about, value=_VALUE))
    if facts.request_id is not None:
        parts.append(card_link(f"#{facts.request_id}", "" if spoken else facts.card_url))
    return " · ".join(parts) + (f": {escaped(facts.said, limit=120)}" if facts.said else "")
