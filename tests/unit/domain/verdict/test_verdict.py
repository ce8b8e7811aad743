"""The verdict: which entries matter, which of them win, and what the answer does not mean."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.verdict import limits
from bot.domain.verdict.elsewhere import NOT_LOOKED_AT
from bot.domain.verdict.judgement import Judgement
from bot.domain.verdict.verdict import judge, spellings
from tests.unit.domain.tenant_lists import NOW, entry, on_record
from tests.unit.domain.verdict.verdicts import READ_AT, verdict_on

CF = ListName.CONNECTION_FILTER
ALLOW, BLOCK = Action.ALLOW, Action.BLOCK


CASES = [
    ("nothing listed", Kind.IPV4, "203.0.113.7", [], Judgement.NOT_LISTED, []),
    ("exact allow", Kind.IPV4, "203.0.113.7", [(CF, ALLOW, "203.0.113.7")], Judgement.ALLOWED, ["203.0.113.7"]),
    (
        "covering block",
        Kind.IPV4,
        "203.0.113.7",
        [(CF, BLOCK, "203.0.113.0/24")],
        Judgement.BLOCKED,
        ["203.0.113.0/24"],
    ),
    (
        "connection filter: a wide allow wins over an exact block",
        Kind.IPV4,
        "203.0.113.7",
        [(CF, BLOCK, "203.0.113.7"), (CF, ALLOW, "203.0.113.0/24")],
        Judgement.ALLOWED,
        ["203.0.113.0/24"],
    ),
    (
        "block list: a block wins over an allow",
        Kind.DOMAIN,
        "contoso.com",
        [(ListName.SENDER, ALLOW, "contoso.com"), (ListName.SENDER, BLOCK, "contoso.com")],
        Judgement.BLOCKED,
        ["contoso.com"],
    ),
    (
        "IPv6: a block wins over an allow",
        Kind.IPV6,
        "2001:db8::1",
        [(ListName.IP, ALLOW, "2001:db8::1"), (ListName.IP, BLOCK, "2001:db8::/32")],
        Judgement.BLOCKED,
        ["2001:db8::/32"],
    ),
    (
        "both entries that allow it win",
        Kind.IPV4,
        "203.0.113.7",
        [(CF, ALLOW, "203.0.113.7"), (CF, ALLOW, "203.0.113.0/24")],
        Judgement.ALLOWED,
        ["203.0.113.7", "203.0.113.0/24"],
    ),
    (
        "a part decides nothing",
        Kind.IPV4_NETWORK,
        "203.0.113.0/24",
        [(CF, BLOCK, "203.0.113.7")],
        Judgement.NOT_LISTED,
        [],
    ),
    (
        "two halves make a whole",
        Kind.IPV4_NETWORK,
        "203.0.113.0/24",
        [(CF, BLOCK, "203.0.113.128/25"), (CF, BLOCK, "203.0.113.0/25")],
        Judgement.BLOCKED,
        ["203.0.113.0/25", "203.0.113.128/25"],
    ),
    (
        "parts within parts make a whole too",
        Kind.IPV4_NETWORK,
        "203.0.113.0/24",
        [
            (CF, BLOCK, "203.0.113.0-203.0.113.200"),
            (CF, BLOCK, "203.0.113.9"),
            (CF, BLOCK, "203.0.113.201-203.0.113.255"),
        ],
        Judgement.BLOCKED,
        ["203.0.113.0-203.0.113.200", "203.0.113.201-203.0.113.255", "203.0.113.9"],
    ),
    (
        "two parts with a gap don't",
        Kind.IPV4_NETWORK,
        "203.0.113.0/24",
        [(CF, BLOCK, "203.0.113.128/25"), (CF, BLOCK, "203.0.113.0/26")],
        Judgement.NOT_LISTED,
        [],
    ),
    (
        "another list's entry is related and decides nothing",
        Kind.DOMAIN,
        "contoso.com",
        [(ListName.URL, BLOCK, "contoso.com")],
        Judgement.NOT_LISTED,
        [],
    ),
    ("junk in a list", Kind.IPV4, "203.0.113.7", [(CF, ALLOW, "mail server")], Judgement.NOT_LISTED, []),
]


@pytest.mark.parametrize(
    ("kind", "value", "entries", "judgement", "winners"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_judgement(
    kind: Kind,
    value: str,
    entries: list[tuple[ListName, Action, str]],
    judgement: Judgement,
    winners: list[str],
) -> None:
    verdict = verdict_on(kind, value, *(entry(*listed) for listed in entries))
    assert verdict.judgement is judgement
    assert [match.entry.value for match in verdict.matches if match.wins] == winners
    assert all(match.wins for match in verdict.matches[: len(winners)]), "winners come first"


def test_an_entry_that_has_ended_is_shown_and_not_counted() -> None:
    verdict = verdict_on(Kind.DOMAIN, "contoso.com", entry(ListName.SENDER, BLOCK, "contoso.com", days=0))
    assert verdict.judgement is Judgement.NOT_LISTED
    assert [match.effect for match in verdict.matches] == ["expired"]


def test_an_entry_that_ends_later_counts() -> None:
    a_second = 1 / 86_400
    verdict = verdict_on(Kind.DOMAIN, "contoso.com", entry(ListName.SENDER, BLOCK, "contoso.com", days=a_second))
    assert verdict.judgement is Judgement.BLOCKED


LIMITS = [
    (Kind.IPV4, None, limits.NOT_DELIVERED_FOR_SURE, True),
    (Kind.IPV4, None, limits.ALWAYS_SCANNED, True),
    (Kind.IPV4, (CF, ALLOW, "203.0.113.7"), limits.ALWAYS_SCANNED, True),
    (Kind.IPV4, (CF, ALLOW, "203.0.113.7"), limits.FILTERED_ALL_THE_SAME, True),
    (Kind.IPV4, (CF, ALLOW, "203.0.113.7"), limits.NOT_DELIVERED_FOR_SURE, False),
    (Kind.IPV4, (CF, BLOCK, "203.0.113.7"), limits.FILTERED_ALL_THE_SAME, False),
    (Kind.IPV4, (CF, BLOCK, "203.0.113.7"), limits.REFUSED_AT_THE_EDGE, True),
    (Kind.IPV4, (CF, ALLOW, "203.0.113.7"), limits.INTERNAL_MAIL, False),
    (Kind.DOMAIN, (ListName.SENDER, BLOCK, "contoso.com"), limits.STOPS_OUTBOUND, True),
    (Kind.DOMAIN, (ListName.SENDER, ALLOW, "contoso.com"), limits.STOPS_OUTBOUND, False),
    (Kind.DOMAIN, None, limits.INTERNAL_MAIL, True),
    (Kind.DOMAIN, (ListName.SENDER, ALLOW, "contoso.com"), limits.DIRECT_ALLOW, True),
    (Kind.DOMAIN, (ListName.SENDER, BLOCK, "contoso.com"), limits.DIRECT_ALLOW, False),
    (Kind.IPV4, (CF, ALLOW, "203.0.113.7"), limits.DIRECT_ALLOW, False),
]


@pytest.mark.parametrize(("kind", "listed", "sentence", "said"), LIMITS)
def test_limits(kind: Kind, listed: tuple[ListName, Action, str] | None, sentence: str, said: bool) -> None:
    value = "203.0.113.7" if kind is Kind.IPV4 else "contoso.com"
    verdict = verdict_on(kind, value, *([entry(*listed)] if listed else []))
    assert (sentence in verdict.limits) is said


def test_the_two_cases_in_which_allowed_mail_is_filtered_name_their_header() -> None:
    assert "IPV:CAL" in limits.FILTERED_ALL_THE_SAME
    assert "forest" in limits.FILTERED_ALL_THE_SAME


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], []),
        ([limits.TIME_OF_CLICK, limits.INTERNAL_MAIL], [limits.INTERNAL_MAIL, limits.TIME_OF_CLICK]),
        (
            [limits.ALWAYS_SCANNED, limits.DIRECT_ALLOW, limits.INTERNAL_MAIL, limits.TIME_OF_CLICK, NOT_LOOKED_AT],
            [limits.DIRECT_ALLOW, NOT_LOOKED_AT, limits.ALWAYS_SCANNED],
        ),
        (
            [limits.NOT_DELIVERED_FOR_SURE, limits.ALWAYS_SCANNED, "The safe list is on.", NOT_LOOKED_AT],
            [limits.NOT_DELIVERED_FOR_SURE, "The safe list is on.", NOT_LOOKED_AT],
        ),
    ],
)
def test_the_three_that_matter_most_are_those_of_the_verdict_then_of_the_tenant_then_of_any(
    said: list[str], expected: list[str]
) -> None:
    assert list(limits.most_telling(said)) == expected
    assert limits.most_telling(said, at_most=0) == ()


def test_the_safe_list_is_mentioned_when_it_is_on() -> None:
    on = verdict_on(Kind.IPV4, "203.0.113.7", safe_lists=["Second"])
    assert any("safe list is on in policy Second" in sentence for sentence in on.limits)
    off = verdict_on(Kind.IPV4, "203.0.113.7")
    assert not any("safe list" in sentence for sentence in off.limits)


def test_an_unread_list_is_unseen_and_no_empty_list() -> None:
    unreadable = {ListName.SENDER: "HTTP 403", ListName.FILE: "HTTP 500"}
    verdict = verdict_on(Kind.DOMAIN, "contoso.com", unreadable=unreadable)
    assert verdict.judgement is Judgement.UNKNOWN
    assert verdict.limits == ()
    assert verdict.unseen == ("Tenant Allow/Block List for domains and addresses: HTTP 403",)


def test_an_unread_related_list_is_unseen_too() -> None:
    verdict = verdict_on(Kind.DOMAIN, "contoso.com", unreadable={ListName.URL: "HTTP 403"})
    assert verdict.judgement is Judgement.NOT_LISTED
    assert verdict.unseen == ("Tenant Allow/Block List for URLs: HTTP 403",)


def test_what_portcullis_knows_is_joined_by_list_action_and_value() -> None:
    verdict = verdict_on(
        Kind.IPV4,
        "203.0.113.7",
        entry(CF, BLOCK, "203.0.113.5/25"),
        entry(CF, ALLOW, "203.0.113.7"),
        known=[
            on_record(CF, BLOCK, "203.0.113.0/25", request_id=1),
            on_record(CF, BLOCK, "203.0.113.7", request_id=2),
        ],
    )
    found = {match.entry.action: match.known and match.known.request_id for match in verdict.matches}
    assert found == {BLOCK: 1, ALLOW: None}


def test_an_entry_whose_end_portcullis_has_let_pass_counts() -> None:
    known = [on_record(CF, ALLOW, "203.0.113.7", days=-1)]
    verdict = verdict_on(Kind.IPV4, "203.0.113.7", entry(CF, ALLOW, "203.0.113.7"), known=known)
    assert verdict.judgement is Judgement.ALLOWED


def test_a_verdict_says_what_it_is_about_and_how_old_the_lists_are() -> None:
    verdict = verdict_on(Kind.IPV4, "203.0.113.7")
    assert verdict.indicator == Indicator(kind=Kind.IPV4, value="203.0.113.7")
    assert verdict.as_of == READ_AT


def test_of_what_is_no_network_several_parts_make_no_whole() -> None:
    verdict = verdict_on(
        Kind.DOMAIN,
        "*.contoso.com",
        entry(ListName.SENDER, BLOCK, "mail.contoso.com"),
        entry(ListName.SENDER, BLOCK, "www.contoso.com"),
    )
    assert verdict.judgement is Judgement.NOT_LISTED
    assert [match.effect for match in verdict.matches] == ["part", "part"]


def test_matches_stand_in_the_order_of_what_they_mean() -> None:
    verdict = verdict_on(
        Kind.ADDRESS,
        "a@contoso.com",
        entry(ListName.SPOOF, BLOCK, "a@contoso.com, fabrikam.com"),
        entry(ListName.SENDER, ALLOW, "a@contoso.com", days=0),
        entry(ListName.SENDER, ALLOW, "contoso.com"),
        entry(ListName.SENDER, BLOCK, "contoso.com"),
        entry(ListName.SENDER, BLOCK, "a@contoso.com"),
    )
    assert [(match.entry.value, match.effect, match.wins) for match in verdict.matches] == [
        ("a@contoso.com", "exact", True),
        ("contoso.com", "covers", True),
        ("contoso.com", "covers", False),
        ("a@contoso.com, fabrikam.com", "related", False),
        ("a@contoso.com", "expired", False),
    ]


def test_with_an_index_of_the_lists_nothing_else_is_looked_at() -> None:
    lists = Snapshot(as_of=READ_AT, entries=(entry(CF, BLOCK, "203.0.113.5/25"),))
    of_none = ListIndex(Snapshot(as_of=READ_AT))
    asked = Indicator(kind=Kind.IPV4, value="203.0.113.7")
    assert judge(asked, lists, now=NOW, index=of_none).matches == ()
    assert spellings(asked, lists, index=of_none) == {"203.0.113.7"}
    assert spellings(asked, lists, index=ListIndex(lists)) == {"203.0.113.7", "203.0.113.5/25", "203.0.113.0/25"}


SPELLINGS = [
    # An entry that has ended may be on record all the same.
    (Kind.DOMAIN, "contoso.com", entry(ListName.SENDER, BLOCK, "Contoso.com", days=0), {"Contoso.com"}),
    (Kind.DOMAIN, "contoso.top", entry(ListName.SENDER, BLOCK, "*.TOP"), {"*.TOP", "*.top"}),
    # What can't be read as an indicator has no normal form.
    (Kind.ADDRESS, "a..b@contoso.com", entry(ListName.SENDER, BLOCK, "A..B@contoso.com"), {"A..B@contoso.com"}),
    # In the list of URLs a number behind an address is a path, not the size of a network.
    (Kind.URL, "203.0.113.7/24", entry(ListName.URL, BLOCK, "203.0.113.7/24"), {"203.0.113.7/24"}),
    (Kind.URL, "contoso.com/a", entry(ListName.URL, BLOCK, "~Contoso.com~"), {"~Contoso.com~", "~contoso.com~"}),
]


@pytest.mark.parametrize(("kind", "value", "listed", "more"), SPELLINGS)
def test_an_entry_is_on_record_as_it_is_spelled_and_in_its_normal_form(
    kind: Kind, value: str, listed: Entry, more: set[str]
) -> None:
    lists = Snapshot(as_of=READ_AT, entries=(listed,))
    assert spellings(Indicator(kind=kind, value=value), lists) == {value} | more


VALUES = {
    Kind.IPV4: ["203.0.113.7", "203.0.113.8"],
    Kind.IPV4_NETWORK: ["203.0.113.0/24", "203.0.113.0/25"],
    Kind.IPV6: ["2001:db8::1"],
    Kind.DOMAIN: ["contoso.com", "*.contoso.com", "www.contoso.com"],
    Kind.ADDRESS: ["a@contoso.com"],
    Kind.URL: ["contoso.com/a", "~contoso.com", "*.contoso.com/*"],
    Kind.SPOOF_PAIR: ["contoso.com, *", "a@contoso.com, fabrikam.com"],
}
INDICATORS = st.sampled_from([Indicator(kind=kind, value=value) for kind, values in VALUES.items() for value in values])
ENTRIES = st.lists(
    st.builds(
        Entry,
        list=st.sampled_from(list(ListName)),
        action=st.sampled_from(list(Action)),
        value=st.one_of(
            st.sampled_from([value for values in VALUES.values() for value in values]), st.text(max_size=12)
        ),
        expires=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
        policy=st.just(""),
    ),
    max_size=8,
)


@given(indicator=INDICATORS, entries=ENTRIES)
def test_invariants(indicator: Indicator, entries: list[Entry]) -> None:
    verdict = judge(indicator, Snapshot(as_of=NOW, entries=tuple(entries)), now=NOW)
    winners = [match for match in verdict.matches if match.wins]
    assert bool(winners) is (verdict.judgement is not Judgement.NOT_LISTED)
    for match in winners:
        assert match.entry.list is list_for(indicator.kind)
        assert match.effect in {"exact", "covers", "part"}
        assert match.entry.action.value == verdict.judgement.value.removesuffix("ed")
    strong = ALLOW if list_for(indicator.kind) is CF else BLOCK
    if any(match.effect in {"exact", "covers"} and match.entry.action is strong for match in verdict.matches):
        assert verdict.judgement.value.startswith(strong.value)
    assert verdict.because


@given(indicator=INDICATORS, entries=ENTRIES)
def test_the_order_of_the_entries_makes_no_difference(indicator: Indicator, entries: list[Entry]) -> None:
    forwards = judge(indicator, Snapshot(as_of=NOW, entries=tuple(entries)), now=NOW)
    backwards = judge(indicator, Snapshot(as_of=NOW, entries=tuple(reversed(entries))), now=NOW)
    assert forwards.judgement is backwards.judgement
    assert sum(match.wins for match in forwards.matches) == sum(match.wins for match in backwards.matches)


def test_ten_thousand_entries_are_judged_in_an_instant() -> None:
    entries = tuple(entry(ListName.URL, BLOCK, f"host{number}.example/path/{number}") for number in range(10_000))
    lists = Snapshot(as_of=NOW, entries=entries)
    wanted = Indicator(kind=Kind.URL, value="host77.example/path/77/more")
    judge(wanted, lists, now=NOW)
    begun = time.process_time()
    verdict = judge(wanted, lists, now=NOW)
    spent = time.process_time() - begun
    assert verdict.judgement is Judgement.BLOCKED
    assert spent < 0.25, "measured at 0.03 s; the margin is for slow machines"
