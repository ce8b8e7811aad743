"""The answer to `/safelist`: where the connection filter's safe list is on, by the last snapshot of the tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.lists.entries import FilterPolicy
from bot.domain.telling.counting import plural
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import ago, code, sections_of, when, when_plain

_MEANS = (
    "While it is on, mail from servers on Microsoft's own list of good senders skips spam filtering. "
    "The baseline says that it should be off (MS.SECURITYSUITE.8.2v1, CIS 2.1.13)."
)


def safe_list_message(policies: Sequence[FilterPolicy], *, as_of: datetime, now: datetime) -> Message:
    """A line for each connection filter policy, those in which it is on first."""
    ordered = sorted(policies, key=lambda policy: not policy.safe_list)
    on = sum(policy.safe_list for policy in ordered)
    summary = f"on in {on:,} of {plural(len(ordered), 'policy', 'policies')}" if on else "off everywhere"
    heading = f"The safe list is {summary}"
    blocks: list[Block] = [elements.section(f"{':warning:' if on else ':white_check_mark:'} *{heading}*. {_MEANS}")]
    lines = [_line(policy) for policy in ordered]
    blocks += [elements.section(text) for text in sections_of(lines, total=len(lines), at_most=2)]
    hint = f" To have it switched off: {code('/safelist off')} and the reason." if on else ""
    age = f"From the last snapshot of the lists, as of {ago(as_of, now=now)}"
    blocks.append(elements.context(f"{age} ({when(as_of)}). Only you see this.{hint}"))
    return Message.build(name="safe-list", text=f"{heading}. {_MEANS}{hint} {age}, {when_plain(as_of)}.", blocks=blocks)


def _line(policy: FilterPolicy) -> str:
    mark, word = (":warning:", "*on*") if policy.safe_list else (":heavy_minus_sign:", "off")
    default = ", the default policy" if policy.is_default else ""
    return f"{mark} {code(policy.identity, limit=120)}: {word}{default}"
