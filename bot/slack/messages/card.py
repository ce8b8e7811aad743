"""The approval card, in every status, and the copy of it that the requester gets as a direct message.

Built anew from the request each time: nothing is read back from Slack. A button carries the request's id and version,
and nothing more. Only a pending request has buttons that decide; the details can always be seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.requests.request import RequestWarning
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId, Carried
from bot.slack.block_kit.text import escaped, lines_that_fit, mention, unlinked, when, when_plain
from bot.slack.messages.lines import evidence_texts, item_lines, note_lines, review_line, set_aside_line, warning_line
from bot.slack.messages.marks import status_mark
from bot.slack.messages.sentences import NAMED_VALUE, in_plain_text, read_aloud, seen

#: So many items stand on a card; the rest is counted and stands in the details.
ITEMS_SHOWN = 10
_WARNINGS_SHOWN = 5
_REVIEWS_SHOWN = 6
_NOTES_SHOWN = 3
_EVIDENCE = 2_800
#: So much of what goes to Microsoft is read aloud: what it is, and whom a message is from.
_READ_ALOUD = 2


def card(facts: RequestFacts) -> Message:
    """The card in the approval channel. While the request is pending it has Approve, Deny and Details."""
    deciding = [_approve_button(facts), _deny_button(facts)] if facts.is_open else []
    return _message(facts, name="card", buttons=[*deciding, details_button(facts)])


def requester_message(facts: RequestFacts) -> Message:
    """The requester's own copy. While pending it has what they alone may do, which has no place on the card."""
    theirs = [_withdraw_button(facts)] if facts.is_open else []
    if facts.offers_subdomains:
        theirs.append(subdomains_button(facts))
    return _message(facts, name="copy", buttons=[*theirs, details_button(facts)])


def replaced_card(facts: RequestFacts, *, channel: str) -> Message:
    """What stands in the place of a card that another one has replaced, in the channel that is set now."""
    said = (
        f"This card was replaced. The card of request {facts.id} is in <#{channel}>: nothing is decided here any more."
    )
    blocks: list[Block] = [elements.section(said), elements.buttons([details_button(facts)])]
    return Message.build(name=f"moved-{facts.id}", text=said, blocks=blocks)


def posted_again(facts: RequestFacts) -> Message:
    """The answer to whoever had a card posted again."""
    said = f"The card of request {facts.id} is being posted again. What was posted before decides nothing any more."
    return Message.build(name=f"posted-again-{facts.id}", text=said, blocks=[elements.section(said)])


def carried(facts: RequestFacts) -> str:
    """What every button about a request carries."""
    return str(Carried(request_id=facts.id, version=facts.version))


def details_button(facts: RequestFacts) -> ButtonElement:
    """The button that opens the details of a request."""
    return elements.button(
        "Details", action_id=ActionId.DETAILS, value=carried(facts), spoken=f"Details of request {facts.id}"
    )


def subdomains_button(facts: RequestFacts) -> ButtonElement:
    """The button that replaces a request by one with the subdomains of its domains, for whoever asked for it."""
    its = "its" if facts.total == 1 else "their"
    return elements.button(
        f"Block {its} subdomains too",
        action_id=ActionId.ADD_SUBDOMAINS,
        value=carried(facts),
        spoken=f"Replace request {facts.id} by one that blocks {its} subdomains too",
    )


def title(facts: RequestFacts) -> str:
    """What a request is, for a header."""
    return f"{in_plain_text(facts.headline)} · request {facts.id}"


def _approve_button(facts: RequestFacts) -> ButtonElement:
    return elements.button(
        "Approve",
        action_id=ActionId.APPROVE,
        value=carried(facts),
        style="primary",
        spoken=f"Approve request {facts.id}{', after reading all of it' if facts.question else ''}",
    )


def _deny_button(facts: RequestFacts) -> ButtonElement:
    return elements.button(
        "Deny", action_id=ActionId.DENY, value=carried(facts), style="danger", spoken=f"Deny request {facts.id}"
    )


