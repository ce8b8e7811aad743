"""What holds for every pattern of the lists: each is a set, of senders or of URLs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.coverage import read_pair
from bot.domain.lists.sender_pattern import read_sender
from bot.domain.lists.traits import Action
from bot.domain.lists.url_pattern import UrlPattern, read_url, read_url_entry

HOSTS = ["contoso.com", "www.contoso.com", "a.www.contoso.com", "fabrikam.com"]
SENDERS = [*HOSTS, *(f"*.{host}" for host in HOSTS), *(f"a@{host}" for host in HOSTS)]
PATHS = ["", "/", "/a", "/a/", "/a/b", "/a/*", "/*", "/a?q=1", "/www.contoso.com", "/q=contoso.com"]
URLS = [f"{mark}{host}{path}" for mark in ("", "*.", "~") for host in HOSTS for path in PATHS]
URLS += [f"~{host}~" for host in HOSTS]
INFRASTRUCTURE = ["*", "fabrikam.com", "203.0.113.0/24", "203.0.113.7"]
PAIRS = [f"{user}, {sends}" for user in ("*", "contoso.com", "a@contoso.com") for sends in INFRASTRUCTURE]

SENDER_PATTERNS = [pattern for text in SENDERS if (pattern := read_sender(text))]
URL_PATTERNS = list({pattern for text in URLS if (pattern := read_url(text))})
URL_PATTERNS += [pattern for text in URLS for action in Action if (pattern := read_url_entry(text, action))]
PAIR_PATTERNS = [pattern for text in PAIRS if (pattern := read_pair(text))]


KINDS = [SENDER_PATTERNS, URL_PATTERNS, PAIR_PATTERNS]


@pytest.mark.parametrize("patterns", KINDS)
def test_a_pattern_includes_itself(patterns: Sequence[Any]) -> None:
    assert patterns
    assert all(pattern.includes(pattern) for pattern in patterns)


@pytest.mark.parametrize("patterns", KINDS)
def test_a_pattern_includes_whatever_one_that_it_includes_includes(patterns: Sequence[Any]) -> None:
    included = {wide: {narrow for narrow in patterns if wide.includes(narrow)} for wide in patterns}
    broken = [(wide, middle, included[middle] - held) for wide, held in included.items() for middle in held]
    assert [found for found in broken if found[2]] == []


ANY_TEXT = st.one_of(st.text(max_size=60), st.text(alphabet="ab.*~/@,-:%?#[] é", max_size=30))


@given(text=ANY_TEXT)
def test_a_sender_is_the_same_in_any_case_and_with_spaces_around(text: str) -> None:
    assert read_sender(f" {text} ") == read_sender(text)
    if text.isascii():
        assert read_sender(text.upper()) == read_sender(text.lower())


@given(text=ANY_TEXT, action=st.sampled_from([None, *Action]))
def test_a_url_is_the_same_in_any_case_and_with_spaces_around(text: str, action: Action | None) -> None:
    def pattern(spelled: str) -> UrlPattern | None:
        return read_url(spelled) if action is None else read_url_entry(spelled, action)

    assert pattern(f" {text} ") == pattern(text)
    if text.isascii():
        assert pattern(text.upper()) == pattern(text.lower())


def test_an_ipv6_host_is_the_same_in_brackets_and_without_long_and_short() -> None:
    spellings = ["[2001:db8::1]/a", "2001:db8::1/a", "2001:DB8:0::1/a", "[2001:0db8:0:0:0:0:0:1]/a"]
    assert len({read_url(text) for text in spellings}) == 1
    assert read_url("[2001:db8::1]/a") != read_url("[2001:db8::2]/a")
