"""The tables of the audit log: its events, what each came of, between which times they lie, where each tenant's log
ends, and how far it was handed on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.column_types import RowId
from bot.store.table import NUMBERED, Table, only_where

#: The indexes of the events, by what they are looked up by.
BY_ACTOR = "ix_audit_events_tenant_id_actor_seq"
BY_KIND = "ix_audit_events_tenant_id_kind_seq"
BY_ACTOR_AND_KIND = "ix_audit_events_tenant_id_actor_kind_seq"
BY_TARGET = "ix_audit_events_tenant_id_target_seq"
BY_REQUEST = "ix_audit_events_tenant_id_request_id_seq"
BY_WHOLE_REQUEST = "ix_audit_events_whole_request_seq"

#: Which events are about none of a request's items. An index has those that are about a request, and who uses that says
#: this in the same words. That there is a request isn't said: SQLite would look for all that have any.
OF_NO_ITEM = "substr(kind, 1, 5) <> 'item.' AND substr(kind, 1, 11) <> 'submission.'"
_OF_WHOLE_REQUESTS = f"request_id IS NOT NULL AND {OF_NO_ITEM}"


class AuditEventRow(Table):
    """One row of the audit log. Triggers refuse to change or delete it."""

    __tablename__ = "audit_events"
    __table_args__ = (
        UniqueConstraint("tenant_id", "seq"),
        # Each of these gives events in the order of their numbers, for `bot.store.audit_page`. What stands behind the
        # number is asked about beside what stands before it, and saves a look at the row.
        Index(BY_ACTOR, "tenant_id", "actor", "seq"),
        Index(BY_KIND, "tenant_id", "kind", "seq"),
        Index(BY_ACTOR_AND_KIND, "tenant_id", "actor", "kind", "seq"),
        Index(BY_TARGET, "tenant_id", "target", "seq", "actor", "kind", "request_id"),
        Index(BY_REQUEST, "tenant_id", "request_id", "seq", "actor", "kind"),
        Index(
            BY_WHOLE_REQUEST,
            "tenant_id",
            "request_id",
            "seq",
            "actor",
            "kind",
            info=only_where(_OF_WHOLE_REQUESTS),
        ),
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


class AuditStretchRow(Table):
    """Between which times a stretch of events lies; see `bot.store.audit_stretches`. No part of what is proved."""

    __tablename__ = "audit_stretches"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    earliest: Mapped[datetime]
    latest: Mapped[datetime]


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
