"""Reading an import: every line names an indicator, says why it doesn't, or says nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Kind, NoteCode
from bot.domain.indicators.typed_text import MAX_TYPED
from bot.domain.reading.import_lines import Line, read_import_lines

HASH = "ab" * 32


def values(text: str) -> list[tuple[int, str]]:
    """Line and value of each indicator; a problem is a `?`."""
    return [(line.number, line.indicator.value if line.indicator else "?") for line in read_import_lines(text)]


PLAIN = [
    ("evil.example", [(1, "evil.example")]),
    ("", []),
    ("\n \n\t\n", []),
    ("# all\n  # comments\n", []),
    ("evil.example\r\n\r\nbad.example\r203.0.113.7\n", [(1, "evil.example"), (3, "bad.example"), (4, "203.0.113.7")]),
    ("\ufeffevil.example\nbad.example", [(1, "evil.example"), (2, "bad.example")]),
    ("hxxps://evil[.]example/a\nevil[at]bad[.]example", [(1, "evil.example/a"), (2, "evil@bad.example")]),
    ("evil.example # phishing, May\nbad.example/a#top", [(1, "evil.example"), (2, "bad.example/a")]),
    ("evil.example bad.example; 203.0.113.7", [(1, "evil.example"), (1, "bad.example"), (1, "203.0.113.7")]),
    ("evil.example EVIL.example", [(1, "evil.example")]),
    ("contoso.com, 203.0.113.0/24", [(1, "contoso.com"), (1, "203.0.113.0/24")]),
    ("spoof contoso.com, *", [(1, "contoso.com, *")]),
    ("2001:db8::/64\n203.0.113.0/25\n" + HASH, [(1, "2001:db8::/64"), (2, "203.0.113.0/25"), (3, HASH)]),
    # anything beside indicators makes nobody know what is meant
    ("evil.example is ours, don't block", [(1, "?")]),
    ("evil.example\nno idea\nbad.example", [(1, "evil.example"), (2, "?"), (3, "bad.example")]),
    ("300.1.1.1", [(1, "?")]),
    ("ab" * 16, [(1, "?")]),
]


@pytest.mark.parametrize(("text", "found"), PLAIN)
def test_plain_text(text: str, found: list[tuple[int, str]]) -> None:
    assert values(text) == found


TABLES = [
    # by the header's names
    ("indicator,type\nevil.example,domain\n203.0.113.7,ip", [(2, "evil.example"), (3, "203.0.113.7")]),
    ("type,value,comment\nip,203.0.113.7,see bad.example", [(2, "203.0.113.7")]),
    ("# exported\n\nType;IOC Value\ndomain;evil.example", [(4, "evil.example")]),
    ("Name\tSHA-256\tSize\ninvoice.exe\t" + HASH + "\t12", [(2, HASH)]),
    ("Sender address|Subject\nevil@bad.example|You won", [(2, "evil@bad.example")]),
    ("\ufeffIndicatorType,IndicatorValue\r\nIpAddress,203.0.113.7\r\n", [(2, "203.0.113.7")]),
    ("url\nevil.example", [(2, "evil.example")]),
    ("indicator\nspoof contoso.com, *", [(2, "contoso.com, *")]),
    ("indicator,note\ncontoso.com, *", [(2, "contoso.com")]),
    ('indicator\n"spoof contoso.com, *"', [(2, "contoso.com, *")]),
    ('value\n"evil.example; bad.example 203.0.113.7"', [(2, "evil.example"), (2, "bad.example"), (2, "203.0.113.7")]),
    # the first that is filled, of columns of one kind
    (
        "ip,domain\n203.0.113.7,\n,evil.example\n198.51.100.7,bad.example",
        [(2, "203.0.113.7"), (3, "evil.example"), (4, "198.51.100.7")],
    ),
    # a column for all kinds goes before
    ("ip,indicator\n203.0.113.7,evil.example", [(2, "evil.example")]),
    # without a header, by the column that reads
    ("evil.example,phishing\nbad.example,malware", [(1, "evil.example"), (2, "bad.example")]),
    (
        "1,2026-05-01,evil.example/a,online\n2,2026-05-02,evil.example/b,offline",
        [(1, "evil.example/a"), (2, "evil.example/b")],
    ),
    ("phish\tevil.example\nspam\tnot one\nspam\tbad.example", [(1, "evil.example"), (2, "?"), (3, "bad.example")]),
    # rows that say nothing, or nothing there
    (
        "indicator,note\n,\nevil.example,x\n,only a note\n# c\n\nbad.example",
        [(3, "evil.example"), (4, "?"), (7, "bad.example")],
    ),
    # quoted fields, over several lines too
    ('indicator,note\nevil.example,"one\ntwo"\nbad.example,"say ""no"""', [(2, "evil.example"), (4, "bad.example")]),
    ('indicator,note\nevil.example,12" disk\nbad.example,x', [(2, "evil.example"), (3, "bad.example")]),
]


