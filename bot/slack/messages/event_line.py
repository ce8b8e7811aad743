"""One event of the audit log, or many of one kind, as a line for people."""

from __future__ import annotations

from bot.domain.telling.event_facts import EventFacts
from bot.slack.block_kit.text import escaped, when
from bot.slack.messages.sentences import seen

#: A value in a line has so much room.
_VALUE = 120


def event_line(facts: EventFacts, *, spoken: bool = False) -> str:
    """Numbers, time, who, what, what about, which request, and what was said with it.

    `spoken` for screen readers: without the marks. Where a way to the request belongs beside it, that is a button.
    """
    mark = "" if spoken else "*"
    parts = [facts.numbers, when(facts.at), f"{seen((facts.who,))} {mark}{escaped(facts.did, limit=60)}{mark}"]
    if facts.about:
        parts.append(seen(facts.about, value=_VALUE))
    if facts.request_id is not None:
        parts.append(f"#{facts.request_id}")
    return " · ".join(parts) + (f": {escaped(facts.said, limit=120)}" if facts.said else "")
