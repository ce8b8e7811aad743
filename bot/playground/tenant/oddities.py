"""Records that a read shows as they were placed, however odd: what a live tenant may hold beside the usual.

They stand beside what the tenant holds, or in its place. Only reads show them: no cmdlet finds, edits or removes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, field_validator

from .cmdlets import Outcome, Record
from .state import ListType


class Odd(BaseModel):
    """Records for one reading cmdlet; for the block list's items, for one list type.

    `instead` leaves out what the tenant really holds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cmdlet: str
    records: list[Record]
    list_type: ListType | None = None
    instead: bool = False

    @field_validator("cmdlet")
    @classmethod
    def _reads(cls, cmdlet: str) -> str:
        if not cmdlet.lower().startswith("get-"):
            raise ValueError("only a Get- cmdlet shows records")
        return cmdlet


class Oddities:
    """What has been placed."""

    def __init__(self) -> None:
        self._placed: list[Odd] = []

    def place(self, odd: Odd) -> None:
        self._placed.append(odd)

    def clear(self) -> None:
        self._placed.clear()

    def seen(self, cmdlet: str, parameters: Mapping[str, object], outcome: Outcome) -> Outcome:
        """The outcome of a read with what has been placed for it."""
        list_type = next((value for name, value in parameters.items() if name.lower() == "listtype"), None)
        for odd in self._placed:
            if odd.cmdlet.lower() == cmdlet.lower() and odd.list_type in {None, list_type}:
                held = [] if odd.instead else outcome.records or []
                outcome = replace(outcome, records=[*held, *odd.records])
        return outcome
