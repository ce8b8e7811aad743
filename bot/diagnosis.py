"""What `portcullis doctor` says of one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing that was looked at. `remedy` says what to do, and is empty when it is well.

    With `ok` a remedy is a warning: it works today.
    """

    check: str
    ok: bool
    details: str
    remedy: str = ""
