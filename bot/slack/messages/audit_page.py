"""The answer to `/audit`: a page of the audit log, the newest event first."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.telling.counting import plural
from bot.domain.telling.event_facts import EventFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import escaped, plain, sections_of
from bot.slack.messages.event_line import event_line

#: So many events stand on one page.
PAGE = 20
_SPOKEN_LIMIT = 1_500
_QUERY_LIMIT = 400


def audit_page(events: Sequence[EventFacts], *, query: str = "", before_seq: int | None = None) -> Message:
    """At most `PAGE` events. `query` is what was looked for, as it was typed.

    `before_seq` is the number to go on from when there are older ones: the button's value is that number and the query,
    which `older_from` reads. A query that a button can't hold as it is gets none: it would find something else.
    """
    shown = events[:PAGE]
    looked_for = f" for {escaped(query, limit=120)}" if query.strip() else ""
    if not shown:
        text = f"Audit log{looked_for}: no events. `/audit help` says what it can look for."
        return Message.build(name="audit", text=text, blocks=[elements.section(text)])
    heading = f"Audit log{looked_for}: {plural(len(shown), 'event')}, the newest first"
    lines = [event_line(event) for event in shown]
    blocks: list[Block] = [elements.section(f"*{heading}*")]
    blocks += [elements.section(text) for text in sections_of(lines, total=len(lines), limit=2_600, at_most=4)]
    again = plain(query, limit=_QUERY_LIMIT)
    if before_seq is not None and again == query.strip():
        value = f"{before_seq} {again}".strip()
        blocks.append(elements.buttons([elements.button("Older", action_id=ActionId.OLDER_EVENTS, value=value)]))
    (spoken,) = sections_of(lines, total=len(lines), limit=_SPOKEN_LIMIT, at_most=1)
    return Message.build(name="audit", text=f"{heading}.\n{spoken.replace('*', '')}", blocks=blocks)


def older_from(value: str) -> tuple[int, str] | None:
    """The number and the query in an Older button's value; None when it is not one of ours."""
    number, _, query = value.partition(" ")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    return int(number), query
