"""A sentence of facts in Slack: seen, read aloud, and in plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.telling.sentence import CommandLine, Moment, Part, Quoted, Sentence, Strong, Value, Who
from bot.slack.messages.sentences import in_plain_text, read_aloud, seen
from tests.support.samples import HOSTILE, NOW, any_text, any_time

WHEN = "<!date^1772366400^{date_short_pretty} {time}|2026-03-01 12:00 UTC>"


@pytest.mark.parametrize(
    ("part", "shown", "aloud", "plain"),
    [
        (" by ", " by ", " by ", " by "),
        ("R&D", "R&amp;D", "R&amp;D", "R&D"),
        (Strong("Denied"), "*Denied*", "Denied", "Denied"),
        (Value("evil.example"), "`evil[.]example`", "`evil[.]example`", "evil[.]example"),
        (Value("*.evil.example"), "`*[.]evil[.]example`", "`*[.]evil[.]example`", "*[.]evil[.]example"),
        (Value(""), "`(empty)`", "`(empty)`", "(empty)"),
        (Who("U0APPROVER"), "<@U0APPROVER>", "<@U0APPROVER>", "U0APPROVER"),
        (Who("<!channel>"), "&lt;!channel&gt;", "&lt;!channel&gt;", "<!channel>"),
        (Moment(NOW), WHEN, WHEN, "2026-03-01 12:00 UTC"),
        (Quoted("a <b>\nc"), "a &lt;b&gt; c", "a &lt;b&gt; c", "a <b> c"),
        (Quoted("*loud*"), "`*loud*`", "*loud*", "*loud*"),
        (CommandLine("portcullis doctor"), "`portcullis doctor`", "`portcullis doctor`", "portcullis doctor"),
    ],
)
def test_each_slot_is_shown_in_slacks_way(part: Part, shown: str, aloud: str, plain: str) -> None:
    assert (seen((part,)), read_aloud((part,)), in_plain_text((part,))) == (shown, aloud, plain)


def test_what_others_gave_is_cut_to_the_room_that_there_is() -> None:
    long = (Value("x" * 500), Quoted("y" * 2_000))
    shown = seen(long, value=30, quoted=40)
    assert len(shown) <= 70
    assert shown.count("…") == 2


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_others_gave_can_do_nothing(hostile: str) -> None:
    sentence: Sentence = (Value(hostile), " ", Who(hostile), " ", Quoted(hostile))
    for shown in (seen(sentence), read_aloud(sentence)):
        assert "<!" not in shown
        assert "<https:" not in shown
        assert "\u202e" not in shown + in_plain_text(sentence)


any_part = st.one_of(
    st.builds(Value, any_text),
    st.builds(Who, any_text),
    st.builds(Quoted, any_text.filter(lambda text: not set("*_~") & set(text))),  # those go into code where seen
    st.builds(Moment, any_time),
    st.sampled_from([Strong("Denied"), CommandLine("portcullis doctor"), " by "]),
)


@given(st.lists(any_part, max_size=8).map(tuple))
def test_only_strong_words_tell_what_is_seen_from_what_is_read_aloud(sentence: Sentence) -> None:
    unmarked = tuple("Denied" if part == Strong("Denied") else part for part in sentence)
    assert read_aloud(sentence) == seen(unmarked)
