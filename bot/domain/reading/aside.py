"""Why something of an import is set aside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aside:
    """Why a row, or a part of one, names nothing that can be taken. `code` is stable, `text` is for people."""

    code: str
    text: str
