"""The approval card, in every status, and the line about it that the requester gets as a direct message.

Pending, a card says what, who and why, where and until when, and what is unusual about it. What is true of every such
change stands in the details. Decided, it is two lines.

Built anew from the request each time: nothing is read back from Slack. A button carries the request's id and version,
and nothing more. Only a pending request has buttons that decide; the details can always be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.blocks import Block

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.request import Decision, ItemState, RequestWarning, Status
from bot.domain.submissions.unnamed import UNNAMED_ALLOW
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import ItemFacts, RequestFacts
from bot.domain.telling.sentence import people
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import (
    card_link,
    code,
    escaped,
    indicator,
    lines_that_fit,
    mention,
    unlinked,
    when,
    when_plain,
)
from bot.slack.messages.lines import (
    evidence_texts,
    item_line,
    note_lines,
    part_lines,
    review_line,
    set_aside_line,
    warning_line,
)
from bot.slack.messages.marks import status_mark
from bot.slack.messages.request_buttons import (
    approve_button,
    approve_some_button,
    deny_button,
    details_button,
    keep_button,
    propose_again_button,
    subdomains_button,
    take_out_button,
    try_again_button,
    withdraw_button,
)
from bot.slack.messages.sentences import NAMED_VALUE, in_plain_text, read_aloud, seen

#: So many items stand on a card; the rest is counted and stands in the details.
ITEMS_SHOWN = 10
_WARNINGS_SHOWN = 5
_REVIEWS_SHOWN = 6
_NOTES_SHOWN = 3
#: So many addresses are told whose they are, and so much of each.
_OWNERS_SHOWN, _OWNER = 3, 300
_REASON = 400
#: Of an emergency block that didn't go through as it was meant, what is said instead of "applied at once".
_EMERGENCY = {Status.FAILED: "asked for", Status.PARTLY_APPLIED: "partly applied"}
#: All of a question, and of an answer.
_ASKED = 1_100
_EVIDENCE = 2_800
#: So much of what goes to Microsoft is read aloud: what it is, and whom a message is from.
_READ_ALOUD = 2


def card(facts: RequestFacts, *, called: Sequence[str] = ()) -> Message:
    """The card in the approval channel. While the request is pending it has Approve, Deny and Details.

    `called` are the people and user groups whom Slack is to notify of it.
    """
    asked = f"Please decide: {', '.join(mention(name) for name in called)}" if called else ""
    mentioned = [elements.section(asked)] if asked else []
    if not facts.is_open:
        return _message(facts, name="card", blocks=[*_decided(facts), *mentioned], besides=asked)
    some = [approve_some_button(facts)] if facts.has_choices and not facts.question else []
    buttons = elements.buttons([approve_button(facts), *some, deny_button(facts), details_button(facts)])
    return _message(facts, name="card", blocks=[*pending_blocks(facts), *mentioned, buttons], besides=asked)


def withdrawn_message(facts: RequestFacts) -> Message:
    """What stands in the place of the answer to a proposal once it was taken back there."""
    return _message(facts, name="answer", blocks=[elements.section(f"{decided_line(facts)} · #{facts.number}")])


def requester_message(facts: RequestFacts) -> Message:
    """The requester's own line about it. While pending it has what they alone may do, which isn't on the card."""
    number = card_link(f"#{facts.number}", facts.card_url)
    if not facts.is_open:
        line = " · ".join(filter(None, [decided_line(facts), seen(facts.decided_by), number]))
        if facts.status is Status.APPLIED:  # of everything else they are told in a message of its own
            told = [item_line(item, marked=True) for item in facts.items_to_look_at if item.holds]
            line = lines_that_fit([line, *told[:ITEMS_SHOWN]], total=1 + len(told), limit=2_500)
        if not facts.can_be_asked_again:
            return _message(facts, name="copy", blocks=[elements.section(line, accessory=details_button(facts))])
        again = [try_again_button(facts)] if facts.can_be_tried_again else []
        theirs = [*again, propose_again_button(facts), details_button(facts)]
        said = _comments(facts)
        blocks: list[Block] = [elements.section(line), *([elements.context(said)] if said else [])]
        return _message(facts, name="copy", blocks=[*blocks, elements.buttons(theirs)])
    what = seen(facts.short_headline, value=NAMED_VALUE)
    line = f"{status_mark(facts)} {what} · {facts.approvals}, {seen(facts.lapse)} · {number}"
    own = [withdraw_button(facts), *([subdomains_button(facts)] if facts.offers_subdomains else [])]
    origin = [elements.context(_started(facts))] if facts.is_by_workflow else []
    mine = [elements.section(line), *origin, elements.buttons([*own, details_button(facts)])]
    return _message(facts, name="copy", blocks=mine)


def _started(facts: RequestFacts) -> str:
    """Where a request came from that its requester never typed, and that not all that they gave is in it."""
    return " ".join(filter(None, ["A workflow that you started proposed this.", set_aside_line(facts)]))


def replaced_card(facts: RequestFacts, *, channel: str) -> Message:
    """What stands in the place of a card that another one has replaced, in the channel that is set now."""
    said = f"This card was replaced. The card of #{facts.number} is in <#{channel}>: nothing is decided here any more."
    blocks: list[Block] = [elements.section(said), elements.buttons([details_button(facts)])]
    return Message.build(name=f"moved-{facts.id}", text=said, blocks=blocks)


def posted_again(facts: RequestFacts) -> Message:
    """The answer to whoever had a card posted again."""
    said = f"The card of #{facts.number} is being posted again. What was posted before decides nothing any more."
    return Message.build(name=f"posted-again-{facts.id}", text=said, blocks=[elements.section(said)])


def title(facts: RequestFacts) -> str:
    """What a request is, for a header."""
    return f"{in_plain_text(facts.headline)} · #{facts.number}"


def _message(facts: RequestFacts, *, name: str, blocks: Sequence[Block], besides: str = "") -> Message:
    text = f"{_spoken(facts)} {besides}".strip()
    return Message.build(name=f"{name}-{facts.id}", text=text, blocks=blocks)


def pending_blocks(facts: RequestFacts) -> list[Block]:
    """What, who and why, where and until when, and what is unusual about it; what holds for each isn't said again."""
    lines = [f"*{headline(facts)}* · #{facts.number}", _values(facts), _who_and_why(facts)]
    blocks: list[Block] = [elements.section("\n".join(filter(None, lines))), elements.context(_in_short(facts))]
    if warnings := _warnings(facts):
        blocks.append(elements.section(warnings))
    if facts.figures:
        blocks.append(elements.context(seen(facts.figures, value=NAMED_VALUE)))
    if facts.owners:
        lines = [seen(line, value=NAMED_VALUE, quoted=_OWNER) for line in facts.owners[:_OWNERS_SHOWN]]
        blocks.append(
            elements.context(
                lines_that_fit(lines, total=len(facts.owners), limit=1_500, more="…and {} more: see Details")
            )
        )
    # Together they can be longer than one text may be.
    if small := [text for text in (_small_print(facts), set_aside_line(facts)) if text]:
        blocks.append(elements.context(*small))
    if asked := asked_back(facts):
        blocks.append(elements.context(asked))
    return [*blocks, *handed_over(facts)]


