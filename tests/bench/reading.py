"""How long the hardest lines take to read: a search for them, then files full of them.

`python -m tests.bench.reading [seconds of search for each reader] [seed]`

What is to be reached: 5 ms for any line of up to 3,000 characters, and 2 s for a file of 2 MiB, in computing time. The
search makes lines of repeated fragments that people write or attackers might, and goes on from the slowest that it
found. What is printed can be read back: each line as the fragments that it is made of.
"""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.domain.indicators.reader import read
from bot.domain.reading.command_text import read_command, read_lines
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.import_reading import Given, read_import
from bot.domain.reading.import_text import MOST_BYTES
from bot.errors import PortcullisError

LONGEST = 3_000
_TODAY = date(2030, 1, 2)

#: What a line is made of: every mark that some rule of reading looks at, and what it may stand beside.
FRAGMENTS = (
    *"abz019.,;:|/\\@#?&=%*~-_<>()[]{}\"'`!$^ \t\r\x0b",
    *("evil.example", "203.0.113.7", "203.0.113.0/24", "2001:db8::1", "https://evil.example/a", "bob@evil.example"),
    *("hxxps://", "[.]", "(dot)", "[at]", " [.] ", "&amp;", "&amp;amp;", "&lt;", "&gt;", "<http://", "|x>", "<mailto:"),
    *("//", "/*", "*.", "::", "%2f", "%25", "xn--", "ü", "．", "\u200b", "“", "”", "—", "–", "a" * 32, "f" * 64),
    *("From: ", "SMTP:", "ip4:", "sha256:", "smtp.mailfrom=", "spoof ", "and subdomains", "spf=pass "),
    *("until ", "for 30 days", "30d ", "03/04/2027 ", "- ", "* ", " - ", "203.0.113.5 - "),
    *("https://eur01.safelinks.protection.outlook.com/?url=", "https%3A%2F%2F", "https://urldefense.com/v3/__"),
    *("__;!!", "https://urldefense.proofpoint.com/v2/url?u=", "https-3A__", "&data=", "https://www.google.com/url?q="),
)


@dataclass(frozen=True, slots=True)
class HardLine:
    """A line, as fragments and how often each follows itself, and how long its reading takes."""

    pieces: tuple[tuple[str, int], ...]
    repeats: int
    length: int
    seconds: float = 0.0

    @property
    def text(self) -> str:
        return ("".join(fragment * count for fragment, count in self.pieces) * self.repeats)[: self.length]

    def __str__(self) -> str:
        pieces = " + ".join(f"{fragment!r}*{count}" for fragment, count in self.pieces)
        return f"({pieces})*{self.repeats}"


def _in_file(text: str) -> None:
    read_import(Given(content=text), today=_TODAY)


READERS: Mapping[str, Callable[[str], object]] = {
    "one value": read,
    "a command": lambda text: read_command(text, today=_TODAY),
    "a form's line": read_lines,
    "an import's line": _in_file,
    "a lifetime": lambda text: read_lifetime(text, today=_TODAY),
}


def took(work: Callable[[str], object], text: str) -> float:
    """Seconds of computing; the quicker of two, since whatever else the machine does only adds to one."""
    best = float("inf")
    for _ in range(2):
        began = time.process_time()
        with contextlib.suppress(PortcullisError):
            work(text)
        best = min(best, time.process_time() - began)
    return best


def search(work: Callable[[str], object], seconds: float, chance: random.Random) -> list[HardLine]:
    """The slowest lines that a search of so long finds, the slowest first."""
    kept: list[HardLine] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        line = _varied(chance.choice(kept), chance) if kept and chance.random() < 0.7 else _new(chance)
        kept.append(replace(line, seconds=took(work, line.text)))
        kept.sort(key=lambda hard: -hard.seconds)
        del kept[20:]
    return kept


def _new(chance: random.Random) -> HardLine:
    pieces = tuple(
        (chance.choice(FRAGMENTS), chance.choice((1, 1, 1, 2, 10, 3_000))) for _ in range(chance.randint(1, 5))
    )
    return HardLine(pieces, chance.choice((1, 2, 30, 3_000)), LONGEST)


def _varied(line: HardLine, chance: random.Random) -> HardLine:
    pieces = list(line.pieces)
    at = chance.randrange(len(pieces))
    match chance.randrange(5):
        case 0:
            pieces[at] = (chance.choice(FRAGMENTS), pieces[at][1])
        case 1:
            pieces[at] = (pieces[at][0], chance.choice((1, 2, 5, 50, 1_000)))
        case 2:
            pieces.insert(at, (chance.choice(FRAGMENTS), 1))
        case 3 if len(pieces) > 1:
            del pieces[at]
        case _:
            return replace(line, repeats=chance.choice((1, 2, 10, 100, 3_000)))
    return replace(line, pieces=tuple(pieces[:8]))


def file_of(lines: Sequence[str]) -> str:
    """As many of the lines, over and over, as fit into a file that is taken."""
    text: list[str] = []
    size = 0
    while True:
        for line in lines:
            size += len(line.encode("utf-8", errors="replace")) + 1
            if size > MOST_BYTES or len(text) >= 10_000:
                return "\n".join(text)
            text.append(line)


def run(seconds: int = 20, seed: int = 1) -> None:
    chance = random.Random(seed)  # noqa: S311 - a search, not a secret
    hard: list[HardLine] = []
    for name, work in READERS.items():
        found = search(work, seconds, chance)
        hard += found[:5]
        sys.stdout.write(f"{name:18} {found[0].seconds * 1000:8.2f} ms  {found[0]}\n")
    for length in (LONGEST, 200):
        text = file_of([line.text[:length].replace("\n", " ").replace("\r", " ") for line in hard])
        sys.stdout.write(f"a file of those, {length:5} characters a line: {took(_in_file, text):6.2f} s\n")


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
