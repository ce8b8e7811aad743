"""All of a request, made of the database, for whoever decides with all of it before them: sent, the form approves.

What lets strangers in is approved here alone, and whatever is decided elsewhere than on its card is decided here.

What it carries is held against the database once more, and so is the form itself: see `bot.slack.modals.shown_card`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, CheckboxesElement, Option, PlainTextInputElement

from bot.domain.indicators.defanging import defanged
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.leaving_out import can_be_chosen_from
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import ItemState
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts, list_label, request_facts
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import CHECKBOXES, OPTION_TEXT
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.block_kit.text import plain, sections_of
from bot.slack.messages.lines import item_line, note_lines, review_line, warning_line
from bot.slack.messages.marks import status_mark
from bot.slack.messages.request_blocks import asked_back, parts_text, terms, title
from bot.slack.messages.request_buttons import deny_button
from bot.slack.messages.sentences import NAMED_VALUE, seen
from bot.slack.modals import shown_card
from bot.slack.modals.form_answer import FormAnswer
from bot.slack.modals.form_fields import TEXT_LIMIT, VALUE
from bot.slack.modals.sent_view import values_in

# Sections of up to 2,900 bytes for each subject: 100 blocks hold a hundred of the longest items and all warnings.
_ITEM_SECTIONS = 40
_WARNING_SECTIONS = 20
_NOTE_SECTIONS = 12
_REVIEW_SECTIONS = 3


#: The field for the lines that are left out, where there are too many for boxes.
NAMES = "leave_out"
#: What the blocks with the boxes are called: a number follows. A choice's own has so many digits at most.
_BOXES, _DIGITS = "keep", 18
#: The first of these blocks, and what is said there where nothing is ticked.
FIRST_BOXES = f"{_BOXES}0"
NOTHING_LEFT = "Leave a line ticked, or deny it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A line that can be left out: the number of the item, and its value."""

    number: int
    value: str
    label: str = ""  #: what its list holds, where there are several: `URLs`

    @property
    def text(self) -> str:
        """What stands beside the box: of what is too long for it the beginning and the end."""
        value = defanged(self.value)
        half = (OPTION_TEXT - len(f"{self.label}: …".encode())) // 2
        if len(value) > 2 * half:
            value = f"{value[:half]}…{value[-half:]}"
        return plain(f"{self.label}: {value}" if self.label else value, limit=OPTION_TEXT)


def choices_of(parts: Parts) -> list[Box]:
    """What can be left out of a proposal; nothing where there is one line, or more than a form shows.

    What isn't at hand has no box, and must not count as unticked: then there is nothing to choose. Neither is there
    where two boxes would read the same: nobody could say which of them stays.
    """
    if not can_be_chosen_from(parts) or any(len(request.items) < request.total for request in parts.open):
        return []
    has_several = len(parts.open) > 1
    labels = {request.id: list_label(request_facts(request)) if has_several else "" for request in parts.open}
    boxes = [
        Box(number=item.id, value=item.value, label=labels[request.id])
        for request in parts.open
        for item in request.items
        if item.state is not ItemState.LEFT_OUT
    ]
    return boxes if len({box.text for box in boxes}) == len(boxes) else []


def build(facts: RequestFacts, *, shown: ShownCard, choices: Sequence[Box] = (), by_name: bool = False) -> Modal:
    """The form. `shown` is the card that it opens from; its version is that of the `facts`. Opened from no card it has
    Deny as well. Of the `choices` those that somebody unticks are left out, and `by_name` those that they write into a
    field; with neither it is all or nothing."""
    question = [elements.section(f":rotating_light: *{seen(facts.question)}*")] if facts.question else []
    blocks: list[Block] = [
        elements.header(title(facts), emoji=False),
        *question,
        elements.section(f"{status_mark(facts)} {seen(facts.status_sentence)}"),
        terms(facts),
        elements.reason(facts.reason, limit=2_800, label=facts.reason_label),
        elements.section(elements.labelled("What it will do", facts.effect)),
    ]
    if facts.parts:
        blocks.append(elements.section(elements.labelled("Lists", parts_text(facts))))
    # Of a single one the line below says it.
    mail = [item.mail if facts.total > 1 or not facts.figures else "" for item in facts.items]
    items = (
        " · ".join(filter(None, [item_line(item, marked=False), said]))
        for item, said in zip(facts.items, mail, strict=True)
    )
    blocks += _listed(f"What goes out: {facts.counted}", items, len(facts.items), _ITEM_SECTIONS)
    if facts.figures:
        blocks.append(elements.context(seen(facts.figures, value=NAMED_VALUE)))
    if facts.owners:
        blocks.append(elements.context("\n".join(seen(line, value=NAMED_VALUE, quoted=300) for line in facts.owners)))
    blocks += _boxes(choices)
    if by_name:
        blocks.append(_names_field())
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


def kept(view: object) -> frozenset[int] | None:
    """The numbers of the choices that are still ticked; None where the form had none to tick."""
    boxes = [box for name, box in values_in(view).items() if str(name).startswith(_BOXES)]
    if not boxes and not _has_boxes(view):
        return None
    chosen: set[int] = set()
    for box in boxes:
        element = box.get(VALUE) if isinstance(box, Mapping) else None
        options = element.get("selected_options") if isinstance(element, Mapping) else None
        for option in options if isinstance(options, list) else ():
            value = option.get("value") if isinstance(option, Mapping) else None
            if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
                chosen.add(int(value))
    return frozenset(chosen)


def named(view: object) -> str:
    """What was written to be left out, a line each; empty where nothing was. Raises InvalidInput for another shape."""
    if NAMES not in values_in(view):
        return ""
    return FormAnswer(view).text(NAMES, limit=TEXT_LIMIT)


def _names_field() -> Block:
    return elements.field_input(
        block_id=NAMES,
        label="Leave out",
        hint="A line each, in full, of those above. All others are approved.",
        element=PlainTextInputElement(action_id=VALUE, multiline=True, max_length=TEXT_LIMIT),
        optional=True,
    )


def _has_boxes(view: object) -> bool:
    blocks = view.get("blocks") if isinstance(view, Mapping) else None
    named = (
        (block.get("block_id") for block in blocks if isinstance(block, Mapping)) if isinstance(blocks, list) else ()
    )
    return any(str(name).startswith(_BOXES) for name in named)


def _boxes(choices: Sequence[Box]) -> list[Block]:
    """A box for each line, all ticked."""
    groups = [choices[first : first + CHECKBOXES] for first in range(0, len(choices), CHECKBOXES)]
    return [_group(place, group) for place, group in enumerate(groups)]


def _group(place: int, choices: Sequence[Box]) -> Block:
    options = [
        Option(value=str(choice.number), text=elements.plain_text(choice.text, emoji=False)) for choice in choices
    ]
    first = place * CHECKBOXES + 1
    label = "Untick what you leave out" if place == 0 else f"From line {first} on"
    return elements.field_input(
        block_id=f"{_BOXES}{place}",
        label=label,
        element=CheckboxesElement(action_id=VALUE, options=options, initial_options=options),
        optional=True,
    )


def _listed(label: str, lines: Iterable[str], total: int, at_most: int) -> list[Block]:
    if not total:
        return []
    texts = sections_of(lines, total=total, at_most=at_most)
    return [elements.section(elements.labelled(label, texts[0])), *(elements.section(text) for text in texts[1:])]