def _decided(facts: RequestFacts) -> list[Block]:
    """What became of it and who decided, in two lines; and what somebody has to look at, if anything."""
    by = seen(facts.decided_by)
    way = f"{mention(facts.requester)} → {by}" if by else mention(facts.requester)
    first = _emergency(facts)
    second = " · ".join([*([] if first else [way]), code(facts.reason, limit=_REASON), f"#{facts.number}"])
    gone_by = _gone_by(facts)
    done = ": ".join(filter(None, [decided_line(facts), escaped(gone_by, limit=300)]))
    lines = "\n".join(filter(None, [f":rotating_light: *{first}*" if first else "", done, second]))
    blocks: list[Block] = [elements.section(lines, accessory=details_button(facts))]
    if facts.parts:
        blocks.append(elements.section(parts_text(facts)))
    elif facts.failure.strip():
        blocks.append(elements.section(escaped(facts.failure, limit=600)))
    needed = [] if gone_by else [_needed_line(item, facts) for item in facts.items_to_look_at[:ITEMS_SHOWN]]
    if needed:
        text = lines_that_fit(needed, total=max(len(needed), facts.total_to_look_at), limit=2_000)
        blocks.append(elements.section(text))
    if said := _comments(facts):
        blocks.append(elements.context(said))
    serious = [warning for warning in facts.warnings if warning.code == UNNAMED_ALLOW]
    if serious:
        blocks.append(elements.section(_warning_lines(serious)))
    if facts.set_aside:
        blocks.append(elements.context(set_aside_line(facts)))
    buttons = [keep_button(facts), take_out_button(facts)] if facts.is_reviewable else []
    if facts.can_be_tried_again:
        buttons.append(try_again_button(facts))
    if buttons:
        blocks.append(elements.buttons(buttons))
    return blocks


