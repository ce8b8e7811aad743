"""What an approver is reminded of, by direct message: a line for each request that waits for them.

It has no button that decides: that is on the card alone. Later it is brought up to date, so that it asks for nothing
that is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import mention, when
from bot.slack.messages.request_buttons import details_button
from bot.slack.messages.sentences import read_aloud, seen

#: So many are named; the rest is counted.
MOST_NAMED = 10
_NAME = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One request that waits, and where its card is read; empty where Slack doesn't say."""

    facts: RequestFacts
    card_url: str = ""


def reminder(waiting: Sequence[Reminder], *, total: int) -> Message:
    """The requests that wait for somebody, at most `MOST_NAMED` of them, and how many there are in all."""
    if not waiting:
        return _said("Nothing of this waits for your decision any more.")
    said = f"{plural(total, 'request')} {'waits' if total == 1 else 'wait'} for your decision"
    blocks: list[Block] = [elements.section(f"*{said}*")]
    for each in waiting:
        facts = each.facts
        what = "Emergency block, to be reviewed: " if facts.awaits_review else ""
        lines = [
            f"{what}{seen(facts.short_headline)} · #{facts.number}",
            f"{mention(facts.requester)}, {when(facts.asked_at)}",
        ]
        if each.card_url:
            lines.append(f"<{each.card_url}|The card of #{facts.number}>")
        blocks.append(elements.section("\n".join(lines), accessory=details_button(facts)))
    if total > len(waiting):
        blocks.append(elements.context(f"…and {total - len(waiting)} more: `/requests open`"))
    named = "; ".join(f"#{each.facts.number} {read_aloud(each.facts.short_headline)}" for each in waiting)
    return Message.build(name=_NAME, text=f"{said}: {named}", blocks=blocks)


def newer_reminder() -> Message:
    """What stands in the place of a reminder that a newer one has replaced."""
    return _said("There is a newer reminder below.")


def _said(words: str) -> Message:
    return Message.build(name=_NAME, text=words, blocks=[elements.section(words)])
