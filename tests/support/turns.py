"""Which of the processes that run tests gets which of them: `pytest -n 4 --dist loadfile`, by tests/conftest.py.

Tests of a file stay together, since they share what their modules make. Those of a whole bot mostly wait, and all
others compute: two of three processes begin with those that wait and the third with those that compute, so that the
machine always has something to compute, and no process ends long before another. What takes longest comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from xdist.report import report_collection_diff
from xdist.workermanage import WorkerController, parse_tx_spec_config

#: In these folders is waited for other processes: bots, the stand-ins' clients, Chromium; in these files for an answer
#: that a database, or Slack, doesn't give.
_WAITING = (
    "tests/chaos/",
    "tests/browser/",
    "tests/acceptance/",
    "tests/integration/store/test_silent_database.py",
    "tests/integration/cli/test_run.py",
    "tests/integration/slack/test_doubts.py",
)

#: These stay together, whatever their files: each process that runs one of them starts a Chromium.
_TOGETHER = "tests/browser/"

#: An installation's kind, in the name of a test: those of a file that share one stay together.
_KIND = re.compile(r"\[.*?((?:http|socket)-(?:sqlite|postgresql)(?:-twice)?)")

#: A process runs a test once it knows which comes next, so that it knows what can be torn down.
_FEWEST = 2


@dataclass
class _Process:
    """A process that runs tests."""

    node: WorkerController
    waits_first: bool
    collected: list[str] | None = None
    pending: list[int] = field(default_factory=list)  #: places in what was collected, in their order


class Turns:
    """Hands out the tests, as one of xdist's schedulers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._expected = len(parse_tx_spec_config(config))
        self._processes: dict[WorkerController, _Process] = {}
        self._collection: list[str] | None = None
        self._waiting: list[list[int]] = []
        self._computing: list[list[int]] = []

    @property
    def nodes(self) -> list[WorkerController]:
        """The processes."""
        return list(self._processes)

    @property
    def collection_is_completed(self) -> bool:
        """Whether all that there were from the beginning have said which tests they found."""
        return self._collection is not None or len(self._collected()) >= self._expected

    @property
    def tests_finished(self) -> bool:
        """Whether nothing is left to hand out, or to be asked for its next."""
        return (
            self.collection_is_completed
            and not self._left()
            and all(len(process.pending) < _FEWEST for process in self._processes.values())
        )

    @property
    def has_pending(self) -> bool:
        """Whether anything has been handed out, or can be, that has not ended."""
        return bool(self._left()) or any(process.pending for process in self._processes.values())

    def add_node(self, node: WorkerController) -> None:
        """A process has started."""
        self._processes[node] = _Process(node, waits_first=len(self._processes) % 3 != 1)

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """A process has found these tests. One that takes the place of another has to find what that did."""
        if self._collection is None or self._collection == list(collection):
            self._processes[node].collected = list(collection)

    def schedule(self) -> None:
        """Hand out the first ones, once all have found the same."""
        if self._collection is None:
            if self._differ():
                return
            self._collection = self._collected()[0].collected or []
            for unit in units(self._collection):
                waits = self._collection[unit[0]].startswith(_WAITING)
                (self._waiting if waits else self._computing).append(unit)
        for process in self._collected():
            self._hand_out(process)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """A test has ended."""
        del duration
        process = self._processes[node]
        process.pending.remove(item_index)
        self._hand_out(process)

    def mark_test_pending(self, item: str) -> None:
        """A test is to run once more."""
        assert self._collection is not None
        self._computing.insert(0, [self._collection.index(item)])
        self.schedule()

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        """Nothing is ever taken back from a process."""
        raise NotImplementedError

    def remove_node(self, node: WorkerController) -> str | None:
        """A process has ended; the test that it was at, if it has ended too early. Others do the rest of its."""
        process = self._processes.pop(node)
        if not process.pending:
            return None
        assert self._collection is not None
        ended_in, *left = process.pending
        if left:
            self._computing.insert(0, left)
        self.schedule()
        return self._collection[ended_in]

    def pending_of(self, node: WorkerController) -> list[int]:
        """What a process has been handed and has not done."""
        return list(self._processes[node].pending)

    def _collected(self) -> list[_Process]:
        return [process for process in self._processes.values() if process.collected is not None]

    def _left(self) -> int:
        return len(self._waiting) + len(self._computing)

    def _hand_out(self, process: _Process) -> None:
        """Have a process know its next test, as long as there is one, and end it when there is none."""
        if process.node.shutting_down:
            return
        first, then = self._waiting, self._computing
        if not process.waits_first:
            first, then = then, first
        while len(process.pending) < _FEWEST and (first or then):
            unit = (first or then).pop(0)
            process.pending += unit
            process.node.send_runtest_some(unit)
        if not self._left() and len(process.pending) < _FEWEST:
            process.node.shutdown()

    def _differ(self) -> bool:
        """Whether two found different tests: then none are run, and it is told which."""
        first, *others = self._collected()
        differ = False
        for other in others:
            found = report_collection_diff(
                first.collected or [], other.collected or [], first.node.gateway.id, other.node.gateway.id
            )
            if found:
                differ = True
                report = pytest.CollectReport(nodeid=other.node.gateway.id, outcome="failed", longrepr=found, result=[])
                self._config.hook.pytest_collectreport(report=report)
        return differ


def units(collection: Sequence[str]) -> list[list[int]]:
    """The tests, by their places, that stay together: first those that take longest."""
    found: dict[tuple[str, str], list[int]] = {}
    for place, test in enumerate(collection):
        file = test.partition("::")[0]
        kind = _KIND.search(test) if file.startswith(_WAITING) else None
        unit = _TOGETHER if file.startswith(_TOGETHER) else file
        found.setdefault((unit, kind[1] if kind else ""), []).append(place)
    return [found[each] for each in sorted(found, key=lambda each: (_rank(each[0]), -len(found[each])))]


def _rank(file: str) -> int:
    """The lower, the earlier."""
    return next(_ranks(file), 9)


def _ranks(file: str) -> Iterator[int]:
    for rank, begins in enumerate((*_WAITING, "tests/integration/", "tests/contract", "tests/unit/")):
        if file.startswith(begins):
            yield rank
