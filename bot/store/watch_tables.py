"""The tables of what is watched: each place as it was last readable, the changes that nobody requested, the posture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.column_types import JsonValue, RowId
from bot.store.table import Table


class WatchedPlaceRow(Table):
    """A place as it was last readable: what the next reading is held against; see `bot.store.watched_places`."""

    __tablename__ = "watched_places"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[datetime]
    digest: Mapped[str]
    # Last, because it is large: SQLite reads a row up to the column that is wanted. ASCII, so it needs no cleaning.
    records: Mapped[str] = mapped_column(Text)


class UnrequestedChangeRow(Table):
    """A change that nobody requested, by the number of the event that tells of it."""

    __tablename__ = "unrequested_changes"
    __table_args__ = (
        Index("ix_unrequested_changes_tenant_id_request_id", "tenant_id", "request_id"),
        Index("ix_unrequested_changes_tenant_id_reading", "tenant_id", "reading"),
        Index("ix_unrequested_changes_tenant_id_place_state", "tenant_id", "place", "state"),
    )

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    reading: Mapped[int] = mapped_column(RowId)
    place: Mapped[str]
    what: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    after: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    fields: Mapped[Sequence[Any]] = mapped_column(JsonValue)
    made_by: Mapped[Sequence[Any]] = mapped_column(JsonValue)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    state: Mapped[str]
    request_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("requests.id"))
    actor: Mapped[str]
    actor_at: Mapped[datetime | None]
    actor_address: Mapped[str]
    ask_at: Mapped[datetime | None]  #: when the tenant's log is asked who did it; None: no more, or not at all
    asked: Mapped[int] = mapped_column(server_default=text("0"))  #: how often it was
    query: Mapped[str] = mapped_column(server_default=text("''"))  #: the question that was left there


class PostureFaultRow(Table):
    """A fault that the posture has found and that is still there: since when, see `bot.store.posture`."""

    __tablename__ = "posture_faults"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    finding: Mapped[str] = mapped_column(primary_key=True)
    fault: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]
    since: Mapped[datetime]
    is_told: Mapped[bool]


class PostureScanRow(Table):
    """A scan of the posture, by the number of its event."""

    __tablename__ = "posture_scans"
    __table_args__ = (Index("ix_posture_scans_tenant_id_at", "tenant_id", "at"),)

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    as_of: Mapped[datetime]
    counts: Mapped[dict[str, Any]]
    findings: Mapped[int] = mapped_column(RowId)
    grave: Mapped[int] = mapped_column(RowId)
    added: Mapped[int] = mapped_column(RowId)
    gone: Mapped[int] = mapped_column(RowId)
    worse_count: Mapped[int] = mapped_column(RowId)
    unseen: Mapped[Sequence[Any]] = mapped_column(JsonValue)
    worse: Mapped[Sequence[Any]] = mapped_column(JsonValue)
    gravest: Mapped[Sequence[Any]] = mapped_column(JsonValue)
    summary_of: Mapped[datetime | None]
