"""The answer to `/safelist`: where the connection filter's safe list is on, by the last snapshot of the tenant."""

from __future__ import annotations

from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.lists.entries import FilterPolicy
from bot.domain.telling.safe_list_facts import SafeListFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import ago, code, sections_of, when, when_plain


def safe_list_message(facts: SafeListFacts, *, now: datetime) -> Message:
    """A line for each connection filter policy, those in which it is on first."""
    mark = ":warning:" if facts.is_on else ":white_check_mark:"
    blocks: list[Block] = [elements.section(f"{mark} *{facts.headline}*. {facts.means}")]
    lines = [_line(policy) for policy in facts.policies]
    blocks += [elements.section(text) for text in sections_of(lines, total=len(lines), at_most=2)]
    hint = f" To have it switched off: {code('/safelist off')} and the reason." if facts.is_on else ""
    age = ago(facts.as_of, now=now)
    blocks.append(elements.context(f"Lists as of {when(facts.as_of)} ({age}). Only you see this.{hint}"))
    text = f"{facts.headline}. {facts.means}{hint} Lists as of {when_plain(facts.as_of)}, {age}."
    return Message.build(name="safe-list", text=text, blocks=blocks)


def _line(policy: FilterPolicy) -> str:
    mark, word = (":warning:", "*on*") if policy.safe_list else (":heavy_minus_sign:", "off")
    default = ", the default policy" if policy.is_default else ""
    return f"{mark} {code(policy.identity, limit=120)}: {word}{default}"