@pytest.mark.parametrize(("text", "found"), TABLES)
def test_tables(text: str, found: list[tuple[int, str]]) -> None:
    assert values(text) == found


def test_a_column_of_urls_has_urls() -> None:
    def kinds(text: str) -> list[Kind | None]:
        return [line.indicator.kind if line.indicator else None for line in read_import_lines(text)]

    assert kinds("url,note\nevil.example,x\n203.0.113.7,x\na b,x") == [Kind.URL, Kind.URL, None]
    assert kinds("domain,note\nevil.example,x") == [Kind.DOMAIN]


def test_a_quotation_mark_that_is_never_closed_costs_no_other_line() -> None:
    rows = [f"evil{number}.example,x" for number in range(100)]
    text = "\n".join(["indicator,note", *rows[:50], 'bad.example,"oh', *rows[50:]])
    assert len([line for line in read_import_lines(text) if line.indicator]) == 101


def test_a_line_is_kept_as_it_was_typed() -> None:
    evil, junk = read_import_lines("  hxxps://evil[.]example/a \n" + "junk\x00 " * MAX_TYPED)
    assert (evil.typed, evil.problem) == ("hxxps://evil[.]example/a", None)
    assert junk.indicator is None
    assert junk.problem
    assert len(junk.typed) == MAX_TYPED
    assert "\x00" not in junk.typed, "no database takes it"


def test_a_problem_says_what_would_be_right() -> None:
    (line,) = read_import_lines("300.1.1.1")
    assert line.problem is not None
    assert "300.1.1.1" in line.problem
    (empty,) = read_import_lines("indicator,note\n,x")
    assert empty.problem == "The row has nothing in the column with the indicators."


def test_the_tenants_own_domains_are_noted() -> None:
    (line,) = read_import_lines("fabrikam.com", accepted_domains=frozenset({"fabrikam.com"}))
    assert line.indicator is not None
    assert line.indicator.has_note(NoteCode.OWN_DOMAIN)


FRAGMENTS = st.sampled_from(
    [
        "evil.example",
        "203.0.113.7",
        "contoso.com, *",
        "indicator",
        "url",
        "value",
        "#",
        '"',
        ",",
        ";",
        "\t",
        "|",
        " ",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "\x00",
        "\x85",
        "\u2028",
        "\ud800",
        "foo",
        "1",
        HASH,
        "a@b.example",
        "-",
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(FRAGMENTS, max_size=40).map("".join))


@given(TEXTS)
@example("0.A0,0\n,\x85")
def test_every_line_is_accounted_for_exactly_once(text: str) -> None:
    physical = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
    found = read_import_lines(text)
    by_number: dict[int, list[Line]] = {}
    for line in found:
        assert (line.indicator is None) is (line.problem is not None)
        by_number.setdefault(line.number, []).append(line)
    assert list(by_number) == sorted(by_number), "in order"
    assert all(1 <= number <= len(physical) for number in by_number)
    for lines in by_number.values():
        assert len(lines) == 1 or all(line.indicator for line in lines), "accepted, or set aside, not both"
        assert len({(line.indicator.kind, line.indicator.value) for line in lines if line.indicator}) in {0, len(lines)}
    header_seen = False
    for number, line in enumerate(physical, 1):
        says_nothing = all(mark.isspace() or mark in ',;|"' for mark in line) or line.strip().startswith("#")
        if number in by_number or says_nothing:
            continue
        if '"' in text:
            continue  # a row may go on for several lines: the first stands for all
        assert not header_seen, "only one line can be the header"
        assert not any(before < number for before in by_number), "and nothing is above it"
        header_seen = True


@given(
    st.lists(st.sampled_from(["evil.example", "203.0.113.7", "a@bad.example", HASH, "foo bar", "# x", ""]), max_size=30)
)
def test_of_plain_lines_each_is_what_it_is_by_itself(lines: list[str]) -> None:
    found = {line.number: line.indicator for line in read_import_lines("\n".join(lines))}
    for number, line in enumerate(lines, 1):
        alone = read_import_lines(line)
        assert (number in found) is bool(alone)
        if alone:
            assert found[number] == alone[0].indicator


def test_a_long_line_of_indicators_is_read() -> None:
    values = [f"h{number}.example" for number in range(3_000)]
    assert [line.indicator.value for line in read_import_lines(", ".join(values)) if line.indicator] == values


@pytest.mark.parametrize("word", ["a.example ", "not an indicator ", "a.example,"])
def test_what_would_take_minutes_to_read_is_set_aside(word: str) -> None:
    (line,) = read_import_lines(word * 100_000)
    assert line.indicator is None
    assert "one indicator a line" in str(line.problem)
