"""The tables. Every row belongs to a tenant. `migrations/` makes the same tables; a test holds the two together.

Here are those of requests, jobs and the tenant's lists; those of Slack, of the audit log and of what is watched are
beside this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store import audit_tables, renewal_tables, slack_tables, watch_tables  # noqa: F401 - their tables belong to METADATA
from bot.store.column_types import JsonValue, RowId
from bot.store.table import NUMBERED, Table, only_where

#: Of all tables, those in the modules beside this one among them.
METADATA = Table.metadata


class RequestRow(Table):
    """A proposed change of one list: a part of a proposal, which has the number of its first part."""

    __tablename__ = "requests"
    __table_args__ = (
        Index("ix_requests_tenant_id_status_lapses_at", "tenant_id", "status", "lapses_at"),
        Index("ix_requests_tenant_id_id", "tenant_id", "id"),
        Index("ix_requests_tenant_id_requester_id", "tenant_id", "requester", "id"),
        Index("ix_requests_tenant_id_proposal_id", "tenant_id", "proposal_id"),
        # Which emergency blocks wait for a review, and what a rule let through: few of all that there are.
        Index(
            "ix_requests_tenant_id_approved_otherwise",
            "tenant_id",
            "id",
            info=only_where("approval IS NOT NULL"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    operation: Mapped[str]
    action: Mapped[str]
    list: Mapped[str]
    reason: Mapped[str]
    expires: Mapped[datetime | None]
    requester: Mapped[str]
    status: Mapped[str]
    approvals_needed: Mapped[int]
    created_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    warnings: Mapped[Sequence[Any]] = mapped_column(JsonValue)
    failure: Mapped[str] = mapped_column(default="")
    sent: Mapped[int] = mapped_column(server_default=text("0"))
    set_aside: Mapped[int] = mapped_column(server_default=text("0"))
    proposal_id: Mapped[int] = mapped_column(RowId, server_default=text("0"))  # 0 only until its own number is known
    asked_back: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    lasts: Mapped[int | None]  #: in seconds, from its approval
    approval: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)  #: where no reviews approved it
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)


class ItemRow(Table):
    """One indicator of a request."""

    __tablename__ = "items"
    __table_args__ = (
        Index(None, "request_id"),
        # The few items of a request that matter most, and how many are in each state, without a look at all of them.
        Index("ix_items_request_id_state_id", "request_id", "state", "id"),
        Index("ix_items_tenant_id_value", "tenant_id", "value", "request_id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    request_id: Mapped[int] = mapped_column(RowId, ForeignKey("requests.id"))
    kind: Mapped[str]
    value: Mapped[str]
    state: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    line: Mapped[int | None]
    notes: Mapped[Sequence[Any] | None] = mapped_column(JsonValue)


class SetAsideRow(Table):
    """A line of what was imported that became no item of the request."""

    __tablename__ = "set_aside_lines"
    __table_args__ = (Index(None, "request_id", "line"), NUMBERED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    request_id: Mapped[int] = mapped_column(RowId, ForeignKey("requests.id"))
    line: Mapped[int]
    typed: Mapped[str]
    value: Mapped[str]
    code: Mapped[str]
    reason: Mapped[str]


class UnfinishedRequestRow(Table):
    """A request that is written down in portions, as long as not all of it is there: see `bot.store.unfinished`."""

    __tablename__ = "unfinished_requests"
    __table_args__ = (Index("ix_unfinished_requests_tenant_id_delivery", "tenant_id", "delivery"),)

    request_id: Mapped[int] = mapped_column(RowId, ForeignKey("requests.id"), primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    delivery: Mapped[str]
    begun_at: Mapped[datetime]
    written: Mapped[int]  #: how many rows of its items, and of lines that were set aside
    is_dropped: Mapped[bool]  #: it is being deleted, and nobody may go on with it


class AttachmentRow(Table):
    """The file that is kept with a request until it has been handed over."""

    __tablename__ = "attachments"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(RowId, ForeignKey("requests.id"), primary_key=True, autoincrement=False)
    name: Mapped[str]
    digest: Mapped[str]
    created_at: Mapped[datetime]
    content: Mapped[bytes]


class ImportPreviewRow(Table):
    """An import that was shown before anything of it is requested, with what was given, until it is over."""

    __tablename__ = "import_previews"
    __table_args__ = (
        UniqueConstraint("tenant_id", "delivery"),
        Index("ix_import_previews_tenant_id_state_created_at", "tenant_id", "state", "created_at"),
        Index("ix_import_previews_tenant_id_owner_state", "tenant_id", "owner", "state"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    owner: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    delivery: Mapped[str]
    operation: Mapped[str]
    action: Mapped[str]
    end: Mapped[str]
    reason: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    read_by: Mapped[str]
    takes_ends: Mapped[bool]
    channel: Mapped[str]
    ts: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    shown: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    is_text: Mapped[bool]
    # Last, because it is large: SQLite reads a row up to the column that is wanted.
    content: Mapped[bytes | None]


class SubmissionRow(Table):
    """Something that was handed over to Microsoft. The unique key keeps a thing from being filed twice."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("tenant_id", "request_id", "item_id", "kind"), NUMBERED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    request_id: Mapped[int] = mapped_column(RowId, ForeignKey("requests.id"))
    item_id: Mapped[int] = mapped_column(RowId, ForeignKey("items.id"))
    kind: Mapped[str]
    reference: Mapped[str]
    status: Mapped[str]
    result: Mapped[str]
    filed_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]


