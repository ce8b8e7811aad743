"""The posture in Slack: the answer to `/posture`, the alert of what got worse, and the weekly summary."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.posture.baseline import PostureResult
from bot.domain.posture.finding import Gravity, Remedy
from bot.domain.requests.people import Right
from bot.domain.telling.posture_facts import (
    NOTHING_FOUND,
    REMEDIES,
    FindingFacts,
    SummaryFacts,
    WorseFacts,
    counts_line,
    is_met,
    rule_line,
)
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.elements import NOTHING
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import ago, code, escaped, lines_that_fit, spoken, when, when_plain
from bot.slack.messages.sentences import read_aloud, seen

#: So many findings stand on one page: a message holds 12,000 characters.
PAGE = 8
#: What the tenant's texts in a line may have.
_QUOTED = 110
#: So many places that could not be seen are named.
_MOST_UNSEEN = 4
_ALOUD = 3_000
_MARKS = {Gravity.GRAVE: ":rotating_light:", Gravity.SERIOUS: ":warning:", Gravity.MINOR: ":heavy_minus_sign:"}
#: In the value of a button: a position, and the finding that the page goes on from.
_PLACE = re.compile(r"([0-9]{1,9})(?: ([0-9a-f]{16}))?", re.ASCII)
#: In that of the button for a remedy: the finding, and what the button says that it proposes.
_ASKED = re.compile(rf"([0-9a-f]{{16}}) ({'|'.join(Remedy)})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PosturePageFacts:
    """A page of findings, the gravest first."""

    baseline: Sequence[PostureResult]
    findings: Sequence[FindingFacts]
    start: int  #: how many stand before this page
    total: int
    grave: int
    unseen: Sequence[str]
    as_of: datetime
    is_whole: bool = True  #: False: it is shown where pages can't be turned


@dataclass(frozen=True, slots=True, kw_only=True)
class PosturePlace:
    """Which page a button asks for: the one beside a finding; where that is gone, by its position."""

    start: int
    finding: str = ""


def posture_message(facts: PosturePageFacts, *, rights: Collection[Right], now: datetime) -> Message:
    """At most `PAGE` findings, each with the button that proposes its remedy, for whoever may propose."""
    shown = facts.findings[:PAGE]
    blocks: list[Block] = [elements.section(_head(facts, strong="*"))]
    if rules := _rules(facts.baseline):
        blocks.append(elements.section("\n".join(rules)))
    if not facts.total:
        blocks.append(elements.section(seen(NOTHING_FOUND)))
    blocks += [_row(finding, rights=rights) for finding in shown]
    if ways := _ways(facts):
        blocks.append(elements.buttons(ways))
    blocks += [elements.context(text) for text in _unseen(facts.unseen)]
    more = "" if facts.is_whole else f" {code('/posture')} shows all of it."
    age = ago(facts.as_of, now=now)
    blocks.append(elements.context(f"Lists as of {when(facts.as_of)} ({age}). Only you see this.{more}"))
    aloud = [_head(facts, strong=""), *_rules(facts.baseline, aloud=True), *map(_spoken, shown)]
    aloud += _unseen(facts.unseen)
    text = lines_that_fit(aloud, limit=_ALOUD, more="…and {} more lines, to be read in the message")
    return Message.build(name="posture", text=f"{text}\nLists as of {when_plain(facts.as_of)}, {age}.", blocks=blocks)


def summary_message(facts: SummaryFacts) -> Message:
    """The week's summary: what is worse, what is better, the gravest, and the way to all of it."""
    worse = f"*Worse:* {', '.join(facts.worse)}" if facts.worse else ""
    better = f"*Better:* {', '.join(facts.better)}" if facts.better else ""
    blocks: list[Block] = [elements.section("\n".join(filter(None, [f":bell: {seen(facts.headline)}", worse, better])))]
    if facts.gravest:
        lines = [f"{_MARKS[each.gravity]} {seen(each.line, quoted=_QUOTED)}" for each in facts.gravest]
        blocks += [elements.section(elements.labelled("The gravest", lines_that_fit(lines, limit=2_700)))]
    blocks += [elements.context(text) for text in _unseen(facts.unseen)]
    blocks.append(elements.buttons([look_button()]))
    aloud = [read_aloud(facts.headline), worse.replace("*", ""), better.replace("*", "")]
    aloud += [*map(_spoken, facts.gravest), *_unseen(facts.unseen)]
    text = lines_that_fit(filter(None, aloud), limit=_ALOUD, more="…and {} more lines, to be read in the message")
    return Message.build(name=f"posture-week-{facts.number}", text=text, blocks=blocks)


