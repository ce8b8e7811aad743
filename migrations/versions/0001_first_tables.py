"""The first tables, and the triggers that keep the audit log append-only."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

#: What SQLite refuses. `INSERT OR REPLACE` deletes without firing a delete trigger, so it is caught before it inserts.
SQLITE_TRIGGERS = {
    "audit_events_no_update": (
        "BEFORE UPDATE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
    ),
    "audit_events_no_delete": (
        "BEFORE DELETE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
    ),
    "audit_events_no_replace": (
        "BEFORE INSERT ON audit_events"
        " WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id)"
        " OR EXISTS (SELECT 1 FROM audit_events WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq)"
        " BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
    ),
    "audit_heads_forward": (
        "BEFORE UPDATE ON audit_heads WHEN NEW.seq <> OLD.seq + 1 OR NEW.tenant_id <> OLD.tenant_id"
        " BEGIN SELECT RAISE(ABORT, 'audit_heads is append-only'); END"
    ),
    "audit_heads_no_delete": (
        "BEFORE DELETE ON audit_heads BEGIN SELECT RAISE(ABORT, 'audit_heads is append-only'); END"
    ),
    "audit_heads_no_replace": (
        "BEFORE INSERT ON audit_heads"
        " WHEN NEW.seq <> 0 OR EXISTS (SELECT 1 FROM audit_heads WHERE tenant_id = NEW.tenant_id)"
        " BEGIN SELECT RAISE(ABORT, 'audit_heads is append-only'); END"
    ),
}

POSTGRESQL_FUNCTION = """
CREATE FUNCTION portcullis_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""
POSTGRESQL_TRIGGERS = (
    (
        "audit_events_no_change",
        "audit_events",
        "BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW",
    ),
    (
        "audit_events_no_truncate",
        "audit_events",
        "BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT",
    ),
    (
        # A second head of a tenant is refused by the primary key, and replacing one is an update.
        "audit_heads_from_nought",
        "audit_heads",
        "BEFORE INSERT ON audit_heads FOR EACH ROW WHEN (NEW.seq <> 0)",
    ),
    (
        "audit_heads_forward",
        "audit_heads",
        "BEFORE UPDATE ON audit_heads FOR EACH ROW WHEN (NEW.seq <> OLD.seq + 1 OR NEW.tenant_id <> OLD.tenant_id)",
    ),
    (
        "audit_heads_no_delete",
        "audit_heads",
        "BEFORE DELETE ON audit_heads FOR EACH ROW",
    ),
    (
        "audit_heads_no_truncate",
        "audit_heads",
        "BEFORE TRUNCATE ON audit_heads FOR EACH STATEMENT",
    ),
)


