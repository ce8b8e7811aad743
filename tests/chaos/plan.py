"""What a seed stands for: on which database, how many bots, and what befalls them. The same seed, the same plan.

What people do and when a call comes is decided as it goes, by chance of the same seed: processes race, so a trial that
is run again is the same plan and never quite the same trial.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Database = Literal["sqlite", "postgresql"]
Mode = Literal["http", "socket"]


class Moment(StrEnum):
    """When the bot that made a call is killed."""

    BEFORE = "before it took effect"
    AFTER = "after it took effect, before the answer"
    ANSWERED = "once it was answered"


class Mishap(StrEnum):
    """What happens once, beside calls that go wrong and bots that are killed."""

    RESTART = "PostgreSQL restarted as by a power cut"
    CUT = "PostgreSQL's connections cut"
    FULL = "no room for SQLite's file to grow"
    LAG = "a change shows late in the tenant's lists"
    NO = "the tenant refuses an addition that it takes when it is tried again"
    REFRESH = "Slack ends its Socket Mode connections"


_OF_DATABASE: dict[Database, tuple[Mishap, ...]] = {
    "sqlite": (Mishap.FULL,),
    "postgresql": (Mishap.RESTART, Mishap.CUT),
}


#: The calls at which a bot is killed, by what they begin with: Web API methods, `response`, and cmdlets.
CALLS_KILLED = (
    "chat.postMessage",
    "chat.update",
    "response",
    "New-",
    "Set-",
    "Remove-",
    "Get-",
    "views.open",
    "usergroups.users.list",
    "files.",
    "token",
    "chat.postMessage",
    "New-",
)

#: Where many kills are asked for, there are so many acts to each as a part of what there are otherwise; and so many
#: seconds, where the acts take longer.
_DENSER, _KILL_EVERY = 0.6, 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class KillAtCall:
    """Kill the bot that makes the `nth` call whose name begins so, at a moment of it."""

    call: str
    nth: int
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One trial. What is to come after so many acts comes once people have had so many acknowledged.

    So it is a trial of as many acts on a slow machine as on a fast one, unless it lasts `at_most` so many seconds.
    """

    seed: int
    database: Database
    mode: Mode
    bots: int
    people: int
    acts: int
    at_most: float
    kills_at_calls: tuple[KillAtCall, ...]
    kills_after: tuple[int, ...]  #: acts
    kill_every: float | None  #: or so many seconds after the one before, on a slow machine
    mishaps: tuple[tuple[int, Mishap], ...]  #: after how many acts, and what
    call_faults: float  #: which share of the calls to Slack and to the tenant goes wrong
    slowest: float  #: how long an answer may be kept back, in seconds
    #: How many times Slack's rates the bots take. The stand-in has none: so many of the bot's own are enough to put
    #: calls off and join them, and not to wait for minutes.
    rates: float = 10.0

    @property
    def words(self) -> str:
        """The plan in a line."""
        bots = "1 bot" if self.bots == 1 else f"{self.bots} bots"
        kills = len(self.kills_after) + len(self.kills_at_calls)
        mishaps = "".join(f", {what}" for _, what in self.mishaps)
        faults = f"{self.call_faults:.0%} faults{mishaps}"
        return f"seed {self.seed}: {self.database}, {self.mode}, {bots}, {kills} kills planned, {faults}"


def plan_of(seed: int, database: Database | None = None, *, hard: bool = True, kills: int = 0) -> Plan:
    """The plan of a seed; with a `database`, that one, else every second seed has PostgreSQL.

    Without `hard` it is a shorter one for every day, with fewer kills, and no answer later than the bot waits for. With
    `kills` it is as much longer as it takes for so many kills at least, close to each other.
    """
    chance = random.Random(seed)  # noqa: S311 - to be had again
    on: Database = database or ("sqlite", "postgresql")[seed % 2]
    bots = 1 if on == "sqlite" else chance.choice((1, 2, 2, 3) if hard else (1, 2))
    acts = chance.randint(40, 60) if hard else chance.randint(12, 16)
    at_calls, at_times = (chance.randint(6, 9), chance.randint(4, 7)) if hard else (2, 1)
    longer = max(1, -(-kills // (at_calls + at_times)))
    at_most = 90.0 if hard else 40.0
    if longer > 1:
        at_calls, at_times, acts = at_calls * longer, kills, round(acts * longer * _DENSER)
        at_most = _KILL_EVERY * at_times
    mode: Mode = "http" if chance.random() < 0.5 else "socket"
    mishaps = [chance.choice(_OF_DATABASE[on])] if chance.random() < (0.4 if hard else 0.2) else []
    mishaps += [Mishap.LAG] if chance.random() < 0.4 else []
    mishaps += [Mishap.NO] if chance.random() < 0.4 else []
    mishaps += [Mishap.REFRESH] if mode == "socket" and chance.random() < 0.4 else []
    return Plan(
        seed=seed,
        database=on,
        mode=mode,
        bots=bots,
        people=chance.randint(4, 6) if hard else 3,
        acts=acts,
        at_most=at_most,
        kill_every=_KILL_EVERY if longer > 1 else None,
        kills_at_calls=tuple(
            KillAtCall(
                call=chance.choice(CALLS_KILLED), nth=chance.randint(1, 4 * longer), moment=chance.choice([*Moment])
            )
            for _ in range(at_calls)
        ),
        kills_after=tuple(sorted(chance.randint(1, acts - 2) for _ in range(at_times))),
        mishaps=tuple((chance.randint(2, acts - 2), what) for what in mishaps),
        call_faults=chance.choice((0.0, 0.05, 0.12)),
        slowest=chance.choice((0.5, 2.0, 13.0)) if hard else chance.choice((0.2, 1.0)),
    )
