"""What an entry covers: each row of the documented URL matrix, and the rules of every other list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.coverage import (
    Effect,
    covers,
    covers_proposed,
    is_same,
    listed_as,
    related_lists,
    relates,
    value_key,
)
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName, list_for

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK


def entry(name: ListName, value: str, action: Action = BLOCK) -> Entry:
    return Entry(list=name, action=action, value=value)


def effect_of(kind: Kind, entry_value: str, value: str, action: Action = BLOCK) -> Effect | None:
    return covers(entry(list_for(kind), entry_value, action), Indicator(kind=kind, value=value))


# Microsoft, "Allow or block URLs using the Tenant Allow/Block List", "URL entry scenarios":
# entry, for which actions, what it matches, what it doesn't.
URL_MATRIX: list[tuple[str, tuple[Action, ...], list[str], list[str]]] = [
    (
        "*.top/*",
        (BLOCK,),
        [
            "a.top",
            "top/abcd",
            "b.abcd.top",
            "top/contoso.com",
            "top/q=contoso.com",
            "www.abcd.top",
            "www.abcd.top/q=a@contoso.com",
        ],
        ["a.stop", "a.top.example", "contoso.com/a.top"],
    ),
    (
        "contoso.com",
        (ALLOW,),
        ["contoso.com"],
        [
            "abc-contoso.com",
            "contoso.com/a",
            "abc.xyz.contoso.com/a/b/c",
            "payroll.contoso.com",
            "test.com/contoso.com",
            "test.com/q=contoso.com",
            "www.contoso.com",
            "www.contoso.com/q=a@contoso.com",
        ],
    ),
    (
        "contoso.com",
        (BLOCK,),
        [
            "contoso.com",
            "contoso.com/a",
            "abc.xyz.contoso.com/a/b/c",
            "payroll.contoso.com",
            "test.com/contoso.com",
            "test.com/q=contoso.com",
            "fabrikam.com/contoso.com",
            "www.contoso.com",
            "www.contoso.com/q=a@contoso.com",
            "fabrikam.com/?to=a@contoso.com",
        ],
        [
            "abc-contoso.com",
            "test.com/abc-contoso.com",
            "test.com/contoso.com.example",
            "test.com/contoso.community",
            "contoso.org",
        ],
    ),
    (
        "*.contoso.com",
        (ALLOW, BLOCK),
        ["www.contoso.com", "xyz.abc.contoso.com"],
        ["123contoso.com", "contoso.com", "test.com/contoso.com", "www.contoso.com/abc"],
    ),
    (
        "contoso.com/a/*",
        (ALLOW, BLOCK),
        ["contoso.com/a/b", "contoso.com/a/b/c", "contoso.com/a/?q=joe@t.com"],
        [
            "contoso.com",
            "contoso.com/a",
            "contoso.com/a/",
            "www.contoso.com",
            "www.contoso.com/q=a@contoso.com",
            "contoso.com/ab",
        ],
    ),
    (
        "~contoso.com",
        (ALLOW, BLOCK),
        ["contoso.com", "www.contoso.com", "xyz.abc.contoso.com"],
        ["123contoso.com", "contoso.com/abc", "www.contoso.com/abc"],
    ),
    (
        "contoso.com/*",
        (ALLOW, BLOCK),
        [
            "contoso.com/?q=whatever@fabrikam.com",
            "contoso.com/a",
            "contoso.com/a/b/c",
            "contoso.com/ab",
            "contoso.com/b",
            "contoso.com/b/a/c",
            "contoso.com/ba",
        ],
        ["contoso.com", "contoso.com/", "www.contoso.com/a"],
    ),
    (
        "*.contoso.com/*",
        (ALLOW, BLOCK),
        [
            "abc.contoso.com/ab",
            "abc.xyz.contoso.com/a/b/c",
            "www.contoso.com/a",
            "www.contoso.com/b/a/c",
            "xyz.contoso.com/ba",
        ],
        ["contoso.com/b", "abc-contoso.com/b"],
    ),
    (
        "~contoso.com~",
        (ALLOW, BLOCK),
        [
            "contoso.com",
            "contoso.com/a",
            "www.contoso.com",
            "www.contoso.com/b",
            "xyz.abc.contoso.com",
            "abc.xyz.contoso.com/a/b/c",
            "contoso.com/b/a/c",
            "test.com/contoso.com",
            "fabrikam.com/contoso.com",
        ],
        ["123contoso.com", "contoso.org", "test.com/q=contoso.com", "fabrikam.com/q=contoso.com"],
    ),
    ("1.2.3.4", (ALLOW, BLOCK), ["1.2.3.4"], ["1.2.3.4/a", "11.2.3.4/a", "test.com/1.2.3.4"]),
    ("1.2.3.4/*", (ALLOW, BLOCK), ["1.2.3.4/b", "1.2.3.4/baaaa"], ["1.2.3.4", "11.2.3.4/b"]),
    # Not on that page, but said there: subpaths aren't implied for allows.
    ("contoso.com/a", (ALLOW,), ["contoso.com/a"], ["contoso.com/a/b", "contoso.com/a?x=1", "contoso.com"]),
    (
        "contoso.com/a",
        (BLOCK,),
        ["contoso.com/a", "contoso.com/a/b", "contoso.com/a?x=1"],
        ["contoso.com/ab", "contoso.com", "www.contoso.com/a"],
    ),
]
MATCHES = [(value, action, url) for value, actions, urls, _ in URL_MATRIX for action in actions for url in urls]
MISSES = [(value, action, url) for value, actions, _, urls in URL_MATRIX for action in actions for url in urls]


@pytest.mark.parametrize(("value", "action", "url"), MATCHES)
def test_url_entry_covers(value: str, action: Action, url: str) -> None:
    expected = Effect.EXACT if value == url else Effect.COVERS
    assert effect_of(Kind.URL, value, url, action) is expected


@pytest.mark.parametrize(("value", "action", "url"), MISSES)
def test_url_entry_does_not_cover(value: str, action: Action, url: str) -> None:
    assert effect_of(Kind.URL, value, url, action) is None


INVALID_URL_ENTRIES = [
    "contoso",
    "*.contoso.*",
    "*.com",
    "*contoso.com",
    "contoso.com*",
    "*1.2.3.4",
    "*.1.2.3.4",
    "1.2.3.4*",
    "contoso.com/a*",
    "contoso.com/ab*",
    "contoso.com:443",
    "*",
    "*.*",
    "conto*so.com",
    "conto~so.com",
    "contoso.com/**",
    "contoso.com/*/*",
    "",
    " ",
    "a b",
    "~",
    "~~",
    "/*",
    "\x00",
]


@pytest.mark.parametrize("value", INVALID_URL_ENTRIES)
@pytest.mark.parametrize("action", list(Action))
def test_junk_in_the_url_list_covers_nothing(value: str, action: Action) -> None:
    for url in ("contoso.com", "www.contoso.com/a", "1.2.3.4", "contoso.com/a/b"):
        assert effect_of(Kind.URL, value, url, action) is None


def test_tld_pattern_is_for_blocks_only() -> None:
    assert effect_of(Kind.URL, "*.top/*", "a.top/b", ALLOW) is None


def test_url_letter_case_and_a_lone_slash_make_no_difference() -> None:
    assert effect_of(Kind.URL, "Contoso.com", "contoso.com/", ALLOW) is Effect.EXACT
    assert effect_of(Kind.URL, "contoso.com/A", "contoso.com/a", ALLOW) is Effect.EXACT


URL_PATTERNS = [
    ("~contoso.com~", "*.contoso.com/*", Effect.COVERS),
    ("contoso.com", "~contoso.com", Effect.COVERS),
    ("contoso.com", "sub.contoso.com/*", Effect.COVERS),
    ("*.contoso.com/*", "*.sub.contoso.com/*", Effect.COVERS),
    ("contoso.com/*", "contoso.com/a/*", Effect.COVERS),
    ("*.top/*", "*.contoso.top/*", Effect.COVERS),
    ("www.contoso.com", "*.contoso.com", None),
    ("contoso.com/a/*", "contoso.com/*", Effect.PART),
    ("*.contoso.com", "~contoso.com", Effect.PART),
    ("*.contoso.com", "*.contoso.com", Effect.EXACT),
    ("*.fabrikam.com", "*.contoso.com", None),
]


@pytest.mark.parametrize(("value", "pattern", "expected"), URL_PATTERNS)
def test_url_entry_against_a_pattern(value: str, pattern: str, expected: Effect | None) -> None:
    assert effect_of(Kind.URL, value, pattern) is expected


def test_a_proposed_bare_block_is_more_than_its_own_url() -> None:
    narrow = entry(ListName.URL, "contoso.com/*")
    wanted = Indicator(kind=Kind.URL, value="contoso.com")
    assert covers(narrow, wanted) is None
    assert covers_proposed(narrow, wanted, BLOCK) is Effect.PART
    assert covers_proposed(narrow, wanted, ALLOW) is None
    assert covers_proposed(entry(ListName.URL, "~contoso.com~"), wanted, BLOCK) is Effect.PART
    assert covers_proposed(entry(ListName.URL, "www.contoso.com", ALLOW), wanted, BLOCK) is Effect.PART
    assert covers_proposed(entry(ListName.URL, "contoso.com"), wanted, BLOCK) is Effect.EXACT
    sub = Indicator(kind=Kind.URL, value="sub.contoso.com")
    assert covers_proposed(entry(ListName.URL, "contoso.com"), sub, BLOCK) is Effect.COVERS


IPV4 = [
    (Kind.IPV4, "203.0.113.7", "203.0.113.7", Effect.EXACT),
    (Kind.IPV4, "203.0.113.7/32", "203.0.113.7", Effect.EXACT),
    (Kind.IPV4, " 203.0.113.7 ", "203.0.113.7", Effect.EXACT),
    (Kind.IPV4, "203.0.113.0/24", "203.0.113.7", Effect.COVERS),
    (Kind.IPV4, "203.0.113.99/24", "203.0.113.7", Effect.COVERS),  # host bits set
    (Kind.IPV4, "203.0.113.1-203.0.113.9", "203.0.113.9", Effect.COVERS),
    (Kind.IPV4, "203.0.113.1-203.0.113.9", "203.0.113.10", None),
    (Kind.IPV4, "203.0.113.0/25", "203.0.113.128", None),
    (Kind.IPV4, "203.0.113.9-203.0.113.1", "203.0.113.5", None),  # upside down: junk
    (Kind.IPV4, "203.0.113.0/255.255.255.0", "203.0.113.7", None),  # the service takes no netmasks
    (Kind.IPV4, "0203.0.113.7", "203.0.113.7", None),
    (Kind.IPV4, "cb00:7107::", "203.0.113.7", None),
    (Kind.IPV4, "not an ip", "203.0.113.7", None),
    (Kind.IPV4, "1-2-3", "203.0.113.7", None),
    (Kind.IPV4, "9" * 5000, "203.0.113.7", None),
    (Kind.IPV4_NETWORK, "203.0.113.0/24", "203.0.113.0/25", Effect.COVERS),
    (Kind.IPV4_NETWORK, "203.0.113.7", "203.0.113.0/24", Effect.PART),
    (Kind.IPV4_NETWORK, "203.0.113.5/25", "203.0.113.0/25", Effect.EXACT),
    (Kind.IPV4_NETWORK, "203.0.113.0-203.0.113.255", "203.0.113.0/24", Effect.EXACT),
    (Kind.IPV4_NETWORK, "198.51.100.0/24", "203.0.113.0/24", None),
    (Kind.IPV4_RANGE, "203.0.113.0/29", "203.0.113.5-203.0.113.9", Effect.PART),
    (Kind.IPV4_RANGE, "203.0.113.0/24", "203.0.113.5-203.0.113.9", Effect.COVERS),
    (Kind.IPV6, "2001:db8::1", "2001:db8::1", Effect.EXACT),
    (Kind.IPV6, "2001:0DB8:0:0::1", "2001:db8::1", Effect.EXACT),
    (Kind.IPV6, "2001:db8::/32", "2001:db8::1", Effect.COVERS),
    (Kind.IPV6, "2001:db8::%eth0", "2001:db8::", None),
    (Kind.IPV6_NETWORK, "2001:db8:1::/48", "2001:db8::/32", Effect.PART),
    (Kind.IPV6_NETWORK, "2001:db8::/32", "2001:db8:1::/48", Effect.COVERS),
]


@pytest.mark.parametrize(("kind", "value", "wanted", "expected"), IPV4)
def test_ip_entries(kind: Kind, value: str, wanted: str, expected: Effect | None) -> None:
    assert effect_of(kind, value, wanted) is expected


SENDERS = [
    (Kind.DOMAIN, "contoso.com", "contoso.com", Effect.EXACT),
    (Kind.DOMAIN, "CONTOSO.com.", "contoso.com", Effect.EXACT),
    (Kind.DOMAIN, "bücher.example", "xn--bcher-kva.example", Effect.EXACT),
    (Kind.DOMAIN, "contoso.com", "mail.contoso.com", None),
    (Kind.DOMAIN, "*.contoso.com", "mail.contoso.com", Effect.COVERS),
    (Kind.DOMAIN, "*.contoso.com", "a.b.contoso.com", Effect.COVERS),
    (Kind.DOMAIN, "*.contoso.com", "contoso.com", None),
    (Kind.DOMAIN, "*.contoso.com", "abc-contoso.com", None),
    (Kind.DOMAIN, "*.contoso.com", "*.contoso.com", Effect.EXACT),
    (Kind.DOMAIN, "*.contoso.com", "*.mail.contoso.com", Effect.COVERS),
    (Kind.DOMAIN, "mail.contoso.com", "*.contoso.com", Effect.PART),
    (Kind.DOMAIN, "a@contoso.com", "contoso.com", Effect.PART),
    (Kind.DOMAIN, "*.top", "contoso.top", Effect.COVERS),
    (Kind.DOMAIN, "*.top", "mail.contoso.top", Effect.COVERS),
    (Kind.DOMAIN, "*.top", "*.contoso.top", Effect.COVERS),
    (Kind.DOMAIN, "*.top", "*.TOP", Effect.EXACT),
    (Kind.DOMAIN, "contoso.top", "*.top", Effect.PART),
    (Kind.DOMAIN, "*.top", "contoso-top.example", None),
    (Kind.ADDRESS, "*.top", "a@contoso.top", Effect.COVERS),
    (Kind.DOMAIN, "contoso.com, junk", "contoso.com", None),
    (Kind.DOMAIN, "*", "contoso.com", None),
    (Kind.DOMAIN, "@contoso.com", "contoso.com", None),
    (Kind.ADDRESS, "a@contoso.com", "a@contoso.com", Effect.EXACT),
    (Kind.ADDRESS, "A@Contoso.com", "a@contoso.com", Effect.EXACT),
    (Kind.ADDRESS, "a%2Bb@contoso.com", "a+b@contoso.com", Effect.EXACT),
    (Kind.ADDRESS, '"bad+ attacker"@fourthcoffee.com', "%22bad%2B%20attacker%22@fourthcoffee.com", Effect.EXACT),
    (Kind.ADDRESS, "contoso.com", "a@contoso.com", Effect.COVERS),
    (Kind.ADDRESS, "contoso.com", "a@mail.contoso.com", None),
    (Kind.ADDRESS, "*.contoso.com", "a@mail.contoso.com", Effect.COVERS),
    (Kind.ADDRESS, "*.contoso.com", "a@contoso.com", None),
    (Kind.ADDRESS, "b@contoso.com", "a@contoso.com", None),
]


@pytest.mark.parametrize(("kind", "value", "wanted", "expected"), SENDERS)
def test_sender_entries(kind: Kind, value: str, wanted: str, expected: Effect | None) -> None:
    assert effect_of(kind, value, wanted) is expected


PAIRS = [
    ("contoso.com, fabrikam.com", "contoso.com, fabrikam.com", Effect.EXACT),
    ("Contoso.com,fabrikam.com", "contoso.com, fabrikam.com", Effect.EXACT),
    ("contoso.com, fabrikam.com", "contoso.com, mail.fabrikam.com", None),
    ("contoso.com, fabrikam.com", "fabrikam.com, contoso.com", None),
    ("contoso.com, *", "contoso.com, fabrikam.com", Effect.COVERS),
    ("*, fabrikam.com", "contoso.com, fabrikam.com", Effect.COVERS),
    ("contoso.com, fabrikam.com", "a@contoso.com, fabrikam.com", Effect.COVERS),
    ("a@contoso.com, fabrikam.com", "contoso.com, fabrikam.com", Effect.PART),
    ("contoso.com, 203.0.113.0/24", "contoso.com, 203.0.113.0/24", Effect.EXACT),
    ("contoso.com, 203.0.113.0/24", "contoso.com, 203.0.113.7", Effect.COVERS),
    ("contoso.com, 203.0.113.0/24", "contoso.com, 198.51.100.7", None),
    ("a@contoso.com, fabrikam.com", "b@a@contoso.com, fabrikam.com", None),  # an address is no domain
    ("*.contoso.com, fabrikam.com", "mail.contoso.com, fabrikam.com", None),  # nor is there a wildcard but the lone *
    ("CONTOSO.com., FABRIKAM.com.", "contoso.com, fabrikam.com", Effect.EXACT),
    ("bücher.example, fabrikam.com", "xn--bcher-kva.example, fabrikam.com", Effect.EXACT),
    ("A@Contoso.com, *", "a@contoso.com, *", Effect.EXACT),
    ("contoso.com, 203.0.113.7", "contoso.com, 203.0.113.7/32", Effect.EXACT),
    ("contoso.com", "contoso.com, fabrikam.com", None),
    (",", "contoso.com, fabrikam.com", None),
    (", fabrikam.com", "contoso.com, fabrikam.com", None),
    ("contoso.com,", "contoso.com, fabrikam.com", None),
]


@pytest.mark.parametrize(("value", "wanted", "expected"), PAIRS)
def test_spoof_entries(value: str, wanted: str, expected: Effect | None) -> None:
    assert effect_of(Kind.SPOOF_PAIR, value, wanted) is expected


def test_file_entries_match_by_hash_in_any_case() -> None:
    assert value_key(ListName.FILE, f" {'AB' * 32} ") == "ab" * 32
    assert effect_of(Kind.FILE, "AB" * 32, "ab" * 32) is Effect.EXACT
    assert effect_of(Kind.FILE, "ac" * 32, "ab" * 32) is None


def test_an_entry_of_another_list_covers_nothing() -> None:
    wanted = Indicator(kind=Kind.DOMAIN, value="contoso.com")
    elsewhere = entry(ListName.URL, "contoso.com")
    assert covers(elsewhere, wanted) is None
    assert covers_proposed(elsewhere, wanted, BLOCK) is None
    assert (
        covers_proposed(entry(ListName.SENDER, "contoso.com"), Indicator(kind=Kind.URL, value="contoso.com"), BLOCK)
        is None
    )
    assert not is_same(elsewhere, wanted)
    assert listed_as([elsewhere, entry(ListName.SENDER, "contoso.com")], wanted, BLOCK) == (
        entry(ListName.SENDER, "contoso.com"),
    )


RELATED_LISTS = [
    (Kind.IPV4, {ListName.SPOOF, ListName.URL}),
    (Kind.IPV4_RANGE, set()),
    (Kind.IPV4_NETWORK, {ListName.SPOOF}),
    (Kind.IPV6, {ListName.CONNECTION_FILTER}),
    (Kind.IPV6_NETWORK, {ListName.CONNECTION_FILTER}),
    (Kind.DOMAIN, {ListName.URL, ListName.SPOOF}),
    (Kind.ADDRESS, {ListName.SPOOF}),
    (Kind.URL, {ListName.SENDER}),
    (Kind.FILE, set()),
    (Kind.SPOOF_PAIR, {ListName.SENDER}),
    (Kind.FILTER_POLICY, set()),
]


def test_every_kind_has_its_related_lists() -> None:
    assert [kind for kind, _ in RELATED_LISTS] == list(Kind)
    assert all(related_lists(kind) == names for kind, names in RELATED_LISTS)


RELATED = [
    (ListName.URL, "contoso.com", Kind.DOMAIN, "contoso.com", True),
    (ListName.URL, "contoso.com", Kind.DOMAIN, "www.contoso.com", True),
    (ListName.URL, "contoso.com/a", Kind.DOMAIN, "contoso.com", False),
    (ListName.SPOOF, "a@contoso.com, fabrikam.com", Kind.ADDRESS, "a@contoso.com", True),
    (ListName.SPOOF, "contoso.com, fabrikam.com", Kind.ADDRESS, "a@contoso.com", True),
    (ListName.SPOOF, "b@contoso.com, fabrikam.com", Kind.ADDRESS, "a@contoso.com", False),
    (ListName.SPOOF, "*, fabrikam.com", Kind.ADDRESS, "a@contoso.com", False),
    (ListName.SPOOF, "a@contoso.com, fabrikam.com", Kind.DOMAIN, "contoso.com", True),
    (ListName.SPOOF, "contoso.com, fabrikam.com", Kind.DOMAIN, "fabrikam.com", True),
    (ListName.SPOOF, "contoso.com, 203.0.113.0/24", Kind.IPV4, "203.0.113.7", True),
    (ListName.SPOOF, "contoso.com, 203.0.113.0/24", Kind.IPV4, "198.51.100.7", False),
    (ListName.SPOOF, "junk", Kind.IPV4, "198.51.100.7", False),
    (ListName.SENDER, "contoso.com", Kind.URL, "contoso.com/a", True),
    (ListName.SENDER, "a@contoso.com", Kind.URL, "contoso.com/a", False),
    (ListName.SENDER, "contoso.com", Kind.SPOOF_PAIR, "a@contoso.com, fabrikam.com", True),
    (ListName.CONNECTION_FILTER, "2001:db8::1", Kind.IPV6, "2001:db8::1", True),
    (ListName.FILE, "contoso.com", Kind.DOMAIN, "contoso.com", False),
    # A wildcard names no domain that a pair could have on one of its sides.
    (ListName.SPOOF, "contoso.com, fabrikam.com", Kind.DOMAIN, "*.contoso.com", False),
    (ListName.SPOOF, "contoso.com, fabrikam.com", Kind.DOMAIN, "contoso.com", True),
    (ListName.SPOOF, "contoso.com, fabrikam.com", Kind.DOMAIN, "no domain at all", False),
    (ListName.SENDER, "contoso.com", Kind.SPOOF_PAIR, "no pair at all", False),
]


@pytest.mark.parametrize(("name", "value", "kind", "wanted", "expected"), RELATED)
def test_related_entries(name: ListName, value: str, kind: Kind, wanted: str, expected: bool) -> None:
    assert relates(entry(name, value), Indicator(kind=kind, value=wanted)) is expected


def test_listed_as_gives_the_tenants_spelling_once_for_each_policy() -> None:
    entries = [
        Entry(list=ListName.CONNECTION_FILTER, action=BLOCK, value="203.0.113.5/25", policy="Default"),
        Entry(list=ListName.CONNECTION_FILTER, action=BLOCK, value="203.0.113.0/25", policy="Second"),
        Entry(list=ListName.CONNECTION_FILTER, action=ALLOW, value="203.0.113.0/25", policy="Default"),
        Entry(list=ListName.CONNECTION_FILTER, action=BLOCK, value="203.0.113.0/24", policy="Default"),
    ]
    listed = listed_as(entries, Indicator(kind=Kind.IPV4_NETWORK, value="203.0.113.0/25"), BLOCK)
    assert [(found.value, found.policy) for found in listed] == [
        ("203.0.113.5/25", "Default"),
        ("203.0.113.0/25", "Second"),
    ]


@given(
    name=st.sampled_from(list(ListName)),
    action=st.sampled_from(list(Action)),
    value=st.one_of(st.text(max_size=60), st.text(alphabet="*.~/-:,@%?#0123456789abcf \x00", max_size=40)),
    wanted=st.sampled_from(
        [
            Indicator(kind=Kind.IPV4, value="203.0.113.7"),
            Indicator(kind=Kind.IPV6_NETWORK, value="2001:db8::/64"),
            Indicator(kind=Kind.DOMAIN, value="*.contoso.com"),
            Indicator(kind=Kind.ADDRESS, value="a@contoso.com"),
            Indicator(kind=Kind.URL, value="contoso.com/a"),
            Indicator(kind=Kind.FILE, value="ab" * 32),
            Indicator(kind=Kind.SPOOF_PAIR, value="contoso.com, *"),
        ]
    ),
)
def test_no_entry_value_makes_anything_raise(name: ListName, action: Action, value: str, wanted: Indicator) -> None:
    held = entry(name, value, action)
    covers(held, wanted)
    covers_proposed(held, wanted, action)
    relates(held, wanted)
    assert value_key(name, value) == value_key(name, value)


@given(value=st.text(min_size=1, max_size=40))
def test_junk_covers_a_text_identical_to_it(value: str) -> None:
    for kind in (Kind.IPV4, Kind.DOMAIN, Kind.URL, Kind.FILE, Kind.SPOOF_PAIR):
        assert effect_of(kind, value, value) is Effect.EXACT
