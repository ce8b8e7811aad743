"""Each watched place as it was last readable: what the next reading of it is held against.

Not the snapshot: that one says at once that a list couldn't be read, and has what changes with each use of an entry.
Here the text of a place changes only where something has changed in it, so that most readings cost a look at a digest.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select, update

from bot.domain.lists.differences import Held
from bot.domain.requests.unrequested import as_record, of_record
from bot.store.databases import insert_or_update
from bot.store.scope import Scope
from bot.store.watch_tables import WatchedPlaceRow

_as_text = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPlace:
    """A place as a reading has it, ready to be kept."""

    place: str
    as_of: datetime
    held: tuple[Held, ...] = field(repr=False)
    text: str = field(repr=False)  #: a line of JSON for each override
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlace:
    """What is kept of a place, without what it holds: when it was last readable, and the digest of its text."""

    as_of: datetime
    digest: str


_KEPT = select(WatchedPlaceRow.place, WatchedPlaceRow.as_of, WatchedPlaceRow.digest).where(
    WatchedPlaceRow.tenant_id == bindparam("tenant_id"),
    WatchedPlaceRow.place.in_(bindparam("places", expanding=True)),
)


async def prepare_places(places: Mapping[str, Collection[Held]], *, as_of: datetime) -> tuple[WatchedPlace, ...]:
    """Make what a reading says of places ready to be kept, in a thread."""
    return await asyncio.to_thread(lambda: tuple(_prepared(name, tuple(held), as_of) for name, held in places.items()))


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
        """What some places held when they were last readable: a moment's work for a full list, done in a thread."""
        rows = WatchedPlaceRow
        query = select(rows.place, rows.records).where(
            rows.tenant_id == self._scope.tenant_id, rows.place.in_(sorted(places))
        )
        found = (await self._scope.session.execute(query)).all()
        return await asyncio.to_thread(lambda: {place: _held(records) for place, records in found})

    async def keep(self, seen: WatchedPlace) -> None:
        """Hold the next reading of a place against this one. Nothing is looked at: the caller has compared the two."""
        await self._scope.changed(
            insert_or_update(
                self._scope.dialect,
                WatchedPlaceRow,
                {
                    "tenant_id": self._scope.tenant_id,
                    "place": seen.place,
                    "as_of": seen.as_of,
                    "digest": seen.digest,
                    "records": seen.text,
                },
                key=("tenant_id", "place"),
                update=("as_of", "digest", "records"),
            )
        )

    async def touch(self, seen: WatchedPlace) -> None:
        """A place is still as it was."""
        rows = WatchedPlaceRow
        await self._scope.changed(
            update(rows)
            .where(rows.tenant_id == self._scope.tenant_id, rows.place == seen.place)
            .values(as_of=seen.as_of)
        )


def _prepared(place: str, held: tuple[Held, ...], as_of: datetime) -> WatchedPlace:
    # In any order: a service gives its lists in the order that it likes.
    text = "\n".join(sorted(_as_text(as_record(each)) for each in held))
    digest = hashlib.sha256(text.encode("ascii")).hexdigest()
    return WatchedPlace(place=place, as_of=as_of, held=held, text=text, digest=digest)


def _held(text: str) -> tuple[Held, ...]:
    # Our own text, whose digest stands beside it.
    return tuple(of_record(json.loads(line)) for line in text.split("\n") if line)  # noqa: TID251
