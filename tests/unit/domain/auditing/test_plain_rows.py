"""Rows that are held against their hashes as they lie: never more is believed than of an event made of each."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auditing.events import Event, canonical_json, chain_hash, clean_text, genesis
from bot.domain.auditing.plain_rows import PlainRows
from tests.unit.domain.auditing.chains import TENANT, event

BEFORE = genesis(TENANT)


def stored(row: Event, **changed: Any) -> list[Any]:  # noqa: ANN401 - whatever lies in a column
    """The row of an event as it lies in SQLite, with some columns changed."""
    columns = {
        "id": 1,
        "seq": row.seq,
        "kind": str(row.kind),
        "actor": row.actor,
        "target": row.target,
        "request_id": row.request_id,
        "previous_hash": BEFORE,
        "hash": chain_hash(BEFORE, row),
        "at": row.at.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "payload": canonical_json(row.payload),
    }
    return list((columns | changed).values())


def holds(row: list[Any], *, is_spelled: bool = True, end: str | None = None) -> bool:
    plain = PlainRows(TENANT, is_spelled=is_spelled)
    return plain.following([row], 0, seq=0, digest=BEFORE, end=end) == 1


def first(**changed: Any) -> Event:  # noqa: ANN401 - a field's
    return replace(event(), **changed)


texts = st.text(max_size=20).map(clean_text)
payloads = st.dictionaries(
    texts, st.recursive(st.none() | st.booleans() | st.integers() | texts, lambda some: st.lists(some, max_size=3))
)


@given(actor=texts, target=texts, kind=texts, payload=payloads, request_id=st.none() | st.integers(0, 1 << 62))
def test_a_row_as_it_was_written_holds_or_is_looked_at_closer(
    actor: str, target: str, kind: str, payload: dict[str, Any], request_id: int | None
) -> None:
    row = first(actor=actor, target=target, kind=kind, payload=payload, request_id=request_id)
    escaped = "\\u" in json.dumps([actor, target, kind, payload], ensure_ascii=False)
    assert holds(stored(row)) is not escaped


def test_a_payload_in_another_order_holds_where_the_database_keeps_none() -> None:
    row = first(payload={"b": 1, "a": "ü"})
    lies = stored(row, payload='{"b": 1, "a": "ü"}')
    assert holds(lies, is_spelled=False)
    assert not holds(lies)


CHANGED: dict[str, Any] = {
    "kind": "request.denied",
    "actor": "UFORGED",
    "target": "other.example",
    "request_id": 4,
    "hash": "0" * 64,
    "previous_hash": "0" * 64,
    "seq": 2,
    "payload": '{"number":5}',
    "at": "2031-01-02 03:04:05.678901",
}


@pytest.mark.parametrize("column", CHANGED)
def test_a_changed_column_does_not_hold(column: str) -> None:
    assert holds(stored(first()))
    assert not holds(stored(first(), **{column: CHANGED[column]}))


NEVER_WRITTEN = [
    '{"a":1,"a":1}', '{"a":1.0}', '{"a":1e2}', '{"a":NaN}', '{ "a":1}', "[]", '"a"', "no JSON", '{"a":"\\u0000"}',
    '{"a":01}', '{"a":-0}', '{"a":+1}', '{"a":"\\/"}', '{"a":"\t"}', '{"a":"x"y"}', '{"a":1}\n', '{"a":1},"b":{}',
    '{"b":1,"a":1}', '{"a":tru}', '{"a":١}',
]  # fmt: skip


@pytest.mark.parametrize("payload", NEVER_WRITTEN)
@pytest.mark.parametrize("seen", [[], [{"a": 1}], [{"a": "x"}, {"a": 1, "b": 2}, {"a": None}, {"a": True}]])
def test_a_payload_that_was_never_written_so_does_not_hold_whatever_the_hash(
    payload: str, seen: list[dict[str, Any]]
) -> None:
    """Somebody may have made the hash of the very text. Whatever was seen before it is no help to them."""
    plain = after_these(seen)
    row = first()
    said = (
        f'{{"actor":{json.dumps(row.actor)},"at":"{row.at:%Y-%m-%dT%H:%M:%S.%f}Z","kind":{json.dumps(row.kind)},'
        f'"payload":{payload},"request_id":null,'
        f'"target":{json.dumps(row.target)},"tenant_id":{json.dumps(TENANT)}}}'
    )
    digest = sha256(f"{BEFORE}\n{said}".encode()).hexdigest()
    lies = stored(row, payload=payload, hash=digest)
    assert plain.following([lies], 0, seq=0, digest=BEFORE, end=None) == 0


def after_these(seen: list[dict[str, Any]]) -> PlainRows:
    """One that has held rows with these payloads."""
    plain = PlainRows(TENANT, is_spelled=True)
    for each in seen:
        assert plain.following([stored(first(payload=each))], 0, seq=0, digest=BEFORE, end=None) == 1
    return plain


@given(seen=st.lists(st.dictionaries(st.sampled_from("abc"), st.integers() | st.sampled_from("xyü"))), payload=payloads)
def test_what_was_seen_before_changes_nothing(seen: list[dict[str, Any]], payload: dict[str, Any]) -> None:
    for said in (payload, *({**payload, **each} for each in seen)):
        row = stored(first(payload=said))
        assert after_these(seen).following([row], 0, seq=0, digest=BEFORE, end=None) == holds(row)


@pytest.mark.parametrize(
    "changed",
    [
        {"at": "2030-13-02 03:04:05.678901"},
        {"at": "2030-01-02T03:04:05.678901"},
        {"at": '2030-01-02 03:04:05.678901Z","kind":"x'},
        {"at": 5},
        {"actor": None},
        {"actor": b"U1"},
        {"request_id": True},
        {"request_id": "1"},
        {"seq": None},
        {"previous_hash": None},
        {"payload": None},
        {"payload": b"{}"},
    ],
)
def test_what_no_row_of_ours_holds_does_not_hold(changed: dict[str, Any]) -> None:
    assert not holds(stored(first(), **changed))


def test_nothing_follows_upon_the_head() -> None:
    assert not holds(stored(first()), end=BEFORE)


def test_so_many_as_simply_follow_are_counted() -> None:
    rows, before = [], BEFORE
    for seq in range(1, 6):
        row = event(seq=seq)
        after = chain_hash(before, row)
        rows.append(stored(row, previous_hash=before, hash=after))
        before = after
    plain = PlainRows(TENANT, is_spelled=True)
    assert plain.following(rows, 0, seq=0, digest=BEFORE, end=None) == 5
    assert plain.following(rows, 2, seq=2, digest=rows[1][7], end=None) == 3
    rows[3][3] = "UFORGED"
    assert plain.following(rows, 0, seq=0, digest=BEFORE, end=None) == 3
