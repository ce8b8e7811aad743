"""What waits for an approver, each with a box to tick: sent, the form approves those that are ticked.

Each stands there as on its card, and counts in the version that is shown. What lets strangers in has a form of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block, CheckboxesElement, DividerBlock, Option

from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts
from bot.errors import InvalidInput, UnreadableJson
from bot.outside_json import read_outside_json
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import PRIVATE_METADATA
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId, Carried
from bot.slack.messages.request_blocks import pending_blocks
from bot.slack.messages.request_buttons import carried, decide_button
from bot.slack.messages.sentences import NAMED_VALUE, seen
from bot.slack.modals.form_fields import VALUE
from bot.slack.modals.sent_view import element_in

#: What the block with a proposal's box is called: its number follows.
_BOX = "approve"
_APART_SHOWN = 5
#: So long may a form's id be.
_LONGEST = 300

NOTHING_TICKED = "Tick what you approve, one at least."


def build(
    together: Sequence[RequestFacts], *, apart: Sequence[RequestFacts] = (), later: Sequence[RequestFacts] = ()
) -> Modal:
    """The form: what can be approved `together`, with boxes; what is decided `apart`, each with a button for its own
    form; and the numbers of what is shown `later`, as it doesn't fit."""
    blocks: list[Block] = []
    for facts in together:
        blocks += [*pending_blocks(facts), _box(facts), DividerBlock()]
    if apart:
        blocks.append(elements.section("*Decided apart: it lets strangers in*"))
        blocks += [_apart(facts) for facts in apart[:_APART_SHOWN]]
        if (left := len(apart) - _APART_SHOWN) > 0:
            blocks.append(elements.context(f"…and {plural(left, 'more')}, in `/requests`"))
    if later:
        numbers = ", ".join(f"#{facts.number}" for facts in later)
        blocks.append(elements.context(f"Not shown yet: {numbers}. Open this form again after these."))
    return Modal.build(
        callback_id=CallbackId.TOGETHER,
        title="Approve several",
        submit="Approve those ticked",
        close="Go back",
        blocks=blocks,
        private_metadata=json.dumps([carried(facts) for facts in together]),
    )


def parse(view: object) -> tuple[str, tuple[Carried, ...]]:
    """The form's id, and what was ticked in it, each in the version that it shows: none, where nothing was.

    Raises InvalidInput for any other shape than the form's.
    """
    form, shown = parse_shown(view)
    return form, tuple(each for each in shown if _is_ticked(view, each))


def first_box(view: object) -> str:
    """The name of the first box, where an error can stand."""
    _, shown = parse_shown(view)
    return f"{_BOX}{shown[0].request_id}"


def parse_shown(view: object) -> tuple[str, tuple[Carried, ...]]:
    """The form's id, and all that it shows. Raises InvalidInput likewise."""
    sent = [view.get(name) for name in ("id", "private_metadata")] if isinstance(view, Mapping) else []
    match sent:
        case [str(form), str(metadata)] if 0 < len(form) <= _LONGEST:
            return form, _shown(metadata)
        case _:
            raise _unreadable()


def _shown(metadata: str) -> tuple[Carried, ...]:
    try:
        given = read_outside_json(metadata, most_bytes=PRIVATE_METADATA)
    except UnreadableJson:
        raise _unreadable() from None
    read = [Carried.read(each) if isinstance(each, str) else None for each in given] if isinstance(given, list) else []
    known = tuple(each for each in read if each is not None)
    if not known or len(known) != len(read) or len({each.request_id for each in known}) != len(known):
        raise _unreadable()
    return known


def _is_ticked(view: object, shown: Carried) -> bool:
    options = element_in(view, f"{_BOX}{shown.request_id}").get("selected_options")
    return isinstance(options, list) and any(
        isinstance(option, Mapping) and option.get("value") == str(shown) for option in options
    )


def _box(facts: RequestFacts) -> Block:
    option = Option(value=carried(facts), text=elements.plain_text(f"Approve #{facts.number}", emoji=False))
    return elements.field_input(
        block_id=f"{_BOX}{facts.number}",
        label=f"#{facts.number}",
        element=CheckboxesElement(action_id=VALUE, options=[option]),
        optional=True,
    )


def _apart(facts: RequestFacts) -> Block:
    said = f"{seen(facts.short_headline, value=NAMED_VALUE)} · #{facts.number}"
    return elements.section(said, accessory=decide_button(facts))


def _unreadable() -> InvalidInput:
    return InvalidInput("The form came back in a shape that can't be read.", "Open it again and send it once more.")
