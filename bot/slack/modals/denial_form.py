"""Why somebody denies a request: reasons to choose from, and room for their own words. One of both is needed.

Sent, it decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block, Option, PlainTextInputElement, RadioButtonsElement

from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.telling.request_facts import RequestFacts
from bot.errors import InvalidInput
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import OPTION_TEXT
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.block_kit.text import mention, plain
from bot.slack.messages.sentences import NAMED_VALUE, seen
from bot.slack.modals import shown_card
from bot.slack.modals.form_fields import VALUE
from bot.slack.modals.sent_view import element_in

READY = "ready"
COMMENT = "comment"
#: So long may what somebody writes be.
COMMENT_LIMIT = 500

NO_REASON = "Choose a reason above, or write one here."
_WHO_READS = "The requester reads it, and it stays in the audit log."
#: Slack calls both fields optional, and one of them isn't.
_ONE_OF_TWO = f"Needed where none is chosen above. {_WHO_READS}"


def build(facts: RequestFacts, *, shown: ShownCard, reasons: Sequence[str]) -> Modal:
    """The form. `shown` is what it opens from; `reasons` are those to choose from, ten at most and each another."""
    asked = f"*#{facts.number}* · {seen(facts.short_headline, value=NAMED_VALUE)}, asked by {mention(facts.requester)}"
    blocks: list[Block] = [
        elements.section(asked),
        elements.reason(facts.reason, limit=600, label=facts.reason_label),
    ]
    if reasons:
        # By their place: how long a value may be is Slack's matter, how long a reason may be is the operator's.
        options = [
            Option(value=str(place), text=elements.plain_text(plain(reason, limit=OPTION_TEXT), emoji=False))
            for place, reason in enumerate(reasons)
        ]
        blocks.append(
            elements.field_input(
                block_id=READY,
                label="Why not? Choose one, or write one below",
                element=RadioButtonsElement(action_id=VALUE, options=options),
                optional=True,
            )
        )
    blocks.append(
        elements.field_input(
            block_id=COMMENT,
            label="In your own words" if reasons else "Why not?",
            hint=_ONE_OF_TWO if reasons else _WHO_READS,
            element=PlainTextInputElement(action_id=VALUE, multiline=True, max_length=COMMENT_LIMIT),
            optional=bool(reasons),
        )
    )
    return Modal.build(
        callback_id=CallbackId.DENIAL,
        title="Deny",
        submit="Deny",
        close="Go back",
        blocks=blocks,
        private_metadata=shown_card.metadata(facts, shown),
    )


def parse(view: object) -> tuple[int, ShownCard, str]:
    """Which request was denied, what was shown of it, and why: what was chosen and what was written, as one text;
    empty where there is neither. Raises InvalidInput for any other shape than the form's."""
    request_id, shown = shown_card.read(view, form_is=Purpose.DENY_FORM)
    chosen = element_in(view, READY).get("selected_option")
    text = chosen.get("text") if isinstance(chosen, Mapping) else None
    parts = [text.get("text") if isinstance(text, Mapping) else None, element_in(view, COMMENT).get("value")]
    said = [" ".join(part.split()) for part in parts if isinstance(part, str) and part.strip()]
    why = ". ".join([*(part.rstrip(".") for part in said[:-1]), *said[-1:]])
    if len(why) > COMMENT_LIMIT + OPTION_TEXT + 2:
        raise InvalidInput("The reason is too long.", f"Write {COMMENT_LIMIT:,} characters at most.")
    return request_id, shown, why
