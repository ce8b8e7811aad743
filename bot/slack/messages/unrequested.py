"""The alert about changes that nobody requested: each with what it lets through, and what can be done about it."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.telling.unrequested_facts import ChangeFacts, UnrequestedFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages.sentences import read_aloud, seen

#: What somebody wrote as a note has so much room.
_QUOTED = 200


def unrequested_message(facts: UnrequestedFacts) -> Message:
    """The alert, as it stands now."""
    mark = ":rotating_light:" if facts.is_loud else ":bell:"
    blocks: list[Block] = [elements.section(f"{mark} {seen(facts.sentence)}")] if facts.sentence else []
    spoken = [read_aloud(facts.sentence)] if facts.sentence else []
    if facts.counts:
        counted = "\n".join(f"• {words}" for words in facts.counts)
        rest = "All of them are in the file below this message. `/check` and `/unallow` work on each."
        blocks += [elements.section(counted), elements.context(rest)]
        spoken += [*facts.counts, rest]
    for change in facts.changes:
        blocks += _of_change(change, mark="" if facts.sentence else f"{mark} ")
        spoken.append(read_aloud(change.sentence, quoted=_QUOTED))
        spoken += [text for text in (change.bypasses, read_aloud(change.now)) if text]
    blocks.append(elements.context(seen(facts.when)))
    spoken.append(read_aloud(facts.when))
    return Message.build(name=f"unrequested-{facts.reading}", text="\n".join(spoken), blocks=blocks)


def _of_change(change: ChangeFacts, *, mark: str) -> list[Block]:
    lines = [f"{mark}{seen(change.sentence, quoted=_QUOTED)}", change.bypasses]
    if change.now:
        lines.append(f"*Now:* {seen(change.now)}")
    buttons = _buttons(change)
    return [elements.section("\n".join(filter(None, lines))), *([elements.buttons(buttons)] if buttons else [])]


def _buttons(change: ChangeFacts) -> list[ButtonElement]:
    """What can be done about a change: to keep it with an owner and an end, or to have it taken out."""
    adopt = elements.button(
        "Adopt…",
        action_id=ActionId.OPEN_EXTEND,
        value=change.line,
        spoken="Adopt this entry: a form that asks to keep it, with a reason and an end",
    )
    undo = "Propose switching it off" if change.is_switch else "Propose removal"
    remove = elements.button(
        undo,
        action_id=ActionId.REMOVE_CHANGE,
        value=str(change.number),
        spoken=f"{undo}, which takes the usual approvals",
    )
    return [*([adopt] if change.may_adopt and change.line else []), *([remove] if change.may_remove else [])]
