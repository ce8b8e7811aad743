"""Who was reminded of what waits for a decision, and when people work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables. They fill as approvers are reminded."""
    op.create_table(
        "approvers",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("user_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("utc_offset", sa.Integer(), nullable=False),
        sa.Column("read_at", TIME, nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "reminders",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("user_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("proposal_id", ROW_ID, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", TIME, nullable=False),
    )
    op.create_table(
        "reminder_messages",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("user_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("shown", JSON, nullable=False),
    )


def downgrade() -> None:
    """Take them back: who was reminded is reminded anew."""
    op.drop_table("reminder_messages")
    op.drop_table("reminders")
    op.drop_table("approvers")
