"""Budgets of calls that all replicas share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. PostgreSQL writes no log for it: it is written often, and nobody needs it after a crash."""
    unlogged = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "budgets",
        sa.Column("tenant_id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("full_at", sa.Double(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        prefixes=["UNLOGGED"] if unlogged else [],
    )


def downgrade() -> None:
    """Take it back: every budget is full again."""
    op.drop_table("budgets")
