"""What programs put around people's words is taken off; what may belong to a word stays."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.traits import Action
from bot.domain.reading.command_text import read_command, read_field
from bot.domain.reading.command_words import asks_for_help, read_target
from bot.domain.reading.durations import Lifetime
from bot.domain.reading.typed_marks import bare, first_word, without_marks

TODAY = date(2026, 3, 1)
UNSEEN = ["\u00ad", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2060", "\ufeff"]
MONTH = Lifetime(days=30)


@pytest.mark.parametrize("mark", UNSEEN)
def test_a_command_is_read_as_if_nobody_had_put_in_what_nobody_sees(mark: str) -> None:
    typed = f"{mark}evil.example{mark} {mark} 30{mark}d{mark} un{mark}usual{mark}: {mark}phishing"
    command = read_command(typed, today=TODAY)
    assert [found.value for found in command.indicators] == ["evil.example"]
    assert (command.lifetime, command.reason, command.problems) == (MONTH, "unusual: phishing", ())
    assert read_target(f"{mark}block{mark} evil.example") == (Action.BLOCK, "evil.example")
    assert asks_for_help(f"{mark}help{mark}")


def test_what_is_inside_a_value_is_left_to_whoever_reads_values_and_tells_of_it() -> None:
    [found] = read_command("evil\u200b.example 30d x", today=TODAY).indicators
    assert found.value == "evil.example"
    assert found.notes


def test_letters_that_need_a_joiner_keep_it() -> None:
    assert without_marks("می\u200cخواهم") == "می\u200cخواهم"
    assert without_marks("👩\u200d💻") == "👩\u200d💻"


@pytest.mark.parametrize(
    ("text", "values", "lifetime", "reason"),
    [
        ("`203.0.113.7`", ["203.0.113.7"], None, ""),
        ("```203.0.113.7```", ["203.0.113.7"], None, ""),
        ("```\nevil.example\n203.0.113.7\n```", ["evil.example", "203.0.113.7"], None, ""),
        ("```\nevil.example\n203.0.113.7\n```\n30d phishing", ["evil.example", "203.0.113.7"], MONTH, "phishing"),
        ("```evil.example\n203.0.113.7``` 30d phishing", ["evil.example", "203.0.113.7"], MONTH, "phishing"),
        ("```evil.example``` ```30d``` phishing", ["evil.example"], MONTH, "phishing"),
        ("```evil.example 30d phishing```", ["evil.example"], MONTH, "phishing"),
        ("`evil.example 30d phishing`", ["evil.example"], MONTH, "phishing"),
        ("`evil.example` `203.0.113.7` `30d` phishing", ["evil.example", "203.0.113.7"], MONTH, "phishing"),
        ("`evil.example, 203.0.113.7` 30d x", ["evil.example", "203.0.113.7"], MONTH, "x"),
        ("evil.example phishing `30d`", ["evil.example"], MONTH, "phishing"),
        ("evil.example 30d saw `rm -rf` there", ["evil.example"], MONTH, "saw `rm -rf` there"),
        ("“evil.example” “30d” phishing", ["evil.example"], MONTH, "phishing"),
        ("“evil.example”, ‘203.0.113.7’ 30d x", ["evil.example", "203.0.113.7"], MONTH, "x"),
        ("«evil.example» 30d x", ["evil.example"], MONTH, "x"),
        ("evil.example — 30d — phishing", ["evil.example"], MONTH, "phishing"),
        ("evil.example –until 2026-12-31 phishing", ["evil.example"], Lifetime(until=date(2026, 12, 31)), "phishing"),
        ("—until 2026-12-31 evil.example x", ["evil.example"], Lifetime(until=date(2026, 12, 31)), "x"),
        ("evil.example until 2026-12-31: phishing", ["evil.example"], Lifetime(until=date(2026, 12, 31)), "phishing"),
    ],
)
def test_code_marks_quotation_marks_and_dashes(
    text: str, values: list[str], lifetime: Lifetime | None, reason: str
) -> None:
    command = read_command(text, today=TODAY)
    assert [found.value for found in command.indicators] == values
    assert (command.lifetime, command.reason, command.problems) == (lifetime, reason, ())


def test_a_list_between_code_fences_in_a_form() -> None:
    found = read_field("```\nevil.example\n203.0.113.7\n```")
    assert [indicator.value for indicator in found.indicators] == ["evil.example", "203.0.113.7"]
    assert not found.problems


@pytest.mark.parametrize(
    "typed", ["block x", "block: x", "block : x", "Block, x", "`block` x", "“block” x", "--block x", "—block x",
              "\u200bblock: x", "block – x", "blocked: x", "*block* x", "`block x`", "```block x```"],
)  # fmt: skip
def test_the_word_that_says_which_kind_of_entry(typed: str) -> None:
    assert read_target(typed) == (Action.BLOCK, "x")


@pytest.mark.parametrize(
    "typed", ["blocker.example", "block.example", "block-list.example x", '"block x', "block@x.example"]
)
def test_what_only_begins_like_it_is_no_such_word(typed: str) -> None:
    assert read_target(typed) == (None, typed)


@pytest.mark.parametrize("typed", ["help", "Help", "?", "-h", "--help", "—help", "`help`", "“help”", "\u200bhelp"])
def test_asking_for_help(typed: str) -> None:
    assert asks_for_help(typed)


@pytest.mark.parametrize("typed", ["", "help.example", "help me", "h"])
def test_asking_for_something_else(typed: str) -> None:
    assert not asks_for_help(typed)


@pytest.mark.parametrize("typed", ["now x", "`now` x", "“now” x", "now: x", "—now x", "\u200bnow\u200b x", "now – x"])
def test_the_first_word(typed: str) -> None:
    assert first_word(typed) == ("now", "x")


def test_bare() -> None:
    assert [bare(word) for word in ("`mine`", "“42”", "—all", "open,", "#42", "\u200b7d")] == [
        "mine", "42", "all", "open", "#42", "7d",
    ]  # fmt: skip


@given(st.text(alphabet=st.sampled_from([*UNSEEN, "a", "1", ".", " ", "\n", "`", "“", "-"]), max_size=40))
def test_nothing_of_what_is_seen_is_lost_but_code_marks(text: str) -> None:
    def seen(of: str) -> str:
        return "".join(character for character in of if character not in UNSEEN and character not in "` \n")

    plain = without_marks(text)
    assert seen(plain) == seen(text)
    assert plain.count("\n") == text.count("\n")
    assert without_marks(plain) == plain or "`" in text
