"""All of a request, made of the database, for whoever decides with all of it before them: sent, the form approves.

What lets strangers in is approved here alone, and whatever is decided elsewhere than on its card is decided here.

What it carries is held against the database once more, and so is the form itself: see `bot.slack.modals.shown_card`.
"""

from __future__ import annotations

from collections.abc import Iterable

from slack_sdk.models.blocks import Block

from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.block_kit.text import sections_of
from bot.slack.messages.card import asked_back, deny_button, parts_text, terms, title
from bot.slack.messages.lines import item_line, note_lines, review_line, warning_line
from bot.slack.messages.marks import status_mark
from bot.slack.messages.sentences import seen
from bot.slack.modals import shown_card

# Sections of up to 2,900 bytes for each subject: 100 blocks hold a hundred of the longest items and all warnings.
_ITEM_SECTIONS = 40
_WARNING_SECTIONS = 20
_NOTE_SECTIONS = 12
_REVIEW_SECTIONS = 3


def build(facts: RequestFacts, *, shown: ShownCard) -> Modal:
    """The form. `shown` is the card that it opens from; its version is that of the `facts`. Opened from no card it has
    Deny as well."""
    blocks: list[Block] = [
        elements.header(title(facts), emoji=False),
        *([elements.section(f":rotating_light: *{seen(facts.question)}*")] if facts.question else []),
        elements.section(f"{status_mark(facts)} {seen(facts.status_sentence)}"),
        terms(facts),
        elements.reason(facts.reason, limit=2_800, label=facts.reason_label),
        elements.section(elements.labelled("What it will do", facts.effect)),
    ]
    if facts.parts:
        blocks.append(elements.section(elements.labelled("Lists", parts_text(facts))))
    items = (item_line(item, marked=False) for item in facts.items)
    blocks += _listed(f"What goes out: {facts.counted}", items, len(facts.items), _ITEM_SECTIONS)
    noted = facts.noted_items
    blocks += _listed("How it was read", note_lines(noted, limit=1_000), len(noted), _NOTE_SECTIONS)
    count = len(facts.warnings)
    warnings = (warning_line(warning, limit=2_500) for warning in facts.warnings)
    blocks += _listed(plural(count, "warning"), warnings, count, _WARNING_SECTIONS)
    reviews = (review_line(review) for review in facts.reviews)
    blocks += _listed("Approved before", reviews, len(facts.reviews), _REVIEW_SECTIONS)
    if asked := asked_back(facts):
        blocks.append(elements.section(asked))
    if not shown.channel:
        blocks.append(elements.buttons([deny_button(facts)]))
    return Modal.build(
        callback_id=CallbackId.APPROVAL,
        title="Read, then approve",
        submit="Approve",
        close="Go back",
        blocks=blocks,
        private_metadata=shown_card.metadata(facts, shown),
    )


def parse(view: object) -> tuple[int, ShownCard]:
    """Which request was approved, and what was shown of it. Raises InvalidInput for any other shape than the form's."""
    return shown_card.read(view, form_is=Purpose.FORM)


def _listed(label: str, lines: Iterable[str], total: int, at_most: int) -> list[Block]:
    if not total:
        return []
    texts = sections_of(lines, total=total, at_most=at_most)
    return [elements.section(elements.labelled(label, texts[0])), *(elements.section(text) for text in texts[1:])]