def _gone_by(facts: RequestFacts) -> str:
    """What took all of it out, where that is one thing for all: it needs no line for each value."""
    said = {item.outcome.strip() if item.state is ItemState.REMOVED else "" for item in facts.items}
    all_gone = facts.status is Status.APPLIED and len(facts.items) == facts.total == facts.gone
    return said.pop() if all_gone and len(said) == 1 else ""


def _needed_line(item: ItemFacts, facts: RequestFacts) -> str:
    """An item that somebody has to look at. Why all of it failed stands above, and isn't said again."""
    known = item.outcome.strip() and item.outcome.strip() == facts.failure.strip()
    return item_line(replace(item, outcome="") if known else item, marked=facts.is_marked)


def _emergency(facts: RequestFacts) -> str:
    """The first line of an emergency block's card: that it is one, whose, and whether it still has to be reviewed."""
    if not facts.is_emergency:
        return ""
    told = "to be reviewed" if facts.awaits_review else _reviewed(facts)
    how = _EMERGENCY.get(facts.status, "applied at once")
    return ", ".join(filter(None, [f"Emergency block, {how} by {mention(facts.requester)}", told]))


def _reviewed(facts: RequestFacts) -> str:
    if not facts.reviews:
        return ""
    review = facts.reviews[0]
    return f"{'kept' if review.decision is Decision.APPROVE else 'taken out'} by {mention(review.reviewer)}"


def decided_line(facts: RequestFacts) -> str:
    """What became of a request, in one line: `Blocked evil[.]example to 29 Dec`."""
    return f"{status_mark(facts)} {seen(facts.one_line, value=NAMED_VALUE)}"


def headline(facts: RequestFacts) -> str:
    """What a request asks for: an alarming one unmistakable."""
    if not facts.alarm:
        return seen(facts.headline)
    return f":warning: {facts.alarm} proposed: {seen(facts.subject)}"


def parts_text(facts: RequestFacts) -> str:
    """A line for each list of a proposal of several."""
    lines = part_lines(facts)
    return lines_that_fit(lines, total=len(lines), limit=2_400, more="…and {} more: see Details")


def _values(facts: RequestFacts) -> str:
    """The values in a line, where the headline only counts them or leaves out how wide one is; of several lists, a line
    for each."""
    if facts.parts:
        return parts_text(facts)
    if facts.total == 1:
        return facts.items[0].width if facts.items else ""
    shown = [f"{indicator(item.value)} ({item.width})" if item.width else indicator(item.value) for item in facts.items]
    lines = lines_that_fit(shown[:ITEMS_SHOWN], total=max(len(shown), facts.total), limit=1_200)
    return lines.replace("\n", ", ")


def _who_and_why(facts: RequestFacts) -> str:
    label = f"{facts.reason_label}: " if facts.operation is Operation.ANNOTATE else ""
    return f"{mention(facts.requester)}: {label}{code(facts.reason, limit=_REASON)}"


def _in_short(facts: RequestFacts) -> str:
    """Where, until when, how many have to agree and by when."""
    place = facts.short_place
    if facts.action is Action.BLOCK and facts.consequence:
        place = f"{place}, {facts.consequence}"
    given = people(review.reviewer for review in facts.reviews)
    approvals = facts.approvals + (f" ({seen(given)})" if facts.reviews else "")
    return " · ".join(filter(None, [place, seen(facts.until_when), f"{approvals}, {seen(facts.lapse)}"]))


def _warnings(facts: RequestFacts) -> str:
    """What is unusual about this one, and of what lets mail in, what that means."""
    means = [f":rotating_light: {facts.consequence}."] if facts.consequence and facts.action is Action.ALLOW else []
    return "\n".join([*means, *filter(None, [_warning_lines(facts.warnings_here)])])


def _small_print(facts: RequestFacts) -> str:
    """How it was read, what was left out, and who said what, where there is such a thing."""
    noted = [item for item in facts.noted_items if item.is_read_oddly]
    notes = note_lines(noted[:_NOTES_SHOWN])
    lines: list[str] = []
    if notes:
        read = lines_that_fit(notes, total=len(noted), limit=700, more="…and {} more: see Details")
        lines.append(f"How it was read:\n{read}")
    said = [_left_out(facts), _comments(facts)]
    return "\n".join(filter(None, [*lines, *said]))


