"""Spellings that stand for the same entry, and those that don't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists import Action, Entry, ListName
from bot.tenant.comparison import holds, same_value

NOW = datetime(2026, 3, 1, tzinfo=UTC)


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


def entry(**changes: object) -> Entry:
    values: dict[str, object] = {"list": ListName.SENDER, "action": Action.BLOCK, "value": "Evil.example"}
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


def test_holds_looks_at_value_and_action() -> None:
    entries = (entry(value="other.example"), entry())
    assert holds(entries, "evil.example", Action.BLOCK) is entries[1]
    assert holds(entries, "evil.example", Action.ALLOW) is None
    assert holds(entries, "third.example", Action.BLOCK) is None
    assert holds((), "evil.example", Action.BLOCK) is None


def test_holds_can_be_asked_about_one_list_of_several() -> None:
    entries = (entry(), entry(list=ListName.URL))
    assert holds(entries, "evil.example", Action.BLOCK, list_name=ListName.URL) is entries[1]
    assert holds(entries, "evil.example", Action.BLOCK, list_name=ListName.IP) is None


def test_an_expired_entry_holds_nothing_unless_it_is_only_asked_whether_it_is_listed() -> None:
    ended = entry(expires=NOW)
    assert holds((ended,), "evil.example", Action.BLOCK, now=NOW) is None
    assert holds((ended,), "evil.example", Action.BLOCK) is ended
    lasting = entry(expires=NOW + timedelta(seconds=1))
    assert holds((ended, lasting), "evil.example", Action.BLOCK, now=NOW) is lasting
