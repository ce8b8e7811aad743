"""The alert about changes that nobody requested: each with what it lets through, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.telling.unrequested_facts import ChangeFacts, UnrequestedFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import MESSAGE_TOTAL, as_json
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import lines_that_fit
from bot.slack.messages.sentences import read_aloud, seen

#: What somebody wrote as a note has so much room. Where it is too much for one message, all have less; the log has all.
_ROOMS = (200, 60, 30, 20)
_IN_FILE = "All of them are in the file below this message. `/check` and `/unallow` work on each."
#: All blocks together, with a little left for their ids.
_FITS = MESSAGE_TOTAL - 1_500
#: What is read aloud has so much room, in front of when it was done.
_ALOUD = 3_500


def unrequested_message(facts: UnrequestedFacts) -> Message:
    """The alert, as it stands now: it fits into one message, whatever the tenant holds."""
    made = (_blocks(facts, quoted=quoted) for quoted in _ROOMS)
    blocks = next((each for each in made if _size(each) <= _FITS), None) or _blocks(facts, quoted=0)
    when = read_aloud(facts.when)
    # Of long notes and rules the ears get as many as a message may have; the eyes get all.
    aloud = lines_that_fit(_spoken(facts), limit=_ALOUD, more="…and {} more lines, to be read in the message")
    return Message.build(name=f"unrequested-{facts.reading}", text=f"{aloud}\n{when}", blocks=blocks)


def _blocks(facts: UnrequestedFacts, *, quoted: int) -> list[Block]:
    mark = ":rotating_light:" if facts.is_loud else ":bell:"
    blocks: list[Block] = [elements.section(f"{mark} {seen(facts.sentence)}")] if facts.sentence else []
    if facts.counts:
        blocks += [elements.section("\n".join(f"• {words}" for words in facts.counts)), elements.context(_IN_FILE)]
    for change in facts.changes:
        blocks += _of_change(change, mark="" if facts.sentence else f"{mark} ", quoted=quoted)
    blocks.append(elements.context(seen(facts.when)))
    return blocks


def _size(blocks: Sequence[Block]) -> int:
    return len(as_json([block.to_dict() for block in blocks]))


def _spoken(facts: UnrequestedFacts) -> list[str]:
    spoken = [read_aloud(facts.sentence)] if facts.sentence else []
    if facts.counts:
        spoken += [*facts.counts, _IN_FILE]
    for change in facts.changes:
        spoken.append(read_aloud(change.sentence, quoted=_ROOMS[0]))
        spoken += [text for text in (change.bypasses, read_aloud(change.now)) if text]
    return spoken


def _of_change(change: ChangeFacts, *, mark: str, quoted: int) -> list[Block]:
    lines = [f"{mark}{seen(change.sentence, quoted=quoted)}", change.bypasses]
    if change.now:
        lines.append(f"*Now:* {seen(change.now)}")
    buttons = _buttons(change)
    return [elements.section("\n".join(filter(None, lines))), *([elements.buttons(buttons)] if buttons else [])]


def _buttons(change: ChangeFacts) -> list[ButtonElement]:
    """What can be done about a change: to keep it with an owner and an end, or to have it taken out."""
    adopt = elements.button(
        "Adopt…",
        action_id=ActionId.OPEN_ADOPT,
        value=str(change.number),
        spoken="Adopt this entry: a form that asks to keep it, with its end or another",
    )
    undo = "Propose switching it off" if change.is_switch else "Propose removal"
    remove = elements.button(
        undo,
        action_id=ActionId.REMOVE_CHANGE,
        value=str(change.number),
        spoken=f"{undo}, which takes the usual approvals",
    )
    return [
        *([adopt] if change.may_adopt else []),
        *([remove] if change.may_remove else []),
    ]