def _withdraw_button(facts: RequestFacts) -> ButtonElement:
    return elements.button(
        "Withdraw", action_id=ActionId.WITHDRAW, value=carried(facts), spoken=f"Withdraw request {facts.id}"
    )


def _message(facts: RequestFacts, *, name: str, buttons: Sequence[ButtonElement]) -> Message:
    blocks: list[Block] = [
        # A value can look like an emoji (`2001:100::`): so a header that names one has no emoji at all.
        elements.header(_card_title(facts), emoji=False),
        elements.section(f"{status_mark(facts)} {seen(facts.status_sentence)}"),
    ]
    serious, others = facts.serious_warnings, facts.other_warnings
    if serious:
        blocks.append(elements.section(_warning_lines(serious, label="Read this first")))
    if facts.failure.strip():
        blocks.append(elements.section(elements.labelled("What went wrong", escaped(facts.failure, limit=600))))
    blocks += [
        elements.section(elements.labelled("What", _item_lines(facts))),
        *handed_over(facts),
        *how_it_was_read(facts, at_most=_NOTES_SHOWN, limit=900),
        terms(facts),
        elements.reason(facts.reason, limit=900, label=facts.reason_label),
    ]
    if not facts.is_concluded and not (serious and facts.alarm):
        # What an IP allow does is what its serious warnings say, at the top.
        blocks.append(elements.section(elements.labelled("What it will do", facts.effect)))
    if others:
        blocks.append(elements.section(_warning_lines(others, label="Warnings")))
    if facts.reviews:
        lines = [review_line(review) for review in facts.reviews[:_REVIEWS_SHOWN]]
        reviews = lines_that_fit(lines, total=len(facts.reviews), limit=1_000)
        blocks.append(elements.section(elements.labelled("Reviews", reviews)))
    blocks.append(elements.buttons(buttons))
    return Message.build(name=f"{name}-{facts.id}", text=_spoken(facts), blocks=blocks)


def _card_title(facts: RequestFacts) -> str:
    if not facts.alarm:
        return title(facts)
    proposed = " proposed" if facts.is_open else ""
    return f"\N{WARNING SIGN}\ufe0f {facts.alarm}{proposed}: {in_plain_text(facts.subject)} · request {facts.id}"


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


def _item_lines(facts: RequestFacts) -> str:
    lines = item_lines(facts.items_by_need[:ITEMS_SHOWN], marked=facts.is_marked) or ["(nothing)"]
    text = lines_that_fit(lines, total=max(len(lines), facts.total), limit=2_000)
    return "\n".join(filter(None, [text, set_aside_line(facts)]))


def _warning_lines(warnings: Sequence[RequestWarning], *, label: str) -> str:
    lines = [warning_line(warning) for warning in warnings[:_WARNINGS_SHOWN]]
    text = lines_that_fit(lines, total=len(warnings), limit=1_500, more="…and {} more: see Details")
    return elements.labelled(label, text)


def _spoken(facts: RequestFacts) -> str:
    """The whole point of the card in a few sentences."""
    sentences = [
        f"Request {facts.id}: {read_aloud(facts.named_headline, value=NAMED_VALUE)}.",
        read_aloud(facts.status_sentence),
        f"{facts.place}.",
        f"Asked by {mention(facts.requester)}: {unlinked(facts.reason, limit=300)}.",
    ]
    if facts.end is not None:
        end = "It never ends" if facts.end.at is None else f"{facts.end.label} {when_plain(facts.end.at)}"
        sentences.append(f"{end}.")
    sentences += [f"{line.label}: {read_aloud(line.said, value=NAMED_VALUE)}." for line in facts.evidence[:_READ_ALOUD]]
    if facts.set_aside:
        sentences.append(set_aside_line(facts))
    if facts.failure.strip():
        sentences.append(f"What went wrong: {escaped(facts.failure, limit=300)}")
    if facts.warnings:
        first = escaped(facts.warnings[0].text, limit=300)
        sentences.append(f"{plural(len(facts.warnings), 'warning')}: {first}")
    return " ".join(sentences)
