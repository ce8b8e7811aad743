"""Figures as they stand in an event of the log and in the store, and read back. Subjects never stand in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from bot.domain.figures.figures import FiguresOf, Found, MailFigures, Unseen
from bot.domain.figures.together import ProposalFigures
from bot.domain.indicators.indicator import Indicator, Kind

_FIGURES = TypeAdapter(MailFigures)


def found_out(found: Found, *, subjects: bool = False) -> dict[str, object]:
    """What was found of one indicator as a JSON object, with `subjects` only where they are asked for."""
    if isinstance(found, Unseen):
        return {"unseen": found.value}
    out: dict[str, object] = _FIGURES.dump_python(found, mode="json", exclude_none=True)
    if not subjects:
        out.pop("subjects", None)
    return out


def found_in(stored: Mapping[str, object]) -> Found | None:
    """The same, read back; None for what this version doesn't understand."""
    try:
        if "unseen" in stored:
            return Unseen(str(stored["unseen"]))
        return _FIGURES.validate_python(dict(stored))
    except (ValueError, ValidationError):
        return None


def proposal_out(figures: ProposalFigures) -> dict[str, object]:
    """The figures of a proposal, as the event of their being shown has them."""
    return {
        "indicators": figures.total,
        "lets_skip": figures.lets_skip,
        "figures": [
            {"kind": each.indicator.kind.value, "value": each.indicator.value, **found_out(each.found)}
            for each in figures.of_each
        ],
    }


def proposal_in(payload: Mapping[str, object]) -> ProposalFigures | None:
    """The same, read back from an event; None for what this version doesn't understand."""
    rows, total = payload.get("figures"), payload.get("indicators")
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not isinstance(total, int):
        return None
    read = [each for row in rows if isinstance(row, Mapping) and (each := _of_one(row)) is not None]
    if len(read) < len(rows):
        return None
    return ProposalFigures(of_each=tuple(read), total=total, lets_skip=payload.get("lets_skip") is True)


def _of_one(row: Mapping[str, object]) -> FiguresOf | None:
    stored = {str(name): value for name, value in row.items()}
    kind, value = stored.pop("kind", ""), stored.pop("value", "")
    found = found_in(stored)
    if found is None or kind not in {known.value for known in Kind}:
        return None
    return FiguresOf(indicator=Indicator(kind=Kind(str(kind)), value=str(value)), found=found)
