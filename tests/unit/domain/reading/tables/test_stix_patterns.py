"""Patterns of STIX: simple ones give their values, all others the reason why they are left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.aside import Aside
from bot.domain.reading.tables.stix_patterns import _Pattern, read_pattern

HASH = "ab" * 32

SIMPLE = [
    ("[ipv4-addr:value = '203.0.113.7']", [("ipv4-addr", "203.0.113.7")]),
    ("[ ipv6-addr:value='2001:db8::7' ]", [("ipv6-addr", "2001:db8::7")]),
    ("[url:value = 'https://evil.example/a?b=\\'c']", [("url", "https://evil.example/a?b='c")]),
    (
        "[domain-name:value = 'a.example' OR domain-name:value = 'b.example']",
        [("domain-name", "a.example"), ("domain-name", "b.example")],
    ),
    (
        "[domain-name:value = 'a.example'] OR [domain-name:value = 'b.example']",
        [("domain-name", "a.example"), ("domain-name", "b.example")],
    ),
    (
        "([domain-name:value = 'a.example']) OR ([url:value = 'http://b.example/x'])",
        [("domain-name", "a.example"), ("url", "http://b.example/x")],
    ),
    ("[(domain-name:value = 'a.example')]", [("domain-name", "a.example")]),
    ("[domain-name:value IN ('a.example', 'b.example')]", [("domain-name", "a.example"), ("domain-name", "b.example")]),
    ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", [("ipv4-addr", "198.51.100.0/24")]),
    (f"[file:hashes.'SHA-256' = '{HASH}']", [("SHA-256", HASH)]),
    (f"[file:hashes.\"SHA-256\" = '{HASH}' OR file:hashes.MD5 = 'x']", [("SHA-256", HASH), ("MD5", "x")]),
    ("[email-addr:value = 'evil@bad.example']", [("email-addr", "evil@bad.example")]),
    ("[email-message:from_ref.value = 'evil@bad.example']", [("email-addr", "evil@bad.example")]),
]


@pytest.mark.parametrize(("pattern", "values"), SIMPLE)
def test_simple_patterns(pattern: str, values: list[tuple[str, str]]) -> None:
    assert read_pattern(pattern) == values


MORE_THAN_AN_ENTRY_SAYS = [
    "[ipv4-addr:value = '203.0.113.7' AND network-traffic:dst_port = 443]",
    "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']",
    "[domain-name:value = 'a.example'] WITHIN 30 SECONDS",
    "[domain-name:value LIKE '%.example']",
    "[domain-name:value MATCHES '^evil']",
    "[domain-name:value != 'a.example']",
    "[NOT domain-name:value = 'a.example']",
    "[process:name = 'evil.exe']",
    "[email-message:to_refs[*].value = 'anna@contoso.com']",
    "[file:name = 'invoice.exe']",
    "[domain-name:value = 'a.example'",
    "domain-name:value = 'a.example'",
    "",
    "evil.example",
    "[network-traffic:dst_port = 443]",
]


@pytest.mark.parametrize("pattern", MORE_THAN_AN_ENTRY_SAYS)
def test_all_others_are_left_out_with_the_reason(pattern: str) -> None:
    found = read_pattern(pattern)
    assert isinstance(found, Aside)
    assert found.code == "pattern"


@given(
    st.text(max_size=100)
    | st.lists(
        st.sampled_from(["[", "]", "(", ")", "'", "OR", "IN", " ", ",", "=", "url:value", "'x'", "\\"]), max_size=30
    ).map("".join)
)
def test_nothing_is_raised(pattern: str) -> None:
    assert isinstance(read_pattern(pattern), Aside | list)


def test_no_value_is_left_out_without_a_word() -> None:
    named = [f"ipv4-addr:value = '198.51.100.{number % 256}'" for number in range(501)]
    assert isinstance(read_pattern(f"[{' OR '.join(named[:500])}]"), list)
    found = read_pattern(f"[{' OR '.join(named)}]")
    assert isinstance(found, Aside)
    assert "501" in found.text


def test_a_text_that_never_ends_is_not_looked_at_from_each_of_its_marks() -> None:
    pattern = _Pattern("'" + "\\'" * 9_000)
    assert len(pattern._tokens) == 1
