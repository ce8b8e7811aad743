"""Judging what was imported: what becomes a proposal, and what is set aside, each line with its reason.

One bad or superfluous line never costs the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import value_key
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.policies.assess import decide
from bot.domain.policies.case import Assessment, Case, Rules
from bot.domain.policies.drafting import draft
from bot.domain.policies.import_limits import refuse_in_bulk
from bot.domain.reading.durations import Lifetime
from bot.domain.reading.import_lines import Line
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import SetAside


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLines:
    """What goes to one list: a proposal of all that is left, what policy says of it, and what was set aside.

    The assessment's refusals, if there are any, concern the proposal as a whole.
    """

    proposal: Proposal
    assessment: Assessment
    lines: Mapping[str, int]  #: where each of the proposal's values stands, from 1
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLines:
    """All parts, and what was set aside that belongs to none of them."""

    parts: tuple[ListLines, ...] = ()
    set_aside: tuple[SetAside, ...] = ()


def judge_lines(
    lines: Sequence[Line],
    *,
    operation: Operation,
    action: Action,
    lifetime: Lifetime | None,
    reason: str,
    rules: Rules,
    lists: Snapshot | None,
    now: datetime,
    known: Sequence[KnownEntry] | None = None,
) -> JudgedLines:
    """Judge each line by itself: a part for each list, in the order in which the lists were first named.

    Set aside are: what can't be read (`unreadable`), what is named twice (`duplicate`), what is beyond `MOST_IMPORTED`
    (`too_many`), what an entry covers already (`covered`), and what policy refuses by name, under the refusal's code.
    Every line is in one place. A list of which nothing is left has no part: its lines are in `JudgedLines.set_aside`,
    beside those that can't be read. `known` is for policy. Raises InvalidDuration for an end date that has passed.
    """
    kept, repeated = _distinct(lines)
    lines_of = {(list_for(indicator.kind), indicator.value): line for line, indicator in kept}
    drafted = draft(
        operation, action, [indicator for _, indicator in kept], lifetime=lifetime, reason=reason, rules=rules, now=now
    )
    parts = []
    set_aside = [_unreadable(line) for line in lines if line.indicator is None]
    for proposal in drafted:
        part = _judge_list(
            Case(proposal=proposal, lists=lists, rules=rules, now=now, known=known),
            {indicator.value: lines_of[proposal.list, indicator.value] for indicator in proposal.indicators},
            repeated[proposal.list],
        )
        if part.proposal.indicators:
            parts.append(part)
        else:
            set_aside += part.set_aside
    named = {part.proposal.list for part in parts} | {proposal.list for proposal in drafted}
    set_aside += (again for name, further in repeated.items() if name not in named for again in further)
    return JudgedLines(parts=tuple(parts), set_aside=_in_order(set_aside))


def _distinct(lines: Sequence[Line]) -> tuple[list[tuple[Line, Indicator]], Mapping[ListName, list[SetAside]]]:
    """The first line for each indicator, in whichever spelling, as far as they fit; and by list, the lines beyond."""
    first: dict[tuple[ListName, object], int] = {}
    kept: list[tuple[Line, Indicator]] = []
    further: dict[ListName, list[SetAside]] = defaultdict(list)
    for line in lines:
        indicator = line.indicator
        if indicator is None:
            continue
        name = list_for(indicator.kind)
        key = (name, value_key(name, indicator.value))
        before = first.setdefault(key, line.number)
        if before != line.number:
            further[name].append(_set_aside(line, "duplicate", f"It is the same as line {before}."))
        elif len(kept) < MOST_IMPORTED:
            kept.append((line, indicator))
        else:
            text = f"At most {MOST_IMPORTED:,} indicators are imported at a time. Import this one with the next ones."
            further[name].append(_set_aside(line, "too_many", text))
    return kept, further


def _judge_list(case: Case, lines: Mapping[str, Line], repeated: Sequence[SetAside]) -> ListLines:
    proposal = case.proposal
    assessment = decide(case, most=MOST_IMPORTED)
    reasons: dict[str, tuple[str, str]] = {value: ("covered", text) for value, text in assessment.covered.items()}
    for refusal in assessment.refusals:
        if refusal.indicator:
            reasons[refusal.indicator] = (refusal.code, f"{refusal.text} {refusal.remedy}".strip())
    left = tuple(indicator for indicator in proposal.indicators if indicator.value not in reasons)
    if left and len(left) < len(proposal.indicators):
        # What was set aside takes no room, and nobody needs to be warned of it.
        proposal = replace(proposal, indicators=left)
        assessment = decide(case.with_fewer(proposal), most=MOST_IMPORTED)
    return ListLines(
        proposal=replace(proposal, indicators=left),
        assessment=_never_in_bulk(proposal, assessment),
        lines={indicator.value: lines[indicator.value].number for indicator in left},
        set_aside=_in_order(
            [*repeated, *(_set_aside(lines[value], code, text) for value, (code, text) in reasons.items())]
        ),
    )


def _never_in_bulk(proposal: Proposal, assessment: Assessment) -> Assessment:
    """The assessment as it is, but for the proposals that people must look at one by one."""
    refusal = refuse_in_bulk(proposal)
    if refusal is None:
        return assessment
    others = (other for other in assessment.refusals if other.code not in {refusal.code, "not_acknowledged"})
    return replace(assessment, refusals=(refusal, *others))


def _unreadable(line: Line) -> SetAside:
    return SetAside(line=line.number, typed=line.typed, code="unreadable", reason=line.problem or "It names nothing.")


def _set_aside(line: Line, code: str, reason: str) -> SetAside:
    value = line.indicator.value if line.indicator is not None else ""
    return SetAside(line=line.number, typed=line.typed, value=value, code=code, reason=reason)


def _in_order(set_aside: Iterable[SetAside]) -> tuple[SetAside, ...]:
    return tuple(sorted(set_aside, key=lambda left_out: left_out.line))
