"""What people typed is made harmless and cut to length; dates are each reader's own."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.block_kit import text
from tests.support.samples import HOSTILE, any_text


def as_json(value: str) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode()) - 2


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a & b", "a &amp; b"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("&amp;", "&amp;amp;"),
        ("one\n\n two\r\nthree\u2028four\x0bfive", "one two three four five"),
        ("\u202emoc.live", "\N{REPLACEMENT CHARACTER}moc.live"),
        ("\u061cmoc.live", "\N{REPLACEMENT CHARACTER}moc.live"),
        ("bell\x07", "bell\N{REPLACEMENT CHARACTER}"),
        ("half \ud800", "half \N{REPLACEMENT CHARACTER}"),
        ("```rm```", "'''rm'''"),
        ("  ", ""),
        ("שלום", "שלום"),
        ("*bold* and _slanted_", "`*bold* and _slanted_`"),
        ("~out~ `x`", "`~out~ \N{MODIFIER LETTER GRAVE ACCENT}x\N{MODIFIER LETTER GRAVE ACCENT}`"),
        ("‘*.a.example’ and ‘*.b.example’ are taken", "`*.a.example` and `*.b.example` are taken"),
        ("*.a.example, and 2 * 3 * 4", "*.a.example, and 2 * 3 * 4"),
        ("row_false_positive", "row_false_positive"),
        ("``‘*.a.example’", "``‘*.a.example’"),
        ("`x`*bold*", "`\N{MODIFIER LETTER GRAVE ACCENT}x\N{MODIFIER LETTER GRAVE ACCENT}*bold*`"),
    ],
)
def test_escaped(typed: str, shown: str) -> None:
    assert text.escaped(typed) == shown


PIECES = st.sampled_from(["*", "_", "~", "`", "```", "‘", "’", " ", "a", "b", ".", "<!channel>"])
DRAWN = re.compile(r"(?<!\w)([*_~])(?=[^\s*_~]).*?(?<=[^\s*_~])\1(?!\w)")


@given(st.lists(PIECES, max_size=14).map("".join), st.integers(min_value=10, max_value=60))
def test_whatever_marks_somebody_types_nothing_is_drawn_and_no_block_of_code_opened(typed: str, limit: int) -> None:
    shown = text.escaped(typed, limit=limit)
    assert DRAWN.search(re.sub(r"`[^`]+`", " ", shown)) is None
    assert "```" not in shown
    assert "<!" not in shown
    assert text.size(shown) <= limit


def test_an_escape_is_never_cut_in_two() -> None:
    for limit in range(4, 30):
        cut = text.escaped("a<b>c&d" * 10, limit=limit)
        assert text.size(cut) <= limit
        assert "&" not in cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert cut.endswith("…")


def test_white_space_never_hides_what_was_cut() -> None:
    assert text.escaped("a" + " " * 50_000 + "and more", limit=20).endswith("…")
    assert text.escaped("a" + " " * 50 + "b", limit=20) == "a b"


def test_plain_text_knows_no_escapes() -> None:
    assert text.plain("a & b <c>") == "a & b <c>"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("abc", "`abc`"),
        ("a`b", "`aˋb`"),
        ("```", "`ˋˋˋ`"),
        ("<a&b>", "`&lt;a&amp;b&gt;`"),
        ("", "`(empty)`"),
        ("\n", "`(empty)`"),
    ],
)
def test_code_ends_where_it_should(value: str, shown: str) -> None:
    assert text.code(value) == shown


def test_an_indicator_is_defanged() -> None:
    assert text.indicator("https://evil.example/a") == "`hxxps://evil[.]example/a`"
    assert text.indicator("203.0.113.7") == "`203.0.113[.]7`"


@given(any_text, st.integers(12, 600))
def test_nothing_gets_longer_than_its_limit_however_it_is_counted(value: str, limit: int) -> None:
    for shown in (text.escaped(value, limit=limit), text.plain(value, limit=limit), text.code(value, limit=limit)):
        assert as_json(shown) == text.size(shown) <= limit
        assert "\n" not in shown
    assert text.code(value, limit=limit).count("`") == 2
    assert "<" not in text.escaped(value, limit=limit)


@given(any_text, st.integers(50, 400), st.integers(1, 5))
def test_code_blocks_fit_and_say_what_is_left(value: str, limit: int, at_most: int) -> None:
    blocks, left = text.code_blocks(value, limit=limit, at_most=at_most)
    assert len(blocks) <= at_most
    assert left >= 0
    for block in blocks:
        assert as_json(block) <= limit
        assert block.startswith("```\n")
        assert block.endswith("\n```")
        assert block.count("```") == 2
        assert "<" not in block


def test_code_blocks_keep_every_line_in_order() -> None:
    script = "\n".join(f"Set-Something -Number {number} -Text 'a & b'" for number in range(200))
    blocks, left = text.code_blocks(script)
    assert left == 0
    assert len(blocks) > 1
    shown = "\n".join(block.removeprefix("```\n").removesuffix("\n```") for block in blocks)
    assert shown.replace("&amp;", "&") == script


def test_a_line_longer_than_a_block_goes_on_in_the_next() -> None:
    blocks, left = text.code_blocks("x" * 5_000)
    assert left == 0
    assert sum(block.count("x") for block in blocks) == 5_000
    blocks, left = text.code_blocks("x" * 5_000, at_most=1)
    assert left == 5_000 - blocks[0].count("x")


@pytest.mark.parametrize(
    ("user", "shown"),
    [
        ("U024BE7LH", "<@U024BE7LH>"),
        ("W024BE7LH", "<@W024BE7LH>"),
        ("S024BE7LH", "<!subteam^S024BE7LH>"),
        ("SABCDEFGH", "<!subteam^SABCDEFGH>"),
        ("SOC", "SOC"),
        ("SECURITY", "SECURITY"),
        ("portcullis", "Portcullis"),
        ("U1> <!channel", "U1&gt; &lt;!channel"),
        ("", "somebody"),
    ],
)
def test_only_an_id_becomes_a_mention(user: str, shown: str) -> None:
    assert text.mention(user) == shown


def test_a_time_is_each_readers_own_with_utc_to_fall_back_on() -> None:
    at = datetime(2026, 3, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    assert text.when(at) == f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|2026-03-01 12:30 UTC>"
    assert text.when_plain(at) == "2026-03-01 12:30 UTC"


def test_a_time_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        text.when(datetime(2026, 3, 1, 12, 0, tzinfo=UTC).replace(tzinfo=None))


def test_lines_that_fit_counts_what_is_left() -> None:
    lines = [f"line {number}" for number in range(10)]
    assert text.lines_that_fit(lines, limit=1_000) == "\n".join(lines)
    assert text.lines_that_fit(lines[:2], total=1_002, limit=1_000) == "line 0\nline 1\n…and 1,000 more"
    short = text.lines_that_fit(lines, limit=60)
    shown = short.count("line")
    assert short.endswith(f"…and {10 - shown} more")
    assert text.size(short) <= 60


@given(st.lists(st.text('ab&"\\', min_size=1, max_size=40), max_size=60), st.integers(100, 400))
def test_lines_that_fit_always_fit(lines: list[str], limit: int) -> None:
    assert text.size(text.lines_that_fit(lines, limit=limit)) <= limit


@given(st.lists(st.text('ab&"\\', min_size=1, max_size=40), max_size=80), st.integers(100, 300), st.integers(1, 4))
def test_sections_hold_every_line_or_count_it(lines: list[str], limit: int, at_most: int) -> None:
    sections = text.sections_of(lines, total=len(lines), limit=limit, at_most=at_most)
    assert len(sections) <= at_most
    assert all(text.size(section) <= limit for section in sections)
    shown = "\n".join(sections).split("\n") if sections else []
    if shown and shown[-1].startswith("…and "):
        assert len(shown) - 1 + int(shown[-1].split()[1].replace(",", "")) == len(lines)
    else:
        assert shown == lines


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_hostile_is_left_in_any_of_the_forms(hostile: str) -> None:
    for shown in (text.escaped(hostile), text.code(hostile), text.indicator(hostile), text.mention(hostile)):
        assert "<" not in shown
        assert not any(mark in shown for mark in "\u202e\u2066\n\x00")
        shown.encode()


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        (timedelta(), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=3, seconds=59), "3 minutes ago"),
        (timedelta(minutes=60), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=1_000), "1,000 days ago"),
    ],
)
def test_how_long_ago(before: timedelta, shown: str) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert text.ago(now - before, now=now) == shown


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("See https://evil.example/a, HTTP://evil.example.", "See hxxps://evil.example/a, HxxP://evil.example."),
        ("x-http://evil.example", "x-hxxp://evil.example"),
        ("hxxps://evil[.]example", "hxxps://evil[.]example"),
        ("ftp://evil.example slack://open", "ftp[:]evil.example slack[:]open"),
        ("hthttp://evil.example", "hthxxp://evil.example"),
        ("Nothing: // here", "Nothing: // here"),
    ],
)
def test_no_address_in_a_messages_text_leads_anywhere(typed: str, made: str) -> None:
    assert text.without_links(typed) == made


@given(st.text(alphabet="htpsx:/fHTP .", max_size=40))
def test_whatever_was_typed_there_is_no_live_address_and_nothing_got_longer(typed: str) -> None:
    made = text.without_links(typed)
    assert not re.search(r"(?i)https?://|(?<!hxxp)(?<!hxxps)://", made)
    assert len(made) <= len(typed)
    assert text.without_links(made) == made