def worse_message(facts: WorseFacts) -> Message:
    """The alert of what is new and grave."""
    more = [f"…and {facts.more:,} more"] if facts.more else []
    lines = [f"• {seen(each.line, quoted=_QUOTED)}" for each in facts.findings] + more
    blocks: list[Block] = [
        elements.section(f":rotating_light: {seen(facts.headline)}"),
        elements.section(lines_that_fit(lines, limit=2_700)),
        elements.buttons([look_button()]),
    ]
    aloud = [read_aloud(facts.headline), *map(_spoken, facts.findings), *more]
    text = lines_that_fit(aloud, limit=_ALOUD, more="…and {} more lines, to be read in the message")
    return Message.build(name=f"posture-worse-{facts.number}", text=text, blocks=blocks)


def look_button() -> ButtonElement:
    """The way to the posture from elsewhere."""
    return elements.button(
        "Look at the posture",
        action_id=ActionId.OPEN_POSTURE,
        value=NOTHING,
        spoken="Look at the posture: you alone see the answer",
    )


def posture_place(value: str) -> PosturePlace | None:
    """The page in the value of a button; None when it isn't one of ours."""
    read = _PLACE.fullmatch(value)
    return None if read is None else PosturePlace(start=int(read[1]), finding=read[2] or "")


def remedy_asked(value: str) -> tuple[str, Remedy] | None:
    """The finding's name and the remedy in the value of a button; None when it isn't one of ours."""
    read = _ASKED.fullmatch(value)
    return None if read is None else (read[1], Remedy(read[2]))


def _head(facts: PosturePageFacts, *, strong: str) -> str:
    counted = f"{strong}Posture: {counts_line(facts.total, facts.grave)}{strong}."
    if not facts.findings:
        return counted
    first, last = facts.start + 1, facts.start + len(facts.findings[:PAGE])
    return f"{counted} {first:,} to {last:,}, the gravest first."


def _rules(baseline: Sequence[PostureResult], *, aloud: bool = False) -> list[str]:
    lines = []
    for result in baseline:
        mark = "" if aloud else f"{':white_check_mark:' if is_met(result) else ':warning:'} "
        met = "Met" if is_met(result) else "Not met"
        title = spoken(result.title, limit=120) if aloud else escaped(result.title, limit=120)
        lines.append(f"{mark}{met}: {title} · {rule_line(result)}")
    return lines


def _row(finding: FindingFacts, *, rights: Collection[Right]) -> Block:
    where = f"\n{escaped(finding.where, limit=120)}" if finding.where else ""
    if finding.asked is not None:
        where = f"\n#{finding.asked} asks for its remedy."
    text = f"{_MARKS[finding.gravity]} {seen(finding.line, quoted=_QUOTED)}{where}"
    return elements.section(text, accessory=_button(finding) if Right.PROPOSE in rights else None)


def _button(finding: FindingFacts) -> ButtonElement | None:
    words = REMEDIES.get(finding.remedy)
    if words is None or finding.asked is not None:
        return None
    spoken_as = f"{words}: a form opens" if finding.remedy is Remedy.NOTE else f"{words}, which takes approval"
    carried = f"{finding.name} {finding.remedy}"
    return elements.button(words, action_id=ActionId.POSTURE_REMEDY, value=carried, spoken=spoken_as)


def _ways(facts: PosturePageFacts) -> list[ButtonElement]:
    if not facts.is_whole:
        return []
    shown, ways = facts.findings[:PAGE], []
    if facts.start:
        value = f"{max(0, facts.start - PAGE)} {shown[0].name}" if shown else "0"
        ways.append(elements.button("Back", action_id=ActionId.POSTURE_BACK, value=value))
    if shown and facts.start + len(shown) < facts.total:
        value = f"{facts.start + len(shown)} {shown[-1].name}"
        ways.append(elements.button("Next", action_id=ActionId.POSTURE_NEXT, value=value))
    return ways


def _unseen(unseen: Sequence[str]) -> list[str]:
    lines = [f"Not seen: {escaped(text, limit=220)}" for text in unseen[:_MOST_UNSEEN]]
    left = len(unseen) - len(lines)
    return [*lines, f"Not seen: {left:,} more places"] if left else lines


def _spoken(finding: FindingFacts) -> str:
    return f"{finding.gravity.words.capitalize()}: {read_aloud(finding.line, quoted=_QUOTED)}."
