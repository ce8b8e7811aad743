"""A card, a story and a verdict as lines of plain text: what it would take to tell them elsewhere than in Slack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.domain.auditing.events import EventKind
from bot.domain.requests.request import ItemState, Status
from bot.domain.telling.audience import steps_below_the_card
from bot.domain.telling.request_facts import RequestFacts, request_facts
from bot.domain.telling.step_facts import StepFacts
from bot.domain.telling.verdict_facts import CheckFacts, check_facts
from tests.support.samples import NOW, VERDICT, ip_allow, item, request, review, step
from tests.unit.domain.telling.plain_text import at, in_words


def card(facts: RequestFacts) -> Iterator[str]:
    """A request, as a log or a terminal might show it."""
    yield f"#{facts.id}: {in_words(facts.named_headline)}"
    yield in_words(facts.status_sentence)
    yield from (f"{'!! ' if warning.serious else '! '}{warning.text}" for warning in facts.warnings)
    yield from (f"- {shown.value} ({shown.word}) {shown.outcome}".rstrip() for shown in facts.items_by_need)
    yield f"{facts.place}; asked by {facts.requester}, {at(facts.asked_at)}; {facts.reason_label}: {facts.reason}"
    if facts.end is not None:
        yield f"{facts.end.label}: {in_words(facts.end.words)}"
    yield from (f"{given.reviewer}: {given.decision}, {at(given.at)}" for given in facts.reviews)
    if not facts.is_concluded:
        yield facts.effect


def story(steps: list[StepFacts]) -> Iterator[str]:
    for facts in steps:
        yield f"{at(facts.at)} {facts.actor}: {in_words(facts.sentence)}"
        yield from (f"- {shown.value}: {shown.outcome or shown.word}" for shown in facts.items)


def answer(facts: CheckFacts) -> Iterator[str]:
    for verdict in facts.verdicts:
        yield f"{in_words(verdict.answer)}. {verdict.because}"
        for entry in verdict.entries:
            parts = [entry.place, str(entry.action), entry.value, entry.effect]
            yield f"- {', '.join([*parts, in_words(entry.until), in_words(entry.asked_by)])}"
    yield from (f"But: {text}" for text in facts.limits)


def test_a_card_needs_nothing_of_slack() -> None:
    assert list(card(request_facts(ip_allow(expires=NOW + timedelta(days=7), reviews=[review()])))) == [
        "#42: IP ALLOW 203.0.113.7",
        "Waits for approval: 1 of 2 approvals, expires undecided 2026-03-04 12:00.",
        "!! Skips spam filtering, SPF, DKIM.",
        "! The address belongs to a hosting company.",
        "- 203.0.113.7 (not sent yet)",
        "IP Allow List (connection filter); asked by U0REQUESTER, 2026-03-01 12:00; Why: Invoice fraud",
        "Until: 2026-03-08 12:00, when Portcullis removes it",
        "U0APPROVER: approve, 2026-03-01 13:00",
        (
            "Adds to the IP Allow List. Mail from there skips spam filtering, SPF, DKIM and DMARC. "
            "Malware and high-confidence phishing are still scanned."
        ),
    ]


def test_a_story_needs_nothing_of_slack() -> None:
    items = [
        item(1, state=ItemState.APPLIED),
        item(2, state=ItemState.REFUSED, outcome="Duplicate value."),
        item(3, state=ItemState.REMOVED),
    ]
    made = request(status=Status.PARTLY_APPLIED, items=items, reviews=[review(comment="Seen it")])
    happened = [
        step(2, kind=EventKind.REQUEST_REVIEWED, actor="U0APPROVER"),
        step(3, kind=EventKind.REQUEST_APPLYING, actor="portcullis"),
        step(4, kind=EventKind.REQUEST_PARTLY_APPLIED, actor="portcullis"),
        step(5, kind=EventKind.ITEM_MISSING, actor="portcullis", target="sender3.example"),
    ]
    assert list(story(steps_below_the_card(made, happened))) == [
        "2026-03-01 12:00 portcullis: Partly applied: 2 of 3; 1 no longer in effect. Approved by U0APPROVER.",
        (
            "2026-03-01 12:00 portcullis: No longer in effect: 1 sender of #42 was changed or removed outside of "
            "Portcullis. Find out who did it before you ask again."
        ),
        "- sender3.example: no longer in effect",
    ]


def test_a_verdict_needs_nothing_of_slack() -> None:
    assert list(answer(check_facts([VERDICT]))) == [
        "Allowed: 203.0.113.7. 203.0.113.0/24 on the IP Allow List covers it.",
        (
            "- IP Allow List (connection filter), allow, 203.0.113.0/24, covers it, until 2026-03-08 12:00, "
            "when Portcullis removes it, asked by U0REQUESTER"
        ),
        "But: Malware is scanned all the same.",
    ]
