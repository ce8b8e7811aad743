"""The map of outcomes: how it grows."""

from __future__ import annotations

from bot.domain.outcomes.outcome import Outcome, Outcomes, Step
from tests.unit.domain.outcomes.cases import entry, reading
from tests.unit.domain.requests.cases import DAY, NOW

BOTH = ("a", "b")


def test_of_a_value_in_both_the_later_outcome_stands_in_its_old_place() -> None:
    grown = Outcomes.of(BOTH, Step.MISSING) | Outcomes.worded({"a": "Not this one."}, Step.REFUSED)
    assert dict(grown) == {
        "a": Outcome(step=Step.REFUSED, words="Not this one."),
        "b": Outcome(step=Step.MISSING),
    }
    assert list(grown) == ["a", "b"]


def test_what_it_grew_from_stays_as_it_was() -> None:
    before = Outcomes.of(BOTH, Step.MISSING)
    assert before | Outcomes.of(BOTH, Step.DONE) != before
    assert before.at(Step.MISSING) == BOTH


def test_values_are_found_by_step() -> None:
    outcomes = Outcomes.of("ab", Step.TAKEN) | Outcomes.worded({"c": "Full.", "d": "Bad."}, Step.REFUSED)
    assert outcomes.at(Step.TAKEN) == ("a", "b")
    assert outcomes.at(Step.REFUSED, Step.TAKEN) == ("a", "b", "c", "d")
    assert outcomes.at(Step.LEFT) == ()
    assert outcomes.words_at(Step.REFUSED) == {"c": "Full.", "d": "Bad."}


def test_it_knows_when_the_list_was_read_first() -> None:
    found, sent = Outcomes.of(BOTH, Step.MISSING), Outcomes.of(BOTH, Step.TAKEN)
    assert (found | sent).read_at is None
    read = Outcomes(found, read_at=NOW)
    assert (read | sent).read_at == NOW
    assert (sent | read).read_at == NOW
    assert (read | Outcomes(sent, read_at=NOW + DAY)).read_at == NOW


def test_it_has_the_list_as_it_was_last_read() -> None:
    before, after = reading(), reading(entry())
    found = Outcomes.of(BOTH, Step.MISSING) | Outcomes.of(BOTH, Step.TAKEN)
    assert found.reading is None
    found = Outcomes(found, reading=before)
    assert (found | Outcomes.of(BOTH, Step.TAKEN)).reading is before
    assert (found | Outcomes(found, reading=after)).reading is after
