"""Entries that come back to their owners: each round of asking, and the message in which somebody reads theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add both tables, empty: whoever has entries that stayed for long is asked by the first look after it."""
    op.create_table(
        "renewals",
        sa.Column("id", NUMBER, primary_key=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("request_id", NUMBER, sa.ForeignKey("requests.id"), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("answer_by", TIME, nullable=False),
        sa.Column("told_at", TIME, nullable=True),
        sa.Column("reminded_at", TIME, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_id", NUMBER, sa.ForeignKey("requests.id"), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("figures", JSON, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_renewals_open",
        "renewals",
        ["tenant_id", "list", "action", "value"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_renewals_tenant_id_state_owner_id", "renewals", ["tenant_id", "state", "owner", "id"])
    op.create_index("ix_renewals_tenant_id_value", "renewals", ["tenant_id", "value"])
    op.create_table(
        "renewal_messages",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("reader", sa.Text(), primary_key=True, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("shown", JSON, nullable=False),
    )


def downgrade() -> None:
    """Take it back: what was asked and answered stays in the log, and messages that stand in Slack stay as they are."""
    op.drop_table("renewal_messages")
    op.drop_table("renewals")
