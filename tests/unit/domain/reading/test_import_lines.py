"""Reading an import: every line names an indicator, says why it doesn't, or says nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import NoteCode
from bot.domain.indicators.typed_text import MAX_TYPED
from bot.domain.reading.import_lines import Line, read_plain_lines
from bot.domain.reading.line_ends import lines_of

HASH = "ab" * 32


def values(text: str) -> list[tuple[int, str]]:
    """Line and value of each indicator; a problem is a `?`."""
    return [(line.number, line.indicator.value if line.indicator else "?") for line in read_plain_lines(text)]


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
    # the exceptions of a list of filters
    ("!good.example\n@@||good.example^\n! bad.example", [(1, "?"), (2, "?"), (3, "?")]),
    # anything beside indicators makes nobody know what is meant
    ("evil.example is ours, don't block", [(1, "?")]),
    ("evil.example\nno idea\nbad.example", [(1, "evil.example"), (2, "?"), (3, "bad.example")]),
    ("300.1.1.1", [(1, "?")]),
    # a comparison: what came counts
    (
        "+ evil.example\n- good.example\n+bad.example\n-old.example",
        [(1, "evil.example"), (2, "?"), (3, "bad.example"), (4, "?")],
    ),
    ("- evil.example\n- bad.example\n+49 170 000", [(1, "evil.example"), (2, "bad.example"), (3, "?")]),
    ("ab" * 16, [(1, "?")]),
]


@pytest.mark.parametrize(("text", "found"), PLAIN)
def test_plain_text(text: str, found: list[tuple[int, str]]) -> None:
    assert values(text) == found


def test_a_line_is_kept_as_it_was_typed() -> None:
    evil, junk = read_plain_lines("  hxxps://evil[.]example/a \n" + "junk\x00 " * MAX_TYPED)
    assert (evil.typed, evil.problem) == ("hxxps://evil[.]example/a", None)
    assert junk.indicator is None
    assert junk.problem
    assert len(junk.typed) == MAX_TYPED
    assert "\x00" not in junk.typed, "no database takes it"


def test_a_problem_says_what_would_be_right() -> None:
    (line,) = read_plain_lines("300.1.1.1")
    assert line.problem is not None
    assert "300.1.1.1" in line.problem


def test_the_tenants_own_domains_are_noted() -> None:
    (line,) = read_plain_lines("fabrikam.com", accepted_domains=frozenset({"fabrikam.com"}))
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
    physical = lines_of(text.removeprefix("\ufeff"))
    found = read_plain_lines(text)
    by_number: dict[int, list[Line]] = {}
    for line in found:
        assert (line.indicator is None) is (line.problem is not None)
        by_number.setdefault(line.number, []).append(line)
    assert list(by_number) == sorted(by_number), "in order"
    assert all(1 <= number <= len(physical) for number in by_number)
    for lines in by_number.values():
        assert len(lines) == 1 or all(line.indicator for line in lines), "accepted, or set aside, not both"
        assert len({(line.indicator.kind, line.indicator.value) for line in lines if line.indicator}) in {0, len(lines)}
    for number, line in enumerate(physical, 1):
        says_nothing = all(mark.isspace() or mark in ',;|"-' for mark in line)
        assert number in by_number or says_nothing or line.strip().startswith(("#", ";", "//"))


@given(
    st.lists(st.sampled_from(["evil.example", "203.0.113.7", "a@bad.example", HASH, "foo bar", "# x", ""]), max_size=30)
)
def test_of_plain_lines_each_is_what_it_is_by_itself(lines: list[str]) -> None:
    found = {line.number: line.indicator for line in read_plain_lines("\n".join(lines))}
    for number, line in enumerate(lines, 1):
        alone = read_plain_lines(line)
        assert (number in found) is bool(alone)
        if alone:
            assert found[number] == alone[0].indicator


def test_a_long_line_of_indicators_is_read() -> None:
    values = [f"h{number}.example" for number in range(3_000)]
    assert [line.indicator.value for line in read_plain_lines(", ".join(values)) if line.indicator] == values


@pytest.mark.parametrize("word", ["a.example ", "not an indicator. ", "a.example,"])
def test_what_would_take_minutes_to_read_is_set_aside(word: str) -> None:
    (line,) = read_plain_lines(word * 100_000)
    assert line.indicator is None
    assert "one indicator a line" in str(line.problem)


@pytest.mark.parametrize(
    "line",
    [
        "evil.example, phish evil2.example",
        "evil.example # spoofed by evil2.example",
        "203.0.113.0/24 - except 203.0.113.7",
        "evil.example (not mail.evil.example)",
    ],
)
def test_a_remark_that_holds_something_else_to_list_is_asked_about(line: str) -> None:
    (found,) = read_plain_lines(line)
    assert found.indicator is None
    assert "stands in the remark" in (found.problem or "")


def test_a_remark_may_name_where_more_is_told() -> None:
    (found,) = read_plain_lines("evil.example # see https://report.example/1")
    assert found.indicator is not None
    assert found.remark == "see https://report.example/1"
