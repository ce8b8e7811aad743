"""All of a request that lets strangers in, made of the database, for whoever approves it: sent, the form decides.

It carries which request it shows, in which version, and the card that it was opened from: what is decided is held
against all three once more, and against the form itself: one that somebody else has opened decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from slack_sdk.models.blocks import Block

from bot.domain.requests.binding import ShownCard
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts
from bot.errors import InvalidInput, UnreadableJson
from bot.outside_json import read_outside_json
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId, Carried
from bot.slack.block_kit.text import sections_of
from bot.slack.messages.card import carried, terms, title
from bot.slack.messages.lines import item_line, note_lines, review_line, warning_line
from bot.slack.messages.marks import status_mark
from bot.slack.messages.sentences import seen

# Sections of up to 2,900 bytes for each subject: 100 blocks hold a hundred of the longest items and all warnings.
_ITEM_SECTIONS = 40
_WARNING_SECTIONS = 20
_NOTE_SECTIONS = 12
_REVIEW_SECTIONS = 3

#: So long may what a form carries be: an id, a version and the place of a message need much less.
_LONGEST = 300


def build(facts: RequestFacts, *, shown: ShownCard) -> Modal:
    """The form. `shown` is the card that it opens from; its version is that of the `facts`."""
    blocks: list[Block] = [
        elements.header(title(facts), emoji=False),
        elements.section(f":rotating_light: *{seen(facts.question)}*"),
        elements.section(f"{status_mark(facts)} {seen(facts.status_sentence)}"),
        terms(facts),
        elements.reason(facts.reason, limit=2_800, label=facts.reason_label),
        elements.section(elements.labelled("What it will do", facts.effect)),
    ]
    items = (item_line(item, marked=False) for item in facts.items)
    blocks += _listed(f"What goes out: {facts.counted}", items, len(facts.items), _ITEM_SECTIONS)
    noted = facts.noted_items
    blocks += _listed("How it was read", note_lines(noted, limit=1_000), len(noted), _NOTE_SECTIONS)
    count = len(facts.warnings)
    warnings = (warning_line(warning, limit=2_500) for warning in facts.warnings)
    blocks += _listed(plural(count, "warning"), warnings, count, _WARNING_SECTIONS)
    reviews = (review_line(review) for review in facts.reviews)
    blocks += _listed("Approved before", reviews, len(facts.reviews), _REVIEW_SECTIONS)
    return Modal.build(
        callback_id=CallbackId.APPROVAL,
        title="Read, then approve",
        submit="Approve",
        close="Go back",
        blocks=blocks,
        private_metadata=json.dumps({"request": carried(facts), "channel": shown.channel, "ts": shown.ts}),
    )


def parse(view: object) -> tuple[int, ShownCard]:
    """Which request was approved, and what was shown of it. Raises InvalidInput for any other shape than the form's."""
    sent = [view.get(name) for name in ("id", "private_metadata")] if isinstance(view, Mapping) else []
    match sent:
        case [str(form), str(metadata)] if form and max(len(form), len(metadata)) <= _LONGEST:
            pass
        case _:
            raise _unreadable()
    try:
        given = read_outside_json(metadata, most_bytes=_LONGEST)
    except UnreadableJson:
        raise _unreadable() from None
    if not isinstance(given, dict):
        raise _unreadable()
    match given.get("request"), given.get("channel"), given.get("ts"):
        case (str(told), str(channel), str(ts)) if (told_of := Carried.read(told)) is not None:
            return told_of.request_id, ShownCard(channel=channel, ts=ts, version=told_of.version, form=form)
        case _:
            raise _unreadable()


def _unreadable() -> InvalidInput:
    return InvalidInput("The form came back in a shape that can't be read.", "Click Approve on the card once more.")


def _listed(label: str, lines: Iterable[str], total: int, at_most: int) -> list[Block]:
    if not total:
        return []
    texts = sections_of(lines, total=total, at_most=at_most)
    return [elements.section(elements.labelled(label, texts[0])), *(elements.section(text) for text in texts[1:])]
