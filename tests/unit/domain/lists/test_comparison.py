"""Spellings that stand for the same entry, and those that don't."""

from __future__ import annotations

import pytest

from bot.domain.lists.comparison import comparable, same_value
from bot.domain.lists.traits import ListName


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        (ListName.CONNECTION_FILTER, "203.0.113.7", "203.0.113.7/32"),
        (ListName.CONNECTION_FILTER, "203.0.113.5/24", "203.0.113.0/24"),
        (ListName.CONNECTION_FILTER, "203.0.113.1 - 203.0.113.9", "203.0.113.1-203.0.113.9"),
        (ListName.CONNECTION_FILTER, "203.0.113.7-203.0.113.7", "203.0.113.7"),
        (ListName.CONNECTION_FILTER, " junk ", "JUNK"),
        (ListName.IP, "2001:DB8:0:0::1", "2001:db8::1"),
        (ListName.IP, "2001:db8::1/128", "2001:db8::1"),
        (ListName.IP, "2001:db8::5/32", "2001:db8::/32"),
        (ListName.SENDER, "User@Evil.Example", "user@evil.example"),
        (ListName.SENDER, "a%2Bb@evil.example", "a+b@evil.example"),
        (ListName.SENDER, "%22a%2b b%22@evil.example", '"a+ b"@evil.example'),
        (ListName.URL, "Evil.Example/Path", "evil.example/path"),
        (ListName.FILE, "ABCDEF", "abcdef"),
        (ListName.SPOOF, "CEO@contoso.com,Fabrikam.com", "ceo@contoso.com, fabrikam.com"),
        (ListName.SPOOF, "contoso.com, 203.0.113.5/24", "contoso.com, 203.0.113.0/24"),
    ],
)
def test_the_same_entry_in_two_spellings(name: ListName, one: str, other: str) -> None:
    assert same_value(name, one, other)
    assert same_value(name, other, one)
    assert hash(comparable(name, one)) == hash(comparable(name, other))


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        (ListName.CONNECTION_FILTER, "203.0.113.7", "203.0.113.0/24"),
        (ListName.CONNECTION_FILTER, "203.0.113.0/24", "203.0.113.0/25"),
        (ListName.CONNECTION_FILTER, "203.0.113.0-203.0.113.255", "203.0.113.0-203.0.113.254"),
        (ListName.CONNECTION_FILTER, "mail-relay", "mail-relay2"),
        (ListName.IP, "2001:db8::1", "2001:db8::10"),
        (ListName.SENDER, "evil.example", "*.evil.example"),
        (ListName.SENDER, "user@evil.example", "evil.example"),
        (ListName.URL, "evil.example", "evil.example/*"),
        (ListName.URL, "evil.example/a%2Fb", "evil.example/a/b"),
        (ListName.SPOOF, "*, fabrikam.com", "contoso.com, fabrikam.com"),
        (ListName.SPOOF, "contoso.com, fabrikam.com", "fabrikam.com, contoso.com"),
    ],
)
def test_two_different_entries(name: ListName, one: str, other: str) -> None:
    assert not same_value(name, one, other)
