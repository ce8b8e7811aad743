"""An approver reviews an emergency block: it is taken out with a reason, or kept. Sent, it decides."""

from __future__ import annotations

from collections.abc import Mapping

from slack_sdk.models.blocks import Block, Option, PlainTextInputElement, RadioButtonsElement

from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.request import Decision
from bot.domain.telling.request_facts import RequestFacts
from bot.errors import InvalidInput
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.block_kit.text import lines_that_fit, mention
from bot.slack.messages.lines import item_line
from bot.slack.messages.sentences import NAMED_VALUE, seen
from bot.slack.modals import shown_card
from bot.slack.modals.form_fields import VALUE
from bot.slack.modals.sent_view import element_in

DECISION = "decision"
REASON = "reason"
#: So long may what somebody writes be.
REASON_LIMIT = 300

NO_REASON = "Say why it is taken out."

_WORDS = {
    Decision.DENY: "Take it out: what it alone has blocked is unblocked now",
    Decision.APPROVE: "Keep it: it stays until its end",
}


def build(facts: RequestFacts, *, shown: ShownCard) -> Modal:
    """The form. `shown` is the card that it opens from, or none; its version is that of the `facts`.

    From the card, where Keep has a button of its own, taking it out is chosen beforehand.
    """
    asked = f"*#{facts.number}* · {seen(facts.short_headline, value=NAMED_VALUE)}, by {mention(facts.requester)}"
    options = {
        decision: Option(value=decision.value, text=elements.plain_text(words)) for decision, words in _WORDS.items()
    }
    chosen = options[Decision.DENY] if shown.channel else None
    blocks: list[Block] = [
        elements.section(asked),
        *([elements.section(_items(facts))] if facts.total > 1 and facts.items else []),
        elements.reason(facts.reason, limit=600, label=facts.reason_label),
        elements.field_input(
            block_id=DECISION,
            label="Your decision",
            element=RadioButtonsElement(action_id=VALUE, options=list(options.values()), initial_option=chosen),
        ),
        elements.field_input(
            block_id=REASON,
            label="Why you decide so",
            # Slack adds "(optional)" to the label, which holds for keeping it alone.
            hint="Needed if you take it out, such as: “It is a sender of our own.” If you keep it, you can leave it "
            "empty. The requester reads it, and it stays in the audit log.",
            element=PlainTextInputElement(action_id=VALUE, multiline=True, max_length=REASON_LIMIT),
            optional=True,
        ),
    ]
    return Modal.build(
        callback_id=CallbackId.EMERGENCY_REVIEW,
        title="Emergency block",
        submit="Send",
        close="Go back",
        blocks=blocks,
        private_metadata=shown_card.metadata(facts, shown),
    )


def _items(facts: RequestFacts) -> str:
    """Each value: whoever has it taken out has seen all of it."""
    return lines_that_fit(
        [item_line(item, marked=True, limit=80) for item in facts.items], total=facts.total, limit=2_900
    )


def parse(view: object) -> tuple[int, ShownCard, Decision, str]:
    """Which emergency block was reviewed, what was shown of it, what was decided, and why; empty where nothing is said.

    Raises InvalidInput for any other shape than the form's.
    """
    request_id, shown = shown_card.read(view, form_is=Purpose.EMERGENCY_FORM)
    chosen = element_in(view, DECISION).get("selected_option")
    said = chosen.get("value") if isinstance(chosen, Mapping) else None
    if said not in set(Decision):
        raise InvalidInput("It isn't said whether to keep it or to take it out.", "Open the form once more.")
    why = element_in(view, REASON).get("value")
    text = " ".join(why.split()) if isinstance(why, str) else ""
    if len(text) > REASON_LIMIT:
        raise InvalidInput("The reason is too long.", f"Write {REASON_LIMIT:,} characters at most.")
    return request_id, shown, Decision(str(said)), text
