"""The story of a request, below its card and to the requester: a message for each step, or for those that wait.

None has buttons that decide: those are on the card alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.requests.request import ItemState
from bot.domain.telling.request_facts import ItemFacts
from bot.domain.telling.step_facts import StepFacts, StepKind
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import escaped, indicator, lines_that_fit
from bot.slack.messages.lines import item_lines
from bot.slack.messages.marks import status_mark
from bot.slack.messages.request_buttons import carried, details_button, propose_again_button
from bot.slack.messages.sentences import read_aloud, seen

_ITEMS_SHOWN = 10
#: What a reviewer wrote has less room than what a service said of a failure.
_COMMENT, _FAILURE = 300, 600
#: What an item says of a submission: its reference, Microsoft's verdict, and each entry that came of it.
_HEARD = 900

#: So many steps, and so many characters of what is read aloud, are one message: Slack advises against more than 4,000.
_MOST_TOGETHER, _LONGEST_TOGETHER = 8, 2_500

_MARKS: dict[StepKind, str] = {
    StepKind.REASSESSED: ":warning:",
    StepKind.VOIDED: ":warning:",
    StepKind.GONE: ":rotating_light:",
    StepKind.UNNAMED: ":rotating_light:",
    StepKind.TAKEN_OUT: ":wastebasket:",
    StepKind.ENDED: ":hourglass:",
    StepKind.REMINDER: ":hourglass_flowing_sand:",
    StepKind.CARD_REFUSED: ":warning:",
    StepKind.ASKED: ":speech_balloon:",
    StepKind.QUESTION: ":speech_balloon:",
    StepKind.SETTLED: ":speech_balloon:",
    StepKind.ANSWERED: ":speech_balloon:",
    StepKind.CALLED_LATE: ":bell:",
}
_COMMENTED = frozenset({StepKind.REVIEWED, StepKind.DENIED, StepKind.KEPT, StepKind.TAKEN_OUT})
#: Whose sentence says what became of the items: their lines only name them.
_SAYS_WHAT_BECAME = frozenset({StepKind.GONE, StepKind.ENDED})
_WITH_DETAILS = frozenset(
    {
        StepKind.GONE,
        StepKind.UNNAMED,
        StepKind.YOURS,
        StepKind.HEARD,
        StepKind.REMINDER,
        StepKind.QUESTION,
        StepKind.SETTLED,
    }
)


def step_message(*steps: StepFacts) -> Message:
    """One step, or several of one request below each other: what is seen has marks, what is read aloud has none."""
    blocks: list[Block] = []
    texts: list[str] = []
    for facts in steps:
        quoted = _COMMENT if facts.kind in _COMMENTED else _FAILURE
        marked, unmarked = _lines(facts)
        seen_lines = [f"{_mark(facts)} {seen(facts.sentence, quoted=quoted)}".strip(), *marked]
        blocks.append(elements.section("\n".join(seen_lines)))
        texts.append("\n".join([read_aloud(facts.sentence, quoted=quoted), *unmarked]))
    if buttons := _buttons(steps):
        blocks.append(elements.buttons(buttons))
    return Message.build(name=f"{steps[0].kind}-{steps[0].request.id}", text="\n".join(texts), blocks=blocks)


def together(steps: Iterable[StepFacts]) -> list[list[StepFacts]]:
    """The steps in stretches, each of which one message has room for."""
    stretches: list[list[StepFacts]] = []
    room = 0
    for step in steps:
        length = len(step_message(step).text)
        if not stretches or len(stretches[-1]) == _MOST_TOGETHER or length > room:
            stretches.append([])
            room = _LONGEST_TOGETHER
        stretches[-1].append(step)
        room -= length
    return stretches


def lines_of_items(items: Sequence[ItemFacts], *, total: int, marked: bool) -> list[str]:
    """The items that a message has room for, and a count of the others; nothing when there are none."""
    if not items:
        return []
    lines = item_lines(items[:_ITEMS_SHOWN], marked=marked)
    return [lines_that_fit(lines, total=max(len(items), total), limit=1_700)]


def _mark(facts: StepFacts) -> str:
    match facts.kind:
        case StepKind.CONCLUDED | StepKind.YOURS:
            return status_mark(facts.request)
        case StepKind.HEARD if facts.request.allowed_unnamed:
            return ":rotating_light:"
        case StepKind.HEARD:
            is_confirmed = any(item.state is ItemState.CONFIRMED for item in facts.items[:_ITEMS_SHOWN])
            return ":white_check_mark:" if is_confirmed else ":mailbox_with_mail:"
        case kind:
            return _MARKS.get(kind, "")


def _lines(facts: StepFacts) -> tuple[list[str], list[str]]:
    """The items' lines as they are seen, and as they are read aloud."""
    if facts.kind is StepKind.HEARD:
        lines = [_heard(item) for item in facts.items[:_ITEMS_SHOWN]]
        both = [lines_that_fit(lines, total=facts.total, limit=2_700)] if lines else []
        return both, both
    if facts.kind in _SAYS_WHAT_BECAME:
        lines = [f"• {indicator(item.value)}" for item in facts.items[:_ITEMS_SHOWN]]
        both = [lines_that_fit(lines, total=max(len(facts.items), facts.total), limit=1_700)] if lines else []
        return both, both
    return (
        lines_of_items(facts.items, total=facts.total, marked=facts.request.is_marked),
        lines_of_items(facts.items, total=facts.total, marked=False),
    )


def _heard(item: ItemFacts) -> str:
    return f"• {indicator(item.value)}: {escaped(item.outcome, limit=_HEARD)}"


def _buttons(steps: Sequence[StepFacts]) -> list[ButtonElement]:
    """Each once, however many of the steps call for it."""
    request = steps[0].request
    buttons: list[ButtonElement] = []
    if any(facts.kind is StepKind.REMINDER for facts in steps):
        # It opens the form of `/extend` with what still stands; the new end takes an approval like everything else.
        extend = elements.button(
            "New expiry date…",
            action_id=ActionId.EXTEND,
            value=carried(request),
            spoken=f"New expiry date for #{request.number}, by a form that opens",
        )
        buttons.append(extend)
    if any(facts.kind is StepKind.QUESTION for facts in steps):
        answer = elements.button(
            "Answer",
            action_id=ActionId.ANSWER,
            value=carried(request),
            style="primary",
            spoken=f"Answer what is asked about #{request.number}",
        )
        buttons.append(answer)
    if request.can_be_asked_again and any(facts.kind is StepKind.YOURS for facts in steps):
        buttons.append(propose_again_button(request))
    if any(facts.kind in _WITH_DETAILS for facts in steps):
        buttons.append(details_button(request))
    return buttons
