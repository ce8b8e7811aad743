"""How long it takes to read and to judge_lines an import, held against the snapshot of a full tenant.

`python -m tests.bench.imports [indicators] [entries in each list]`
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from bot.domain.importing.judging import JudgedLines, judge_lines
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName, Plan
from bot.domain.policies.case import Rules
from bot.domain.reading.import_lines import Line, read_import_lines
from tests.bench.snapshots import full_tenant

_NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
_Result = TypeVar("_Result")

#: What people import. Lists and imports that are all about one host, provider or network are the hard ones.
_IMPORTS: Mapping[str, Callable[[int], str]] = {
    "addresses at many domains": lambda number: f"user{number}@bad{number + 10_000}.example",
    "addresses at one provider": lambda number: f"user{number}@gmail.com",
    "URLs at many hosts": lambda number: f"hxxps://bad{number + 10_000}[.]example/login/{number}",
    "URLs at one host": lambda number: f"https://docs.google.com/forms/{number}",
    "files": lambda number: f"{number + 10_000:064x}",
    "IPv6 networks in one": lambda number: f"2001:db8:{number:x}:1::/64",
    "IPv4 addresses": lambda number: f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}",
    "spoof pairs of one domain": lambda number: f"user{number}@contoso.com, 203.0.113.0/24",
}


def crowded(entries: int) -> Snapshot:
    """A full tenant whose lists also have very many entries at one host, at one provider and in one network."""
    lists = full_tenant(entries)
    values = {
        ListName.URL: lambda number: f"docs.google.com/forms/x{number}",
        ListName.SENDER: lambda number: f"other{number}@gmail.com",
        ListName.SPOOF: lambda number: f"other{number}@contoso.com, 203.0.113.0/24",
        ListName.CONNECTION_FILTER: lambda number: f"198.18.{number // 256}.{number % 256}",
    }
    counts = {ListName.SPOOF: 1000, ListName.CONNECTION_FILTER: 1200}
    further = [
        Entry(list=name, action=Action.BLOCK, value=value(number))
        for name, value in values.items()
        for number in range(counts.get(name, entries // 2))
    ]
    network = Entry(list=ListName.IP, action=Action.ALLOW, value="2001:db8::/32")
    return replace(lists, entries=(*lists.entries, *further, network))


def measured(work: Callable[[], _Result]) -> tuple[float, _Result]:
    """Seconds of computing, and what came of it."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def judging(lines: Sequence[Line], lists: Snapshot) -> JudgedLines:
    return judge_lines(
        lines,
        operation=Operation.ADD,
        action=Action.BLOCK,
        lifetime=None,
        reason="Phishing wave",
        rules=Rules(plan=Plan.PLAN2),
        lists=lists,
        now=_NOW,
    )


def run(indicators: int = 10_000, entries: int = 15_000) -> None:
    lists = crowded(entries)
    sys.stdout.write(f"{indicators} indicators against {len(lists.entries)} entries, in seconds of computing\n")
    for what, typed in _IMPORTS.items():
        reading, lines = measured(partial(read_import_lines, "\n".join(map(typed, range(indicators)))))
        first, judged = measured(partial(judging, lines, lists))
        again, _ = measured(partial(judging, lines, lists))
        left = sum(len(part.lines) for part in judged.parts)
        sys.stdout.write(f"{what:26} read {reading:5.2f}, judged {first:5.2f}, once more {again:5.2f}; {left} left\n")


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