class ReviewRow(Table):
    """One approver's decision. The unique key settles a double click."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("request_id", "reviewer"), NUMBERED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    request_id: Mapped[int] = mapped_column(RowId, ForeignKey("requests.id"))
    reviewer: Mapped[str]
    decision: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class JobRow(Table):
    """A durable piece of work. A finished job's row is deleted."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('todo', 'doing', 'dead')", name="state"),
        # Only a waiting job holds its key: once it runs, the same need may be queued again.
        Index(
            "uq_jobs_tenant_id_key",
            "tenant_id",
            "key",
            unique=True,
            info=only_where("state = 'todo'"),
        ),
        Index("ix_jobs_tenant_id_state_run_at", "tenant_id", "state", "run_at"),
        # Whose turn it is, how many somebody has, and which are late, without a look at all that wait for a later day.
        Index("ix_jobs_tenant_id_kind_person", "tenant_id", "kind", "person"),
        Index("ix_jobs_tenant_id_due_at", "tenant_id", "due_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None]
    state: Mapped[str]
    run_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    person: Mapped[str] = mapped_column(server_default=text("''"))
    turn: Mapped[int] = mapped_column(server_default=text("0"))
    taken_at: Mapped[datetime | None]
    late_told_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    fence: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
    reference: Mapped[str] = mapped_column(server_default=text("''"))


class KnownEntryRow(Table):
    """Who asked for an entry, and until when. Of several rows for one entry, one at most has not ended."""

    __tablename__ = "known_entries"
    __table_args__ = (
        Index(
            "uq_known_entries_active",
            "tenant_id",
            "list",
            "action",
            "value",
            unique=True,
            info=only_where("ended_at IS NULL"),
        ),
        Index("ix_known_entries_tenant_id_expires", "tenant_id", "expires"),
        Index("ix_known_entries_tenant_id_value", "tenant_id", "value"),
        Index("ix_known_entries_tenant_id_request_id", "tenant_id", "request_id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    list: Mapped[str]
    action: Mapped[str]
    value: Mapped[str]
    requester: Mapped[str]
    request_id: Mapped[int] = mapped_column(RowId, ForeignKey("requests.id"))
    reason: Mapped[str]
    since: Mapped[datetime]
    expires: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(server_default=text("''"))


class SnapshotRow(Table):
    """A part of the tenant's lists as it was last read, or why it could not be: see `bot.store.snapshot_text`."""

    __tablename__ = "snapshots"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    list: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[datetime]
    error: Mapped[str] = mapped_column(default="")
    digest: Mapped[str]
    # Last, because it is large: SQLite reads a row up to the column that is wanted. ASCII, so it needs no cleaning.
    records: Mapped[str] = mapped_column(Text)


class MailFiguresRow(Table):
    """What the mail of ten days said of an indicator when it was last asked for; see `bot.store.figures`."""

    __tablename__ = "mail_figures"
    __table_args__ = (Index("ix_mail_figures_tenant_id_as_of", "tenant_id", "as_of"),)

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)  #: or its hash, where it is too long for an index
    as_of: Mapped[datetime]
    found: Mapped[dict[str, Any]] = mapped_column(JsonValue)


class BudgetRow(Table):
    """How far a budget of calls is used up; see `bot.budgets`. Lost in a crash of PostgreSQL, and then full."""

    __tablename__ = "budgets"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    full_at: Mapped[float] = mapped_column(Double)  #: when it is full again, in seconds since 1970
    granted: Mapped[int]  #: by the last statement, which says so by it


class WriteProbeRow(Table):
    """What is written to find out whether something can be, and deleted at once; see `bot.store.write_probe`."""

    __tablename__ = "write_probes"

    name: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str]
    written_at: Mapped[datetime]
    filler: Mapped[str]


class SchemaBoundRow(Table):
    """One row, which migrations write: the oldest revision whose Portcullis this database still serves.

    See `bot.store.revision`.
    """

    __tablename__ = "schema_bounds"

    oldest_served: Mapped[str] = mapped_column(primary_key=True)
