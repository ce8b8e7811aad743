"""How often a job has failed since it was queued, or since a process ended in the midst of it: what its waits go by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What has failed by now waits from its next failure on as if that were the first."""
    op.add_column("jobs", sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    """Take it back: waits go by the number of attempts."""
    op.drop_column("jobs", "failures")
