"""How long it takes to read and to judge_lines an import, held against the snapshot of a full tenant.

`python -m tests.bench.imports [indicators] [entries in each list]`

Then the worst files that were found, up to the most bytes that one import takes: none may take longer than two seconds.
"""

from __future__ import annotations

import json
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
from bot.domain.reading.import_lines import Line, read_plain_lines
from bot.domain.reading.import_reading import Given, read_import
from bot.domain.reading.import_text import MOST_BYTES, MOST_IMPORTED
from bot.errors import InvalidInput
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

#: Files that take long to read: what stands above, and a line by its number.
_WORST: Mapping[str, tuple[str, Callable[[int], str]]] = {
    "quotation marks never closed": ("domain,note\n", lambda number: f'evil{number}.example,"x{"y" * 180}'),
    "quotation marks": ("", lambda _: '"' * 200),
    "commas": ("", lambda _: "," * 200),
    "brackets around brackets": ("indicator,note\n", lambda number: f"{number}{'(' * 90}a.b{')' * 90},x"),
    "dots in brackets": ("indicator,note\n", lambda number: f"e{number}.{'[.]' * 60},x"),
    "many values in a cell": ("domain;x\n", lambda number: ", ".join(f"a{number}x{at}.example" for at in range(10))),
    "many addresses in a cell": (
        "Name,IPAllowList,IPBlockList\n",
        lambda number: f'x,,"{f"203.0.113.{number % 256} " * 12}"',
    ),
    "prose": ("", lambda number: f"{number} what is this, evil.example and more{' foo.bar' * 10}"),
    "prose in the column": ("indicator,x\n", lambda number: f"not an indicator number {number} at all. see there,x"),
    "many columns without names": ("", lambda _: ",".join(f"a{at}.example" for at in range(15))),
    "many columns of nothing": ("", lambda _: ",".join("a.b" for _ in range(50))),
    "rules of bars": ("", lambda _: f"|{'-' * 150}|"),
    "at signs": ("", lambda _: "@" * 190),
    "names beyond ASCII": ("domain,x\n", lambda number: f"b\u00fccher{number}.example,x"),
    "spoof pairs": ("SpoofedUser,SendingInfrastructure\n", lambda number: f"u{number}@contoso.com,203.0.113.0/24"),
    "SPF records": ("", lambda _: f"v=spf1 {'ip4:203.0.113.0/24 ' * 9}"),
    "JSON records": ("", lambda number: json.dumps({"value": f"e{number}.example", "note": "\u00e9" * 20})),
    "wrong types": ("indicator,type\n", lambda number: f"e{number}.example,ip"),
    "MD5 hashes": ("hash,x\n", lambda number: f"{number:032x},x"),
    "dates": ("domain,expires\n", lambda number: f"e{number}.example,3/4/2030 10:00:00 PM"),
}


def worst(head: str, line: Callable[[int], str]) -> str:
    """A file of such lines, as many and as long as one import takes."""
    lines: list[str] = []
    size = len(head)
    for number in range(MOST_IMPORTED):
        lines.append(line(number))
        size += len(lines[-1].encode()) + 1
        if size > MOST_BYTES:
            return head + "\n".join(lines[:-1])
    return head + "\n".join(lines)


def read_whole(text: str) -> str:
    try:
        reading = read_import(Given(content=text.encode()), today=_NOW.date())
    except InvalidInput as error:
        return str(error)
    return f"{reading.what}, {sum(line.indicator is not None for line in reading.lines)} read"


def crowded(entries: int) -> Snapshot:
    """A full tenant whose lists also have very many entries at one host, at one provider and in one network."""
    lists = full_tenant(entries)
    values: dict[ListName, Callable[[int], str]] = {
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
        reading, lines = measured(partial(read_plain_lines, "\n".join(map(typed, range(indicators)))))
        first, judged = measured(partial(judging, lines, lists))
        again, _ = measured(partial(judging, lines, lists))
        left = sum(len(part.lines) for part in judged.parts)
        sys.stdout.write(f"{what:26} read {reading:5.2f}, judged {first:5.2f}, once more {again:5.2f}; {left} left\n")
    sys.stdout.write("\nThe worst files\n")
    for what, (head, line) in _WORST.items():
        seconds, outcome = measured(partial(read_whole, worst(head, line)))
        sys.stdout.write(f"{what:30} {seconds:5.2f}  {outcome}\n")


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
