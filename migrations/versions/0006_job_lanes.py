"""Whose a job is, whose turn it is, since when somebody does it, and since when it should have been done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
INDEXES = (("tenant_id", "kind", "person"), ("tenant_id", "due_at"))


def upgrade() -> None:
    """Add the columns. A job that waits already is nobody's, and is due at its next attempt."""
    op.add_column("jobs", sa.Column("due_at", TIME, nullable=True))
    op.add_column("jobs", sa.Column("person", sa.Text(), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("taken_at", TIME, nullable=True))
    op.add_column("jobs", sa.Column("late_told_at", TIME, nullable=True))
    op.execute("UPDATE jobs SET due_at = run_at")
    for columns in INDEXES:
        op.create_index(f"ix_jobs_{'_'.join(columns)}", "jobs", list(columns))


def downgrade() -> None:
    """Take it back: the jobs stay, in the order in which they are due."""
    for columns in INDEXES:
        op.drop_index(f"ix_jobs_{'_'.join(columns)}", table_name="jobs")
    for column in ("late_told_at", "taken_at", "turn", "person", "due_at"):
        op.drop_column("jobs", column)
