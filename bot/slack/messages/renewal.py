"""What is due for renewal, as its owner and the approvers read it: each entry with **Keep…** and **Let it end**.

It is brought up to date as they answer. Either button carries the renewals in the versions that stand there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.indicators.defanging import defanged
from bot.domain.lists.traits import Action
from bot.domain.telling.renewal_facts import DueLine, RenewalFacts, summary
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import MESSAGE_TOTAL, as_json
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import card_link, code, indicator, lines_that_fit, plain
from bot.slack.messages.sentences import read_aloud, seen

_NAME = "renewal"
#: So many characters have a value and a reason; where it is too much for one message, all have less.
_ROOMS = ((80, 300), (60, 100), (40, 0))
#: All blocks together, with a little left for their ids.
_FITS = MESSAGE_TOTAL - 1_500
#: A screen reader says of a button which entry it is about: a name for it has 75 characters.
_NAMED = 40
#: What is read aloud has so much room.
_ALOUD = 3_000
_CARRIED = re.compile(r"([0-9]{1,15})\.([0-9]{1,9})")
_MOST_CARRIED = 20


def renewal_message(facts: RenewalFacts) -> Message:
    """The message as it stands now."""
    made = (_blocks(facts, value=value, quoted=quoted) for value, quoted in _ROOMS)
    blocks = next((each for each in made if _size(each) <= _FITS), None) or _blocks(facts, value=40, quoted=0)
    named = [f"{read_aloud(facts.what_then)}", *(_aloud(line) for line in facts.lines)]
    said = [facts.headline, *filter(None, named), *(read_aloud(each.said) for each in facts.answered)]
    return Message.build(name=_NAME, text=lines_that_fit(said, limit=_ALOUD), blocks=blocks)


def newer_renewal() -> Message:
    """What stands in the place of a message that a newer one has replaced."""
    words = "There is a newer message about renewals below."
    return Message.build(name=_NAME, text=words, blocks=[elements.section(words)])


def renewal_rows(lines: Sequence[DueLine], *, title: str, total: int) -> list[Block]:
    """Some lines below a title, each with its buttons; nothing where there are none. Two blocks for each, and two."""
    if not lines:
        return []
    blocks: list[Block] = [elements.section(f"*{title}*")]
    for line in lines:
        blocks += _line(line, value=80, quoted=100)
    if total > len(lines):
        blocks.append(elements.context(f"…and {total - len(lines):,} more: {code('/requests renewals')}"))
    return blocks


def renewals_page(
    *, mine: Sequence[DueLine], all_mine: int, passed_on: Sequence[DueLine], all_passed_on: int
) -> Message:
    """The answer to `/requests renewals`: what waits for the reader's answer, and for the approvers'."""
    told = summary(all_mine, all_passed_on) or "Nothing is due for renewal that is yours to answer."
    blocks: list[Block] = [elements.section(f"*{told}*")]
    for lines in (mine, passed_on):
        for line in lines:
            blocks += _line(line, value=80, quoted=100)
    if left := all_mine + all_passed_on - len(mine) - len(passed_on):
        blocks.append(elements.context(f"…and {left:,} more, once these are answered."))
    said = [told, *(_aloud(line) for line in (*mine, *passed_on))]
    return Message.build(name=_NAME, text=lines_that_fit(said, limit=_ALOUD), blocks=blocks)


def carried_by(value: str) -> Mapping[int, int]:
    """What a button carried, which is hostile like all else from outside: versions by the renewals' numbers. Empty for
    anything else."""
    parts = value.split(" ") if len(value) <= 1_000 else []
    read = [_CARRIED.fullmatch(part) for part in parts]
    if not 0 < len(read) <= _MOST_CARRIED or any(each is None for each in read):
        return {}
    return {int(each[1]): int(each[2]) for each in read if each is not None}


def _blocks(facts: RenewalFacts, *, value: int, quoted: int) -> list[Block]:
    blocks: list[Block] = [elements.section(f"*{facts.headline}*")]
    for line in facts.lines:
        blocks += _line(line, value=value, quoted=quoted)
    for action in Action:
        blocks += _all_of(action, [line for line in facts.lines if line.action is action])
    if facts.answered:
        answered = [f"• {seen(each.said, value=value)}" for each in facts.answered]
        blocks.append(elements.section(elements.labelled("Answered", lines_that_fit(answered, limit=2_800))))
    small = [seen(facts.what_then)] if facts.what_then else []
    if facts.total > len(facts.lines):
        small.insert(0, f"{len(facts.lines)} of {facts.total:,}: the next ones follow as these are answered.")
    return [*blocks, elements.context(*small)] if small else blocks


def _line(line: DueLine, *, value: int, quoted: int) -> list[Block]:
    number = card_link(f"#{line.number}", line.card_url)
    said = [
        f"{indicator(line.value, limit=value)} · {line.action} · {line.place}",
        f"{seen(line.asked_for)} · {number}",
    ]
    if line.reason and quoted:
        said.append(f"“{seen(line.reason, quoted=quoted)}”")
    said += [seen(part) for part in (line.use, line.why) if part]
    named = plain(defanged(line.value), limit=_NAMED) or "entry"
    return [elements.section("\n".join(said)), elements.buttons(_buttons(line.carried, "Keep…", "Let it end", named))]


def _all_of(action: Action, lines: Sequence[DueLine]) -> list[Block]:
    """The same for all that stand there, where there are several of one kind."""
    if len(lines) < 2:
        return []
    carried = " ".join(line.carried for line in lines)
    which = f"{len(lines)} {action}s"
    return [elements.buttons(_buttons(carried, f"Keep these {which}…", f"Let these {which} end", which))]


def _buttons(carried: str, keep: str, end: str, about: str) -> list[ButtonElement]:
    return [
        elements.button(keep, action_id=ActionId.RENEWAL_KEEP, value=carried, spoken=f"{keep} {about}, by a form"),
        elements.button(end, action_id=ActionId.RENEWAL_END, value=carried, spoken=f"{end}: {about}"),
    ]


def _size(blocks: Sequence[Block]) -> int:
    return len(as_json([block.to_dict() for block in blocks]))


def _aloud(line: DueLine) -> str:
    return f"{indicator(line.value, limit=60)}, {line.action}, {line.place}, #{line.number}"
