"""What a reason says against the very thing that is asked for: asked in commands and forms, set aside in imports."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.lists.traits import Action
from bot.domain.reading.command_text import read_command, read_field
from bot.domain.reading.contradictions import contradiction_in
from bot.domain.reading.import_reading import Given, read_import

TODAY = date(2026, 12, 1)

AGAINST = [
    *("good.example,allow", "good.example # whitelisted", "good.example,FP", "good.example - do not block"),
    *("good.example (benign)", "good.example OK", "good.example DUNNO", "domain: good.example; action: allow"),
    *("good.example | Ausnahme", "good.example - bitte nicht sperren", "good.example, block: no"),
]


@pytest.mark.parametrize("line", AGAINST)
def test_all_ways_in_know_a_remark_that_speaks_against_a_block(line: str) -> None:
    assert [problem.about_reason for problem in read_command(line, today=TODAY, wanted=Action.BLOCK).problems] == [True]
    assert [problem.about_reason for problem in read_field(line, wanted=Action.BLOCK).problems] == [True]
    lines = read_import(Given(content=line), today=TODAY).lines
    assert [found.says or found.code for found in lines if found.indicator is None or found.says] != []


WORDS = [
    *("good.example nicht sperren", "good.example Ausnahme", "good.example is benign (AWS)", "good.example legit"),
    *("domain=good.example action=allow", "Domain: good.example\nAction: Allow", "good.example ne pas bloquer"),
]


@pytest.mark.parametrize("text", WORDS)
def test_words_that_nothing_sets_apart_are_asked_about_as_well(text: str) -> None:
    (problem,) = read_command(text, today=TODAY, wanted=Action.BLOCK).problems
    assert problem.about_reason
    assert not problem.may_stay  # the same words again are no answer
    assert read_field(text, wanted=Action.BLOCK).problems


ORDINARY = [
    *("evil.example do not reply mails", "evil.example not a false positive", "evil.example was allowed by mistake"),
    *("evil.example asks users to allow macros", "evil.example block: legit site, hacked", "evil.example REJECT Spam"),
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_reasons_pass(text: str) -> None:
    assert read_command(text, today=TODAY, wanted=Action.BLOCK).problems == ()


@pytest.mark.parametrize("text", ["good.example do not block", "good.example false positive", "good.example, allow"])
def test_a_removal_may_say_so(text: str) -> None:
    assert read_command(text, today=TODAY).problems == ()


CASES = [
    ("phish, block", Action.ALLOW, "phish, block"),
    ("allow", Action.ALLOW, None),
    ("they block our mail", Action.ALLOW, None),
    ("audit", Action.BLOCK, "audit"),
    ("phish; monitor", Action.BLOCK, "monitor"),
    ("phish", Action.BLOCK, None),
    ("do not block", None, None),
    ("", Action.BLOCK, None),
]


@pytest.mark.parametrize(("remark", "wanted", "words"), CASES)
def test_which_words_are_asked_about(remark: str, wanted: Action | None, words: str | None) -> None:
    problem = contradiction_in(remark, wanted)
    assert (problem.text if problem else None) == words


EXCEPTIONS = ["!good.example", "@@good.example", "evil.example, !good.example", "evil.example\n!good.example"]


@pytest.mark.parametrize("text", EXCEPTIONS)
def test_the_mark_of_an_exception_is_no_part_of_a_value(text: str) -> None:
    command, field = read_command(text, today=TODAY), read_field(text)
    assert "good.example" not in [found.value for found in (*command.indicators, *field.indicators)]
    assert command.problems or command.reason
    assert field.problems


def test_a_word_with_an_exclamation_mark_is_a_word() -> None:
    command = read_command("evil.example !important", today=TODAY)
    assert (command.problems, command.reason) == ((), "!important")
