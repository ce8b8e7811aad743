"""Large requests, what was set aside of imports, submissions with their files, and audit events by the thousand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

#: A head moves over several rows at once now. In return it has to stand on a row that is there, with that row's hash.
SQLITE_HEAD_FORWARD = (
    "CREATE TRIGGER audit_heads_forward BEFORE UPDATE ON audit_heads"
    " WHEN NEW.seq <= OLD.seq OR NEW.tenant_id <> OLD.tenant_id OR NOT EXISTS"
    " (SELECT 1 FROM audit_events WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq AND hash = NEW.hash)"
    " BEGIN SELECT RAISE(ABORT, 'audit_heads is append-only'); END"
)
SQLITE_HEAD_FORWARD_BY_ONE = (
    "CREATE TRIGGER audit_heads_forward BEFORE UPDATE ON audit_heads"
    " WHEN NEW.seq <> OLD.seq + 1 OR NEW.tenant_id <> OLD.tenant_id"
    " BEGIN SELECT RAISE(ABORT, 'audit_heads is append-only'); END"
)

# A condition in PostgreSQL's WHEN can't look at another table: the function does.
POSTGRESQL_HEAD_FUNCTION = """
CREATE FUNCTION portcullis_head_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <= OLD.seq OR NEW.tenant_id <> OLD.tenant_id OR NOT EXISTS
        (SELECT 1 FROM audit_events WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq AND hash = NEW.hash)
    THEN
        RAISE EXCEPTION 'audit_heads is append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""
POSTGRESQL_HEAD_FORWARD = (
    "CREATE TRIGGER audit_heads_forward BEFORE UPDATE ON audit_heads"
    " FOR EACH ROW EXECUTE FUNCTION portcullis_head_forward()"
)
POSTGRESQL_HEAD_FORWARD_BY_ONE = (
    "CREATE TRIGGER audit_heads_forward BEFORE UPDATE ON audit_heads"
    " FOR EACH ROW WHEN (NEW.seq <> OLD.seq + 1 OR NEW.tenant_id <> OLD.tenant_id)"
    " EXECUTE FUNCTION portcullis_append_only()"
)

#: What the first tables lacked: index, table, columns.
INDEXES = (
    ("ix_requests_tenant_id_id", "requests", ["tenant_id", "id"]),
    ("ix_items_request_id_state_id", "items", ["request_id", "state", "id"]),
    ("ix_known_entries_tenant_id_value", "known_entries", ["tenant_id", "value"]),
    ("ix_known_entries_tenant_id_request_id", "known_entries", ["tenant_id", "request_id"]),
)


def upgrade() -> None:
    """Add columns, tables and indexes, and let the audit log's head move over several rows."""
    op.add_column("requests", sa.Column("sent", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("requests", sa.Column("set_aside", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("requests", sa.Column("evidence", JSON, nullable=True))
    op.add_column("items", sa.Column("line", sa.Integer(), nullable=True))
    op.add_column("known_entries", sa.Column("notes", sa.Text(), nullable=False, server_default=sa.text("''")))
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    make_set_aside_lines()
    make_attachments()
    make_submissions()
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_heads_forward")
        op.execute(SQLITE_HEAD_FORWARD)
    else:
        op.execute("DROP TRIGGER audit_heads_forward ON audit_heads")
        op.execute(POSTGRESQL_HEAD_FUNCTION)
        op.execute(POSTGRESQL_HEAD_FORWARD)


def make_set_aside_lines() -> None:
    op.create_table(
        "set_aside_lines",
        sa.Column("id", ROW_ID, primary_key=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("request_id", ROW_ID, sa.ForeignKey("requests.id"), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_set_aside_lines_request_id_line", "set_aside_lines", ["request_id", "line"])


def make_attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("request_id", ROW_ID, sa.ForeignKey("requests.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "request_id"),
    )


def make_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", ROW_ID, primary_key=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("request_id", ROW_ID, sa.ForeignKey("requests.id"), nullable=False),
        sa.Column("item_id", ROW_ID, sa.ForeignKey("items.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("filed_at", TIME, nullable=False),
        sa.Column("checked_at", TIME, nullable=True),
        sa.UniqueConstraint("tenant_id", "request_id", "item_id", "kind"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take all of it back: what was set aside, the files and the submissions are lost, the audit log is not."""
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_heads_forward")
        op.execute(SQLITE_HEAD_FORWARD_BY_ONE)
    else:
        op.execute("DROP TRIGGER audit_heads_forward ON audit_heads")
        op.execute("DROP FUNCTION portcullis_head_forward()")
        op.execute(POSTGRESQL_HEAD_FORWARD_BY_ONE)
    for table in ("submissions", "attachments", "set_aside_lines"):
        op.drop_table(table)
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_column("known_entries", "notes")
    op.drop_column("items", "line")
    for column in ("evidence", "set_aside", "sent"):
        op.drop_column("requests", column)