def _left_out(facts: RequestFacts) -> str:
    """Which lines somebody left out who approved it; empty where nobody did."""
    count = facts.counts.get(ItemState.LEFT_OUT, 0)
    if not count:
        return ""
    named = [indicator(item.value) for item in facts.items if item.state is ItemState.LEFT_OUT]
    if not named:
        return f"Left out: {plural(count, 'line')}, see Details"
    shown = lines_that_fit(named[:ITEMS_SHOWN], total=count, limit=600, more="…and {} more: see Details")
    return f"Left out: {shown}".replace("\n", ", ")


def asked_back(facts: RequestFacts) -> str:
    """What was asked about it last, and what the requester answered; empty where nothing was."""
    asked = facts.asked_back
    if asked is None:
        return ""
    answered = f"Answered: “{escaped(asked.answer, limit=_ASKED)}”" if asked.is_answered else "Not answered yet"
    return f"Asked by {mention(asked.by)}: “{escaped(asked.text, limit=_ASKED)}” · {answered}"


def _comments(facts: RequestFacts) -> str:
    """What those who decided said with it; empty where they said nothing."""
    lines = [
        review_line(review, of_emergency=facts.is_emergency)
        for review in facts.reviews[:_REVIEWS_SHOWN]
        if review.comment.strip()
    ]
    return lines_that_fit(lines, limit=1_000) if lines else ""


def terms(facts: RequestFacts) -> Block:
    """Where, until when, by whom and since when, beside each other."""
    end = [elements.labelled(facts.end.label, seen(facts.end.words))] if facts.end is not None else []
    return elements.fields(
        elements.labelled("Where", facts.place),
        *end,
        elements.labelled("Asked by", mention(facts.requester)),
        elements.labelled("Asked", when(facts.asked_at)),
    )


def handed_over(facts: RequestFacts) -> list[Block]:
    """What a submission hands over, for whoever decides; nothing for every other request."""
    if not facts.evidence:
        return []
    lines = lines_that_fit(evidence_texts(facts.evidence), limit=_EVIDENCE, more="…and {} more: see Details")
    return [elements.section(elements.labelled("What goes to Microsoft", lines))]


def how_it_was_read(facts: RequestFacts, *, at_most: int, limit: int) -> list[Block]:
    """What was changed on the way from what was given to these items; nothing where nothing was."""
    lines = note_lines(facts.noted_items[:at_most])
    if not lines:
        return []
    text = lines_that_fit(lines, total=len(facts.noted_items), limit=limit, more="…and {} more: see Details")
    return [elements.section(elements.labelled("How it was read", text))]


def _warning_lines(warnings: Sequence[RequestWarning]) -> str:
    lines = [warning_line(warning) for warning in warnings[:_WARNINGS_SHOWN]]
    return lines_that_fit(lines, total=len(warnings), limit=1_500, more="…and {} more: see Details") if lines else ""


def _spoken(facts: RequestFacts) -> str:
    """The whole point of the card in a few sentences."""
    # How it was reviewed is told with where it stands.
    emergency = [f"{_emergency(replace(facts, reviews=(), awaits_review=False))}."] if facts.is_emergency else []
    sentences = [
        *emergency,
        f"#{facts.number}: {read_aloud(facts.named_headline, value=NAMED_VALUE)}.",
        read_aloud(facts.status_sentence),
        f"{facts.place}.",
        f"Asked by {mention(facts.requester)}: {unlinked(facts.reason, limit=300)}.",
    ]
    if facts.end is not None:
        end = f"{facts.end.label} {read_aloud(facts.end.until)}"
        if facts.end.lasts is None:
            end = "It never ends" if facts.end.at is None else f"{facts.end.label} {when_plain(facts.end.at)}"
        sentences.append(f"{end}.")
    sentences += [f"{line.label}: {read_aloud(line.said, value=NAMED_VALUE)}." for line in facts.evidence[:_READ_ALOUD]]
    if left_out := _left_out(facts):
        sentences.append(f"{left_out}.")
    if facts.set_aside:
        sentences.append(set_aside_line(facts))
    if facts.failure.strip():
        sentences.append(f"What went wrong: {escaped(facts.failure, limit=300)}")
    if facts.is_open and facts.figures:
        sentences.append(f"{read_aloud(facts.figures, value=NAMED_VALUE)}.")
    if facts.is_open:
        sentences += [read_aloud(line, value=NAMED_VALUE, quoted=_OWNER) for line in facts.owners[:1]]
    if facts.is_open and facts.consequence:
        sentences.append(f"{facts.consequence[0].upper()}{facts.consequence[1:]}.")
    if facts.warnings_here:
        first = escaped(facts.warnings_here[0].text, limit=300)
        sentences.append(f"{plural(len(facts.warnings_here), 'warning')}: {first}")
    return " ".join(sentences)
