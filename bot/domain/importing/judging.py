"""Judging what was imported: what becomes a proposal, and what is set aside, each line with its reason.

One bad or superfluous line never costs the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain.importing.own_ends import by_end
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
from bot.domain.reading.import_allowance import TOO_MANY
from bot.domain.reading.import_lines import Line
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Request, SetAside


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLines:
    """What goes to one list, with one end: a proposal of all that is left, what policy says, and what was set aside.

    The assessment's refusals, if there are any, concern the proposal as a whole.
    """

    proposal: Proposal
    assessment: Assessment
    lines: Mapping[str, int]  #: where each of the proposal's values stands, from 1
    set_aside: tuple[SetAside, ...] = ()
    end: date | None = None  #: the last day that the rows give their entries; None: the import's own end


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
    still_open: Sequence[Request] = (),
) -> JudgedLines:
    """Judge each line by itself: a part for each list, in the order in which the lists were first named, and in it one
    for each end that the lines have.

    Set aside are: what can't be read (under the line's own code), what the row itself allows where blocks are wanted
    or the other way round (`row_allows`, `row_blocks`), what is named twice (`duplicate`), what is beyond
    `MOST_IMPORTED` (`too_many`), whose row gives it an end that can't be (`end`, `too_many_ends`), what an entry covers
    already (`covered`), what a request that is `still_open` asks for as well (`pending`; their `items` are those that
    matter), and what policy refuses by name, under the refusal's code. Every line is in one place. A list of which
    nothing is left has no part: its lines are in `JudgedLines.set_aside`, beside those that can't be read. `known` is
    for policy. Raises InvalidDuration for an end date that has passed.
    """
    kept, repeated = _distinct(lines, action)
    lines_of = {(list_for(indicator.kind), indicator.value): line for line, indicator in kept}
    ends = by_end(
        kept if operation.gives_an_end else [(replace(line, end=None), found) for line, found in kept], today=now.date()
    )
    parts: list[ListLines] = []
    set_aside = [_unreadable(line) for line in lines if line.indicator is None]
    set_aside += [_set_aside(line, code, why) for line, code, why in ends.refused]
    for end, members in ends.groups.items():
        drafted = draft(
            operation,
            action,
            [indicator for _, indicator in members],
            lifetime=lifetime if end is None else Lifetime(until=end),
            reason=reason,
            rules=rules,
            now=now,
        )
        for proposal in drafted:
            part = _judge_list(
                Case(proposal=proposal, lists=lists, rules=rules, now=now, known=known),
                {indicator.value: lines_of[proposal.list, indicator.value] for indicator in proposal.indicators},
                _asked_for(proposal, still_open),
                end,
            )
            if part.proposal.indicators:
                parts.append(part)
            else:
                set_aside += part.set_aside
    parts = _with_repeated(_together(_by_list(parts, lines_of), lists, rules, now, known), repeated)
    named = {part.proposal.list for part in parts}
    set_aside += (again for name, further in repeated.items() if name not in named for again in further)
    return JudgedLines(parts=tuple(parts), set_aside=_in_order(set_aside))


def _by_list(parts: Sequence[ListLines], named: Iterable[tuple[ListName, str]]) -> list[ListLines]:
    """The parts of one list beside each other, in the order in which the lists were first named."""
    order = {name: place for place, name in enumerate(dict.fromkeys(name for name, _ in named))}
    return sorted(parts, key=lambda part: order[part.proposal.list])


def _with_repeated(parts: Sequence[ListLines], repeated: Mapping[ListName, Sequence[SetAside]]) -> list[ListLines]:
    """The parts, with what is named twice beside the first part of its list."""
    told: set[ListName] = set()
    full: list[ListLines] = []
    for part in parts:
        further = () if part.proposal.list in told else repeated.get(part.proposal.list, ())
        told.add(part.proposal.list)
        full.append(replace(part, set_aside=_in_order([*part.set_aside, *further])))
    return full


def _together(
    parts: Sequence[ListLines], lists: Snapshot | None, rules: Rules, now: datetime, known: Sequence[KnownEntry] | None
) -> list[ListLines]:
    """The parts, where those of one list are refused together: each may have room in it, and all of them not."""
    by_list: dict[ListName, list[ListLines]] = defaultdict(list)
    for part in parts:
        by_list[part.proposal.list].append(part)
    refusals = {}
    for name, of_list in by_list.items():
        if len(of_list) > 1:
            indicators = tuple(indicator for part in of_list for indicator in part.proposal.indicators)
            whole = replace(of_list[0].proposal, indicators=indicators)
            assessment = decide(
                Case(proposal=whole, lists=lists, rules=rules, now=now, known=known), most=MOST_IMPORTED
            )
            refusals[name] = tuple(refusal for refusal in assessment.refusals if not refusal.indicator)
    return [
        replace(
            part,
            assessment=replace(
                part.assessment,
                refusals=tuple(dict.fromkeys((*part.assessment.refusals, *refusals.get(part.proposal.list, ())))),
            ),
        )
        for part in parts
    ]


def _distinct(
    lines: Sequence[Line], action: Action
) -> tuple[list[tuple[Line, Indicator]], Mapping[ListName, list[SetAside]]]:
    """The first line for each indicator, in whichever spelling, as far as they fit; and by list, the lines beyond."""
    first: dict[tuple[ListName, object], int] = {}
    ends: dict[int, date | None] = {}
    kept: list[tuple[Line, Indicator]] = []
    further: dict[ListName, list[SetAside]] = defaultdict(list)
    for line in lines:
        indicator = line.indicator
        if indicator is None:
            continue
        name = list_for(indicator.kind)
        if line.says is not None and line.says is not action:
            text = _says_else(line.says, action)
            further[name].append(_set_aside(line, f"row_{line.says}s", text))
            continue
        key = (name, value_key(name, indicator.value))
        before = first.setdefault(key, line.number)
        if before != line.number:
            further[name].append(_set_aside(line, "duplicate", _same_as(before, line, ends)))
        elif len(kept) < MOST_IMPORTED:
            kept.append((line, indicator))
            ends[line.number] = line.end
        else:
            further[name].append(_set_aside(line, TOO_MANY.code, TOO_MANY.text))
    return kept, further


def _says_else(says: Action, action: Action) -> str:
    if says is Action.BLOCK:
        return f"The row says Block; this import is about {action}s."
    return (
        "The row, a heading above it or the name of its column or sheet says that it is allowed, or isn't meant to be "
        f"blocked; this import is about {action}s."
    )


def _same_as(before: int, line: Line, ends: Mapping[int, date | None]) -> str:
    other = ", which has another expiry date" if ends.get(before) != line.end else ""
    return f"It is the same as line {before}{other}."


def _asked_for(proposal: Proposal, still_open: Sequence[Request]) -> Mapping[str, int]:
    """Which of a proposal's values another open request names as well, and by which number people know that request."""
    asked: dict[object, int] = {}
    for request in still_open:
        same = (request.list, request.operation, request.action)
        if same == (proposal.list, proposal.operation, proposal.action):
            for item in request.items:
                asked.setdefault(value_key(request.list, item.value), request.proposal_id)
    found = (
        (indicator.value, asked.get(value_key(proposal.list, indicator.value))) for indicator in proposal.indicators
    )
    return {value: request_id for value, request_id in found if request_id is not None} if asked else {}


