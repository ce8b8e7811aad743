"""Faults on demand: what goes wrong, with which cmdlet, how many times.

A fault waits until a call comes that it fits. Those that make sense for some calls only (`expired_page` for a further
page, `lag`, `ok_but_nothing_happens` and `ok_but_half` for a write, `truncate_page` and `no_value` for a read) let the
others pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .state import State

FaultKind = Literal[
    "401",
    "403",
    "403_nul",
    "404",
    "408",
    "429",
    "429_text",
    "500",
    "503",
    "504",
    "504_after",
    "drop_before",
    "drop_after",
    "delay",
    "truncate_page",
    "no_value",
    "expired_page",
    "ok_but_nothing_happens",
    "ok_but_half",
    "lag",
]

_WRITES_ONLY = frozenset({"ok_but_nothing_happens", "ok_but_half", "lag"})
_READS_ONLY = frozenset({"truncate_page", "no_value"})


class Fault(BaseModel):
    """An order for a fault.

    `cmdlet` None means any. `times` is how many calls it hits; for `lag` it hits one write, and `times` is how many
    reads after it still show the old state. `retry_after` and `delay` are in seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    cmdlet: str | None = None
    times: int = Field(default=1, ge=1, le=10_000)
    retry_after: int | None = Field(default=None, ge=0)
    delay: float = Field(default=1.0, ge=0, le=600)


@dataclass
class _Armed:
    fault: Fault
    left: int


@dataclass
class _Stale:
    state: State
    reads_left: int


class Faults:
    """The faults that are armed, and the old states that reads still see."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._stale: dict[str, _Stale] = {}

    def arm(self, fault: Fault) -> None:
        self._armed.append(_Armed(fault, 1 if fault.kind == "lag" else fault.times))

    def clear(self) -> None:
        self._armed.clear()
        self._stale.clear()

    def listing(self) -> list[dict[str, object]]:
        """What is armed, with how often each will still hit."""
        return [armed.fault.model_dump() | {"left": armed.left} for armed in self._armed]

    def take(self, *, cmdlet: str, further_page: bool) -> Fault | None:
        """The fault that hits this call, if any; it is used up by one."""
        for armed in self._armed:
            if _fits(armed.fault, cmdlet=cmdlet, further_page=further_page):
                armed.left -= 1
                if not armed.left:
                    self._armed.remove(armed)
                return armed.fault
        return None

    def lag(self, *, noun: str, before: State, reads: int) -> None:
        """The next `reads` reads of the noun see `before`."""
        self._stale[noun] = _Stale(before, reads)

    def seen_by_read(self, *, noun: str, current: State) -> State:
        """The state that a read of the noun sees now."""
        stale = self._stale.get(noun)
        if stale is None:
            return current
        stale.reads_left -= 1
        if not stale.reads_left:
            del self._stale[noun]
        return stale.state


def _fits(fault: Fault, *, cmdlet: str, further_page: bool) -> bool:
    if fault.cmdlet is not None and fault.cmdlet.lower() != cmdlet.lower():
        return False
    is_read = cmdlet.lower().startswith("get-")
    if fault.kind == "expired_page":
        return further_page
    return fault.kind not in (_WRITES_ONLY if is_read else _READS_ONLY)
