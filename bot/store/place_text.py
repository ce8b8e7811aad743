"""The reading of a place as records of JSON: what there is to say of the place, then each override."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from bot.domain.auditing.events import iso
from bot.domain.overrides.override import Condition, ConditionKind, Does, Override, PlaceReading, Sight
from bot.domain.overrides.places import Place


def place_out(reading: PlaceReading) -> Iterator[dict[str, Any]]:
    """A record of what was seen of the place, and one for each override."""
    yield {"sight": reading.sight.value, "unread": reading.unread, "why": reading.why, "lacks": list(reading.lacks)}
    for override in reading.overrides:
        yield {
            "name": override.name,
            "detail": override.detail,
            "does": override.does.value,
            "how": override.how,
            "conditions": _conditions_out(override.conditions),
            "exceptions": _conditions_out(override.exceptions),
            "when": list(override.when),
            "unless": list(override.unless),
            "partial": override.is_partial,
            "begins": None if override.begins is None else iso(override.begins),
            "ends": None if override.ends is None else iso(override.ends),
            "unshown": override.unshown,
            "guid": override.guid,
            "position": override.position,
        }


def place_in(place: Place, records: Iterable[Mapping[str, Any]]) -> tuple[PlaceReading, ...]:
    """The reading that these records are of; none without any: nobody looked."""
    given = iter(records)
    return tuple(
        PlaceReading(
            place=place,
            sight=Sight(head["sight"]),
            unread=head["unread"],
            why=head["why"],
            lacks=tuple(head.get("lacks", ())),
            overrides=tuple(_override_in(place, record) for record in given),
        )
        for head in islice(given, 1)
    )


def _override_in(place: Place, record: Mapping[str, Any]) -> Override:
    return Override(
        place=place,
        name=record["name"],
        detail=record["detail"],
        does=Does(record["does"]),
        how=record["how"],
        conditions=_conditions_in(record["conditions"]),
        exceptions=_conditions_in(record["exceptions"]),
        when=tuple(record["when"]),
        unless=tuple(record["unless"]),
        is_partial=record["partial"],
        begins=_moment(record.get("begins")),
        ends=_moment(record.get("ends")),
        unshown=record.get("unshown", ""),
        guid=record.get("guid", ""),
        position=record.get("position"),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _conditions_out(conditions: Sequence[Condition]) -> list[list[Any]]:
    return [[condition.kind.value, list(condition.values)] for condition in conditions]


def _conditions_in(conditions: Sequence[Sequence[Any]]) -> tuple[Condition, ...]:
    return tuple(Condition(kind=ConditionKind(kind), values=tuple(values)) for kind, values in conditions)
