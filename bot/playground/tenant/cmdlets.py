"""What a cmdlet is to the stand-in: its name, its parameters, and a function from a call to an outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .parameters import Arguments, Parameter
from .state import Action, State

Plan = Literal["none", "plan1", "plan2"]
Record = dict[str, object]

#: Entries for each list type, by plan (Microsoft Learn, "Tenant Allow/Block List limits").
CAPACITY: dict[Plan, dict[Action, int]] = {
    "none": {"Allow": 500, "Block": 500},
    "plan1": {"Allow": 1000, "Block": 1000},
    "plan2": {"Allow": 5000, "Block": 10000},
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One invocation: what was asked, by whom, on which state, at what time."""

    arguments: Arguments
    state: State
    now: datetime
    caller: str
    plan: Plan
    remark: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a cmdlet answers. `records` is None when it answers with no `value` at all, as some writes do."""

    records: list[Record] | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Cmdlet:
    """`run` raises CmdletRefused, and then has changed nothing."""

    name: str
    parameters: tuple[Parameter, ...]
    run: Callable[[Call], Outcome]

    @property
    def writes(self) -> bool:
        return not self.name.startswith("Get-")

    @property
    def noun(self) -> str:
        """What the cmdlet is about: shared by the reads and writes of one thing."""
        return self.name.partition("-")[2]


def wire_time(moment: datetime) -> str:
    """A date as the block list puts it on the wire: UTC with seven fraction digits."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0Z"
