"""Entries that exist are found by their exact value, in a command, a form's field and an import alike."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Kind, NoteCode
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.command_text import read_command, read_lines
from bot.domain.reading.import_lines import read_plain_lines
from bot.domain.reading.import_reading import Given, read_import
from bot.domain.reading.lines import line_of
from bot.domain.reading.listed import Listed, listed_indicator, read_listed
from bot.errors import InvalidIndicator
from tests.unit.domain.tenant_lists import entry

TODAY = date(2026, 11, 21)
CF, SENDER, URL = ListName.CONNECTION_FILTER, ListName.SENDER, ListName.URL
IP, SPOOF = ListName.IP, ListName.SPOOF

#: What the tenant holds, how a person may write it, and the kind that it is taken as.
FOUND = [
    (URL, "evil.example/folder/#x=1", "evil.example/folder/#x=1", Kind.URL),
    (URL, "evil.example/folder/#x=1", "https://evil.example/folder/#x=1", Kind.URL),
    (URL, "evil.example/folder/#x=1", "hxxps://evil[.]example/folder/#x=1", Kind.URL),
    (URL, "evil.example/folder/#x=1", "evil[.]example/folder/#x=1", Kind.URL),
    (URL, "evil.example/folder/#x=1", "EVIL.example/Folder/#x=1", Kind.URL),
    (
        URL,
        "evil.example/folder/#x=1",
        "<http://evil.example/folder/#x=1|evil.example/folder/#x=1>",
        Kind.URL,
    ),
    (URL, "evil.example/?a=1&b=2#c", "evil.example/?a=1&amp;b=2#c", Kind.URL),
    (URL, "evil.example/o'brien", "evil.example/o'brien", Kind.URL),
    (URL, "evil.example/o'brien", "evil.example/o’brien", Kind.URL),
    (URL, "evil.example/straße", "evil.example/straße", Kind.URL),
    (URL, "évil.example/a", "évil.example/a", Kind.URL),
    (URL, "2001:db8::1/a", "2001:db8::1/a", Kind.URL),
    (URL, "[2001:DB8::1]/a", "https://[2001:db8::1]/a", Kind.URL),
    (URL, "*contoso.com", "*contoso.com", Kind.URL),
    (URL, "evil.example/a,b;c", "evil.example/a,b;c", Kind.URL),
    (URL, "evil.example:8080/a", "evil.example:8080/a", Kind.URL),
    (SENDER, "*@evil.example", "*@evil.example", Kind.ADDRESS),
    (SENDER, "évil@evil.example", "évil@evil.example", Kind.ADDRESS),
    (SENDER, "com", "com", Kind.DOMAIN),
    (IP, "2001:db8::/129", "2001:db8::/129", Kind.IPV6_NETWORK),
    (CF, "10.0.0.0/8", "10.0.0.0/8", Kind.IPV4_NETWORK),
    (CF, "203.0.113.0-203.0.115.255", "203.0.113.0-203.0.115.255", Kind.IPV4_RANGE),
    (CF, "mail server of the branch", "mail server of the branch", Kind.IPV4),
    (CF, "203.0.113.7.", "203.0.113.7.", Kind.IPV4),
]


@pytest.mark.parametrize(("name", "value", "typed", "kind"), FOUND)
def test_an_entry_is_found_by_its_value(name: ListName, value: str, typed: str, kind: Kind) -> None:
    listed = Listed([entry(name, Action.BLOCK, value), entry(SENDER, Action.BLOCK, "other.example")])

    read = read_command(f"{typed} 7d no longer needed", today=TODAY, listed=listed)
    in_form, form_problems = read_lines(typed, listed=listed)
    (line,) = read_plain_lines(typed, listed=listed)

    assert not read.problems
    assert not form_problems
    for indicator in (*read.indicators, *in_form, line.indicator):
        assert indicator is not None
        if indicator.value != value:  # the rules read it, and as the same entry
            assert read_listed(typed, None).value == indicator.value
        assert indicator.kind is kind
    assert read.reason == "no longer needed"
    assert str(read.lifetime) == "7d"


def test_an_entry_that_the_rules_would_read_otherwise_says_so() -> None:
    listed = Listed([entry(URL, Action.BLOCK, "evil.example/folder/#x=1")])
    assert read_listed("evil.example/folder/#x=1", listed).has_note(NoteCode.AS_LISTED)
    assert read_listed("evil.example/folder/#x=2", listed).value == "evil.example/folder/"


#: What the rules read as an entry of its own list stays as they read it, whatever else has that text.
AS_THE_RULES_READ_IT = [
    ("evil.example", Kind.DOMAIN, "evil.example", [entry(SENDER, Action.BLOCK, "evil.example")]),
    ("evil.example", Kind.DOMAIN, "evil.example", [entry(URL, Action.BLOCK, "evil.example")]),
    ("https://evil.example", Kind.URL, "evil.example", [entry(SENDER, Action.BLOCK, "evil.example")]),
    ("203.0.113.5/25", Kind.IPV4_NETWORK, "203.0.113.0/25", [entry(CF, Action.BLOCK, "203.0.113.5/25")]),
    ("2001:db8::1", Kind.IPV6, "2001:db8::1", [entry(CF, Action.ALLOW, "2001:db8::1")]),
    ("evil.example/#x", Kind.URL, "evil.example/#x", [entry(URL, Action.BLOCK, "evil.example/#x")]),
]


@pytest.mark.parametrize(("typed", "kind", "value", "held"), AS_THE_RULES_READ_IT)
def test_what_the_rules_read_is_of_its_own_list(typed: str, kind: Kind, value: str, held: list[Entry]) -> None:
    indicator = read_listed(typed, Listed(held))
    assert (indicator.kind, indicator.value) == (kind, value)


def test_the_word_for_a_list_says_which_one_is_meant() -> None:
    listed = Listed([entry(CF, Action.ALLOW, "2001:db8::1"), entry(SENDER, Action.BLOCK, "evil.example")])
    read = read_command("filter:2001:db8::1 junk", today=TODAY, listed=listed)
    assert [(found.kind, found.value) for found in read.indicators] == [(Kind.IPV4, "2001:db8::1")]


def test_what_several_lists_hold_and_no_rule_reads_is_asked_about() -> None:
    listed = Listed([entry(URL, Action.BLOCK, "*contoso.com"), entry(SENDER, Action.BLOCK, "*contoso.com")])

    with pytest.raises(InvalidIndicator) as asked:
        read_listed("*contoso.com", listed)

    assert "url:*contoso.com or sender:*contoso.com" in str(asked.value)
    for word, kind in (("url", Kind.URL), ("Sender", Kind.DOMAIN)):
        assert read_listed(f"{word}:*contoso.com", listed).kind is kind


def test_both_actions_of_one_list_are_one_indicator() -> None:
    listed = Listed([entry(CF, Action.ALLOW, "10.0.0.0/8"), entry(CF, Action.BLOCK, "10.0.0.0/8")])
    assert read_listed("10.0.0.0/8", listed).value == "10.0.0.0/8"


def test_two_domains_are_no_pair_though_a_pair_has_just_that_text() -> None:
    listed = Listed([entry(SPOOF, Action.ALLOW, "a.example, b.example")])
    read = read_command("a.example, b.example", today=TODAY, listed=listed)
    assert [found.kind for found in read.indicators] == [Kind.DOMAIN, Kind.DOMAIN]


@pytest.mark.parametrize("typed", ["spoof a.example, b.example/24", "spoof A.example,b.example/24"])
def test_a_pair_that_no_rule_reads_is_found_behind_its_word(typed: str) -> None:
    listed = Listed([entry(SPOOF, Action.ALLOW, "a.example, b.example/24")])
    read = read_command(typed, today=TODAY, listed=listed)
    assert [(found.kind, found.value) for found in read.indicators] == [(Kind.SPOOF_PAIR, "a.example, b.example/24")]


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=20), max_size=4))
def test_nothing_else_is_raised_and_nothing_that_is_not_listed_is_found(typed: str, values: list[str]) -> None:
    listed = Listed([entry(URL, Action.BLOCK, value) for value in values])
    try:
        indicator = read_listed(typed, listed)
    except InvalidIndicator:
        return
    if indicator.has_note(NoteCode.AS_LISTED):
        assert indicator.value in values


@given(st.text(alphabet="ab ,;|", max_size=30))
def test_a_value_with_spaces_and_commas_is_found_in_a_text(value: str) -> None:
    listed = Listed([entry(CF, Action.BLOCK, value)])
    text = f"x {value.strip()} y"
    end = listed.starts_at(text, 2)
    assert end is None or text[2:end] == value.strip()


EXPORT = """Value,Action
evil.example/folder/#x=1,Block
*contoso.com,Block
not.listed.example/a,Block
"""


def test_an_export_of_the_lists_names_their_entries() -> None:
    listed = Listed([entry(URL, Action.BLOCK, "evil.example/folder/#x=1"), entry(URL, Action.BLOCK, "*contoso.com")])
    reading = read_import(Given(content=EXPORT, name="export.csv"), today=TODAY, listed=listed, column="Value")
    read = [line.indicator.value for line in reading.lines if line.indicator is not None]
    assert read == ["evil.example/folder/#x=1", "*contoso.com", "not.listed.example/a"]


#: Entries, and the line by which each is read again.
LINES = [
    (URL, "evil.example/folder/#x=1", "evil.example/folder/#x=1"),
    (URL, "*contoso.com", "https://*contoso.com"),
    (URL, "evil.example/o'brien", '"evil.example/o\'brien"'),
    (CF, "10.0.0.0/8", "10.0.0.0/8"),
    (CF, "2001:db8::1", "filter:2001:db8::1"),
]


@pytest.mark.parametrize(("name", "value", "line"), LINES)
def test_an_entry_is_read_again_by_its_line(name: ListName, value: str, line: str) -> None:
    listed = Listed([entry(name, Action.BLOCK, value)])
    indicator = listed_indicator(entry(name, Action.BLOCK, value))
    assert line_of(indicator) == line
    assert indicator.notes == (), "nothing was typed that could have meant something else"
    ((again,), problems) = read_lines(line, listed=listed)
    assert not problems
    assert (again.kind, again.value) == (indicator.kind, value)
