"""The tables of the audit log: its events, what each came of, where each tenant's ends, and how far it was handed
on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.databases import RowId
from bot.store.table import NUMBERED, Table


class AuditEventRow(Table):
    """One row of the audit log. Triggers refuse to change or delete it."""

    __tablename__ = "audit_events"
    __table_args__ = (
        UniqueConstraint("tenant_id", "seq"),
        Index("ix_audit_events_tenant_id_actor_seq", "tenant_id", "actor", "seq"),
        Index("ix_audit_events_tenant_id_target_seq", "tenant_id", "target", "seq"),
        Index("ix_audit_events_tenant_id_kind_seq", "tenant_id", "kind", "seq"),
        Index("ix_audit_events_tenant_id_request_id_seq", "tenant_id", "request_id", "seq"),
        Index("ix_audit_events_tenant_id_at_seq", "tenant_id", "at", "seq"),
        NUMBERED,
    )

    # No foreign key: the log stands by itself, and outlives what it tells of.
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    seq: Mapped[int] = mapped_column(RowId)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]
    target: Mapped[str]
    request_id: Mapped[int | None] = mapped_column(RowId)
    payload: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]


class EventReferenceRow(Table):
    """Which events one transaction wrote under which reference; see `bot.reference`. No part of what is proved."""

    __tablename__ = "event_references"
    __table_args__ = (Index("ix_event_references_tenant_id_reference", "tenant_id", "reference"),)

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    first_seq: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    last_seq: Mapped[int] = mapped_column(RowId)
    reference: Mapped[str]


class AuditHeadRow(Table):
    """Where a tenant's audit log ends: locked to append, and what tells that the last rows were cut off."""

    __tablename__ = "audit_heads"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(RowId)
    hash: Mapped[str]


class AuditCursorRow(Table):
    """How far the log has been handed on under a name; see `bot.store.audit_cursors`."""

    __tablename__ = "audit_cursors"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(RowId)
    moved_at: Mapped[datetime]
