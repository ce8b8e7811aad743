"""What is told of a verdict, and of several together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import Effect
from bot.domain.lists.traits import Action
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Decision, Review
from bot.domain.telling.verdict_facts import EFFECTS, EntryFacts, OnRecord, check_facts, verdict_facts
from bot.domain.verdict.judgement import Judgement, Match
from tests.support.samples import ENTRY, KNOWN, NOW, VERDICT, request, review
from tests.unit.domain.telling.plain_text import in_words


def entry(match: Match) -> EntryFacts:
    [told] = verdict_facts(replace(VERDICT, matches=(match,))).entries
    return told


@pytest.mark.parametrize(
    ("judgement", "answer"),
    [
        (Judgement.ALLOWED, "Allowed: 203.0.113.7"),
        (Judgement.BLOCKED, "Blocked: 203.0.113.7"),
        (Judgement.NOT_LISTED, "Not listed: 203.0.113.7"),
        (Judgement.UNKNOWN, "Not known: 203.0.113.7"),
    ],
)
def test_the_answer_names_the_judgement_and_what_was_asked_about(judgement: Judgement, answer: str) -> None:
    told = verdict_facts(replace(VERDICT, judgement=judgement))
    assert (in_words(told.answer), told.judgement, told.indicator) == (answer, judgement, "203.0.113.7")
    in_part = verdict_facts(replace(VERDICT, judgement=judgement, unseen=("Senders: no answer.",)))
    assert in_words(in_part.answer) == f"{answer}, as far as could be seen"
    assert in_part.unseen == ("Senders: no answer.",)
    assert (told.because, told.limits, told.as_of) == (VERDICT.because, VERDICT.limits, NOW)


@pytest.mark.parametrize(
    ("expires", "by_use", "known", "until"),
    [
        (NOW, False, KNOWN, "until 2026-03-01 12:00"),
        (None, True, KNOWN, "until 45 days after its last use"),
        (None, False, KNOWN, "until 2026-03-08 12:00, when Portcullis removes it"),
        (None, False, replace(KNOWN, expires=None), "no end"),
        (None, False, None, "no end"),
    ],
)
def test_an_entrys_end_is_the_tenants_else_ours(
    expires: datetime | None, by_use: bool, known: KnownEntry | None, until: str
) -> None:
    ends = replace(ENTRY, expires=expires, bounded_by_use=by_use)
    assert in_words(entry(Match(entry=ends, effect=Effect.EXACT, known=known)).until) == until


def test_an_entry_says_where_it_stands_and_who_asked_for_it() -> None:
    told = entry(Match(entry=ENTRY, effect=Effect.COVERS, wins=True, known=KNOWN))
    assert (told.wins, told.place, told.policy) == (True, "IP Allow List (connection filter)", "Default")
    assert (told.action, told.value, told.effect) == (Action.ALLOW, "203.0.113.0/24", "covers it")
    assert (in_words(told.asked_by), told.request_id, told.number) == ("asked by U0REQUESTER", 42, 42)
    unknown = entry(Match(entry=ENTRY, effect=Effect.COVERS))
    assert (in_words(unknown.asked_by), unknown.note) == ("entered outside of Portcullis", "")
    assert (unknown.request_id, unknown.number) == (None, None)


@pytest.mark.parametrize(
    ("reviews", "asked_by"),
    [
        ((), "asked by U0REQUESTER"),
        ((review("U0FIRST"),), "asked by U0REQUESTER, approved by U0FIRST"),
        ((review("U0FIRST"), review("U0SECOND")), "asked by U0REQUESTER, approved by U0FIRST and U0SECOND"),
        ((review("U0FIRST", decision=Decision.DENY),), "asked by U0REQUESTER"),
    ],
)
def test_who_approved_is_told_by_the_request_that_keeps_the_entry(reviews: tuple[Review, ...], asked_by: str) -> None:
    keeper = replace(request(reviews=reviews), part_of=41)
    told = check_facts([VERDICT], OnRecord(keepers={42: keeper})).verdicts[0].decider
    assert told is not None
    assert (in_words(told.asked_by), told.request_id, told.number) == (asked_by, 42, 41)


@pytest.mark.parametrize(("winners", "others"), [(0, 2), (1, 1), (2, 2)])
def test_an_entry_decides_by_itself_where_no_other_does(winners: int, others: int) -> None:
    matches = tuple(Match(entry=ENTRY, effect=Effect.COVERS, wins=number < winners) for number in range(2))
    told = verdict_facts(replace(VERDICT, matches=matches))
    assert (told.decider is not None) == (winners == 1)
    assert len(told.others) == others


@pytest.mark.parametrize(
    ("tenants", "ours", "note"), [("Theirs", "Ours", "Theirs"), (" ", "Ours", "Ours"), ("", " ", "")]
)
def test_a_note_is_the_tenants_else_ours(tenants: str, ours: str, note: str) -> None:
    match = Match(entry=replace(ENTRY, notes=tenants), effect=Effect.EXACT, known=replace(KNOWN, notes=ours))
    assert entry(match).note == note


def test_every_effect_has_its_words() -> None:
    assert set(EFFECTS) == set(Effect)


def test_several_verdicts_say_once_what_holds_for_all_and_are_as_old_as_the_oldest() -> None:
    older = replace(
        VERDICT, as_of=NOW - timedelta(hours=2), limits=(*VERDICT.limits, "Only mail from outside."), unseen=("Files.",)
    )
    told = check_facts([VERDICT, older, older])
    assert len(told.verdicts) == 3
    assert told.limits == ("Malware is scanned all the same.", "Only mail from outside.")
    assert told.unseen == ("Files.",)
    assert told.as_of == NOW - timedelta(hours=2)


@pytest.mark.parametrize(
    ("operation", "action", "asks"),
    [
        (Operation.ADD, Action.BLOCK, "block it"),
        (Operation.ADD, Action.ALLOW, "allow it"),
        (Operation.REMOVE, Action.BLOCK, "unblock it"),
        (Operation.REMOVE, Action.ALLOW, "remove its allow"),
        (Operation.EXTEND, Action.ALLOW, "give its allow a new expiry date"),
        (Operation.SUBMIT, Action.ALLOW, "submit it to Microsoft, so that it is allowed"),
    ],
)
def test_requests_under_way_are_told_beside_it(operation: Operation, action: Action, asks: str) -> None:
    asked = request(operation=operation, action=action)
    [told] = check_facts([VERDICT], OnRecord(under_way={VERDICT.indicator.value: [asked]})).verdicts[0].pending
    assert in_words(told) == f"#42 by U0REQUESTER asks to {asks}: waits for approval."
    assert verdict_facts(VERDICT).pending == ()


def test_what_nobody_asked_for_names_the_submission_that_brought_it() -> None:
    told = entry(Match(entry=ENTRY, effect=Effect.EXACT, known=replace(KNOWN, is_named=False)))
    assert in_words(told.asked_by) == "nobody asked for it: it came of the submission of #42 by U0REQUESTER"
