"""The answer to `/audit`: a page of the audit log, the newest event first, with the ways on from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.telling.counting import plural
from bot.domain.telling.event_facts import EventFacts
from bot.domain.telling.sentence import Sentence
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import plain, sections_of
from bot.slack.messages.event_line import event_line
from bot.slack.messages.sentences import read_aloud, seen

#: So many events stand on one page.
PAGE = 10
_SPOKEN_LIMIT = 1_500
_QUERY_LIMIT = 400
_VALUE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """A page of the log: its events, and the numbers to go on from on either side."""

    events: Sequence[EventFacts]
    looked_for: Sentence = ()  #: as it was understood; empty: everything
    looked_among: int | None = None  #: what lies within was looked for among so many events, the newest of them
    requests_among: int | None = None  #: of the requests that name it so many were looked at, the newest of them
    query: str = ""  #: as it was typed, for the buttons
    after_seq: int | None = None  #: there are newer ones than this number
    before_seq: int | None = None  #: there are older ones than this number


def audit_page(facts: PageFacts) -> Message:
    """At most `PAGE` events, each with a button that opens the story of its request.

    A button's value is a number and the query as it was typed, which `place_from` reads. A query that a button can't
    hold as it is gets none: it would find something else.
    """
    shown = facts.events[:PAGE]
    about = f": {seen(facts.looked_for, value=_VALUE)}" if facts.looked_for else ""
    spoken_about = f": {read_aloud(facts.looked_for, value=_VALUE)}" if facts.looked_for else ""
    if not shown:
        tail = " ".join(filter(None, ["No events. `/audit help` says what it can look for.", _bound(facts)]))
        text = f"Audit log{spoken_about}. {tail.replace('`', '')}"
        return Message.build(name="audit", text=text, blocks=[elements.section(f"*Audit log*{about}\n{tail}")])
    heading = f"{plural(len(shown), 'event')}, the newest first"
    blocks: list[Block] = [elements.section(f"*Audit log*{about}\n{heading}")]
    lines = [event_line(event) for event in shown]
    blocks += [elements.section(line, accessory=_story_button(event)) for line, event in zip(lines, shown, strict=True)]
    if bound := _bound(facts):
        blocks.append(elements.context(bound))
    if ways := _ways(facts):
        blocks.append(elements.buttons(ways))
    aloud = [event_line(event, spoken=True) for event in shown]
    (spoken,) = sections_of(aloud, total=len(lines), limit=_SPOKEN_LIMIT, at_most=1)
    said = " ".join(filter(None, [f"Audit log{spoken_about}.", f"{heading}.", bound.replace("`", "")]))
    return Message.build(name="audit", text=f"{said}\n{spoken}", blocks=blocks)


def _bound(facts: PageFacts) -> str:
    """What was not looked at."""
    said = []
    if facts.looked_among is not None:
        said.append(
            f"What lies within it was looked for in {facts.looked_among:,} events. For earlier ones add a day, such as "
            "`until 2030-01-31`, or add `export` for a file of all."
        )
    if facts.requests_among is not None:
        said.append(
            f"Of the requests that name it the newest {facts.requests_among:,} were looked at. For what is about "
            "earlier ones add `export`, for a file of all."
        )
    return " ".join(said)


def place_from(value: str) -> tuple[int, str] | None:
    """The number and the query in the value of a button for another page; None when it is not one of ours."""
    number, _, query = value.partition(" ")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    return int(number), query


def _story_button(event: EventFacts) -> ButtonElement | None:
    if event.request_id is None:
        return None
    return elements.button(
        "Details",
        action_id=ActionId.DETAILS,
        value=str(event.request_id),
        spoken=f"Details of #{event.request_id}",
    )


def _ways(facts: PageFacts) -> list[ButtonElement]:
    again = plain(facts.query, limit=_QUERY_LIMIT)
    if again != facts.query.strip():
        return []
    ways = []
    if facts.after_seq is not None:
        value = f"{facts.after_seq} {again}".strip()
        ways.append(elements.button("Newer", action_id=ActionId.NEWER_EVENTS, value=value))
    if facts.before_seq is not None:
        value = f"{facts.before_seq} {again}".strip()
        ways.append(elements.button("Older", action_id=ActionId.OLDER_EVENTS, value=value))
    ways.append(elements.button("Export", action_id=ActionId.EXPORT_EVENTS, value=f"0 {again}".strip()))
    return ways


def export_begun() -> Message:
    """The answer to whoever asks for a file."""
    text = "You get the file in a direct message in a moment. That you have it is logged."
    return Message.build(name="export-begun", text=text, blocks=[elements.section(f":mailbox_with_mail: {text}")])


def export_message(told: str, *, looked_for: Sentence) -> Message:
    """What stands above the file. `told` says how many events it has, and `looked_for` is what was asked for, as it was
    understood."""
    about = f" ({seen(looked_for, value=_VALUE)})" if looked_for else ""
    spoken = f" ({read_aloud(looked_for, value=_VALUE)})" if looked_for else ""
    return Message.build(
        name="export", text=f"Audit log{spoken}: {told}.", blocks=[elements.section(f"Audit log{about}: {told}.")]
    )