def _judge_list(case: Case, lines: Mapping[str, Line], asked: Mapping[str, int], end: date | None) -> ListLines:
    proposal = case.proposal
    assessment = decide(case, most=MOST_IMPORTED)
    reasons: dict[str, tuple[str, str]] = {value: ("covered", text) for value, text in assessment.covered.items()}
    for refusal in assessment.refusals:
        if refusal.indicator:
            reasons[refusal.indicator] = (refusal.code, str(refusal))
    for value, request_id in asked.items():
        reasons.setdefault(value, ("pending", f"#{request_id}, which is still open, names it already."))
    left = tuple(indicator for indicator in proposal.indicators if indicator.value not in reasons)
    if left and len(left) < len(proposal.indicators):
        # What was set aside takes no room, and nobody needs to be warned of it.
        proposal = replace(proposal, indicators=left)
        assessment = decide(case.with_fewer(proposal), most=MOST_IMPORTED)
    return ListLines(
        proposal=replace(proposal, indicators=left),
        assessment=_never_in_bulk(proposal, assessment),
        lines={indicator.value: lines[indicator.value].number for indicator in left},
        set_aside=_in_order(_set_aside(lines[value], code, text) for value, (code, text) in reasons.items()),
        end=end,
    )


def _never_in_bulk(proposal: Proposal, assessment: Assessment) -> Assessment:
    """The assessment as it is, but for the proposals that people must look at one by one."""
    refusal = refuse_in_bulk(proposal)
    if refusal is None:
        return assessment
    others = (other for other in assessment.refusals if other.code not in {refusal.code, "not_acknowledged"})
    return replace(assessment, refusals=(refusal, *others))


def _unreadable(line: Line) -> SetAside:
    return SetAside(line=line.number, typed=line.typed, code=line.code, reason=line.problem or "It names nothing.")


def _set_aside(line: Line, code: str, reason: str) -> SetAside:
    value = line.indicator.value if line.indicator is not None else ""
    return SetAside(line=line.number, typed=line.typed, value=value, code=code, reason=reason)


def _in_order(set_aside: Iterable[SetAside]) -> tuple[SetAside, ...]:
    return tuple(sorted(set_aside, key=lambda left_out: left_out.line))
