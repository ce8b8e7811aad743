"""Mail figures in words: one line of fifteen words at most on a card, with ordinary numbers and the right plurals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.figures.figures import FiguresOf, Found, MailFigures, MailSource, Unseen
from bot.domain.figures.together import ProposalFigures
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.telling.figures_facts import beside, how_counted, in_full, of_mail, on_card, with_figures
from bot.domain.telling.request_facts import request_facts
from bot.domain.telling.sentence import Sentence, Value
from tests.support.samples import item, request

MAIL = MailFigures(
    source=MailSource.TRACE, messages=412, people=38, delivered=400, junk=0, quarantined=12, stopped=0, written_to=3
)
FEW = replace(MAIL, messages=1, people=1, delivered=1, quarantined=0, written_to=None)
NONE = replace(FEW, messages=0, people=0, delivered=0)


def of(value: str, found: Found, kind: Kind = Kind.DOMAIN) -> FiguresOf:
    return FiguresOf(indicator=Indicator(kind=kind, value=value), found=found)


def said(sentence: Sentence) -> str:
    return "".join(f"‹{part.value}›" if isinstance(part, Value) else str(part) for part in sentence)


def alone(found: Found, *, lets_skip: bool = False) -> ProposalFigures:
    return ProposalFigures(of_each=(of("evil.example", found),), total=1, lets_skip=lets_skip)


@pytest.mark.parametrize(
    ("found", "lets_skip", "line"),
    [
        (MAIL, False, "Last 10 days: 412 messages to 38 people, 12 quarantined; 3 sent to it"),
        (FEW, False, "Last 10 days: 1 message to 1 person"),
        (NONE, False, "Last 10 days: no mail seen"),
        (replace(NONE, written_to=2), False, "Last 10 days: no mail seen; 2 sent to it"),
        (
            replace(NONE, written_to=5_000, written_is_whole=False),
            False,
            "Last 10 days: no mail seen; 5,000+ sent to it",
        ),
        (
            replace(MAIL, messages=15_000, is_whole=False, stopped=5),
            False,
            "Last 10 days: over 15,000 messages to 38 people, 17 filtered; 3 sent to it",
        ),
        (MAIL, True, "Last 10 days: 412 messages to 38 people would skip filtering; 12 quarantined"),
        (
            replace(MAIL, failed_dmarc=30, junk=5),
            True,
            "Last 10 days: 412 messages to 38 people would skip filtering; 30 failed DMARC",
        ),
        (Unseen.URLS, False, "Last 10 days: message trace can't see links"),
        (Unseen.DOMAINS, False, "Last 10 days: message trace shows none, and may not see whole domains"),
    ],
)
def test_a_card_says_of_one_indicator(found: Found, lets_skip: bool, line: str) -> None:
    assert said(on_card(alone(found, lets_skip=lets_skip))) == line


def test_a_card_says_of_several_the_sum_and_the_largest() -> None:
    figures = ProposalFigures(of_each=(of("a.example", FEW), of("b.example", MAIL)), total=2)
    assert said(on_card(figures)) == "Last 10 days: 413 messages, 412 of ‹b.example›; 3 sent to them"
    only = replace(figures, of_each=(of("a.example", NONE), of("b.example", FEW), of("c.example", Unseen.DOMAINS)))
    assert said(on_card(only)) == "Last 10 days: 1 message, all of ‹b.example›; 1 unseen"
    none = replace(figures, of_each=(of("a.example", NONE), of("b.example", NONE)))
    assert said(on_card(none)) == "Last 10 days: no mail seen"
    partly = replace(figures, of_each=(of("a.example", NONE), of("b.example/a", Unseen.URLS)))
    assert said(on_card(partly)) == "Last 10 days: no mail seen; 1 unseen"


def test_a_card_says_when_only_some_of_many_were_looked_up() -> None:
    figures = ProposalFigures(of_each=(of("a.example", FEW), of("b.example", MAIL)), total=1_240)
    assert said(on_card(figures)) == "Last 10 days, first 2 of 1,240: 413 messages, 412 of ‹b.example›"


_FOUND = st.builds(
    MailFigures,
    source=st.sampled_from(MailSource),
    **dict.fromkeys(("messages", "people", "delivered", "junk", "quarantined", "stopped"), st.integers(0, 10**9)),
    written_to=st.none() | st.integers(0, 10**9),
    failed_dmarc=st.none() | st.integers(0, 10**9),
    is_whole=st.booleans(),
    written_is_whole=st.booleans(),
)


@given(st.lists(_FOUND | st.sampled_from(Unseen), min_size=1, max_size=10), st.integers(0, 5_000), st.booleans())
def test_the_line_has_fifteen_words_at_most(found: list[Found], more: int, lets_skip: bool) -> None:
    each = tuple(of("evil.example", given_of) for given_of in found)
    line = said(on_card(ProposalFigures(of_each=each, total=len(each) + more, lets_skip=lets_skip)))
    assert 0 < sum(any(char.isalnum() for char in word) for word in line.split()) <= 15


def test_the_details_say_all_of_it() -> None:
    found = replace(MAIL, junk=4, stopped=2, failed_dmarc=7)
    assert said(in_full(of("evil.example", found))) == (
        "‹evil.example›: 412 messages to 38 people (400 delivered, 4 to the junk folder, 12 quarantined, 2 stopped); "
        "3 messages sent to it by your people; 7 failed DMARC"
    )
    assert said(in_full(of("evil.example", replace(NONE, written_to=9, written_is_whole=False)))) == (
        "‹evil.example›: no mail seen; over 9 messages sent to it by your people"
    )
    assert said(in_full(of("evil.example", NONE))) == "‹evil.example›: no mail seen"
    assert said(in_full(of("evil.example/a", Unseen.URLS))) == "‹evil.example/a›: message trace can't see links"


def test_the_details_say_how_it_was_counted() -> None:
    each = (
        of("203.0.113.7", replace(MAIL, source=MailSource.HUNTING), Kind.IPV4),
        of("a@evil.example", FEW, Kind.ADDRESS),
    )
    assert how_counted(ProposalFigures(of_each=each, total=3, lets_skip=True)) == (
        "Counted over the last 10 days by advanced hunting and message trace.",
        "Senders are counted as the envelope or the From address.",
        "What the IP Block List refuses never shows.",
        "Such mail would skip spam filtering, SPF, DKIM and DMARC; malware is still stopped.",
        "Only the first 2 of 3 were looked up.",
    )


def test_beside_an_indicator_the_same_is_said_under_a_heading_of_its_own() -> None:
    assert beside(MAIL) == "412 messages to 38 people, 12 quarantined; 3 sent to it"
    assert beside(MAIL, lets_skip=True) == "412 messages to 38 people would skip filtering; 12 quarantined"
    assert beside(Unseen.FILES) == "message trace can't see attached files"
    assert said(of_mail(NONE)) == "Last 10 days: no mail seen"


def test_each_item_of_a_request_has_its_own_beside_it() -> None:
    asked = request(items=[item(number, value=f"{letter}.example") for number, letter in enumerate("abc", 1)])
    figures = ProposalFigures(of_each=(of("a.example", FEW), of("c.example", MAIL)), total=3)
    told = with_figures(request_facts(asked), figures)
    assert [each.mail for each in told.items] == [
        "1 message to 1 person",
        "",
        "412 messages to 38 people, 12 quarantined; 3 sent to it",
    ]
    assert said(told.figures) == said(on_card(figures))


def test_a_value_of_another_kind_is_another_indicator() -> None:
    figures = ProposalFigures(of_each=(of("a.example", FEW, Kind.URL),), total=1)
    [one] = with_figures(request_facts(request(items=[item(value="a.example")])), figures).items
    assert one.mail == ""
