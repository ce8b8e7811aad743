"""What somebody sees, alone, after proposing: the requests that were made, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.indicators.defanging import defanged
from bot.domain.lists.change import Operation
from bot.domain.policies.case import Refusal
from bot.domain.policies.subdomains import NOT_COVERED
from bot.domain.telling.counting import plural
from bot.domain.telling.proposal_facts import ProposalFacts
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import code, escaped, indicator, lines_that_fit
from bot.slack.messages.lines import no_rule_approves, notes_text, warning_line
from bot.slack.messages.request_blocks import how_it_was_read
from bot.slack.messages.request_buttons import details_button, subdomains_button, withdraw_here_button
from bot.slack.messages.sentences import NAMED_VALUE, read_aloud, seen

#: One request for each list concerned: there are no more lists than that.
_REQUESTS_SHOWN = 6
_REFUSALS_SHOWN = 10
_NOTES_SHOWN = 3
_REVIEWED_LATER = "An approver reviews it afterwards: they keep it, or take it out."


def proposed_message(facts: ProposalFacts, *, others: str = "", ways_on: Sequence[Block] = ()) -> Message:
    """Requests made (one for each list concerned) with their warnings, and refusals with what to do about each.

    `others` is the name under which what nothing is wrong with is kept, to be requested by a button; empty: it isn't.
    `ways_on` stand below the refusals: what can be done about them.
    """
    requests, refusals = facts.requests, facts.refusals
    blocks: list[Block] = []
    for request in requests[:_REQUESTS_SHOWN]:
        blocks.append(elements.section(_made(request, facts.waits_because), accessory=details_button(request)))
        blocks += how_it_was_read(request, at_most=_NOTES_SHOWN, limit=900)
        if warnings := _warnings(request):
            blocks.append(elements.section(warnings))
        if own := _own_buttons(request, of_many=len(requests) > 1):
            blocks.append(elements.buttons(own))
    if len(requests) > _REQUESTS_SHOWN:
        blocks.append(elements.context(f"…and {plural(len(requests) - _REQUESTS_SHOWN, 'more request')}"))
    if refusals:
        lines = [_refusal_line(refusal) for refusal in refusals[:_REFUSALS_SHOWN]]
        text = lines_that_fit(lines, total=len(refusals), limit=2_800)
        blocks += [elements.section(elements.labelled("Not requested", text)), *ways_on]
    if facts.unrefused:
        blocks.append(elements.section(_unrefused(facts.unrefused)))
        if others:
            blocks.append(elements.buttons([_others_button(len(facts.unrefused), others)]))
    if not blocks:
        blocks.append(elements.section("Nothing was requested."))
    spoken = _spoken(requests, refusals, facts.waits_because) or "Nothing was requested."
    if facts.unrefused:
        spoken += f"\nNothing is wrong with {plural(len(facts.unrefused), 'other')}, which can be requested below."
    return Message.build(name="proposed", text=spoken, blocks=blocks)


def _own_buttons(facts: RequestFacts, *, of_many: bool) -> list[ButtonElement]:
    """What whoever proposed may do at once: take it back as a whole, and have subdomains blocked too."""
    subdomains = [subdomains_button(facts)] if facts.offers_subdomains else []
    withdraw = [] if of_many or not facts.is_open else [withdraw_here_button(facts)]
    return [*withdraw, *subdomains]


def _unrefused(values: Sequence[str]) -> str:
    """What nothing is wrong with: a command goes ahead as a whole, or by a button without what was refused."""
    shown = lines_that_fit([indicator(value) for value in values[:_REFUSALS_SHOWN]], total=len(values), limit=1_500)
    them = "it" if len(values) == 1 else "them"
    return elements.labelled(f"Not requested either, though nothing is wrong with {them}", shown)


def _others_button(count: int, name: str) -> ButtonElement:
    """The button that requests what nothing is wrong with."""
    which = "the other one" if count == 1 else f"the other {count}"
    return elements.button(
        f"Request {which}",
        action_id=ActionId.REQUEST_OTHERS,
        value=name,
        spoken=f"Request {which} without what was refused",
    )


def _refusal_line(refusal: Refusal, *, limit: int = 450) -> str:
    """One refusal: what it is about, why (so long at most), and what to do next."""
    value = refusal.indicator.strip()
    begins = f"{defanged(value)} " if value else ""
    is_named = bool(value) and refusal.text.startswith(begins)  # it isn't said twice
    about = f"{indicator(refusal.indicator)}{' ' if is_named else ': '}" if value else ""
    text = refusal.text.removeprefix(begins) if is_named else refusal.text
    said = " ".join(filter(None, [escaped(text, limit=limit), escaped(refusal.remedy, limit=250)]))
    return f":x: {about}{said or escaped(refusal.code)}"


def _made(facts: RequestFacts, waits_because: str) -> str:
    if facts.is_emergency:
        return (
            f":rotating_light: *Emergency block #{facts.number}*: {seen(facts.named_headline, value=NAMED_VALUE)} · "
            f"{facts.short_place}\n{_terms(facts)}\nIt is being applied now. {_REVIEWED_LATER}"
        )
    return (
        f":inbox_tray: *#{facts.number}*: {seen(facts.named_headline, value=NAMED_VALUE)} · {facts.short_place}\n"
        f"{_terms(facts)}\n"
        f"{_next(facts, waits_because)}"
    )


def _next(facts: RequestFacts, waits_because: str) -> str:
    """What comes next: whose approval it needs, or that a rule has approved it."""
    if not facts.is_open:
        return seen(facts.status_sentence)
    why = f" {no_rule_approves(waits_because, limit=300)}" if waits_because else ""
    return f"It needs {facts.needs} and {seen(facts.lapse)}. Nothing has been changed yet.{why}"


def _terms(facts: RequestFacts) -> str:
    """Until when, and why: so that a slip of the pen shows before anybody approves it."""
    if facts.operation is Operation.ANNOTATE:
        return f"{facts.reason_label}: {code(facts.reason, limit=200)}"
    why = f"because: {code(facts.reason, limit=200)}"
    if facts.end is None:
        ends = [f"{part.label}: {seen(part.request.until_when)}" for part in facts.parts if part.request.until_when]
        return "\n".join([*ends, f"B{why[1:]}"])
    end = seen(facts.end.words)
    return f"{end.capitalize()}, {why}" if facts.end.at is None else f"{facts.end.label} {end}, {why}"


def _warnings(facts: RequestFacts) -> str:
    """What is unusual about it, and that a block leaves the subdomains, as there is a button for that."""
    told = [*facts.warnings_here, *(given for given in facts.warnings if given.code == NOT_COVERED)]
    lines = [warning_line(warning, limit=300) for warning in told[:4]]
    return lines_that_fit(lines, total=len(told), limit=500, more="…and {} more: see Details") if lines else ""


def _read_so(facts: RequestFacts) -> str:
    """The first of what was changed on the way, and that there is more."""
    noted = facts.noted_items
    if not noted:
        return ""
    more = f" So it is with {plural(len(noted) - 1, 'more item')}: see Details." if len(noted) > 1 else ""
    return f" How it was read: {indicator(noted[0].value)}: {notes_text(noted[0].notes, limit=200)}{more}"


def _spoken_next(facts: RequestFacts, waits_because: str) -> str:
    if facts.is_emergency:
        return f"It is being applied now. {_REVIEWED_LATER}"
    if not facts.is_open:
        return read_aloud(facts.status_sentence)
    why = f" {no_rule_approves(waits_because, limit=150)}" if waits_because else ""
    return f"It needs {facts.needs}; nothing has been changed yet.{why}"


def _spoken(requests: Sequence[RequestFacts], refusals: Sequence[Refusal], waits_because: str) -> str:
    sentences = [
        f"{'Emergency block ' if facts.is_emergency else ''}#{facts.number}: "
        f"{read_aloud(facts.named_headline, value=NAMED_VALUE)}. "
        f"{_spoken_next(facts, waits_because)}{_read_so(facts)}"
        for facts in requests[:_REQUESTS_SHOWN]
    ]
    longest = 450 if len(refusals) == 1 else 250
    sentences += [_refusal_line(refusal, limit=longest).removeprefix(":x: ") for refusal in refusals[:3]]
    if len(refusals) > 3:
        sentences.append(f"…and {plural(len(refusals) - 3, 'more refusal')}.")
    return "\n".join(sentences or ["Nothing was requested."])
