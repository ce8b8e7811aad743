"""Building audit logs for the tests of their verification, row by row, and forging rows in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.auditing.chain import ChainRow, Head
from bot.domain.auditing.events import Event, EventKind, chain_hash, compose, genesis

AT = datetime(2030, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
TENANT = "contoso"


def event(**changes: object) -> Event:
    fields: dict[str, object] = {"seq": 1, "tenant_id": TENANT, "at": AT, "kind": EventKind.CHECK_ASKED, "actor": "U1"}
    return compose(**(fields | changes))  # type: ignore[arg-type]


def chain(length: int) -> tuple[list[ChainRow], Head]:
    """An untouched log of so many rows, and its head."""
    rows: list[ChainRow] = []
    previous = genesis(TENANT)
    for seq in range(1, length + 1):
        made = event(seq=seq, target=f"target {seq}", at=AT + timedelta(seconds=seq))
        new = chain_hash(previous, made)
        rows.append(ChainRow(id=1000 + seq, seq=seq, previous_hash=previous, hash=new, event=made))
        previous = new
    return rows, Head(seq=length, hash=previous)


def forged(row: ChainRow, *, previous: str | None = None) -> ChainRow:
    """The row with another content, and a hash that fits it."""
    assert row.event is not None
    other = replace(row.event, actor="UFORGED")
    stands_on = row.previous_hash if previous is None else previous
    return replace(row, event=other, previous_hash=stands_on, hash=chain_hash(stands_on, other))
