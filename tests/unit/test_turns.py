"""How the tests are handed to the processes that run them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.turns import Turns, units

COLLECTION = [
    "tests/acceptance/test_lists.py::test_one[http-sqlite]",
    "tests/acceptance/test_lists.py::test_two[told-http-sqlite]",
    "tests/acceptance/test_lists.py::test_one[socket-postgresql]",
    "tests/browser/test_page.py::test_one",
    "tests/browser/test_portal.py::test_one",
    "tests/chaos/test_trials.py::test_all",
    "tests/integration/test_small.py::test_one[sqlite]",
    "tests/integration/test_large.py::test_one[sqlite]",
    "tests/integration/test_large.py::test_one[postgresql]",
    "tests/unit/test_words.py::test_word[http-sqlite]",
    "tests/unit/test_words.py::test_word[socket-postgresql]",
]


class Process(SimpleNamespace):
    """What a scheduler knows of a process, and what it was told."""

    def __init__(self) -> None:
        super().__init__(shutting_down=False, told=[], gateway=SimpleNamespace(id="gw"))

    __hash__ = object.__hash__

    def send_runtest_some(self, places: list[int]) -> None:
        self.told += places

    def shutdown(self) -> None:
        self.shutting_down = True


@pytest.fixture
def turns(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Turns:
    monkeypatch.setattr("tests.support.turns.parse_tx_spec_config", lambda _config: ["popen"] * 2)
    return Turns(pytestconfig)


def begun(turns: Turns, number: int = 2) -> list[Any]:
    processes: list[Any] = [Process() for _ in range(number)]
    for process in processes:
        turns.add_node(process)
    for process in processes:
        assert not turns.collection_is_completed
        turns.add_node_collection(process, COLLECTION)
    turns.schedule()
    return processes


def test_a_file_stays_together_and_so_does_what_shares_an_installation_or_chromium() -> None:
    assert units(COLLECTION) == [[5], [3, 4], [0, 1], [2], [7, 8], [6], [9, 10]]


def test_one_begins_with_what_waits_and_the_other_with_what_computes(turns: Turns) -> None:
    waits, computes = begun(turns)
    assert waits.told == [5, 3, 4]
    assert computes.told == [7, 8]


def test_each_test_is_handed_out_once_and_both_end(turns: Turns) -> None:
    processes = begun(turns)
    ran: list[int] = []
    while turns.has_pending:
        for process in processes:
            left = [place for place in process.told if place not in ran]
            if len(left) > 1 or (left and process.shutting_down):  # it knows what comes next, or that nothing does
                ran.append(left[0])
                turns.mark_test_complete(process, left[0])
    assert sorted(ran) == list(range(len(COLLECTION)))
    assert turns.tests_finished
    assert all(process.shutting_down for process in processes)


def test_what_a_process_leaves_that_broke_off_is_done_by_the_other(turns: Turns) -> None:
    waits, computes = begun(turns)
    turns.mark_test_complete(waits, 5)
    assert turns.remove_node(waits) == COLLECTION[3]
    while turns.has_pending:
        turns.mark_test_complete(
            computes, next(place for place in computes.told if place in turns.pending_of(computes))
        )
    assert sorted([*computes.told, 5, 3]) == list(range(len(COLLECTION)))


def test_those_that_found_different_tests_run_none(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    def pytest_collectreport(report: pytest.CollectReport) -> None:
        told.append(report)

    hook = SimpleNamespace(pytest_collectreport=pytest_collectreport)
    monkeypatch.setattr(turns, "_config", SimpleNamespace(hook=hook))
    processes: list[Any] = [Process(), Process()]
    for number, process in enumerate(processes):
        turns.add_node(process)
        turns.add_node_collection(process, COLLECTION[number:])
    turns.schedule()
    assert [report.outcome for report in told] == ["failed"]
    assert COLLECTION[0] in told[0].longrepr
    assert not any(process.told for process in processes)
