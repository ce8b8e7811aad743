"""What a sentence is made of."""

from __future__ import annotations

import pytest

from bot.domain.telling.sentence import Moment, Quoted, Strong, Value, people, sentence, until
from tests.support.samples import NOW
from tests.unit.domain.telling.plain_text import in_words


@pytest.mark.parametrize(
    ("users", "words"),
    [
        ([], "nobody"),
        (["U1"], "U1"),
        (["U1", "U2"], "U1 and U2"),
        (["U1", "U2", "U3"], "U1, U2 and U3"),
        (["U1", "U2", "U3", "U4", "U5"], "U1, U2, U3, U4 and U5"),
        (["U1", "U2", "U3", "U4", "U5", "U6"], "U1, U2, U3, U4 and 2 others"),
    ],
)
def test_people_are_named_and_many_of_them_counted(users: list[str], words: str) -> None:
    assert in_words(people(users)) == words


def test_a_sentence_is_made_of_parts_and_of_sentences_and_drops_what_is_empty() -> None:
    made = sentence("", (Strong("Denied"), " by "), people(["U1"]), "", ": ", Quoted("no"), "")
    assert in_words(made) == "Denied by U1: no"
    assert "" not in made


def test_a_slot_holds_the_thing_itself() -> None:
    assert sentence(Value("evil.example")) == (Value("evil.example"),)
    assert until(NOW) == (Moment(NOW),)
    assert until(None) == ("never ends",)
