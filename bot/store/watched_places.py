"""Each watched place as it was last readable: what the next reading of it is held against.

Not the snapshot: that one says at once that a list couldn't be read, and has what changes with each use of an entry.
Here the text of a place changes only where something has changed in it, so that most readings cost a look at a digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, select, update
from sqlalchemy.sql.dml import Insert

from bot.aside import aside
from bot.domain.lists.differences import Held
from bot.domain.requests.unrequested import as_record, of_record
from bot.store.databases import insert_or_update
from bot.store.scope import Scope
from bot.store.table import core
from bot.store.watch_tables import WatchedPlaceRow

#: About so long is the text of one, or longer.
_OF_AN_OVERRIDE = 100

_as_text = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPlace:
    """A place as a reading has it, ready to be kept."""

    place: str
    as_of: datetime
    held: tuple[Held, ...] = field(repr=False)
    #: A line of JSON for each override; None where the same was kept before: it is made if it has to be written after
    #: all. Of a full list it is megabytes, which nearly every reading would take for nothing.
    text: str | None = field(repr=False)
    digest: str

    def beside(self, kept: KeptPlace | None) -> WatchedPlace:
        """The same, ready to be kept where this is kept now."""
        return replace(self, text=None) if kept is not None and kept.digest == self.digest else self


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlace:
    """What is kept of a place, without what it holds: when it was last readable, and the digest of its text."""

    as_of: datetime
    digest: str


_KEPT = select(WatchedPlaceRow.place, WatchedPlaceRow.as_of, WatchedPlaceRow.digest).where(
    WatchedPlaceRow.tenant_id == bindparam("tenant_id"),
    WatchedPlaceRow.place.in_(bindparam("places", expanding=True)),
)


_HELD = select(WatchedPlaceRow.place, WatchedPlaceRow.records).where(
    WatchedPlaceRow.tenant_id == bindparam("tenant_id"),
    WatchedPlaceRow.place.in_(bindparam("places", expanding=True)),
)
_table = core(WatchedPlaceRow)
_TOUCH = (
    update(_table)
    .where(_table.c.tenant_id == bindparam("its_tenant"), _table.c.place == bindparam("its_place"))
    .values(as_of=bindparam("read_at"))
)


@cache
def _keep(dialect: str) -> Insert:
    return insert_or_update(dialect, WatchedPlaceRow, key=("tenant_id", "place"), update=("as_of", "digest", "records"))


async def prepare_places(places: Mapping[str, Collection[Held]], *, as_of: datetime) -> tuple[WatchedPlace, ...]:
    """Make what a reading says of places ready to be kept."""
    size = sum(map(len, places.values()))
    return await aside(size, lambda: tuple(_prepared(name, tuple(held), as_of) for name, held in places.items()))


class WatchedPlaces:
    """The places of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def kept(self, places: Collection[str]) -> dict[str, KeptPlace]:
        """What is kept of some places, by their names; one that was never readable is left out."""
        asked = {"tenant_id": self._scope.tenant_id, "places": sorted(places)}
        found = await self._scope.prepared(_KEPT, asked)
        return {place: KeptPlace(as_of=as_of, digest=digest) for place, as_of, digest in found}

    async def held(self, places: Collection[str]) -> dict[str, tuple[Held, ...]]:
        """What some places held when they were last readable: a moment's work for a full list."""
        if not places:
            return {}
        asked = {"tenant_id": self._scope.tenant_id, "places": sorted(places)}
        found = (await self._scope.prepared(_HELD, asked)).all()
        size = sum(len(records) for _, records in found) // _OF_AN_OVERRIDE
        return await aside(size, lambda: {place: _held(records) for place, records in found})

    async def keep(self, seen: WatchedPlace) -> None:
        """Hold the next reading of a place against this one. Nothing is looked at: the caller has compared the two."""
        await self._scope.prepared(
            _keep(self._scope.dialect.name),
            {
                "tenant_id": self._scope.tenant_id,
                "place": seen.place,
                "as_of": seen.as_of,
                "digest": seen.digest,
                "records": await aside(len(seen.held), _text, seen.held) if seen.text is None else seen.text,
            },
        )

    async def touch(self, seen: WatchedPlace) -> None:
        """A place is still as it was."""
        now = {"its_tenant": self._scope.tenant_id, "its_place": seen.place, "read_at": seen.as_of}
        await self._scope.prepared(_TOUCH, now)


def _prepared(place: str, held: tuple[Held, ...], as_of: datetime) -> WatchedPlace:
    text = _text(held)
    digest = hashlib.sha256(text.encode("ascii")).hexdigest()
    return WatchedPlace(place=place, as_of=as_of, held=held, text=text, digest=digest)


def _text(held: tuple[Held, ...]) -> str:
    """A line of JSON for each, in any order: a service gives its lists in the order that it likes."""
    return "\n".join(sorted(_as_text(as_record(each)) for each in held))


def _held(text: str) -> tuple[Held, ...]:
    # Our own text, whose digest stands beside it.
    return tuple(of_record(json.loads(line)) for line in text.split("\n") if line)  # noqa: TID251
