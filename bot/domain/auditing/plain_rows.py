"""Rows of the log as Portcullis writes them, held against their hashes without an event being made of each.

A verification of millions of rows spends nearly all its time on making events and spelling them anew. What is hashed is
here put together from the texts in which a row lies, and only what has exactly the spelling of our own is believed:

- the time has its 26 characters, and is one;
- the payload is an object, and says the same when it is read and spelled anew, to the letter, or has the very shape of
  one before it of which that was found;
- no text needs an escape that the canonical form replaces.

So what is hashed can be taken apart in one way only, and a row of which this says that it holds is one of which
`ChainRow.is_intact` says so too. Of any other row this says nothing: it has to be looked at closer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from itertools import islice
from json.encoder import encode_basestring
from typing import Any, NoReturn, TypeAlias

#: How times lie in the row, as far as their characters go.
_TIME = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2} [0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}")


#: Payloads are much alike: of so many that were spelled right, each no longer than this, the text is kept.
_MOST_KEPT, _LONGEST_KEPT = 4_096, 256

#: So many shapes are kept of so many kinds of event.
_MOST_SHAPES, _MOST_KINDS = 4, 256

#: Values that have one spelling, and that one: a text in which nothing is escaped, or ought to be; a number that isn't
#: long; what has a word of its own.
_VALUE = r'(?:"[^"\\\x00-\x1f]*"|-?[1-9][0-9]{0,15}|0|true|false|null)'
_SIMPLE = frozenset({str, int, bool})


def _refuse(_text: str) -> NoReturn:
    raise ValueError("a number with a fraction")


_read = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).raw_decode
_spell = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode

#: A row as it lies in the table: its key, its number, kind, actor, target, request, the hash that it stands on, its own
#: hash, its time, its payload. Whatever somebody may have put there.
StoredRow: TypeAlias = Sequence[Any]


class PlainRows:
    """Holds the rows of one tenant's log against their hashes.

    `is_spelled` says that the payloads lie as they were spelled when they were hashed; else they are spelled anew.
    """

    def __init__(self, tenant_id: str, *, is_spelled: bool) -> None:
        self._end = f',"tenant_id":{encode_basestring(tenant_id)}}}'
        self._is_spelled = is_spelled
        self._kept: dict[str, str] = {}
        self._shapes = _Shapes()

    def following(self, rows: Sequence[StoredRow], start: int, *, seq: int, digest: str, end: str | None) -> int:
        """How many rows from a place on are surely intact and simply stand each on the one before it.

        The first of them has to stand on the row with the number `seq` and the hash `digest`; none stands on `end`.
        """
        known, spelled, is_time, is_valid = self._kept.get, self._spelled, _TIME.fullmatch, datetime.fromisoformat
        quoted, hashed, ending = encode_basestring, sha256, self._end
        place = start
        # What isn't text is refused by whatever is handed it first.
        with suppress(ValueError, TypeError, RecursionError):
            for _, number, kind, actor, target, request_id, previous, own, at, payload in islice(rows, start, None):
                seq += 1
                if number != seq or previous != digest or previous == end or not is_time(at):
                    break
                is_valid(at)
                if request_id is None:
                    request_id = "null"  # noqa: PLW2901 - as it is spelled
                elif type(request_id) is not int:
                    break
                canonical = (
                    f'{previous}\n{{"actor":{quoted(actor)},"at":"{at[:10]}T{at[11:]}Z","kind":{quoted(kind)},'
                    f'"payload":{known(payload) or spelled(kind, payload)},"request_id":{request_id},'
                    f'"target":{quoted(target)}{ending}'
                )
                if "\\u" in canonical or hashed(canonical.encode()).hexdigest() != own:
                    break
                digest = own
                place += 1
        return place - start

    def _spelled(self, kind: str, payload: str) -> str:
        """An object in its one spelling. Raises ValueError for anything else."""
        if self._shapes.is_known(kind, payload):
            return payload
        said, end = _read(payload)
        spelled = _spell(said)
        if type(said) is not dict or end != len(payload) or (self._is_spelled and spelled != payload):
            raise ValueError("no object, or in another spelling")
        if self._is_spelled:
            self._shapes.learn(kind, said)
        if len(payload) <= _LONGEST_KEPT:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[payload] = spelled
        return spelled


class _Shapes:
    """What the payloads of each kind of event have been: the names in their order, each before a simple value.

    A payload of a shape that was spelled right is spelled right too, whatever its values are, and needn't be read.
    """

    def __init__(self) -> None:
        self._known: dict[str, list[re.Pattern[str]]] = {}

    def is_known(self, kind: str, payload: str) -> bool:
        return any(shape.fullmatch(payload) is not None for shape in self._known.get(kind, ()))

    def learn(self, kind: str, said: dict[str, object]) -> None:
        """Remember the shape of a payload that is spelled right."""
        simple = all(value is None or type(value) in _SIMPLE for value in said.values())
        if not (simple and said) or (kind not in self._known and len(self._known) >= _MOST_KINDS):
            return
        shapes = self._known.setdefault(kind, [])
        if len(shapes) < _MOST_SHAPES:
            members = ",".join(f"{re.escape(_spell(name))}:{_VALUE}" for name in sorted(said))
            shapes.append(re.compile(rf"\{{{members}\}}"))