def text_column(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def time_column(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TIME, nullable=nullable)


def whole_number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def row_id() -> sa.Column[Any]:
    return sa.Column("id", ROW_ID, primary_key=True, nullable=False)


def of_request(*, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column("request_id", ROW_ID, sa.ForeignKey("requests.id"), nullable=nullable)


def upgrade() -> None:
    """Make the tables and the triggers."""
    make_requests()
    make_deliveries_and_jobs()
    make_what_is_known_of_the_tenant()
    make_audit_log()


def make_requests() -> None:
    op.create_table(
        "requests",
        row_id(),
        text_column("tenant_id"),
        text_column("operation"),
        text_column("action"),
        text_column("list"),
        text_column("reason"),
        time_column("expires", nullable=True),
        text_column("requester"),
        text_column("status"),
        whole_number("approvals_needed"),
        time_column("created_at"),
        time_column("lapses_at"),
        sa.Column("warnings", JSON, nullable=False),
        text_column("failure"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_requests_tenant_id_status_lapses_at", "requests", ["tenant_id", "status", "lapses_at"])
    op.create_index("ix_requests_tenant_id_requester_id", "requests", ["tenant_id", "requester", "id"])
    op.create_table(
        "items",
        row_id(),
        text_column("tenant_id"),
        of_request(),
        text_column("kind"),
        text_column("value"),
        text_column("state"),
        text_column("outcome"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_items_request_id", "items", ["request_id"])
    op.create_index("ix_items_tenant_id_value", "items", ["tenant_id", "value"])
    op.create_table(
        "reviews",
        row_id(),
        text_column("tenant_id"),
        of_request(),
        text_column("reviewer"),
        text_column("decision"),
        text_column("comment"),
        time_column("at"),
        sa.UniqueConstraint("request_id", "reviewer"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "messages",
        row_id(),
        text_column("tenant_id"),
        of_request(nullable=True),
        text_column("purpose"),
        text_column("channel"),
        text_column("ts"),
        whole_number("version"),
        time_column("posted_at"),
        sa.UniqueConstraint("tenant_id", "channel", "ts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_tenant_id_request_id", "messages", ["tenant_id", "request_id"])


def make_deliveries_and_jobs() -> None:
    op.create_table(
        "deliveries",
        text_column("tenant_id"),
        text_column("key"),
        time_column("seen_at"),
        sa.Column("answer", JSON, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "key"),
    )
    op.create_index("ix_deliveries_seen_at", "deliveries", ["seen_at"])
    op.create_table(
        "jobs",
        row_id(),
        text_column("tenant_id"),
        text_column("kind"),
        sa.Column("payload", JSON, nullable=False),
        text_column("key", nullable=True),
        text_column("state"),
        time_column("run_at"),
        time_column("created_at"),
        whole_number("attempts"),
        whole_number("fence"),
        text_column("worker"),
        time_column("lease_until", nullable=True),
        text_column("error"),
        sa.CheckConstraint("state IN ('todo', 'doing', 'dead')", name="state"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("state = 'todo'")
    op.create_index(
        "uq_jobs_tenant_id_key",
        "jobs",
        ["tenant_id", "key"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_jobs_tenant_id_state_run_at", "jobs", ["tenant_id", "state", "run_at"])


def make_what_is_known_of_the_tenant() -> None:
    op.create_table(
        "known_entries",
        row_id(),
        text_column("tenant_id"),
        text_column("list"),
        text_column("action"),
        text_column("value"),
        text_column("requester"),
        of_request(),
        text_column("reason"),
        time_column("since"),
        time_column("expires", nullable=True),
        time_column("ended_at", nullable=True),
        text_column("ended_how"),
        sqlite_autoincrement=True,
    )
    active = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_known_entries_active",
        "known_entries",
        ["tenant_id", "list", "action", "value"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_index("ix_known_entries_tenant_id_expires", "known_entries", ["tenant_id", "expires"])
    op.create_table(
        "snapshots",
        text_column("tenant_id"),
        text_column("list"),
        time_column("as_of"),
        text_column("error"),
        text_column("digest"),
        text_column("records"),
        sa.PrimaryKeyConstraint("tenant_id", "list"),
    )


def make_audit_log() -> None:
    op.create_table(
        "audit_events",
        row_id(),
        text_column("tenant_id"),
        sa.Column("seq", ROW_ID, nullable=False),
        time_column("at"),
        text_column("kind"),
        text_column("actor"),
        text_column("target"),
        sa.Column("request_id", ROW_ID, nullable=True),
        sa.Column("payload", JSON, nullable=False),
        text_column("previous_hash"),
        text_column("hash"),
        sa.UniqueConstraint("tenant_id", "seq"),
        sqlite_autoincrement=True,
    )
    for column in ("actor", "target", "kind", "request_id", "at"):
        op.create_index(f"ix_audit_events_tenant_id_{column}_seq", "audit_events", ["tenant_id", column, "seq"])
    op.create_table(
        "audit_heads",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("seq", ROW_ID, nullable=False),
        text_column("hash"),
    )
    if op.get_context().dialect.name == "sqlite":
        for name, body in SQLITE_TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {body}")
    else:
        op.execute(POSTGRESQL_FUNCTION)
        for name, _, when in POSTGRESQL_TRIGGERS:
            op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION portcullis_append_only()")


def downgrade() -> None:
    """Drop everything, the audit log too: for tests, and for an operator who means it."""
    if op.get_context().dialect.name == "sqlite":
        for name in SQLITE_TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name, table, _ in POSTGRESQL_TRIGGERS:
            op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute("DROP FUNCTION portcullis_append_only()")
    for table in (
        "audit_heads",
        "audit_events",
        "snapshots",
        "known_entries",
        "jobs",
        "deliveries",
        "messages",
        "reviews",
        "items",
        "requests",
    ):
        op.drop_table(table)
